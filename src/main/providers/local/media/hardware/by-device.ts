/**
 * Whether a film is encoded by a device, and what happens where that fails: software does it, with a note. `auto` takes a device where speed is
 * asked for and one works; `hardware` takes it whatever else is asked for, and is refused where none works at all.
 */
import { factsOf, JobError, type Failure } from '../../../../../shared/failure.ts'
import type { Remark } from '../../../../../shared/notes.ts'
import type { Options } from '../../../../../shared/options.ts'
import { codecFor, copiesVideo, keepsAlpha, type VideoStreamPlan } from '../video.ts'
import type { VideoCodecId } from '../video-codecs.ts'
import { isDeviceCodec, leastSides, maxSides, type DeviceCodecId } from './devices.ts'
import type { Device } from './device-plan.ts'
import type { Hardware, DeviceRefusal } from './hardware.ts'

export interface ByDevice<T> {
  readonly result: T
  /** What encoded it; null: software. */
  readonly device: Device | null
  readonly said: readonly Remark[]
}

/** What is wanted where a picture is encoded: a device whatever happens, one if it is there, or none. */
export function deviceModeOf({ encoder = 'auto', speed, maxSize, matchQuality }: Options): 'always' | 'if-there' | 'never' {
  if (encoder === 'hardware') return 'always'
  // Software meets a size by going over the film twice, which no device does, and a quality by figures that are its own.
  const isForSoftware = maxSize !== undefined || matchQuality !== undefined
  return encoder === 'auto' && speed === 'fast' && !isForSoftware ? 'if-there' : 'never'
}

/** @throws JobError `option-invalid` where no device of any make encodes it, and one is asked for. */
export function deviceCodec(id: VideoCodecId, { encoder }: Options): DeviceCodecId | null {
  if (isDeviceCodec(id)) return id
  if (encoder !== 'hardware') return null
  throw new JobError('option-invalid', { option: 'encoder', value: encoder, allowed: `auto, software for ${id}` })
}

/** What of the picture no device keeps, as the code of the note that says so. */
export function barrierOf(plan: VideoStreamPlan): Remark['code'] | null {
  const id = codecFor(plan)
  const { stream, options } = plan
  if (keepsAlpha(plan)) return 'hardware-not-transparent'
  // Not every version of FFmpeg tells a device for which display a film was made; H.264 gets ordinary light.
  if (stream.hdr === true && id !== 'h264') return 'hardware-not-hdr'
  const { width, height } = stream
  if (width === null || height === null || !isDeviceCodec(id)) return 'hardware-not-size'
  const scale = Math.min(1, (options.maxHeight ?? height) / height)
  const sides = [width * scale, height * scale]
  const isWithin = Math.min(...sides) >= leastSides.short && Math.max(...sides) >= leastSides.long
  return isWithin && Math.max(...sides) <= maxSides[id] ? null : 'hardware-not-size'
}

/** H.264 has 8 bits here by whatever encoder; of what nobody knows the bits there may be more. */
function needsDepth({ stream: { bitDepth } }: VideoStreamPlan, codec: DeviceCodecId): boolean {
  return codec !== 'h264' && (bitDepth === undefined || bitDepth > 8)
}

/** How a run may end that software would do better. It says itself whether it is the source. */
const byDeviceAlone: ReadonlySet<Failure['code']> = new Set([
  'tool-failed',
  'tool-crashed',
  'tool-timeout',
  'tool-memory',
  'tool-missing',
  'source-damaged',
])

function mayBeTheDevice(error: unknown): error is JobError {
  if (!(error instanceof JobError) || !byDeviceAlone.has(error.failure.code)) return false
  if (error.failure.code !== 'source-damaged') return true
  // What was lost although FFmpeg ended well is the source's, unless nothing has come at all.
  const { facts } = error.failure
  return facts.tool !== undefined || facts.because === 'nothing-readable'
}

/**
 * @param plan of the picture; null where there is none.
 * @param encode begins anew each time; null: in software. What it has written is gone where it throws.
 * @throws whatever `encode` throws, `tool-missing` where a device is asked for and none works.
 */
export async function byDevice<T>(
  hardware: Hardware,
  plan: VideoStreamPlan | null,
  encode: (device: Device | null) => Promise<T>,
  signal: AbortSignal,
): Promise<ByDevice<T>> {
  const inSoftware = async (said: readonly Remark[] = []) => ({ result: await encode(null), device: null, said })
  if (plan === null) return await inSoftware()
  const { options } = plan
  const mode = deviceModeOf(options)
  if (mode === 'never' || (copiesVideo(plan) && options.maxSize === undefined)) return await inSoftware()
  const codec = deviceCodec(codecFor(plan), options)
  if (codec === null) return await inSoftware()
  const barrier = barrierOf(plan)
  if (barrier !== null) return await inSoftware(mode === 'always' ? [{ code: barrier }] : [])
  const isDeep = needsDepth(plan, codec)
  const found = await hardware.find({ codec, isDeep }, signal)
  if (found.device === null) {
    if (mode === 'if-there') return await inSoftware()
    const resting = found.refusals.find(({ isResting }) => isResting === true)
    if (resting !== undefined)
      return await inSoftware([{ code: 'hardware-failed', device: resting.title, reason: resting.reason }])
    const isShallow = isDeep && (await hardware.find({ codec, isDeep: false }, signal)).device !== null
    if (isShallow) return await inSoftware([{ code: 'hardware-not-depth' }])
    throw noDevice(codec, found.refusals)
  }
  return await orInSoftware(hardware, found.device, encode, signal)
}

async function orInSoftware<T>(
  hardware: Hardware,
  device: Device,
  encode: (device: Device | null) => Promise<T>,
  signal: AbortSignal,
): Promise<ByDevice<T>> {
  const leave = await hardware.occupy(device, signal)
  let why: Failure
  try {
    const result = await encode(device)
    hardware.ended(device, 'well')
    return { result, device, said: [] }
  } catch (error) {
    if (signal.aborted || !mayBeTheDevice(error)) throw error
    why = error.failure
  } finally {
    leave()
  }
  // Where software fails as well, what it says holds, and the device has done nothing wrong.
  const result = await encode(null)
  const reason = String(factsOf(why)['reason'] ?? why.code)
  hardware.ended(device, { reason })
  return { result, device: null, said: [{ code: 'hardware-failed', device: device.kind.title, reason }] }
}

function noDevice(codec: DeviceCodecId, refusals: readonly DeviceRefusal[]): JobError {
  const tried = refusals.map(({ title, reason }) => `${title}: ${reason}`).join('; ')
  return new JobError('tool-missing', {
    because: 'hardware-missing',
    program: 'FFmpeg',
    encoder: codec,
    ...(tried !== '' && { tried }),
  })
}
