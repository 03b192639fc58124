/**
 * What the window shows of the files of jobs: thumbnails, and what is in them. Few are made at a time, the last one asked for
 * first, since that one is on screen; one that nobody waits for any more is not begun. What was made is kept, within bounds, for as
 * long as the file stays as it is.
 */
import { isAbsolute } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { thumbnailSizes, type ThumbnailSize, type Thumbnail } from '../../shared/thumbnails.ts'
import type { FileRef } from '../../shared/views.ts'
import { pathOf, versionOf, type JobFiles } from './job-files.ts'
import { createKept } from './kept.ts'
import { inTime, until } from './patience.ts'
import type { Clock, Viewer } from './ports.ts'

export interface Previews {
  /** Null where there is nothing to see, or it cannot be read. Throws `source-missing` where the file is not there. */
  picture(file: FileRef, size: ThumbnailSize, signal: AbortSignal): Promise<Thumbnail | null>
  look(file: FileRef, signal: AbortSignal): Promise<MediaFacts>
  /** Of any file, however long it takes: nobody's list waits for it. */
  inspect(path: string, signal: AbortSignal): Promise<MediaFacts>
}

export interface PreviewPorts extends JobFiles {
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

export function createPreviews({ viewer, clock, ...files }: PreviewPorts): Previews {
  const kept = createKept<Thumbnail | null>(keptBytes, sizeOf)
  const wanted = new Map<string, Wanted>()
  const waiting: string[] = []
  let busy = 0
  let lastView: Promise<unknown> = Promise.resolve()

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
      const drawn = await inTime({ clock, ms: patienceMs }, null, async (signal) => await viewer.picture(path, pixels, signal))
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
        kept.put(key, picture)
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
    picture: async (file, size, signal) => {
      const path = pathOf(file, files)
      const key = `${size} ${await versionOf(path)}`
      signal.throwIfAborted()
      const known = kept.get(key)
      if (known !== undefined) return known
      const one = want(key, path, thumbnailSizes[size])
      one.callers += 1
      pump()
      return await until(signal, one.made).finally(() => left(key, one))
    },
    look: async (file, signal) => {
      const path = pathOf(file, files)
      await versionOf(path)
      const mine = lastView.then(
        async () => await inTime({ clock, ms: patienceMs }, signal, async (late) => await viewer.look(path, late)),
      )
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
