/**
 * Several results of one source by one run of FFmpeg, which reads and decodes the source once. Each conversion is still on its own: where the shared run
 * fails, or a result of it is not whole, that one gets a run for itself, and with it the blame that is its due; the runs follow each other, since all
 * of the company has one place in its lane. One that is no longer wanted is let go at once and the run goes on for the others: beginning anew would
 * cost them what they have reached. What it had written is removed at the end of the run.
 */
import { rename, rm, stat } from 'node:fs/promises'
import type { Company, ProviderOrder } from '../../provider.ts'
import type { Ffmpeg, FfmpegProgress } from './ffmpeg.ts'
import { deviceModeOf } from './hardware/by-device.ts'

export interface CompanyWork {
  readonly temp: string
  /** Where its result of a shared run is written: apart, since a conversion that was let go may be wanted again while the run goes on. */
  readonly sharedTemp: string
  /** All of it by itself; throws what went wrong. */
  alone(signal: AbortSignal): Promise<void>
  /** How it shares a run; null where it cannot. */
  readonly share: CompanyShare | null
}

export interface CompanyShare {
  readonly kind: 'audio' | 'video'
  readonly path: string
  /** FFmpeg's options that open the source: only conversions with the same ones share a run. */
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly progress: (progress: FfmpegProgress) => void
  /** Whether all of it is in the file. */
  isWhole(path: string): Promise<boolean>
}

export interface CompanyRuns {
  /** Waits for the company. Throws as the work alone would, or the signal's reason. */
  run(work: CompanyWork, company: Company, signal: AbortSignal): Promise<void>
}

/**
 * `coming`: the others are not all there; `next`: its turn comes; `shared`, `alone`: in a run. Who is let go while nothing of its own runs, or while others need the
 * run, hears so at once.
 */
type Stand = 'coming' | 'next' | 'shared' | 'alone'

interface Waiting {
  stand: Stand
  readonly work: CompanyWork
  readonly signal: AbortSignal
  resolve(): void
  reject(reason: unknown): void
}

/** A result as small as this may be of a source in which nothing could be read; only a run alone tells. */
const minBytes = 2048

/** @param inPlace does what a company of audio alone does, in one of the places of audio. */
export function createCompanyRuns(
  ffmpeg: Pick<Ffmpeg, 'convert'>,
  inPlace: (run: () => Promise<void>, signal: AbortSignal) => Promise<void>,
): CompanyRuns {
  const companies = new WeakMap<Company['of'], Waiting[]>()

  async function serve(group: readonly Waiting[]): Promise<void> {
    const shared = new Set<Waiting>()
    const alike = Map.groupBy(
      group.filter(({ work, signal }) => work.share !== null && !signal.aborted),
      ({ work: { share } }) => JSON.stringify([share?.path, share?.input]),
    )
    for (const some of alike.values()) {
      if (some.length > 1 && (await runShared(some))) for (const each of some) shared.add(each)
    }
    for (const each of group) {
      const { work, signal, resolve, reject } = each
      if (shared.has(each) && !signal.aborted && (await isTakenOver(work))) resolve()
      else {
        await rm(work.sharedTemp, { force: true }).catch(() => undefined)
        if (signal.aborted) reject(signal.reason)
        else {
          each.stand = 'alone'
          await work.alone(signal).then(resolve, reject)
        }
      }
    }
  }

  /** Whether the result is whole and in its place. */
  async function isTakenOver({ share, sharedTemp, temp }: CompanyWork): Promise<boolean> {
    try {
      if ((await stat(sharedTemp)).size < minBytes || (await share?.isWhole(sharedTemp)) !== true) return false
      await rename(sharedTemp, temp)
      return true
    } catch {
      return false
    }
  }

  async function runShared(group: readonly Waiting[]): Promise<boolean> {
    const shares = group.flatMap(({ work: { share, sharedTemp } }) => (share === null ? [] : [{ ...share, sharedTemp }]))
    const [first] = shares
    if (first === undefined) return false
    const run = {
      args: [...first.input, ...shares.flatMap(({ output, sharedTemp }) => [...output, `file:${sharedTemp}`])],
      stdin: null,
      paths: [first.path, ...shares.map(({ sharedTemp }) => sharedTemp)],
      progress: (progress: FfmpegProgress) => {
        for (const [n, share] of shares.entries()) if (group[n]?.signal.aborted !== true) share.progress(progress)
      },
    }
    let complaints: readonly string[] | null = null
    const signal = whenAll(group.map((each) => each.signal))
    const convert = async () => {
      complaints = await ffmpeg.convert(run, signal)
    }
    for (const each of group) each.stand = 'shared'
    const isAudio = shares.every(({ kind }) => kind === 'audio')
    await (isAudio ? inPlace(convert, signal) : convert()).catch(() => undefined)
    for (const each of group) each.stand = 'next'
    // Of a complaint nobody knows whose it is.
    return (complaints as readonly string[] | null)?.length === 0
  }

  return {
    run: async (work, company, signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const own: Waiting = { stand: 'coming', work, signal, resolve, reject }
      const group = companies.get(company.of) ?? []
      companies.set(company.of, group)
      group.push(own)
      const onAbort = () => {
        const isNeeded = group.some((each) => each.stand === 'shared' && !each.signal.aborted)
        if (own.stand === 'coming' || own.stand === 'next' || (own.stand === 'shared' && isNeeded)) reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      void company.arrive().then(async () => {
        if (!companies.delete(company.of)) return
        for (const each of group) each.stand = 'next'
        await serve(group)
      })
      await promise.finally(() => signal.removeEventListener('abort', onAbort))
    },
  }
}

/** Aborted once all of them are, for the reason of the last. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController()
  for (const signal of signals) {
    const onAbort = () => {
      if (signals.every(({ aborted }) => aborted)) all.abort(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }
  return all.signal
}

/** Whether one run can make both of one source: the same stretch of it, in one go. */
export function canShareRun(one: Shareable, other: Shareable): boolean {
  const { trimStart, trimEnd } = one.options
  return isInOneGo(one) && isInOneGo(other) && trimStart === other.options.trimStart && trimEnd === other.options.trimEnd
}

type Shareable = Pick<ProviderOrder, 'target' | 'options'>

/** What is measured first, tried for its size or its looks, drawn with a palette of its own, or given to a device needs runs of its own. */
export function isInOneGo({ target, options }: Shareable): boolean {
  const isTried = options.normalize === true || options.maxSize !== undefined || options.matchQuality !== undefined
  return target !== 'gif' && !isTried && deviceModeOf(options) !== 'always'
}
