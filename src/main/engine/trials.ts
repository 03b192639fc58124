/**
 * A conversion tried out before its job begins: ten seconds of a film or a song, or one picture, by the same code and with the same options as the
 * conversion itself. Never by a provider that anything leaves this machine for, or that is paid. Files lie in the data folder, never beside the
 * source, and only for as long as somebody listens; what a crash left goes at the next start. One is made at a time. It takes a place in its lane,
 * so that a job less begins meanwhile, and waits for none.
 */
import { rm, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { extensionOf, factsOf } from '../../shared/formats.ts'
import { hasBegun, workOf, type Job } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { askedOfProvider } from '../../shared/options.ts'
import type { Trial, TrialEvent, TrialRequest } from '../../shared/trial.ts'
import type { Provider, ProviderOrder } from '../providers/provider.ts'
import type { NewOrder } from '../store/store.ts'
import type { Engine } from './engine-api.ts'
import { inspectSource } from './job/check.ts'
import { leftBehind } from './job/contents-check.ts'
import { readyFolder } from './job/destination.ts'
import { matchedNotes } from './job/part-notes.ts'
import { until } from './patience.ts'
import type { Clock, Inspect, Log, Random } from './ports.ts'
import { expectedWhole, excerptOf, type Excerpt } from './trial-estimate.ts'

export interface Trials {
  /** Tells how far it is, then what came of it, and ends with the signal; then nothing of it is left. */
  run(request: TrialRequest, signal: AbortSignal): AsyncGenerator<TrialEvent>
  /** What the newest trial of a job has made; null where nobody listens to one. */
  fileOf(jobId: number, index: number): string | null
  /** Ends all, and resolves when nothing of them is left. */
  stop(): Promise<void>
}

export interface TrialPorts {
  readonly engine: Pick<Engine, 'job' | 'passwords' | 'planChange' | 'occupy' | 'settings'>
  /** The one that nothing leaves this machine for. */
  readonly local: Provider
  readonly inspect: Inspect
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whatever lies there is a trial that a crash left. */
  readonly folder: string
}

/** Listened to at the same time; with one more the oldest ends. */
const maxOpen = 4

interface Open {
  readonly jobId: number
  readonly folder: string
  readonly end: AbortController
  files: readonly string[]
}

export function createTrials(ports: TrialPorts): Trials {
  const { engine, local, inspect, clock, random, log, folder } = ports
  /** The oldest first, each with its end. */
  const open = new Map<Open, Promise<void>>()
  const swept = rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
    log.warn('what an earlier trial left could not be removed', { error: String(error) }),
  )
  let last: Promise<unknown> = swept

  async function convert({ order, atMs }: Planned, own: string, report: (done: number | null) => void, signal: AbortSignal) {
    const source = await inspectSource(order, inspect, signal)
    const { facts } = source
    if (facts === null) throw new JobError('source-not-local')
    const excerpt = excerptOf(facts, order, atMs)
    await readyFolder({ ...order, folder: own }, source.bytes, engine.settings().diskReserveBytes)
    const wanted: ProviderOrder = {
      source: order.source,
      from: facts.format,
      target: order.target,
      options: askedOfProvider(await engine.passwords.open(excerpt === null ? order.options : excerpt.options)),
      facts,
      key: '',
      notes: {},
      note: async () => {},
      isTrial: true,
      temp: (n) => join(own, `${n}.${extensionOf(order.target)}`),
    }
    const beganMs = clock.nowMs()
    const made = await local.submit(wanted, ({ done }) => report(done), signal)
    if (made.kind !== 'converted') throw new JobError('not-possible', { because: 'trial-online' })
    return { parts: made.parts, facts, excerpt, tookMs: clock.nowMs() - beganMs }
  }

  async function described(
    { parts, facts, excerpt, tookMs }: Awaited<ReturnType<typeof convert>>,
    order: NewOrder['order'],
    signal: AbortSignal,
  ): Promise<Trial> {
    const results: MediaFacts[] = []
    for (const { temp } of parts) results.push(await inspect(temp, signal))
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    const copies = local.copies?.(order, facts) ?? 'nothing'
    const whole = expectedWhole({ order, facts, results, excerpt, bytes, tookMs, copies })
    const notes = [...leftBehind({ source: facts, results, order, provider: local }), ...matchedNotes(parts)]
    return { files: parts.length, bytes, tookMs, stretch: spanOf(excerpt), ...whole, notes }
  }

  /** Makes it when its turn has come. */
  async function make(planned: Planned, mine: Open, heard: Heard, signal: AbortSignal): Promise<Trial> {
    const before = last
    const { promise: over, resolve: finish } = Promise.withResolvers<void>()
    last = over
    try {
      await until(signal, before)
      const leave = engine.occupy(planned.lane)
      try {
        await mkdir(mine.folder, { recursive: true, mode: 0o700 })
        const made = await convert(planned, mine.folder, heard.progress, signal)
        mine.files = made.parts.map(({ temp }) => temp)
        return await described(made, planned.order, signal)
      } finally {
        leave()
      }
    } finally {
      finish()
    }
  }

  /** Whatever its listener does or leaves undone: the child that writes there is gone first. */
  async function cleared(mine: Open, making: Promise<unknown>, signal: AbortSignal): Promise<void> {
    await aborted(signal)
    await making.catch(() => undefined)
    await rm(mine.folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.warn('a trial could not be removed', { error: String(error) }),
    )
    open.delete(mine)
  }

  return {
    async *run(request, caller) {
      const [oldest] = open.size < maxOpen ? [] : open.keys()
      oldest?.end.abort(new JobError('cancelled'))
      const mine: Open = { jobId: request.jobId, folder: join(folder, random.key()), end: new AbortController(), files: [] }
      const signal = AbortSignal.any([caller, mine.end.signal])
      const planned = await plannedOf(request, engine, signal)
      const heard = createHeard()
      const making = make(planned, mine, heard, signal).finally(heard.end)
      making.catch(() => undefined)
      const over = cleared(mine, making, signal)
      open.set(mine, over)
      try {
        for await (const done of heard.each()) yield { type: 'progress', done }
        yield { type: 'made', trial: await making }
        await aborted(signal)
        // Ended by anybody but its listener, it says so.
        if (!caller.aborted) signal.throwIfAborted()
      } finally {
        mine.end.abort(new JobError('cancelled'))
        await over
      }
    },
    fileOf: (jobId, index) =>
      [...open.keys()].findLast((each) => each.jobId === jobId && each.files.length > 0)?.files[index] ?? null,
    stop: async () => {
      for (const { end } of open.keys()) end.abort(new JobError('cancelled'))
      await Promise.all([swept, ...open.values()])
    },
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  await until(signal, new Promise<never>(() => {})).catch(() => undefined)
}

interface Planned extends NewOrder {
  readonly atMs?: number | undefined
}

/** What is tried: the order that the job would have. @throws JobError where it cannot have it, or not here. */
async function plannedOf(
  { jobId, change, atMs }: TrialRequest,
  engine: TrialPorts['engine'],
  signal: AbortSignal,
): Promise<Planned> {
  const job: Job | null = engine.job(jobId)
  const work = job === null ? null : workOf(job.state)
  if (work !== null && hasBegun(work)) throw new JobError('not-possible', { because: 'job-begun' })
  const planned = await engine.planChange(job, { set: {}, ...change }, signal)
  if ('code' in planned) throw JobError.from(planned)
  if (planned.provider !== 'local') throw new JobError('not-possible', { because: 'trial-online' })
  if (planned.order.others !== undefined) throw new JobError('not-possible', { because: 'trial-together' })
  if (planned.order.source.kind !== 'file') throw new JobError('source-not-local')
  if (factsOf(planned.order.target).family === 'document') throw new JobError('not-possible', { because: 'trial-document' })
  return { ...planned, atMs }
}

function spanOf(excerpt: Excerpt | null): Trial['stretch'] {
  return excerpt === null ? null : { fromMs: excerpt.fromMs, lastsMs: excerpt.lastsMs }
}

interface Heard {
  readonly progress: (done: number | null) => void
  readonly end: () => void
  each(): AsyncGenerator<number | null>
}

/** How far a trial is, for one listener: the newest value alone counts. */
function createHeard(): Heard {
  const waiting: (number | null)[] = []
  let isOver = false
  let woken = Promise.withResolvers<void>()
  return {
    progress: (done: number | null) => {
      waiting.push(done)
      woken.resolve()
    },
    end: () => {
      isOver = true
      woken.resolve()
    },
    async *each(): AsyncGenerator<number | null> {
      while (!isOver) {
        await woken.promise
        woken = Promise.withResolvers<void>()
        const news = waiting.splice(0).at(-1)
        if (news !== undefined) yield news
      }
    },
  }
}
