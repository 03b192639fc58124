/**
 * Conversions for others, as the holder of the queue sees them: keys with their quotas, and jobs that belong to a key. A served job is a batch like any
 * other, in the same queue and the same window; what it may use is this machine, unless whoever made the key said otherwise.
 *
 *   upload ─take─► noted ─convert─► queued ─accept─► told ─► ended ─kept_ms─► gone
 *
 * The quota is lowered as the job is noted, and given back where the queue does not take all of it or a crash comes before that: nobody has been told
 * of it yet. From `accept` on it outlives every crash.
 */
import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { failure, JobError } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import { factsOf } from '../../shared/formats.ts'
import { servedPairOf, type ApiKey, type FormatPair, type NewApiKey, type ServedFailure } from '../../shared/served.ts'
import type { ServedJob, ServedPair, ServedRefusal } from '../../shared/served.ts'
import type { Engine } from '../engine/engine-api.ts'
import { isTempName } from '../engine/job/temp-names.ts'
import type { Clock, Log, Random } from '../engine/ports.ts'
import type { Pairing } from '../providers/provider.ts'
import type { KeptApiKey, KeptServedJob, ServedStore } from '../store/served.ts'
import { newId, newKey, hashOf } from './keys.ts'
import { createLiveJobs } from './live-jobs.ts'
import { allowedOf, pairAsked, pairsOf } from './pairs.ts'
import { namesIn, placesIn, resultsOf, sourcesOf } from './places.ts'
import { createRetention, expiryOf } from './retention.ts'

/** Whose job is asked about: by the hash of its key. */
export interface OwnedJob {
  readonly hash: string
  readonly id: string
}

/** Which files are to become what, by their names. */
export interface ServedQuestion {
  readonly hash: string
  readonly files: readonly string[]
  readonly target: string
}

export interface ServedRequest extends ServedQuestion {
  /** The folder of the upload, by its name; with the files in it. */
  readonly upload: string
  readonly keptMs: number
  /** The process whose client waits within one request; null: it comes again. */
  readonly askedBy: string | null
}

export type Begun =
  | {
      readonly kind: 'begun'
      readonly id: string
      readonly pair: string
      readonly left: number | null
      readonly expiresAtMs: number
    }
  | { readonly kind: 'refused'; readonly why: ServedRefusal }

export interface Served {
  keys(): readonly ApiKey[]
  /** The key, told this once. @throws JobError `not-possible` where one of that name is there, `pair-unsupported`. */
  addKey(key: NewApiKey): Promise<string>
  /** Answers how many jobs went with it. @throws JobError `not-found`. */
  removeKey(name: string): Promise<number>
  keyOf(hash: string): ApiKey | null
  pairs(hash: string | null): Promise<readonly ServedPair[]>
  /** Why they would be refused, as far as names and quota tell; null: they would not. */
  check(question: ServedQuestion): Promise<ServedRefusal | null>
  begin(request: ServedRequest, signal: AbortSignal): Promise<Begun>
  /** Null: not there, not any more, or another key's. */
  job(owned: OwnedJob): Promise<ServedJob | null>
  ended(owned: OwnedJob, signal: AbortSignal): Promise<ServedJob | null>
  release(owned: OwnedJob): Promise<void>
  sweep(): Promise<void>
  /** Once the engine has started: puts right what a crash left, and sweeps from then on. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface ServedPorts {
  readonly engine: Engine
  readonly store: ServedStore
  /** What this machine makes now. */
  readonly localPairings: (signal: AbortSignal) => Promise<readonly Pairing[]>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The data folder. */
  readonly home: string
}

const sweepEveryMs = 600_000
/** Programs come and go; but anybody may ask for the pairs, as often as they like. */
const pairsMs = 60_000

