/**
 * What the comparison of two files shows: parts of pictures, frames, waveforms, loudness. Somebody has a dialog open and waits: what
 * they turn away from is ended, and what they come back to has been kept, as long as the file stays as it is.
 */
import type { FileRef, MeasuredLoudness, Stretch, View, ViewRequest, Waveform } from '../../shared/views.ts'
import { pathOf, versionOf, type JobFiles } from './job-files.ts'
import { createKept, type Kept } from './kept.ts'
import { inTime, until } from './patience.ts'
import type { Clock, Viewer } from './ports.ts'

/** All throw `source-missing` where the file is not there, and what its reader says where it cannot be shown. */
export interface Views {
  view(request: ViewRequest, signal: AbortSignal): Promise<View>
  waveform(stretch: Stretch, signal: AbortSignal): Promise<Waveform>
  loudness(stretch: Stretch, signal: AbortSignal): Promise<MeasuredLoudness>
}

export interface ViewPorts extends JobFiles {
  readonly viewer: Viewer
  readonly clock: Clock
}

const keptBytes = 48 * 2 ** 20
/** The two sides of one comparison. */
const concurrency = 2
const pictureMs = 30_000
/** Of a whole day of audio. */
const audioMs = 900_000

export function createViews({ viewer, clock, ...files }: ViewPorts): Views {
  const views = createKept<View>(keptBytes, ({ data }) => 200 + data.length)
  const waveforms = createKept<Waveform>(2 ** 20, ({ peaks }) => 200 + 8 * peaks.length)
  const loudnesses = createKept<MeasuredLoudness>(2 ** 16, () => 200)
  const pictureTurns = createTurns(concurrency)
  const audioTurns = createTurns(concurrency)

  return {
    view: async ({ file, ...wanted }, signal) => {
      const { path, key } = await known(file, wanted, files)
      return await keptOr(
        views,
        key,
        async () =>
          await pictureTurns(
            signal,
            async () =>
              await inTime({ clock, ms: pictureMs }, signal, async (late) => {
                const { data, ...view } = await viewer.view(path, wanted, late)
                return { ...view, data: Buffer.from(data).toString('base64') }
              }),
          ),
      )
    },
    waveform: async ({ file, ...stretch }, signal) => {
      const { path, key } = await known(file, stretch, files)
      return await keptOr(
        waveforms,
        key,
        async () =>
          await audioTurns(
            signal,
            async () => await inTime({ clock, ms: audioMs }, signal, async (late) => await viewer.waveform(path, stretch, late)),
          ),
      )
    },
    loudness: async ({ file, ...stretch }, signal) => {
      const { path, key } = await known(file, stretch, files)
      return await keptOr(
        loudnesses,
        key,
        async () =>
          await audioTurns(
            signal,
            async () => await inTime({ clock, ms: audioMs }, signal, async (late) => await viewer.loudness(path, stretch, late)),
          ),
      )
    },
  }
}

async function known(file: FileRef, wanted: object, files: JobFiles): Promise<{ readonly path: string; readonly key: string }> {
  const path = pathOf(file, files)
  return { path, key: `${await versionOf(path)} ${JSON.stringify(wanted)}` }
}

async function keptOr<T>(kept: Kept<T>, key: string, make: () => Promise<T>): Promise<T> {
  const found = kept.get(key)
  if (found !== undefined) return found
  const made = await make()
  kept.put(key, made)
  return made
}

/** So many at a time; who is gone before its turn comes does nothing. */
function createTurns(width: number): <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  const pump = () => {
    while (busy < width) {
      const begin = waiting.shift()
      if (begin === undefined) return
      busy += 1
      begin()
    }
  }
  return async (signal, work) => {
    const { promise: turn, resolve: begin } = Promise.withResolvers<void>()
    waiting.push(begin)
    pump()
    try {
      await until(signal, turn)
      return await work()
    } finally {
      const place = waiting.indexOf(begin)
      if (place >= 0) waiting.splice(place, 1)
      else {
        busy -= 1
        pump()
      }
    }
  }
}
