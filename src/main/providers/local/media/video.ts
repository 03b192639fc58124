/** Pure: what becomes of the moving picture: taken over as it is, or filtered and encoded. */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { AudioStream, VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { defaultQuality } from './audio.ts'
import { colouring, deinterlacing, flattening, isRgb, sameShape, scaling, tagging, toneMapping } from './pixels.ts'
import type { VideoTarget } from './targets.ts'

export interface VideoStreamPlan {
  readonly from: FormatId
  readonly stream: VideoStream
  readonly target: VideoTarget
  readonly options: Options
  /** Encoders that this machine's FFmpeg has, or null where that does not matter yet. */
  readonly encoders: ReadonlySet<string> | null
  /** How long the source lasts, ms, where it says. */
  readonly lastsMs: number | null
  /** Whether a copy leaves out what stands between the frames. */
  readonly dropsMarks?: boolean
  /** A bitrate to keep instead of a quality. */
  readonly rate?: VideoRate
  /** The cut in the options is none that was asked for. */
  readonly isTrial?: boolean
}

export interface VideoRate {
  readonly kbits: number
  /** Of an encoder that goes over the film twice: which time it is, and the path that its notes begin with. */
  readonly pass: { readonly n: 1 | 2; readonly notes: string } | null
}

/** Containers whose streams carry no presentation times of their own; what is copied out of them plays out of step. */
const timeless: ReadonlySet<FormatId> = new Set(['avi', 'mpeg', 'gif'])

/** FFmpeg's options for the picture, with `v` as the specifier of its output stream, e.g. `v:0`. */
export function planVideoStream(plan: VideoStreamPlan, v: string): readonly string[] {
  const { from, stream, target, dropsMarks = false } = plan
  const isIso = target.muxer === 'mp4' || target.muxer === 'mov'
  if (copiesVideo(plan))
    return [
      ...[`-c:${v}`, 'copy'],
      ...(isIso && stream.codec === 'hevc' ? appleTag(v) : []),
      // Units of this type hold what is said besides the picture.
      ...(dropsMarks ? [`-bsf:${v}`, 'filter_units=remove_types=6'] : []),
    ]
  const id = codecFor(plan)
  const codec = videoCodecs[id]
  return [
    `-filter:${v}`,
    videoFilters(plan, codec).join(','),
    ...(from === 'gif' || stream.hasVariableRate === true ? ownTimes(v) : sameFrames(plan, v)),
    `-c:${v}`,
    ...encoding(encoderFor(id, plan), plan, v),
    ...(keepsAlpha(plan) ? [`-auto-alt-ref:${v}`, '0'] : []),
    ...(plan.rate === undefined ? [`-crf:${v}`, String(crfFor(id, codec, plan.options))] : []),
    ...(isIso && id === 'h265' ? appleTag(v) : []),
  ]
}

/** Without it Apple's players do not open HEVC in MP4. */
function appleTag(v: string): readonly string[] {
  return [`-tag:${v}`, 'hvc1']
}

/** Frames that last differently long are encoded by the clock of their source: by that of an even rate they would be moved or dropped. */
function ownTimes(v: string): readonly string[] {
  return [`-fps_mode:${v}`, 'vfr', `-enc_time_base:${v}`, '-1']
}

/** Left to itself, FFmpeg repeats a frame here and there, by the container; both passes have to see the same. */
function sameFrames({ rate }: VideoStreamPlan, v: string): readonly string[] {
  return (rate?.pass ?? null) === null ? [] : [`-fps_mode:${v}`, 'vfr']
}

/** Whether a copy would show what an edit list hides, as only MP4 and QuickTime have those. */
export function showsHidden({ leadInMs }: VideoStream | AudioStream, { muxer }: VideoTarget): boolean {
  return leadInMs !== undefined && muxer !== 'mp4' && muxer !== 'mov'
}

/** Whether FFmpeg has to be told to write marks that older standards do not have. Those of Dolby Vision belong to its own stream. */
export function keepsMarks(plan: VideoStreamPlan): boolean {
  const { codec, extras = [] } = plan.stream
  // A stream that is Dolby Vision may say so in its container alone.
  if (copiesVideo(plan)) return extras.length > 0 || codec === 'hevc'
  return !extras.includes('Dolby Vision') && (extras.includes('360°') || extras.includes('3D'))
}

/** Each picture of the one, and the header of the other, may say where it was taken as any photo does. */
const speaking: ReadonlySet<string> = new Set(['mjpeg', 'theora'])

export function copiesVideo({ from, stream, target, options, rate, isTrial = false }: VideoStreamPlan): boolean {
  const { videoCodec, crf, quality, fps, maxHeight, trimStart, trimEnd } = options
  if (!target.video.copies.includes(stream.codec) || timeless.has(from) || showsHidden(stream, target)) return false
  if (rate !== undefined || (options.preserveLocation === false && speaking.has(stream.codec))) return false
  // Hardly any player shows RGB in H.264 or HEVC.
  if (target.muxer !== 'matroska' && isRgb(stream)) return false
  if (crf !== undefined || quality !== undefined || (!isTrial && (trimStart !== undefined || trimEnd !== undefined))) return false
  if (videoCodec !== undefined && videoCodecs[videoCodec].codec !== stream.codec) return false
  if (fps !== undefined && (stream.fps === null || Math.abs(stream.fps - fps) > 0.01)) return false
  if (maxHeight !== undefined && (stream.height === null || stream.height > maxHeight)) return false
  return target.video.holdsRotation || (stream.rotation ?? 0) === 0
}

/** FFmpeg's own decoders of VP8 and VP9 leave out the layer that holds transparency. */
export function planDecoders(streams: readonly VideoStream[]): readonly string[] {
  return streams.flatMap(({ codec, hasAlpha, index }) =>
    hasAlpha === true && index !== undefined && (codec === 'vp8' || codec === 'vp9')
      ? [`-c:${index}`, codec === 'vp8' ? 'libvpx' : 'libvpx-vp9']
      : [],
  )
}

/** Whether what one can see through stays so. Of the encoders here only that of VP9 knows transparency. */
export function keepsAlpha(plan: VideoStreamPlan): boolean {
  return plan.stream.hasAlpha === true && (copiesVideo(plan) || codecFor(plan) === 'vp9')
}

/** High dynamic range and transparency stay what they are where the target has a codec for them and none is asked for. */
export function codecFor({ stream, target, options }: Pick<VideoStreamPlan, 'stream' | 'target' | 'options'>): VideoCodecId {
  if (options.videoCodec !== undefined) return options.videoCodec
  const [first] = target.video.encode
  if (stream.hasAlpha === true && holdsAlpha.has(target.muxer)) return 'vp9'
  return stream.hdr === true && first === 'h264' ? 'h265' : first
}

/** Containers that have a place for the second layer of VP9. */
const holdsAlpha: ReadonlySet<string> = new Set(['matroska', 'webm'])

/** Whether the encoder goes over a film twice where a bitrate is to be kept. Of two layers each would need notes of its own. */
export function takesTwoPasses(plan: VideoStreamPlan): boolean {
  return encoderFor(codecFor(plan), plan).notes !== null && !keepsAlpha(plan)
}

function encoding({ name, settings, byQuality, notes: by }: VideoEncoder, plan: VideoStreamPlan, v: string): readonly string[] {
  const { stream, rate } = plan
  const params = paramsOf(name, stream)
  const pass = rate?.pass ?? null
  const noted = pass !== null && by === 'params' ? [`pass=${pass.n}`, `stats=${pass.notes.replaceAll(/[\\:=']/g, '\\$&')}`] : []
  const all = [...params.list, ...noted]
  return [
    name,
    ...(rate === undefined ? byQuality : [`-b:${v}`, String(Math.round(rate.kbits * 1000))]),
    ...settings,
    ...(all.length === 0 ? [] : [params.option, all.join(':')]),
    ...(pass !== null && by === 'file' ? [`-pass:${v}`, String(pass.n), `-passlogfile:${v}`, pass.notes] : []),
  ]
}

function encoderFor(id: VideoCodecId, { encoders }: Pick<VideoStreamPlan, 'encoders'>): VideoEncoder {
  const codec = videoCodecs[id]
  const usable = codec.encoders.find(({ name }) => encoders === null || encoders.has(name))
  if (usable !== undefined) return usable
  const names = codec.encoders.map(({ name }) => name).join(' / ')
  throw new JobError('tool-missing', {
    because: 'encoder-missing',
    program: 'FFmpeg',
    encoder: names,
  })
}

/** What a film was mastered on goes into the stream by parameters of the encoder; that of VP9 has none. */
function paramsOf(
  encoder: string,
  { hdr, mastering, lightLevel }: VideoStream,
): { readonly option: string; readonly list: readonly string[] } {
  if (encoder === 'libx265') {
    const display = mastering === undefined ? [] : ['hdr10=1', `master-display=${mastering}`]
    const light = lightLevel === undefined ? [] : [`max-cll=${lightLevel.max},${lightLevel.average}`]
    return { option: '-x265-params', list: ['log-level=error', ...(hdr === true ? [...display, ...light] : [])] }
  }
  if (encoder !== 'libsvtav1' || hdr !== true) return { option: '', list: [] }
  const display = mastering === undefined ? [] : [`mastering-display=${inWholeUnits(mastering)}`]
  const light = lightLevel === undefined ? [] : [`content-light=${lightLevel.max},${lightLevel.average}`]
  return { option: '-svtav1-params', list: [...display, ...light] }
}

/** x265 counts places in 1/50,000 and light in 1/10,000 nit; SVT-AV1 does not. */
function inWholeUnits(mastering: string): string {
  return mastering.replaceAll(/(G|B|R|WP|L)\((\d+),(\d+)\)/g, (_, name: string, one: string, other: string) => {
    const unit = name === 'L' ? 10_000 : 50_000
    return `${name}(${Number(one) / unit},${Number(other) / unit})`
  })
}

function crfFor(id: VideoCodecId, codec: VideoCodec, { crf, quality }: Options): number {
  if (crf === undefined) return codec.crf[quality ?? defaultQuality]
  if (crf <= codec.maxCrf) return crf
  throw new JobError('option-invalid', { option: 'crf', value: String(crf), allowed: `0 to ${codec.maxCrf} for ${id}` })
}

function videoFilters(plan: VideoStreamPlan, codec: VideoCodec): readonly string[] {
  const { stream, options } = plan
  const { fps, maxHeight } = options
  const height = maxHeight === undefined ? null : even(maxHeight)
  const isSmaller = height !== null && (stream.height === null || stream.height > height)
  const isMapped = stream.hdr === true && codec.pixels.length === 1
  return [
    ...deinterlacing(stream),
    ...holding(plan),
    ...(isMapped ? toneMapping : []),
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(height !== null && isSmaller ? [scaling(stream, height, -2), ...sameShape(stream)] : []),
    // 4:2:0 has no odd sizes. A line less is better than a picture that is scaled, and blurred, by one line.
    ...(isEven(stream.width) && isEven(stream.height) ? [] : ['crop=trunc(iw/2)*2:trunc(ih/2)*2']),
    ...(stream.hasAlpha === true && !keepsAlpha(plan) ? flattening(stream) : []),
    ...(isMapped ? [] : colouring(stream, isSmaller ? height : null)),
    `format=pix_fmts=${keepsAlpha(plan) ? 'yuva420p' : codec.pixels.join('|')}`,
    ...(isMapped ? [] : tagging(stream, isSmaller ? height : null)),
  ]
}

/**
 * The last frame of a GIF lasts as long as it says; a film ends with its last frame. So that comes once more, a frame's time before the end:
 * FFmpeg puts the copy at the end itself, from where it is moved, or cut off where there is no room for it.
 */
function holding({ from, options, lastsMs }: VideoStreamPlan): readonly string[] {
  if (from !== 'gif' || lastsMs === null) return []
  const end = ((Math.min(options.trimEnd ?? Infinity, lastsMs) - (options.trimStart ?? 0)) / 1000).toFixed(3)
  const isCopy = `gte(PTS*TB\\,${end}-0.005)*gt(${end}-1/FR\\,PREV_OUTPTS*TB+0.005)`
  return ['tpad=stop=1:stop_mode=clone', `setpts=if(${isCopy}\\,round((${end}-1/FR)/TB)\\,PTS)`, `trim=end=${end}`]
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
  /** The best first; a build of FFmpeg need not have all. */
  readonly encoders: readonly VideoEncoder[]
  readonly maxCrf: number
  readonly crf: Readonly<Record<Quality, number>>
  /** The first of these that loses nothing is taken. H.264 stays at 8 bits, 4:2:0: most players know nothing else. */
  readonly pixels: readonly string[]
}

interface VideoEncoder {
  /** As FFmpeg calls it. */
  readonly name: string
  readonly settings: readonly string[]
  /** What makes it keep a quality rather than a bitrate, besides the figure. */
  readonly byQuality: readonly string[]
  /** How it is told where its notes of a first pass are; null: it takes one pass alone. */
  readonly notes: 'file' | 'params' | null
}

/** A bitrate of 0 is what turns constant quality on. */
const unlimited = ['-b:v:0', '0']
const upTo10Bits = ['yuv420p', 'yuv420p10le']

export const videoCodecs: Readonly<Record<VideoCodecId, VideoCodec>> = {
  h264: {
    codec: 'h264',
    encoders: [{ name: 'libx264', settings: [], byQuality: [], notes: 'file' }],
    maxCrf: 51,
    crf: { low: 28, medium: 23, high: 20, extreme: 17 },
    pixels: ['yuv420p'],
  },
  h265: {
    codec: 'hevc',
    encoders: [{ name: 'libx265', settings: [], byQuality: [], notes: 'params' }],
    maxCrf: 51,
    crf: { low: 30, medium: 26, high: 23, extreme: 19 },
    pixels: upTo10Bits,
  },
  vp9: {
    codec: 'vp9',
    encoders: [
      {
        name: 'libvpx-vp9',
        settings: ['-deadline', 'good', '-cpu-used', '4', '-row-mt', '1'],
        byQuality: unlimited,
        notes: 'file',
      },
    ],
    maxCrf: 63,
    crf: { low: 40, medium: 34, high: 31, extreme: 24 },
    pixels: upTo10Bits,
  },
  av1: {
    codec: 'av1',
    encoders: [
      { name: 'libsvtav1', settings: ['-preset', '8'], byQuality: [], notes: null },
      { name: 'libaom-av1', settings: ['-cpu-used', '6', '-row-mt', '1'], byQuality: unlimited, notes: 'file' },
    ],
    maxCrf: 63,
    crf: { low: 45, medium: 38, high: 32, extreme: 24 },
    pixels: upTo10Bits,
  },
}
