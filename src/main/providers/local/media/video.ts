/** Pure: what becomes of the moving picture: taken over as it is, or filtered and encoded. */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { AudioStream, VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { defaultQuality } from './audio-codecs.ts'
import { colouring, deinterlacing, flattening, isRgb, sameShape, scaling, tagging, toneMapping } from './pixels.ts'
import { isMovingPicture } from './demuxers.ts'
import { isIso, type VideoTarget } from './targets.ts'
import { encodingBy, pixelsFor, uploading, type Device } from './hardware/device-plan.ts'
import { crfOf, videoCodecs, type EncoderPace, type VideoCodec, type VideoCodecId, type VideoEncoder } from './video-codecs.ts'

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
  /** What encodes instead of software. */
  readonly device?: Device | null
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
  const { stream, target, dropsMarks = false, device = null } = plan
  if (copiesVideo(plan))
    return [
      ...[`-c:${v}`, 'copy'],
      ...(isIso(target) && stream.codec === 'hevc' ? appleTag(v) : []),
      // Units of this type hold what is said besides the picture.
      ...(dropsMarks ? [`-bsf:${v}`, 'filter_units=remove_types=6'] : []),
    ]
  const id = codecFor(plan)
  const codec = videoCodecs[id]
  return [
    `-filter:${v}`,
    videoFilters(plan, codec).join(','),
    ...timing(plan, codec, v),
    `-c:${v}`,
    ...(device === null ? inSoftware(id, plan, v) : onDevice(device, id, plan, v)),
    // Under this name players on disc drives know it.
    ...(target.muxer === 'avi' && id === 'mpeg4' ? [`-tag:${v}`, 'XVID'] : []),
    ...(isIso(target) && id === 'h265' ? appleTag(v) : []),
  ]
}

function inSoftware(id: VideoCodecId, plan: VideoStreamPlan, v: string): readonly string[] {
  return [
    ...encoding(encoderFor(id, plan), id, plan, v),
    ...(keepsAlpha(plan) ? [`-auto-alt-ref:${v}`, '0'] : []),
    ...qualityOf(id, plan, v),
  ]
}

function onDevice(device: Device, id: VideoCodecId, { stream, options, rate }: VideoStreamPlan, v: string): readonly string[] {
  const { width, height, fps } = stream
  const lines = Math.min(height ?? 1080, options.maxHeight ?? Infinity)
  const columns = ((width ?? 1920) * lines) / (height ?? 1080)
  return encodingBy(
    device,
    {
      crf: crfOf(id, options),
      speed: options.speed ?? 'balanced',
      kbits: rate?.kbits ?? null,
      pixelRate: lines * columns * (options.fps ?? fps ?? 30),
    },
    v,
  )
}

/** Without it Apple's players do not open HEVC in MP4. */
function appleTag(v: string): readonly string[] {
  return [`-tag:${v}`, 'hvc1']
}

function timing(plan: VideoStreamPlan, codec: VideoCodec, v: string): readonly string[] {
  if (isSteadied(plan, codec)) return [`-fps_mode:${v}`, 'cfr']
  return isUneven(plan) && codec.isSteady !== true ? ownTimes(v) : sameFrames(plan, v)
}

function isUneven({ from, stream }: VideoStreamPlan): boolean {
  return isMovingPicture(from) || stream.hasVariableRate === true
}

/** Whether frames are repeated at the rate of a broadcast: by a filter, which also shows the last one for as long as it lasts. */
function isSteadied(plan: VideoStreamPlan, { isSteady }: VideoCodec): boolean {
  const { isBroadcast, isUntimed } = plan.target.video
  return isBroadcast === true || (isUneven(plan) && (isSteady === true || isUntimed === true))
}

const broadcastRates = ['24000/1001', '24', '25', '30000/1001', '30', '50', '60000/1001', '60'] as const