export function createServed({ engine, store, localPairings, clock, random, log, home }: ServedPorts): Served {
  const places = placesIn(home)
  const beginning = new Set<string>()
  const live = createLiveJobs({
    engine,
    log,
    ended: (id, files) => store.end(id, failuresIn(files, store.job(id)?.files ?? 0), clock.nowMs()),
  })
  const retention = createRetention({ engine, store, live, places, clock, log, beginning })
  const known = new Map<ApiKey['with'], { readonly atMs: number; readonly pairs: Promise<readonly FormatPair[]> }>()
  let cancelTimer: (() => void) | null = null
  let sweeping: Promise<void> = Promise.resolve()
  let isStopped = false

  /** One after the other: what one has begun to remove is no trouble to the next. */
  const sweep = async () => {
    const mine = sweeping.then(async () => await retention.sweep())
    sweeping = mine.catch(() => undefined)
    await mine
  }
  const keepSwept = () => {
    if (isStopped) return
    cancelTimer = clock.after(sweepEveryMs, () => {
      void sweep()
        .catch((error: unknown) => log.warn('what was served could not be swept', { error: String(error) }))
        .finally(keepSwept)
    })
  }

  const asked = async (choice: ApiKey['with']): Promise<readonly FormatPair[]> => {
    if (choice === 'local') return pairsOf(await localPairings(new AbortController().signal))
    const stated = (await engine.formats()).filter(({ missing }) => missing === undefined)
    return pairsOf(choice === 'auto' ? stated : stated.filter(({ provider }) => provider === choice))
  }
  const pairsFor = async (choice: ApiKey['with']): Promise<readonly FormatPair[]> => {
    const last = known.get(choice)
    if (last !== undefined && Math.abs(clock.nowMs() - last.atMs) < pairsMs) return await last.pairs
    const pairs = asked(choice)
    known.set(choice, { atMs: clock.nowMs(), pairs })
    // What could not be found out is asked again.
    pairs.catch(() => known.delete(choice))
    return await pairs
  }
  const askedPair = async (key: KeptApiKey, question: ServedQuestion) => pairAsked(question, await pairsFor(key.with), key.pairs)

  const ownJob = ({ hash, id }: OwnedJob): KeptServedJob | null => {
    const key = store.keyByHash(hash)
    const job = key === null ? null : store.job(id)
    return job?.accepted === true && job.keyId === key?.id ? job : null
  }

  const statusOf = async (job: KeptServedJob): Promise<ServedJob | null> => {
    const { id, endedAtMs, failures, keptMs } = job
    const expiresAtMs = expiryOf(job) ?? clock.nowMs() + keptMs
    if (endedAtMs === null)
      return { id, status: 'processing', progress: live.progressOf(id), failures: [], expiresAtMs, results: [] }
    if (expiresAtMs <= clock.nowMs()) return null
    if (failures.length > 0) return { id, status: 'failed', progress: 1, failures: [...failures], expiresAtMs, results: [] }
    const folder = resultsOf(places.jobs, id)
    const names = (await namesIn(folder)).filter((name) => !isTempName(name))
    return {
      id,
      status: 'completed',
      progress: 1,
      failures: [],
      expiresAtMs,
      results: inOrder(names).map((name) => join(folder, name)),
    }
  }
  const jobOf = async (owned: OwnedJob): Promise<ServedJob | null> => {
    if (ownJob(owned) === null) return null
    live.settle(owned.id)
    const job = ownJob(owned)
    return job === null ? null : await statusOf(job)
  }

  /** What the queue refuses of a job, or null: it is in the queue. */
  const convert = async (
    { id, batchId }: Pick<KeptServedJob, 'id' | 'batchId'>,
    { files, pair, choice }: { readonly files: readonly string[]; readonly pair: FormatPair; readonly choice: ApiKey['with'] },
    signal: AbortSignal,
  ): Promise<ServedFailure | null> => {
    const folder = sourcesOf(places.jobs, id)
    const request = {
      batchId,
      sources: files.map((name) => join(folder, name)),
      target: pair.to,
      options: {},
      preset: null,
      with: choice,
      localOnly: choice === 'local',
      out: resultsOf(places.jobs, id),
      nameTemplate: '{name}',
      ifExists: 'number' as const,
      afterwards: 'keep' as const,
      recursive: false,
      include: [],
      exclude: [],
      priority: 0,
    }
    let refused: ServedFailure | null = null
    for await (const event of engine.convert(request, signal)) {
      if (event.type === 'refused') refused ??= { file: basename(event.source), why: event.why }
    }
    return refused
  }

  const begin = async (request: ServedRequest, signal: AbortSignal): Promise<Begun> => {
    const key = store.keyByHash(request.hash)
    if (key === null) return { kind: 'refused', why: { kind: 'no-key' } }
    const wanted = await askedPair(key, request)
    if ('kind' in wanted) return { kind: 'refused', why: wanted }
    const { files, keptMs, askedBy } = request
    const id = newId(random)
    beginning.add(id)
    try {
      const batchId = engine.openBatch(key.name)
      const taken = store.take(
        { id, keyId: key.id, batchId, files: files.length, pair: wanted.token, keptMs, askedBy },
        clock.nowMs(),
      )
      if ('lacking' in taken) {
        const left = files.length - taken.lacking
        return { kind: 'refused', why: { kind: 'quota-used-up', left, files: files.length } }
      }
      try {
        await mkdir(join(places.jobs, id), { recursive: true, mode: 0o700 })
        await rename(join(places.uploads, request.upload), sourcesOf(places.jobs, id))
        const refused = await convert({ id, batchId }, { files, pair: wanted.pair, choice: key.with }, signal)
        if (refused !== null) throw new Refused(refused)
        store.accept(id)
      } catch (error) {
        const noted = store.job(id)
        if (noted !== null) await retention.discard(noted, 'refund')
        if (error instanceof Refused) return { kind: 'refused', why: { kind: 'source-refused', failure: error.failure } }
        throw error
      }
      live.follow(id, batchId)
      return { kind: 'begun', id, pair: wanted.token, left: taken.left, expiresAtMs: clock.nowMs() + keptMs }
    } finally {
      beginning.delete(id)
    }
  }

  return {
    keys: () => store.keys().map(withoutId),
    addKey: async (key) => {
      const wanted = key.pairs ?? []
      const possible = wanted.length === 0 ? [] : allowedOf(wanted, await pairsFor(key.with))
      const unknown = wanted.find((pair) => !possible.includes(pair))
      if (unknown !== undefined)
        throw new JobError('pair-unsupported', {
          from: factsOf(unknown.from).title,
          target: factsOf(unknown.to).title,
          id: unknown.from,
        })
      const text = newKey(random)
      if (!store.addKey(key, hashOf(text), clock.nowMs()))
        throw new JobError('not-possible', { because: 'api-key-exists', id: key.name })
      return text
    },
    removeKey: async (name) => {
      const key = store.keys().find((each) => each.name === name)
      if (key === undefined) throw new JobError('not-found', { because: 'api-key', id: name })
      store.closeKey(key.id)
      const jobs = store.jobsOf(key.id)
      for (const job of jobs) await retention.discard(job, 'paid')
      store.removeKey(key.id)
      return jobs.length
    },
    keyOf: (hash) => {
      const key = store.keyByHash(hash)
      return key === null ? null : withoutId(key)
    },
    pairs: async (hash) => {
      const key = hash === null ? null : store.keyByHash(hash)
      const pairs = await pairsFor(key?.with ?? 'local')
      return (key === null ? pairs : allowedOf(pairs, key.pairs)).map(servedPairOf)
    },
    check: async (question) => {
      const key = store.keyByHash(question.hash)
      if (key === null) return { kind: 'no-key' }
      const wanted = await askedPair(key, question)
      if ('kind' in wanted) return wanted
      const files = question.files.length
      return key.left !== null && key.left < files ? { kind: 'quota-used-up', left: key.left, files } : null
    },
    begin,
    job: jobOf,
    ended: async (owned, signal) => {
      const job = ownJob(owned)
      if (job === null) return null
      // It may have been begun by one who held the queue before.
      if (job.endedAtMs === null) live.follow(job.id, job.batchId)
      await live.over(owned.id, signal)
      return await jobOf(owned)
    },
    release: async (owned) => {
      const job = ownJob(owned)
      if (job !== null) await retention.discard(job, 'paid')
    },
    sweep,
    start: async () => {
      await sweep()
      keepSwept()
    },
    stop: async () => {
      isStopped = true
      cancelTimer?.()
      await sweeping
      await live.stop()
    },
  }
}

