/**
 * The runs of FFmpeg over audio, as many at once as there is use for. Short conversions that wait for a place share a run: its start
 * costs three times what three seconds of audio do, so one program gets several inputs and writes as many outputs. Each is still on
 * its own: where a shared run fails, each of its conversions gets a run for itself, and with it the blame that is its due.
 */
import { rm, stat } from 'node:fs/promises'
import type { Ffmpeg } from './ffmpeg.ts'

export interface AudioWork {
  readonly temp: string
  /** All of it, alone in its place; throws what went wrong. */
  alone(signal: AbortSignal): Promise<void>
  /** How it shares a run; null where it is long, or more than one run. */
  readonly share: Share | null
}

export interface Share {
  readonly path: string
  /** FFmpeg's options that open the source. */
  readonly input: readonly string[]
  /** Its output options where the source is the n-th input. */
  output(source: number): readonly string[]
  /** Whether all of it has come out. */
  isWhole(): Promise<boolean>
}

export interface SharedRuns {
  /** Waits for a place. Throws as the work alone would; by then nothing writes to its output any more. */
  run(work: AudioWork, signal: AbortSignal): Promise<void>
}

interface Waiting {
  readonly work: AudioWork
  readonly signal: AbortSignal
  resolve(): void
  reject(reason: unknown): void
}

export const maxInOneRun = 8
/** A result as small as this may be of a source in which nothing could be read; only a run alone tells. */
const minBytes = 2048

/** @param width runs at once; it may change. */
export function createSharedRuns(ffmpeg: Pick<Ffmpeg, 'convert'>, width: () => number): SharedRuns {
  let waiting: Waiting[] = []
  let running = 0

  function pump(): void {
    while (running < width()) {
      const group = next()
      if (group.length === 0) return
      running += 1
      void serve(group).finally(() => {
        running -= 1
        pump()
      })
    }
  }

  /** The one that has waited longest, and with it what can share its run, as far as no free place would be left without work. */
  function next(): readonly Waiting[] {
    const [first] = waiting
    const sharers = first?.work.share === null ? [] : waiting.filter(({ work }) => work.share !== null)
    const fair = Math.min(maxInOneRun, Math.ceil(sharers.length / (width() - running)))
    const group = sharers.length === 0 ? waiting.slice(0, 1) : sharers.slice(0, fair)
    waiting = waiting.filter((other) => !group.includes(other))
    return group
  }

  async function serve(group: readonly Waiting[]): Promise<void> {
    const isDone = group.length > 1 && (await runShared(group))
    for (const { work, signal, resolve, reject } of group) {
      if (isDone && (await sizeOf(work.temp)) >= minBytes && (await work.share?.isWhole()) === true) {
        resolve()
        continue
      }
      await rm(work.temp, { force: true })
      await work.alone(signal).then(resolve, reject)
    }
  }

  /** Whether the run went well. One that is no longer wanted ends it for all; the others have lost little by that. */
  async function runShared(group: readonly Waiting[]): Promise<boolean> {
    const shares = group.flatMap(({ work: { share, temp } }) => (share === null ? [] : [{ ...share, temp }]))
    const run = {
      args: [
        ...shares.flatMap(({ input }) => input),
        ...shares.flatMap(({ output, temp }, index) => [...output(index), `file:${temp}`]),
      ],
      stdin: null,
      paths: shares.flatMap(({ path, temp }) => [path, temp]),
      progress: () => {},
    }
    return await ffmpeg.convert(run, AbortSignal.any(group.map(({ signal }) => signal))).then(
      // Of a complaint nobody knows whose it is.
      (complaints) => complaints.length === 0,
      () => false,
    )
  }

  return {
    run: async (work, signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const own: Waiting = { work, signal, resolve, reject }
      const onAbort = () => {
        if (!waiting.includes(own)) return
        waiting = waiting.filter((other) => other !== own)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.push(own)
      pump()
      await promise.finally(() => signal.removeEventListener('abort', onAbort))
    },
  }
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