/** The rate of broadcasts that shows each frame as often as any other, or else the next one above. */
function steadyRate({ stream, options }: VideoStreamPlan): string {
  const fps = options.fps ?? stream.fps ?? 25
  const figures = broadcastRates.map((text) => {
    const [above = 0, below = 1] = text.split('/').map(Number)
    return { text, times: above / below / fps }
  })
  const amiss = ({ times }: { readonly times: number }) => (times < 0.99 ? 1 : Math.abs(times - Math.round(times)))
  const [whole] = figures.filter((figure) => amiss(figure) < 0.005).toSorted((one, other) => amiss(one) - amiss(other))
  return (whole ?? figures.find(({ times }) => times >= 1))?.text ?? '60'
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
export function showsHidden({ leadInMs }: VideoStream | AudioStream, target: VideoTarget): boolean {
  return leadInMs !== undefined && !isIso(target)
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
  const { videoCodec, crf, quality, matchQuality, fps, maxHeight, trimStart, trimEnd } = options
  if (!target.video.copies.includes(stream.codec) || timeless.has(from) || showsHidden(stream, target)) return false
  if (rate !== undefined || (options.preserveLocation === false && speaking.has(stream.codec))) return false
  // Hardly any player shows RGB in H.264 or HEVC.
  if (target.muxer !== 'matroska' && isRgb(stream)) return false
  if (crf !== undefined || quality !== undefined || matchQuality !== undefined) return false
  if (!isTrial && (trimStart !== undefined || trimEnd !== undefined)) return false
  if (videoCodec !== undefined && videoCodecs[videoCodec].codec !== stream.codec) return false
  if (fps !== undefined && (stream.fps === null || Math.abs(stream.fps - fps) > 0.01)) return false
  if (maxHeight !== undefined && (stream.height === null || stream.height > maxHeight)) return false
  // Programs that play these go by the clock of a broadcast.
  if (target.video.isBroadcast === true && (stream.hasVariableRate === true || !isBroadcastRate(stream.fps))) return false
  return target.video.holdsRotation || (stream.rotation ?? 0) === 0
}

function isBroadcastRate(fps: number | null): boolean {
  return (
    fps !== null &&
    broadcastRates.some((text) => {
      const [above = 0, below = 1] = text.split('/').map(Number)
      return Math.abs(above / below - fps) < 0.01
    })
  )
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
  return stream.hdr === true && first === 'h264' && target.video.encode.includes('h265') ? 'h265' : first
}

/** Containers that have a place for the second layer of VP9. */
const holdsAlpha: ReadonlySet<string> = new Set(['matroska', 'webm'])

/** Whether the encoder goes over a film twice where a bitrate is to be kept. Of two layers each would need notes of its own. */
export function takesTwoPasses(plan: VideoStreamPlan): boolean {
  if ((plan.device ?? null) !== null) return false
  const id = codecFor(plan)
  const encoder = encoderFor(id, plan)
  return encoder.notes !== null && paceOf(encoder, id, plan.options).isOnce !== true && !keepsAlpha(plan)
}

const onlyPace: EncoderPace = { settings: [] }

/** @throws JobError `option-invalid` where the encoder knows one pace, and another is asked for. */
export function paceOf({ paces }: VideoEncoder, id: VideoCodecId, { speed = 'balanced' }: Options): EncoderPace {
  if (paces !== null) return paces[speed]
  if (speed === 'balanced') return onlyPace
  throw new JobError('option-invalid', { option: 'speed', value: speed, allowed: `balanced for ${id}` })
}

function encoding(encoder: VideoEncoder, id: VideoCodecId, plan: VideoStreamPlan, v: string): readonly string[] {
  const { name, settings, byQuality, notes: by } = encoder
  const { stream, rate } = plan
  const params = paramsOf(name, stream)
  const pass = rate?.pass ?? null
  const noted = pass !== null && by === 'params' ? [`pass=${pass.n}`, `stats=${pass.notes.replaceAll(/[\\:=']/g, '\\$&')}`] : []
  const all = [...params.list, ...noted]
  return [
    name,
    ...(rate === undefined ? byQuality : [`-b:${v}`, String(Math.round(rate.kbits * 1000))]),
    ...paceOf(encoder, id, plan.options).settings,
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

/** By which figure the encoder keeps a quality; nothing where it has a bitrate to keep. */
function qualityOf(id: VideoCodecId, { options, rate }: VideoStreamPlan, v: string): readonly string[] {
  const { scale } = videoCodecs[id]
  const { crf, quality = defaultQuality } = options
  if (rate !== undefined) {
    if (scale.option !== 'profile') return []
    throw new JobError('option-invalid', { option: 'maxSize', value: id, allowed: 'any codec but those for editors' })
  }
  if (scale.option === 'crf' || crf !== undefined) return [`-crf:${v}`, String(crfOf(id, options))]
  return [`-${scale.option}:${v}`, String(scale.of[quality])]
}

/** What is done to the picture before it is encoded. */
export function pictureFilters(plan: VideoStreamPlan): string {
  const filters = videoFilters(plan, videoCodecs[codecFor(plan)]).join(',')
  // Nobody measures what can be seen through.
  return keepsAlpha(plan) ? `${filters},format=yuv420p` : filters
}

function videoFilters(plan: VideoStreamPlan, codec: VideoCodec): readonly string[] {
  const { stream, options } = plan
  const { maxHeight } = options
  const fps = isSteadied(plan, codec) ? steadyRate(plan) : options.fps
  const height = maxHeight === undefined ? null : even(maxHeight)
  const isSmaller = height !== null && (stream.height === null || stream.height > height)
  const { device = null } = plan
  const inSoft = codec.pixelsOf?.[options.quality ?? defaultQuality] ?? codec.pixels
  const pixels = device === null ? inSoft : pixelsFor(device)
  const isMapped = stream.hdr === true && !pixels.some((format) => format.includes('10'))
  return [
    ...deinterlacing(stream),
    ...holding(plan),
    ...(isMapped ? toneMapping : []),
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(height !== null && isSmaller ? [scaling(stream, height, -2), ...sameShape(stream)] : []),
    ...fitting(stream, codec),
    // Of a single pixel nothing would be left.
    ...(Math.min(stream.width ?? 2, stream.height ?? 2) < 2 ? ['scale=max(iw\\,2):max(ih\\,2):flags=neighbor'] : []),
    // 4:2:0 has no odd sizes. A line less is better than a picture that is scaled, and blurred, by one line.
    ...(isEven(stream.width) && isEven(stream.height) ? [] : ['crop=trunc(iw/2)*2:trunc(ih/2)*2']),
    ...(stream.hasAlpha === true && !keepsAlpha(plan) ? flattening(stream) : []),
    ...(isMapped ? [] : colouring(stream, isSmaller ? height : null)),
    `format=pix_fmts=${keepsAlpha(plan) ? 'yuva420p' : pixels.join('|')}`,
    ...(isMapped ? [] : tagging(stream, isSmaller ? height : null)),
    ...(device === null ? [] : uploading(device)),
  ]
}

/** What the codec cannot say or take: pixels that are not square, and pictures that are too small. */
function fitting({ sampleAspect: [wide, high] = [1, 1] }: VideoStream, { isSquare, least }: VideoCodec): readonly string[] {
  return [
    ...(isSquare === true && wide !== high ? ['scale=iw*sar:ih:flags=lanczos', 'setsar=1', 'crop=trunc(iw/2)*2:ih'] : []),
    ...(least === undefined
      ? []
      : [`scale=w=max(iw\\,${least[0]}):h=max(ih\\,${least[1]}):force_original_aspect_ratio=increase:force_divisible_by=2`]),
  ]
}

/**
 * The last frame of an animation lasts as long as it says; a film ends with its last frame. So that comes once more, a frame's time before the end:
 * FFmpeg puts the copy at the end itself, from where it is moved, or cut off where there is no room for it.
 */
export function holding({ from, options, lastsMs }: Pick<VideoStreamPlan, 'from' | 'options' | 'lastsMs'>): readonly string[] {
  if (!isMovingPicture(from) || lastsMs === null) return []
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