/** The queue would not take a file, so it takes none of the job. */
class Refused extends Error {
  readonly failure: ServedFailure

  constructor(refused: ServedFailure) {
    super('refused')
    this.failure = refused
  }
}

function withoutId({ id: _, ...key }: KeptApiKey): ApiKey {
  return key
}

/** What has not become a result, and why. Where somebody has taken files out of the history, nobody knows what became of them. */
function failuresIn(files: readonly Job[], count: number): readonly ServedFailure[] {
  const failures = files.flatMap(({ order: { source }, state }): readonly ServedFailure[] => {
    if (state.phase === 'done') return []
    const file = source.kind === 'file' ? basename(source.path) : ''
    return [{ file, why: 'why' in state ? state.why : failure('cancelled') }]
  })
  const missing = count - files.length
  return missing > 0 && failures.length === 0 ? [{ file: '', why: failure('not-found', { because: 'result' }) }] : failures
}

/** As people count. */
function inOrder(names: readonly string[]): readonly string[] {
  return names.toSorted(new Intl.Collator('en', { numeric: true }).compare)
}

/** An engine that serves others while it works: what a crash left of that is put right at its start. */
export function withServed(engine: Engine, served: Served): Engine {
  return {
    ...engine,
    start: async () => {
      await engine.start()
      await served.start()
    },
    stop: async () => {
      await served.stop()
      await engine.stop()
    },
  }
}
