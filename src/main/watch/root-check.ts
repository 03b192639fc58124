/**
 * Whether the folder that is there is the one that is watched. A disk that is unplugged leaves an empty folder behind, or another
 * disk's; taken at its word, it would say that all files are gone. So a watched folder carries a mark: a small hidden file, or, where
 * none can be written, what is known of its volume.
 */
import { access, constants, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Why } from '../../shared/folders.ts'
import { codeOf } from '../files/identity.ts'
import { mountOf, volumeName } from '../files/mounts.ts'
import type { Clock } from '../engine/ports.ts'

export const markName = '.beside-folder'

export type Root =
  | {
      readonly kind: 'there'
      /** What the hidden file says; null: there is none. */
      readonly mark: string | null
      readonly volume: string
    }
  | { readonly kind: 'missing'; readonly why: Why }

export async function inspectRoot(path: string, platform: NodeJS.Platform): Promise<Root> {
  try {
    const stats = await stat(path, { bigint: true })
    if (!stats.isDirectory()) return missing('folder-missing')
    await access(path, constants.R_OK | constants.X_OK)
    const mount = await mountOf(path, platform)
    const volume = mount === null ? String(stats.dev) : await volumeName(mount)
    const mark = await readMark(path)
    // A folder that went away meanwhile has no mark to read, and is not another one for that.
    const still = await stat(path, { bigint: true })
    if (still.ino !== stats.ino || still.dev !== stats.dev) return await inspectRoot(path, platform)
    return { kind: 'there', mark, volume: `${volume} ${stats.ino}` }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing('folder-missing')
    return missing('folder-unreadable', { reason: code })
  }
}

/** The mark by which the folder will be known again. One that another rule or another Beside has put there serves as well. */
export async function markRoot(path: string, root: Extract<Root, { kind: 'there' }>, fresh: string): Promise<string> {
  if (root.mark !== null) return `file ${root.mark}`
  const text = `Beside watches this folder. This file tells it that the right disk is there: please leave it.\nid: ${fresh}\n`
  try {
    await writeFile(join(path, markName), text, { flag: 'wx' })
    return `file ${fresh}`
  } catch {
    return `volume ${root.volume}`
  }
}

/**
 * Why the folder must not be believed, or null.
 * @param expected its mark; null: it has none yet.
 * @param isEmpty whether nothing at all is in it, although the ledger knows files there.
 */
export function rootTrouble(expected: string | null, root: Root, isEmpty: boolean): Why | null {
  if (root.kind === 'missing') return root.why
  if (expected === null) return null
  if (expected.startsWith('file ')) return expected === `file ${root.mark}` ? null : { code: 'folder-other', facts: {} }
  if (expected !== `volume ${root.volume}`) return { code: 'folder-other', facts: {} }
  // Without a mark inside, emptiness is all that would tell.
  return isEmpty ? { code: 'folder-empty', facts: {} } : null
}

async function readMark(path: string): Promise<string | null> {
  const text = await readFile(join(path, markName), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  return text === null ? null : (/^id: ([0-9a-f-]{6,64})$/m.exec(text)?.[1] ?? null)
}

function missing(code: 'folder-missing' | 'folder-unreadable', facts: Readonly<Record<string, string>> = {}): Root {
  return { kind: 'missing', why: { code, facts } }
}

interface Marked {
  readonly rule: { readonly path: string }
  readonly mark: string | null
}

/** Takes the mark away that this Beside has put there, once no folder of its own needs it. */
export async function removeMark({ rule, mark }: Marked, others: readonly Marked[], tag: string): Promise<void> {
  if (mark === null || !mark.startsWith(`file ${tag}-`) || others.some((other) => other.mark === mark)) return
  await rm(join(rule.path, markName), { force: true }).catch(() => undefined)
}

export interface RootChecked {
  readonly trouble: Why | null
  /** Null where it is not there or does not answer. */
  readonly root: Extract<Root, { kind: 'there' }> | null
}

/** A share that hangs is asked once, not again and again. */
export interface RootCheck {
  check(path: string, mark: string | null, isEmpty: () => Promise<boolean>): Promise<RootChecked>
}

export function createRootCheck(clock: Clock, platform: NodeJS.Platform, timeoutMs: number): RootCheck {
  let pending: Promise<Root> | null = null
  const inspectInTime = async (path: string): Promise<Root> => {
    const inspected = (pending ??= inspectRoot(path, platform).finally(() => (pending = null)))
    const { promise, resolve } = Promise.withResolvers<Root>()
    const cancelTimer = clock.after(timeoutMs, () => resolve({ kind: 'missing', why: { code: 'folder-silent', facts: {} } }))
    return await Promise.race([inspected, promise]).finally(cancelTimer)
  }
  return {
    check: async (path, mark, isEmpty) => {
      const root = await inspectInTime(path)
      const trouble = rootTrouble(mark, root, root.kind === 'there' && mark?.startsWith('volume ') === true && (await isEmpty()))
      return { trouble, root: root.kind === 'there' ? root : null }
    },
  }
}
