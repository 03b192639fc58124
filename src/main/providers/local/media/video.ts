/** Pure: what becomes of the moving picture: taken over as it is, or filtered and encoded. */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { defaultQuality } from './audio.ts'
import type { VideoTarget } from './targets.ts'

export interface VideoStreamPlan {
  readonly from: FormatId
  readonly stream: VideoStream
  readonly target: VideoTarget
  readonly options: Options
  /** Encoders that this machine's FFmpeg has, or null where that does not matter yet. */
  readonly encoders: ReadonlySet<string> | null
}

/** Containers whose streams carry no presentation times of their own; what is copied out of them plays out of step. */
const timeless: ReadonlySet<FormatId> = new Set(['avi', 'mpeg', 'gif'])

/** FFmpeg's options for the picture, with `v` as the specifier of its output stream, e.g. `v:0`. */
export function planVideoStream(plan: VideoStreamPlan, v: string): readonly string[] {
  const { stream, target } = plan
  const isIso = target.muxer === 'mp4' || target.muxer === 'mov'
  if (copiesVideo(plan)) return [`-c:${v}`, 'copy', ...(isIso && stream.codec === 'hevc' ? appleTag(v) : [])]
  const id = codecFor(plan)
  const codec = videoCodecs[id]
  const filters = videoFilters(stream, codec, plan.options)
  return [
    `-filter:${v}`,
    filters.join(','),
    `-c:${v}`,
    ...encoderFor(codec, plan.encoders),
    `-crf:${v}`,
    String(crfFor(id, codec, plan.options)),
    ...(isIso && id === 'h265' ? appleTag(v) : []),
  ]
}

/** Without it Apple's players do not open HEVC in MP4. */
function appleTag(v: string): readonly string[] {
  return [`-tag:${v}`, 'hvc1']
}

export function copiesVideo({ from, stream, target, options }: VideoStreamPlan): boolean {
  const { videoCodec, crf, quality, fps, maxHeight, trimStart, trimEnd } = options
  if (!target.video.copies.includes(stream.codec) || timeless.has(from)) return false
  if (crf !== undefined || quality !== undefined || trimStart !== undefined || trimEnd !== undefined) return false
  if (videoCodec !== undefined && videoCodecs[videoCodec].codec !== stream.codec) return false
  if (fps !== undefined && (stream.fps === null || Math.abs(stream.fps - fps) > 0.01)) return false
  if (maxHeight !== undefined && (stream.height === null || stream.height > maxHeight)) return false
  return target.video.holdsRotation || (stream.rotation ?? 0) === 0
}

/** High dynamic range stays what it is where the target has a codec for it and none is asked for. */
function codecFor({ stream, target, options }: VideoStreamPlan): VideoCodecId {
  if (options.videoCodec !== undefined) return options.videoCodec
  const [first] = target.video.encode
  return stream.hdr === true && first === 'h264' ? 'h265' : first
}

function encoderFor(codec: VideoCodec, encoders: ReadonlySet<string> | null): readonly string[] {
  const usable = codec.encoders.find(([name]) => encoders === null || encoders.has(name))
  if (usable !== undefined) return usable
  const names = codec.encoders.map(([name]) => name).join(' / ')
  throw new JobError('tool-missing', {
    because: 'encoder-missing',
    program: 'FFmpeg',
    encoder: names,
  })
}

function crfFor(id: VideoCodecId, codec: VideoCodec, { crf, quality }: Options): number {
  if (crf === undefined) return codec.crf[quality ?? defaultQuality]
  if (crf <= codec.maxCrf) return crf
  throw new JobError('option-invalid', { option: 'crf', value: String(crf), allowed: `0 to ${codec.maxCrf} for ${id}` })
}

function videoFilters(stream: VideoStream, codec: VideoCodec, { fps, maxHeight }: Options): readonly string[] {
  return [
    ...(stream.hdr === true && codec.pixels.length === 1 ? toneMapping : []),
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(maxHeight === undefined ? [] : [scaling(stream, even(maxHeight), -2)]),
    // 4:2:0 has no odd sizes. A line less is better than a picture that is scaled, and blurred, by one line.
    ...(isEven(stream.width) && isEven(stream.height) ? [] : ['crop=trunc(iw/2)*2:trunc(ih/2)*2']),
    `format=pix_fmts=${codec.pixels.join('|')}`,
  ]
}

/** Light that means up to 10,000 nits, brought to what an ordinary screen shows. */
export const toneMapping: readonly string[] = [
  'zscale=t=linear:npl=100',
  'format=gbrpf32le',
  'zscale=p=bt709',
  'tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]

/** Makes a taller picture `height` pixels tall and leaves others; `width` is -1 for any, -2 for an even number. */
export function scaling(stream: VideoStream, height: number, width: -1 | -2): string {
  if (stream.height !== null && stream.height <= height) return 'null'
  return `scale=${width}:min(ih\\,${height}):flags=lanczos`
}

function even(size: number): number {
  return size - (size % 2)
}

function isEven(size: number | null): boolean {
  return size !== null && size % 2 === 0
}

type Quality = NonNullable<Options['quality']>
export type VideoCodecId = NonNullable<Options['videoCodec']>

export interface VideoCodec {
  /** FFmpeg's name of the codec in a file. */
  readonly codec: string
  /** Encoders with their settings, the best first; a build of FFmpeg need not have all. */
  readonly encoders: readonly (readonly [string, ...string[]])[]
  readonly maxCrf: number
  readonly crf: Readonly<Record<Quality, number>>
  /** The first of these that loses nothing is taken. H.264 stays at 8 bits, 4:2:0: most players know nothing else. */
  readonly pixels: readonly string[]
}

const upTo10Bits = ['yuv420p', 'yuv420p10le']

export const videoCodecs: Readonly<Record<VideoCodecId, VideoCodec>> = {
  h264: {
    codec: 'h264',
    encoders: [['libx264']],
    maxCrf: 51,
    crf: { low: 28, medium: 23, high: 20, extreme: 17 },
    pixels: ['yuv420p'],
  },
  h265: {
    codec: 'hevc',
    encoders: [['libx265', '-x265-params', 'log-level=error']],
    maxCrf: 51,
    crf: { low: 30, medium: 26, high: 23, extreme: 19 },
    pixels: upTo10Bits,
  },
  vp9: {
    codec: 'vp9',
    // A bitrate of 0 is what turns constant quality on.
    encoders: [['libvpx-vp9', '-b:v:0', '0', '-deadline', 'good', '-cpu-used', '4', '-row-mt', '1']],
    maxCrf: 63,
    crf: { low: 40, medium: 34, high: 31, extreme: 24 },
    pixels: upTo10Bits,
  },
  av1: {
    codec: 'av1',
    encoders: [
      ['libsvtav1', '-preset', '8'],
      ['libaom-av1', '-b:v:0', '0', '-cpu-used', '6', '-row-mt', '1'],
    ],
    maxCrf: 63,
    crf: { low: 45, medium: 38, high: 32, extreme: 24 },
    pixels: upTo10Bits,
  },
}
