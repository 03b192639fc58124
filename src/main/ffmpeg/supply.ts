/**
 * Which FFmpeg Beside runs, and how it comes by one where there is none: the pinned build is fetched into the data folder, one fetch at a time
 * whoever asks, watched by everybody who wants to.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { JobError, toFailure } from '../../shared/failure.ts'
import type { FfmpegPlace, FfmpegState, FfmpegWork } from '../../shared/ffmpeg.ts'
import type { Clock, Log } from '../engine/ports.ts'
import { buildFile, pinnedArchives, programsFor, thisSystem, type Pins } from './builds.ts'
import { installBuild } from './install.ts'
import { installLine, type Packages } from '../files/install-line.ts'

export interface FfmpegSupply {
  /** The one to run now; asked for anew with each run. */
  place(): FfmpegPlace
  state(): FfmpegState
  /** Begins a fetch, or leaves the one that runs alone. @throws JobError `not-possible` where nothing is pinned for this system. */
  fetch(): void
  /** What has come so far is kept for the next try. */
  cancel(): void
  /** The state now, then each further one; ends with the signal. */
  watch(signal: AbortSignal): AsyncIterable<FfmpegState>
  /** Ends a fetch that runs; resolves when it is over. */
  stop(): Promise<void>
}

export interface SupplyOptions {
  /** The data folder. */
  readonly home: string
  readonly pins: Pins
  /** What the settings name; empty where they name none. */
  readonly named: () => string
  /** The one that came with the app. */
  readonly packed: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
}

/** Those who watch hear no more often. */
const restMs = 200
/** Before that a pace is no more than a guess. */
const paceMs = 1000

/** What brings FFmpeg, by package manager. */
export const ffmpegPackages: Packages = {
  apt: 'ffmpeg',
  dnf: 'ffmpeg-free',
  pacman: 'ffmpeg',
  zypper: 'ffmpeg',
  brew: 'ffmpeg',
  winget: 'Gyan.FFmpeg',
}

export function createFfmpegSupply({ home, pins, named, packed, env, clock, log }: SupplyOptions): FfmpegSupply {
  const folder = join(home, 'ffmpeg')
  const [program = '', prober = ''] = programsFor(thisSystem)
  const fetched = join(folder, program)
  const listeners = new Set<() => void>()
  let work: FfmpegWork = { kind: 'idle' }
  let fetching: { readonly stop: AbortController; readonly done: Promise<void> } | null = null
  let endRest: (() => void) | null = null

  const place = (): FfmpegPlace => {
    if (named() !== '') return { from: 'setting', path: named() }
    if (packed !== null) return { from: 'app', path: packed }
    return existsSync(join(folder, buildFile)) ? { from: 'fetched', path: fetched } : { from: 'path', path: null }
  }
  const isThere = ({ path }: FfmpegPlace): boolean => {
    if (path !== null) return existsSync(path)
    const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((each) => each !== '')
    return [program, prober].every((name) => folders.some((each) => isExecutable(join(each, name))))
  }
  const offer = (): FfmpegState['offer'] => {
    const build = pins[thisSystem]
    const archives = build === undefined ? null : pinnedArchives(build)
    if (build === undefined || archives === null) return null
    const sizes = archives.map(({ bytes }) => bytes)
    const bytes = sizes.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0)
    return { version: build.version, bytes, host: new URL(archives[0]?.address ?? '').host }
  }
  const state = (): FfmpegState => {
    const at = place()
    const from = isThere(at) ? at.from : null
    const misnamed = at.from === 'setting' && from === null ? at.path : null
    return { from, misnamed, offer: offer(), work, install: installLine(ffmpegPackages, process.platform) }
  }
  const tellNow = () => {
    endRest?.()
    endRest = null
    for (const listener of listeners) listener()
  }
  const tell = (next: FfmpegWork) => {
    const isSame = next.kind === work.kind
    work = next
    if (isSame) endRest ??= clock.after(restMs, tellNow)
    else tellNow()
  }
  /** How it ended. */
  const bring = async (signal: AbortSignal): Promise<FfmpegWork> => {
    const since = { atMs: clock.nowMs(), bytes: null as number | null }
    const report = (bytes: number, ofBytes: number | null) => {
      since.bytes ??= bytes
      const tookMs = clock.nowMs() - since.atMs
      const bytesPerSecond = tookMs < paceMs ? null : ((bytes - since.bytes) * 1000) / tookMs
      const leftMs =
        bytesPerSecond === null || bytesPerSecond === 0 || ofBytes === null ? null : ((ofBytes - bytes) * 1000) / bytesPerSecond
      tell({ kind: 'fetching', bytes, ofBytes, bytesPerSecond, leftMs })
    }
    try {
      tell({ kind: 'fetching', bytes: 0, ofBytes: offer()?.bytes ?? null, bytesPerSecond: null, leftMs: null })
      await installBuild(pins, thisSystem, folder, { env, signal, report, unpacking: () => tell({ kind: 'unpacking' }) })
      log.info('fetched FFmpeg', { version: pins[thisSystem]?.version })
      return { kind: 'idle' }
    } catch (error) {
      if (signal.aborted) return { kind: 'idle' }
      const why = toFailure(error)
      log.warn('FFmpeg was not fetched', { why })
      return { kind: 'failed', why }
    }
  }

  return {
    place,
    state,
    fetch: () => {
      if (fetching !== null) return
      if (offer() === null) throw new JobError('not-possible', { because: 'ffmpeg-not-pinned', id: thisSystem })
      const stop = new AbortController()
      const done = bring(stop.signal).then((end) => {
        fetching = null
        tell(end)
      })
      fetching = { stop, done }
    },
    cancel: () => fetching?.stop.abort(new Error('cancelled')),
    async *watch(signal) {
      let news = Promise.withResolvers<void>()
      const hear = () => news.resolve()
      listeners.add(hear)
      signal.addEventListener('abort', hear)
      try {
        while (!signal.aborted) {
          news = Promise.withResolvers()
          yield state()
          await news.promise
        }
      } finally {
        listeners.delete(hear)
        signal.removeEventListener('abort', hear)
      }
    },
    stop: async () => {
      fetching?.stop.abort(new Error('Beside stopped'))
      await fetching?.done
    },
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
