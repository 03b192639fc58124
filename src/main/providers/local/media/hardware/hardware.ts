/**
 * Which devices work. A device is tried when it is first wanted, with a second of a test picture by the very options that a film would get;
 * what came of that is kept beyond the run, until FFmpeg or a driver changes or somebody asks for another try. One that fails three films in a
 * row is left alone for the rest of the run.
 *
 *   untried ─trial─► works | refuses ─another FFmpeg or driver, `retry`─► untried
 */
import * as z from 'zod'
import { factsOf, JobError, toFailure, type FailureCode } from '../../../../../shared/failure.ts'
import type { FfmpegPlace } from '../../../../../shared/ffmpeg.ts'
import type { Clock, Log } from '../../../../engine/ports.ts'
import type { Ffmpeg } from '../ffmpeg.ts'
import { deviceKinds, type DeviceCodecId, type DeviceKind } from './devices.ts'
import { crfOf } from '../video-codecs.ts'
import { encodingBy, opening, uploading, type Device } from './device-plan.ts'
import { programIdentity, type Drivers } from './drivers.ts'

export interface DeviceRefusal {
  readonly title: string
  /** In the words of FFmpeg. */
  readonly reason: string
  /** It works by the trial, and is left alone for what it did to videos. */
  readonly isResting?: true
}

export type FoundDevice = { readonly device: Device } | { readonly device: null; readonly refusals: readonly DeviceRefusal[] }

/** What came of the trials of one kind of device, for a person. */
export interface DeviceReport {
  readonly title: string
  /** By codec: whether it takes 10 bits, too. */
  readonly works: readonly { readonly codec: DeviceCodecId; readonly isDeep: boolean }[]
  /** Of the first that does not; null where all work. */
  readonly refused: string | null
}

export interface Hardware {
  /** The first that works, tried where that is not known yet. */
  find(wanted: { readonly codec: DeviceCodecId; readonly isDeep: boolean }, signal: AbortSignal): Promise<FoundDevice>
  /** Whether one is known to work, without a trial. */
  isKnown(codec: DeviceCodecId): boolean
  /** Waits for a place at the device; the answer gives it back. */
  occupy(device: Device, signal: AbortSignal): Promise<() => void>
  ended(device: Device, how: 'well' | { readonly reason: string }): void
  /** Films at a time, of the device that is known to work; two where none is. */
  concurrency(): number
  /** Forgets everything and tries all that this FFmpeg lists. */
  retry(signal: AbortSignal): Promise<readonly DeviceReport[]>
  /** Ends trials that somebody left; resolves when none runs. */
  stop(): Promise<void>
}

export interface HardwarePorts {
  readonly ffmpeg: Pick<Ffmpeg, 'convert' | 'encoders'>
  readonly place: () => FfmpegPlace
  readonly drivers: Drivers
  /** Keeps what is known beyond the run. */
  readonly memory: { read(): unknown; write(value: unknown): void }
  /** Films at a time that the user has set for devices; undefined: as many as each takes. */
  readonly width: () => number | undefined
  readonly clock: Clock
  readonly log: Log
  readonly platform: NodeJS.Platform
}

const trialDeadlineMs = 20_000
const maxFailures = 3
/** For how long a device is left alone that had no room, or whose trial broke off. */
const refusedNowMs = 60_000
/** For how long nobody looks whether FFmpeg or a driver has changed. */
const identityKeptMs = 5000

const outcomeSchema = z.union([
  z.object({ works: z.literal(true), node: z.string().nullable() }),
  z.object({ works: z.literal(false), reason: z.string() }),
])
type Outcome = z.infer<typeof outcomeSchema>
const keptSchema = z.object({ identity: z.string(), trials: z.record(z.string(), outcomeSchema) })

/** Somebody else may have all its places now. */
const passing = /out of memory|busy|temporarily unavailable/i
/** Ends that say nothing of why: the next run may come to something else. */
const unsaid: ReadonlySet<FailureCode> = new Set(['tool-crashed', 'tool-timeout', 'tool-memory'])

