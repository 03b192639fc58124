/**
 * What the window shows of the files of jobs: thumbnails, and what is in them. Few are made at a time, the last one asked for
 * first, since that one is on screen; one that nobody waits for any more is not begun. What was made is kept, within bounds, for as
 * long as the file stays as it is.
 */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { thumbnailSizes, type ThumbnailSize, type Side, type Thumbnail } from '../../shared/thumbnails.ts'
import type { Clock, Viewer } from './ports.ts'

export interface Previews {
  /** Null where there is nothing to see, or it cannot be read. Throws `source-missing` where the file is not there. */
  picture(jobId: number, of: Side, size: ThumbnailSize, signal: AbortSignal): Promise<Thumbnail | null>
  look(jobId: number, of: Side, signal: AbortSignal): Promise<MediaFacts>
  /** Of any file, however long it takes: nobody's list waits for it. */
  inspect(path: string, signal: AbortSignal): Promise<MediaFacts>
}

export interface PreviewPorts {
  readonly jobOf: (id: number) => Job | null
  readonly viewer: Viewer
  readonly clock: Clock
}

const concurrency = 2
const keptBytes = 24 * 2 ** 20
/** What takes longer is not worth waiting for, and must not hold up the next. */
const patienceMs = 20_000
/** A larger one would be no small picture; something went wrong. */
const maxBytes = 512 * 1024

interface Wanted {
  /** How many wait for it. */
  callers: number
  readonly begin: () => Promise<void>
  readonly made: Promise<Thumbnail | null>
}

export function createPreviews({ jobOf, viewer, clock }: PreviewPorts): Previews {
  const kept = new Map<string, Thumbnail | null>()
  const wanted = new Map<string, Wanted>()
  const waiting: string[] = []
  let bytes = 0
  let busy = 0
  let lastView: Promise<unknown> = Promise.resolve()

  const keep = (key: string, picture: Thumbnail | null) => {
    kept.set(key, picture)
    bytes += sizeOf(picture)
    for (const [oldest, other] of kept) {
      if (bytes <= keptBytes) break
      kept.delete(oldest)
      bytes -= sizeOf(other)
    }
  }
  const pump = () => {
    while (busy < concurrency) {
      const key = waiting.pop()
      if (key === undefined) return
      const next = wanted.get(key)
      if (next === undefined) continue
      busy += 1
      void next.begin().finally(() => {
        busy -= 1
        pump()
      })
    }
  }
  const draw = async (path: string, pixels: number): Promise<Thumbnail | null> => {
    try {
      const drawn = await inTime(clock, null, async (signal) => await viewer.picture(path, pixels, signal))
      if (drawn === null || drawn.data.length > maxBytes) return null
      return { type: drawn.type, data: Buffer.from(drawn.data).toString('base64') }
    } catch (error) {
      // Cut off by the end of Beside, it says nothing of the file.
      if (error instanceof JobError) return null
      throw error
    }
  }
  const want = (key: string, path: string, pixels: number): Wanted => {
    const known = wanted.get(key)
    if (known !== undefined) return known
    const { promise, resolve, reject } = Promise.withResolvers<Thumbnail | null>()
    const begin = async () => {
      try {
        const picture = await draw(path, pixels)
        keep(key, picture)
        resolve(picture)
      } catch (error) {
        reject(error)
      } finally {
        wanted.delete(key)
      }
    }
    const fresh: Wanted = { callers: 0, begin, made: promise }
    promise.catch(() => undefined)
    wanted.set(key, fresh)
    waiting.push(key)
    return fresh
  }
  const left = (key: string, one: Wanted) => {
    one.callers -= 1
    const place = waiting.indexOf(key)
    if (one.callers > 0 || place < 0) return
    waiting.splice(place, 1)
    wanted.delete(key)
  }

  return {
    picture: async (jobId, of, size, signal) => {
      const path = fileOf(jobId, jobOf(jobId), of)
      const key = `${size} ${await versionOf(path)}`
      signal.throwIfAborted()
      const known = kept.get(key)
      if (known !== undefined) {
        // To the end of the line of those that may go.
        kept.delete(key)
        kept.set(key, known)
        return known
      }
      const one = want(key, path, thumbnailSizes[size])
      one.callers += 1
      pump()
      return await until(signal, one.made).finally(() => left(key, one))
    },
    look: async (jobId, of, signal) => {
      const path = fileOf(jobId, jobOf(jobId), of)
      await versionOf(path)
      const mine = lastView.then(async () => await inTime(clock, signal, async (late) => await viewer.look(path, late)))
      lastView = mine.catch(() => undefined)
      return await until(signal, mine)
    },
    inspect: async (path, signal) => {
      if (!isAbsolute(path)) throw new JobError('usage', { because: 'path-not-absolute', path })
      return await viewer.look(path, signal)
    },
  }
}

function sizeOf(picture: Thumbnail | null): number {
  return 200 + (picture?.data.length ?? 0)
}

/** Ends at the latest when its time is over, whether or not the viewer follows its signal. */
async function inTime<T>(clock: Clock, caller: AbortSignal | null, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  caller?.throwIfAborted()
  const late = new AbortController()
  const cancelTimer = clock.after(patienceMs, () =>
    late.abort(new JobError('source-unreadable', { because: 'no-preview', seconds: patienceMs / 1000 })),
  )
  const signal = caller === null ? late.signal : AbortSignal.any([caller, late.signal])
  return await until(signal, work(signal)).finally(cancelTimer)
}

/** What the work comes to, or the reason of the signal where that is earlier. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return await Promise.race([work, over]).finally(() => signal.removeEventListener('abort', onAbort))
}

function fileOf(id: number, job: Job | null, of: Side): string {
  if (job === null) throw new JobError('not-found', { because: 'job', id: String(id) })
  const { order, state } = job
  if (of === 'output') {
    const output = state.phase === 'done' ? state.outputs[0] : undefined
    if (output === undefined) throw new JobError('not-found', { because: 'result', id: String(id) })
    return output.path
  }
  if (order.source.kind === 'url') throw new JobError('source-not-local')
  return (state.phase === 'done' ? state.archivedTo : null) ?? order.source.path
}

/** Changes when the file does. */
async function versionOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null)
  if (stats?.isFile() !== true) throw new JobError('source-missing', { path })
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`
}
