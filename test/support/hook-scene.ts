/** Hooks over a real store, with a clock that stands still, and jobs that end when the test says so. */
import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createHooks } from '../../src/main/hooks/hooks.ts'
import type { Hooks } from '../../src/main/hooks/hooks-api.ts'
import type { Secrets } from '../../src/main/engine/ports.ts'
import { createPrograms } from '../../src/main/providers/local/process/programs.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import type { Store } from '../../src/main/store/store.ts'
import { systemClock } from '../../src/main/system.ts'
import type { Delivery, HookDraft } from '../../src/shared/hooks.ts'
import type { JobEvent } from '../../src/shared/job.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { draftOf, startMs, type DraftWish } from './drafts.ts'
import { temporaryFolder } from './folder.ts'
import { testLog } from './log.ts'
import { finishedAt, storeIn } from './stored.ts'
import { until } from './watching.ts'

export interface HookScene {
  readonly folder: string
  readonly store: Store
  readonly hooks: Hooks
  readonly clock: FakeClock
  readonly secrets: Secrets
  readonly logged: readonly string[]
  /** Saves a hook; its number and its secret. */
  add(draft: HookDraft): Promise<{ readonly id: number; readonly secret: string | null }>
  /** A job of its own batch ends so; its number. */
  end(event?: JobEvent, wish?: DraftWish): number
  /** All deliveries, oldest first. */
  deliveries(): readonly Delivery[]
  /** Waits until each of them stands in one of these phases. */
  reached(...phases: readonly Delivery['state']['phase'][]): Promise<void>
  /** Ends these and begins anew on the same store, as a restart does. */
  restarted(): Promise<Hooks>
}

/** @param around something around the store, such as a fault. */
export async function hookScene(around: (store: Store) => Store = (store) => store): Promise<HookScene> {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  const clock = fakeClock(startMs)
  const secrets = fileSecrets(folder, {})
  const logged: string[] = []
  const write = (text: string, facts: unknown) => void logged.push(`${text} ${JSON.stringify(facts ?? {})}`)
  const begin = (): Hooks => {
    const made = createHooks({
      ...around(store),
      secrets,
      programs: createPrograms({ clock: systemClock, maxBytes: Infinity }),
      clock,
      random: { next: () => 1, key: randomUUID },
      log: { ...testLog, warn: write, error: write },
      home: folder,
      userHome: folder,
    })
    onTestFinished(async () => await made.stop())
    return made
  }
  let hooks = begin()
  hooks.start()
  const deliveries = () => hooks.deliveries({ hookId: null, phases: [] }, null, 1000).deliveries.toReversed()
  return {
    folder,
    store,
    get hooks() {
      return hooks
    },
    clock,
    secrets,
    logged,
    add: async (draft) => {
      const { status, secret } = await hooks.save(draft)
      return { id: status.hook.id, secret }
    },
    end: (event = finishedAt(startMs), wish = {}) => {
      const name = `take ${store.jobs.totals().done + store.jobs.totals().failed + 1}.wav`
      const batchId = store.batches.open('drop', startMs)
      const [added] = store.jobs.add(batchId, [draftOf(name, wish)], startMs)
      store.batches.filled(batchId)
      store.jobs.claim('local:audio', startMs)
      store.jobs.apply(added?.id ?? 0, event)
      return added?.id ?? 0
    },
    deliveries,
    reached: async (...phases) => {
      await until(() => deliveries().every(({ state }) => (phases as readonly string[]).includes(state.phase)))
    },
    restarted: async () => {
      await hooks.stop()
      hooks = begin()
      hooks.start()
      return hooks
    },
  }
}
