/**
 * A Beside in a process of its own that watches a folder until it is killed, by its parent or by itself at a named point (mortal.ts).
 * Its parent may ask it to `settle`: it looks until nothing is left to do, and says how the ledger and the history stand.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { composeOver } from '../../src/main/compose.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import { randomHex } from '../../src/main/system.ts'
import type { WatchTimings } from '../../src/main/watch/watch-context.ts'
import { plainRule, type Rule, type Sighting } from '../../src/shared/folders.ts'
import type { Job } from '../../src/shared/job.ts'
import { mortal } from './mortal.ts'

export interface WatchPlan {
  readonly home: string
  readonly drop: string
  readonly timings: WatchTimings
  /** Of the rule, where it is not a plain one to MP3. */
  readonly rule: Partial<Rule>
  readonly dieAt: string | null
}

/** How everything stands once there is nothing left to do. */
export interface WatchReport {
  /** Lines of files that are there. */
  readonly lines: readonly Sighting[]
  readonly jobs: readonly Job[]
}

const plan = JSON.parse(process.argv[2] ?? '') as WatchPlan
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (...words) => console.error(...words),
}
const store = openStore({ folder: plan.home, log, nowMs: () => Date.now(), randomHex })
const { engine, folders, stop } = composeOver(mortal(store, plan.dieAt), {
  home: plan.home,
  log,
  secrets: fileSecrets(plan.home, {}),
  timings: plan.timings,
})
await engine.start()
await folders.start()
if (folders.list().length === 0) {
  const rule = { ...plainRule(plan.drop, [{ target: 'mp3', preset: null, options: {} }]), ...plan.rule }
  await folders.add({ rule, on: true, existing: 'convert' })
}
process.on('message', (message) => {
  if (message === 'settle') void settle()
  else void stop().then(() => process.disconnect())
})
process.send?.('watching')

function folder() {
  const [first] = folders.list()
  if (first === undefined) throw new Error('no folder is watched')
  return first
}

async function settle(): Promise<void> {
  // What a look finds may change while it is followed up; twice nothing to do is nothing to do.
  for (let idle = 0; idle < 2;) {
    const before = folder().lookedAtMs
    await sleep(5)
    await folders.scan(folder().id)
    while (folder().lookedAtMs === before || folder().health.state !== 'watching') await sleep(5)
    const { waiting, queued, failed } = folder().counts
    idle = waiting + queued + failed === 0 ? idle + 1 : 0
  }
  const lines: Sighting[] = []
  for (let after: string | null = null; ;) {
    const page = folders.sightings({ folderId: folder().id, states: [], text: '' }, after, 1000)
    lines.push(...page.sightings.filter(({ gone }) => !gone))
    if (page.next === null) break
    after = page.next
  }
  const jobs: Job[] = []
  for (let after: string | null = null; ;) {
    const page = engine.history.page({}, after, 1000)
    jobs.push(...page.jobs)
    if (page.next === null) break
    after = page.next
  }
  const report: WatchReport = { lines, jobs }
  process.send?.(report)
}