export function createHardware(ports: HardwarePorts): Hardware {
  const { ffmpeg, place, drivers, memory, clock, log, platform } = ports
  const running = new Map<string, Promise<Outcome>>()
  const ending = new AbortController()
  /** What holds for a while alone. */
  const refusedNow = new Map<string, { readonly reason: string; readonly atMs: number }>()
  const failures = new Map<string, { readonly count: number; readonly reason: string }>()
  const busy = new Map<string, number>()
  const waiting = new Set<() => void>()
  let known: { readonly atMs: number; readonly program: string; readonly identity: string } | null = null
  let generation = 0

  function identity(): string {
    const program = place().path ?? 'ffmpeg'
    const nowMs = clock.nowMs()
    if (known?.program !== program || nowMs - known.atMs > identityKeptMs)
      known = { atMs: nowMs, program, identity: `${programIdentity(program)} ${drivers.identity()}` }
    return known.identity
  }

  function trials(): Readonly<Record<string, Outcome>> {
    const { data } = keptSchema.safeParse(memory.read())
    return data?.identity === identity() ? data.trials : {}
  }

  function keep(key: string, outcome: Outcome): void {
    remember({ ...trials(), [key]: outcome })
  }

  function remember(all: Readonly<Record<string, Outcome>>): void {
    try {
      memory.write({ identity: identity(), trials: all })
    } catch (error) {
      // They are tried again when they are wanted again.
      log.warn('What devices came to could not be kept.', { error: toFailure(error).code })
    }
  }

  async function outcomeOf(one: Omit<Device, 'node'>, codec: DeviceCodecId, signal: AbortSignal): Promise<Outcome> {
    const key = keyOf(one)
    const now = refusedNow.get(key)
    if (now !== undefined && clock.nowMs() - now.atMs < refusedNowMs) return { works: false, reason: now.reason }
    const kept = trials()[key]
    if (kept !== undefined) return kept
    const begun = running.get(key) ?? tried(one, codec)
    running.set(key, begun)
    return await unlessAborted(
      begun.finally(() => running.delete(key)),
      signal,
    )
  }

  /** For everybody who wants to know: it goes on where one of them has left. */
  async function tried(one: Omit<Device, 'node'>, codec: DeviceCodecId): Promise<Outcome> {
    const mine = generation
    const found = drivers.nodes()
    const nodes = one.kind.opensNode ? (found.length === 0 ? ['/dev/dri/renderD128'] : found) : [null]
    let reason = ''
    let isLasting = true
    for (const node of nodes) {
      const late = new AbortController()
      const cancel = clock.after(trialDeadlineMs, () => late.abort(new JobError('tool-timeout', { tool: 'FFmpeg', seconds: 20 })))
      try {
        const args = trialOf({ ...one, node }, codec)
        await ffmpeg.convert({ args, stdin: null, paths: [], progress: () => {} }, AbortSignal.any([late.signal, ending.signal]))
        const outcome = { works: true, node } as const
        if (mine === generation) keep(keyOf(one), outcome)
        return outcome
      } catch (error) {
        if (ending.signal.aborted || !(error instanceof JobError)) throw error
        const { because, reason: told } = factsOf(error.failure)
        // That FFmpeg could not be run says nothing of the device.
        if (because === 'ffmpeg-missing' || because === 'not-started') throw error
        reason = String(told ?? error.failure.code)
        isLasting = told !== undefined && !unsaid.has(error.failure.code) && !passing.test(reason)
      } finally {
        cancel()
      }
    }
    const outcome = { works: false, reason } as const
    if (mine !== generation) return outcome
    if (isLasting) keep(keyOf(one), outcome)
    else refusedNow.set(keyOf(one), { reason, atMs: clock.nowMs() })
    return outcome
  }

  const kindsHere = () => deviceKinds.filter(({ systems }) => systems.includes(platform))
  const isResting = ({ id }: DeviceKind) => (failures.get(id)?.count ?? 0) >= maxFailures

  async function find({ codec, isDeep }: Parameters<Hardware['find']>[0], signal: AbortSignal): Promise<FoundDevice> {
    const listed = await ffmpeg.encoders(signal)
    const refusals: DeviceRefusal[] = []
    for (const kind of kindsHere()) {
      const encoder = kind.encoders[codec]
      if (encoder === undefined || !listed.has(encoder.name) || (isDeep && !encoder.isDeep)) continue
      if (isResting(kind)) {
        refusals.push({ title: kind.title, reason: failures.get(kind.id)?.reason ?? '', isResting: true })
        continue
      }
      const one = { kind, encoder, isDeep }
      const outcome = await outcomeOf(one, codec, signal)
      if (outcome.works) return { device: { ...one, node: outcome.node } }
      refusals.push({ title: kind.title, reason: outcome.reason })
    }
    return { device: null, refusals }
  }

  async function reportOf(kind: DeviceKind, listed: ReadonlySet<string>, signal: AbortSignal): Promise<DeviceReport | null> {
    const works: { codec: DeviceCodecId; isDeep: boolean }[] = []
    let refused: string | null = null
    let isListed = false
    for (const [codec, encoder] of Object.entries(kind.encoders) as [DeviceCodecId, DeviceKind['encoders'][DeviceCodecId]][]) {
      if (encoder === undefined || !listed.has(encoder.name)) continue
      isListed = true
      const plain = await outcomeOf({ kind, encoder, isDeep: false }, codec, signal)
      if (plain.works) {
        const deep = encoder.isDeep ? await outcomeOf({ kind, encoder, isDeep: true }, codec, signal) : null
        works.push({ codec, isDeep: deep?.works === true })
      } else refused ??= plain.reason
    }
    return isListed ? { title: kind.title, works, refused } : null
  }

  return {
    find,
    isKnown: (codec) => {
      const kept = trials()
      return kindsHere().some((kind) => {
        const encoder = kind.encoders[codec]
        return encoder !== undefined && !isResting(kind) && kept[keyOf({ kind, encoder, isDeep: false })]?.works === true
      })
    },
    occupy: async ({ kind }, signal) => {
      const isFull = () => (busy.get(kind.id) ?? 0) >= (ports.width() ?? kind.concurrency)
      while (isFull()) {
        signal.throwIfAborted()
        const { promise, resolve } = Promise.withResolvers<void>()
        const wake = () => resolve()
        signal.addEventListener('abort', wake, { once: true })
        waiting.add(wake)
        await promise
        waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        signal.throwIfAborted()
      }
      busy.set(kind.id, (busy.get(kind.id) ?? 0) + 1)
      return () => {
        busy.set(kind.id, (busy.get(kind.id) ?? 1) - 1)
        for (const wake of waiting) wake()
      }
    },
    ended: ({ kind: { id } }, how) => {
      if (how === 'well') failures.delete(id)
      else failures.set(id, { count: (failures.get(id)?.count ?? 0) + 1, reason: how.reason })
    },
    concurrency: () => {
      const kept = trials()
      const working = kindsHere().find(({ id }) =>
        Object.entries(kept).some(([key, { works }]) => works && key.startsWith(`${id} `)),
      )
      return working?.concurrency ?? 2
    },
    retry: async (signal) => {
      generation += 1
      running.clear()
      refusedNow.clear()
      failures.clear()
      known = null
      remember({})
      const listed = await ffmpeg.encoders(signal)
      const reports: DeviceReport[] = []
      for (const kind of kindsHere()) {
        const report = await reportOf(kind, listed, signal)
        if (report !== null) reports.push(report)
      }
      return reports
    },
    stop: async () => {
      ending.abort(new Error('Beside stopped'))
      await Promise.allSettled([...running.values()])
    },
  }
}

/** A trial goes on for others where one who wants to know has left. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: left, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  return await Promise.race([work, left]).finally(() => signal.removeEventListener('abort', onAbort))
}

function keyOf({ kind, encoder, isDeep }: Omit<Device, 'node'>): string {
  return `${kind.id} ${encoder.name} ${isDeep ? 10 : 8}`
}

const trialSize = { width: 640, height: 360, fps: 25 } as const

/** By the quality and the pace that a film gets where nobody asks for others. */
export function trialOf(device: Device, codec: DeviceCodecId): readonly string[] {
  const { width, height, fps } = trialSize
  const format = device.isDeep ? device.kind.pixels[1] : device.kind.pixels[0]
  const encoding = { crf: crfOf(codec, {}), speed: 'fast', kbits: null, pixelRate: width * height * fps } as const
  return [
    ...opening(device),
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}:duration=1`],
    ...['-filter:v:0', [`format=${format}`, ...uploading(device)].join(',')],
    ...['-c:v:0', ...encodingBy(device, encoding, 'v:0')],
    ...['-f', 'null', '-'],
  ]
}
