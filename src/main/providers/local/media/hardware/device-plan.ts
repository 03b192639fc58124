/** Pure: FFmpeg's options for a picture that a device encodes, but for the filters before it. Apart, as the trial and the conversion share them. */
import { JobError } from '../../../../../shared/failure.ts'
import type { PaceName } from '../video-codecs.ts'
import type { DeviceEncoder, DeviceKind } from './devices.ts'

/** One that was found to work. */
export interface Device {
  readonly kind: DeviceKind
  readonly encoder: DeviceEncoder
  /** Path of its render node, where it is opened by one. */
  readonly node: string | null
  /** Whether it was found to take 10 bits. */
  readonly isDeep: boolean
}

export interface DeviceEncoding {
  /** On the scale of the encoder in software. */
  readonly crf: number
  readonly speed: PaceName
  /** kbit/s to keep instead of the quality; null: the quality. */
  readonly kbits: number | null
  /** Pixels a second of the result, for what keeps bitrates alone. */
  readonly pixelRate: number
}

/** Options before all inputs. */
export function opening({ node }: Device): readonly string[] {
  return node === null ? [] : ['-vaapi_device', node]
}

/** The first that loses nothing is taken. */
export function pixelsFor({ kind, isDeep }: Device): readonly string[] {
  return isDeep ? kind.pixels : kind.pixels.slice(0, 1)
}

/** Filters behind all others. */
export function uploading({ kind }: Device): readonly string[] {
  return kind.opensNode ? ['hwupload'] : []
}

/** @throws JobError `option-invalid` where it has no slower pace, and a small file is asked for. */
export function encodingBy(
  { kind, encoder }: Device,
  { crf, speed, kbits, pixelRate }: DeviceEncoding,
  v: string,
): readonly string[] {
  if (kind.paces === null && speed === 'small')
    throw new JobError('option-invalid', { option: 'speed', value: speed, allowed: `fast, balanced for ${kind.title}` })
  const figure = encoder.figure(crf)
  const bits = kbits === null ? (figure / 1000) * pixelRate : kbits * 1000
  return [
    encoder.name,
    ...(kind.paces?.[speed] ?? []),
    ...(kind.byFigure !== null && kbits === null
      ? kind.byFigure(figure, v)
      : [...kind.byRate(v), `-b:${v}`, String(Math.round(bits))]),
  ]
}
