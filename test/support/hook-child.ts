/**
 * A Beside in a process of its own that converts, and delivers its hooks, until nothing is left or it is killed. From its arguments, as JSON: the data
 * folder, what to convert, a hook to add, and where to kill itself with SIGKILL: `ended` (a job's end is written, nothing is claimed yet) or
 * `claimed` (a delivery is claimed, nothing is sent yet).
 */
import { composeOver } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { Store } from '../../src/main/store/store.ts'
import { randomHex } from '../../src/main/system.ts'
import type { HookDraft } from '../../src/shared/hooks.ts'
import { testLog } from './log.ts'

export interface HookPlan {
  readonly home: string
  readonly sources: readonly string[]
  readonly hooks: readonly HookDraft[]
  readonly dieAt: 'ended' | 'claimed' | null
}

const plan = JSON.parse(process.argv[2] ?? '') as HookPlan

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('it lives')
}

function around(store: Store): Store {
  if (plan.dieAt === null) return store
  const { claim } = store.deliveries
  const deadly: Store['deliveries']['claim'] = (hookId, nowMs) => {
    const delivery = claim(hookId, nowMs)
    return delivery === null ? null : die()
  }
  if (plan.dieAt === 'claimed') return { ...store, deliveries: { ...store.deliveries, claim: deadly } }
  return {
    ...store,
    jobs: {
      ...store.jobs,
      apply: (id, event, kept) => {
        const job = store.jobs.apply(id, event, kept)
        return event.type === 'finish' ? die() : job
      },
    },
  }
}

const store = openStore({ folder: plan.home, log: testLog, nowMs: () => Date.now(), randomHex })
const composed = composeOver(around(store), { home: plan.home, log: testLog, secrets: fileSecrets(plan.home, {}) })
const { engine, hooks } = composed
const { signal } = new AbortController()
for (const draft of plan.hooks) await hooks.save(draft)
const batchId = engine.openBatch('crash')
if (plan.sources.length > 0) {
  const rest = { options: {}, preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 }
  for await (const _ of engine.convert({ batchId, sources: [...plan.sources], target: 'mp3', ...rest }, signal));
}
const following = new AbortController()
const changes = engine.changes(following.signal)
await engine.start()
const isBusy = () => engine.totals().totals.queued + engine.totals().totals.running > 0
if (isBusy()) for await (const _ of changes) if (!isBusy()) break
following.abort()
await hooks.settled(signal)
process.send?.(hooks.deliveries({ hookId: null, phases: [] }, null, 1000).deliveries)
await composed.stop()
process.disconnect()
