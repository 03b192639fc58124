/** Asks whether the watched folder is there and the right one. A share that hangs is asked once, not again and again. */
import type { Why } from '../../shared/folders.ts'
import type { Clock } from '../engine/ports.ts'
import { lookAtRoot, rootTrouble, type Root } from './root.ts'

export interface Asked {
  readonly trouble: Why | null
  /** Null where it is not there or does not answer. */
  readonly root: Extract<Root, { kind: 'there' }> | null
}

export interface Sentry {
  ask(path: string, mark: string | null, isEmpty: () => Promise<boolean>): Promise<Asked>
}

export function createSentry(clock: Clock, platform: NodeJS.Platform, silentMs: number): Sentry {
  let pending: Promise<Root> | null = null
  const patiently = async (path: string): Promise<Root> => {
    const asked = (pending ??= lookAtRoot(path, platform).finally(() => (pending = null)))
    const { promise, resolve } = Promise.withResolvers<Root>()
    const takeBack = clock.after(silentMs, () => resolve({ kind: 'away', why: { code: 'folder-silent', facts: {} } }))
    return await Promise.race([asked, promise]).finally(takeBack)
  }
  return {
    ask: async (path, mark, isEmpty) => {
      const root = await patiently(path)
      const trouble = rootTrouble(mark, root, root.kind === 'there' && mark?.startsWith('volume ') === true && (await isEmpty()))
      return { trouble, root: root.kind === 'there' ? root : null }
    },
  }
}
