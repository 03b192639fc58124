/** A whole Beside in this process, on a temporary data folder, for tests of what users get. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { composeOver, type ComposeOptions } from '../../src/main/compose.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import type { Engine } from '../../src/main/engine/engine-api.ts'
import type { Fleet } from '../../src/main/fleet/fleet.ts'
import type { Trials } from '../../src/main/engine/trials.ts'
import type { Views } from '../../src/main/engine/views.ts'
import type { Lending } from '../../src/main/worker/lending.ts'
import type { Hooks } from '../../src/main/hooks/hooks-api.ts'
import type { ConvertRequest, IntakeEvent } from '../../src/shared/wire/contract.ts'
import { describe as inWords } from '../../src/shared/describe.ts'
import { anyFormatNamed, type FormatId } from '../../src/shared/formats.ts'
import type { Job } from '../../src/shared/job.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { Store } from '../../src/main/store/store.ts'
import { randomHex, systemClock } from '../../src/main/system.ts'
import { testLog } from './log.ts'

export interface Outcome {
  readonly batchId: number
  readonly jobs: readonly Job[]
  readonly refused: readonly Extract<IntakeEvent, { type: 'refused' | 'passed' }>[]
}

export interface TestBeside {
  readonly engine: Engine
  readonly hooks: Hooks
  readonly fleet: Fleet
  /** Not started: it takes work where a Beside stays open. */
  readonly lending: Lending
  readonly trials: Trials
  readonly views: Views
  /** Queues and waits until every job of the batch is finished or waits for the user. */
  convert(sources: readonly string[], target: string, more?: Partial<ConvertRequest>): Promise<Outcome>
  /** The same without waiting. */
  queue(...wanted: Parameters<TestBeside['convert']>): Promise<Omit<Outcome, 'jobs'>>
  /** Resolves when no job of the batch waits for a lane or runs. */
  settled(batchId: number): Promise<readonly Job[]>
  stop(): Promise<void>
}

/** What is not of this machine; nothing and its own clock unless set. */
interface Outside extends Pick<ComposeOptions, 'clock' | 'power' | 'idleMs'> {
  /** The environment, for keys of online providers. */
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Log
  /** Something around the store, such as a fault. */
  readonly around?: (store: Store) => Store
}

export async function testBeside(
  folder: string,
  { env = {}, log = testLog, around = (store) => store, ...ports }: Outside = {},
): Promise<TestBeside> {
  const home = join(folder, 'beside-home')
  const store = openStore({ folder: home, log, nowMs: () => systemClock.nowMs(), randomHex })
  const composed = composeOver(around(store), {
    home,
    log,
    secrets: fileSecrets(home, env),
    ...ports,
  })
  const { engine, fleet, hooks, lending, trials, views } = composed
  await engine.start()
  let stopped: Promise<void> | null = null
  const stop = async () => await (stopped ??= composed.stop())
  onTestFinished(stop)
  const settled = async (batchId: number) => {
    const following = new AbortController()
    const changes = engine.changes(following.signal)
    if (isBusy(engine, batchId)) for await (const _ of changes) if (!isBusy(engine, batchId)) break
    following.abort()
    return jobsOf(engine, batchId)
  }
  const queue: TestBeside['queue'] = async (sources, target, more = {}) => {
    const batchId = engine.openBatch('test')
    const refused: Outcome['refused'][number][] = []
    const request = { ...requestFor(batchId, sources, anyFormatNamed(target)), ...more }
    for await (const event of engine.convert(request, new AbortController().signal)) {
      if (event.type === 'refused' || event.type === 'passed') refused.push(event)
    }
    return { batchId, refused }
  }
  return {
    engine,
    hooks,
    fleet,
    lending,
    trials,
    views,
    settled,
    stop,
    queue,
    convert: async (...wanted) => {
      const { batchId, refused } = await queue(...wanted)
      return { batchId, refused, jobs: await settled(batchId) }
    },
  }
}

function requestFor(batchId: number, sources: readonly string[], target: FormatId | null): ConvertRequest {
  const nothing = { options: {}, preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0 }
  return { batchId, sources: [...sources], target, ...nothing }
}

function isBusy(engine: Engine, batchId: number): boolean {
  const totals = engine.batch(batchId)?.totals
  return totals !== undefined && totals.queued + totals.running > 0
}

export function jobsOf(engine: Engine, batchId: number): readonly Job[] {
  const finished = engine.history.page({ batchId }, null, 1000).jobs
  const live = engine.list({
    phases: ['queued', 'running', 'paused', 'waiting', 'uncertain'],
    batchId,
    after: null,
    limit: 1000,
  }).jobs
  return [...finished, ...live].toSorted((one, other) => one.id - other.id)
}

/** How a job ended: `done`, or the phase with the code of its failure. */
export function ended(job: Job): string {
  const { state } = job
  return 'why' in state ? `${state.phase}: ${state.why.code}` : state.phase
}

/** As `ended`, with the words that a user reads. */
export function endedInWords(job: Job): string {
  const { state } = job
  return 'why' in state ? `${state.phase}: ${inWords(state.why).message} ${inWords(state.why).action}` : state.phase
}

export function outputsOf(job: Job): readonly string[] {
  return job.state.phase === 'done' ? job.state.outputs.map((output) => output.path) : []
}
