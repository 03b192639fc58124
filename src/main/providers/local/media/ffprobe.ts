/** FFprobe's view of a file: everything that FFmpeg sees in it, which is what FFmpeg can be asked to keep. */
import * as z from 'zod'
import { JobError } from '../../../../shared/failure.ts'
import { formatNamed, type FormatId } from '../../../../shared/formats.ts'
import {
  emptyFacts,
  isHdrTransfer,
  streamRoles,
  type AudioStream,
  type Chapter,
  type Colour,
  type MediaFacts,
  type Picture,
  type PictureKind,
  type VideoStream,
} from '../../../../shared/media.ts'
import { isPlaceName } from '../../../../shared/location.ts'
import { protectedTracks } from '../reading/protection.ts'
import { ordinaryHandler } from './film.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'
import { extrasOf, firstPackets, lightOf, ratio, sideData, withBeginning } from './beginning.ts'
import { isMediaSource, opening, openingUnknown } from './demuxers.ts'
import { tagsOf, type Dictionary } from '../tags/vocabulary.ts'

const figure = z.coerce.number().catch(0)
const word = z.string().catch('')
const dictionary: z.ZodType<Dictionary> = z.record(z.string(), z.string()).catch({})
const streamSchema = z.object({
  index: figure,
  codec_type: word,
  codec_name: z.string().catch('unknown'),
  codec_tag_string: word,
  width: figure,
  height: figure,
  sample_rate: figure,
  sample_fmt: word,
  channels: figure,
  channel_layout: word,
  bits_per_sample: figure,
  bits_per_raw_sample: figure,
  bit_rate: figure,
  start_time: z.coerce.number().optional().catch(undefined),
  duration: figure,
  nb_frames: figure,
  avg_frame_rate: z.string().catch('0/0'),
  r_frame_rate: z.string().catch('0/0'),
  pix_fmt: word,
  field_order: word,
  sample_aspect_ratio: word,
  color_range: word,
  color_space: word,
  color_transfer: word,
  color_primaries: word,
  disposition: z.record(z.string(), z.number()).catch({}),
  tags: dictionary,
  side_data_list: z.array(z.record(z.string(), z.unknown())).catch([]),
})
type Stream = z.infer<typeof streamSchema>
const answerSchema = z.object({
  streams: z.array(streamSchema),
  chapters: z.array(z.object({ start_time: figure, end_time: figure, tags: dictionary })).catch([]),
  format: z.object({ format_name: z.string(), duration: figure, size: figure, tags: dictionary }),
})
type Answer = z.infer<typeof answerSchema>

/** @param format by content, or null where nobody recognised it: then FFprobe has to find that out. */
export async function probe(ffmpeg: Ffmpeg, path: string, format: FormatId | null, signal: AbortSignal): Promise<MediaFacts> {
  const input = format !== null && isMediaSource(format) ? opening(format, path) : openingUnknown(path)
  const shown = ['-show_streams', '-show_format', '-show_chapters', ...firstPackets(format)]
  const { answer, complaints } = await ffmpeg.probe([...decodingLimits, ...shown, ...input], path, signal)
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success || parsed.data.streams.length === 0)
    throw new JobError('source-damaged', { path, because: 'nothing-readable' })
  const facts = factsOf(parsed.data, format, complaints)
  const isLocked = complaints.some((line) => line.includes('DRM protected')) || 'ASF_Protection_Type' in parsed.data.format.tags
  const tracks = isLocked ? [true] : await protectedTracks(path, facts.format)
  const marked = { ...facts, audio: withProtection(facts.audio, tracks), video: withProtection(facts.video, tracks) }
  return await withBeginning(ffmpeg, marked, answer, { path, input }, signal)
}

function withProtection<T extends AudioStream | VideoStream>(streams: readonly T[], tracks: readonly boolean[]): readonly T[] {
  return streams.map((stream) => {
    const isProtected = tracks[stream.index ?? 0] ?? tracks.at(-1) ?? false
    return isProtected ? { ...stream, isProtected } : stream
  })
}

function factsOf(
  { streams: shown, chapters, format: container }: Answer,
  format: FormatId | null,
  complaints: readonly string[],
): MediaFacts {
  const isGuess = complaints.some((line) => line.includes('Estimating duration from bitrate'))
  const unsupported = new Set(complaints.flatMap((line) => unsupportedStream.exec(line)?.[1] ?? []))
  // Ogg ties the tags of the file to its streams: its title is none of a track.
  const isOgg = container.format_name === 'ogg'
  const streams = shown.map((stream): Stream => (isOgg ? { ...stream, tags: { ...stream.tags, title: '' } } : stream))
  const ownTags = (type: string) => shown.find(({ codec_type }) => codec_type === type)?.tags
  const isOpaque = ({ index }: Stream) => unsupported.has(String(index))
  const of = (type: string) => streams.filter((stream) => stream.codec_type === type)
  const isDefault = ({ disposition }: Stream) => disposition['default'] ?? 0
  const videos = of('video')
    .filter((stream) => !isPicture(stream))
    .toSorted((one, other) => isDefault(other) - isDefault(one))
  const audios = of('audio').filter((stream) => stream.channels > 0 || isOpaque(stream))
  const lastsMs = container.duration > 0 ? container.duration * 1000 : null
  const places = placeNames([container, ...shown, ...chapters].flatMap(({ tags }) => Object.keys(tags)))
  return {
    ...emptyFacts(formatOf(format, container, audios[0]?.codec_name ?? '', videos.length), container.size),
    durationMs: isGuess ? null : lastsMs,
    ...(isGuess && lastsMs !== null ? { roughMs: lastsMs } : {}),
    audio: audios.map((stream) => audioStream(stream, isOpaque(stream))),
    video: videos.map((stream) => videoStream(stream, isOpaque(stream))),
    subtitles: of('subtitle').map((stream) => ({
      ...anyStream(stream, isOpaque(stream)),
      kind: bitmaps.has(stream.codec_name) ? 'bitmap' : 'text',
    })),
    others: [
      ...writtenTimeCodes(shown),
      ...streams
        // The skeleton of Ogg is an index of its streams.
        .filter(({ codec_type }) => !isOgg || codec_type !== 'data')
        // The titles of chapters, which are told as such.
        .filter((stream) => chapters.length === 0 || stream.codec_type !== 'data' || stream.codec_tag_string !== 'text')
        .filter((stream) => !knownTypes.has(stream.codec_type) || (stream.codec_type === 'audio' && !audios.includes(stream)))
        .map((stream) => ({
          ...anyStream(stream, false),
          kind: stream.codec_type === 'data' ? ('data' as const) : ('unknown' as const),
        })),
    ],
    attachments: of('attachment')
      .filter((stream) => !isPoster(stream))
      .map(({ index, tags }) => ({ index, name: tags['filename'] ?? '', type: tags['mimetype'] ?? '' })),
    pictures: streams.filter((stream) => isPicture(stream) || isPoster(stream)).map(pictureOf),
    chapters: chapters.map(chapter),
    ...(places.length > 0 && { places }),
    tags: tagsOf(isOgg ? (ownTags('audio') ?? ownTags('video') ?? {}) : container.tags),
  }
}

function placeNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter(isPlaceName)
}

/** Matroska has a time code among the tags of the picture. */
function writtenTimeCodes(streams: readonly Stream[]): MediaFacts['others'] {
  const isTold = streams.some(({ codec_tag_string }) => codec_tag_string === 'tmcd')
  const isWritten = streams.some(({ codec_type, tags }) => codec_type === 'video' && tags['TIMECODE'] !== undefined)
  return isWritten && !isTold ? [{ kind: 'data', codec: 'tmcd' }] : []
}

/** Without a decoder for it, FFprobe says so for each stream. */
const unsupportedStream = /(?:Unsupported codec with id \d+|Failed to probe codec) for input stream (\d+)/

const knownTypes: ReadonlySet<string> = new Set(['video', 'audio', 'subtitle', 'attachment'])

function isPicture({ codec_type, disposition }: Stream): boolean {
  return codec_type === 'video' && disposition['attached_pic'] === 1
}

/** FFmpeg shows some kinds of pictures in Matroska as streams, and others, such as WebP, as files. */
function isPoster({ codec_type, tags }: Stream): boolean {
  return codec_type === 'attachment' && (tags['mimetype'] ?? '').startsWith('image/')
}

/** Teletext counts among them: it is drawn, too. */
const bitmaps: ReadonlySet<string> = new Set(['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle', 'dvb_teletext', 'xsub'])

function chapter({ start_time, end_time, tags }: Answer['chapters'][number]): Chapter {
  return { startMs: start_time * 1000, ...(end_time > start_time && { endMs: end_time * 1000 }), title: tags['title'] ?? '' }
}

const pictureTypes: Readonly<Record<string, string>> = {
  mjpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  bmp: 'image/bmp',
  webp: 'image/webp',
}

/** How FFmpeg says what a picture shows: as its comment. */
const pictureComments: Readonly<Record<string, PictureKind>> = {
  'Cover (front)': 'front-cover',
  'Cover (back)': 'back-cover',
  'Leaflet page': 'leaflet',
  'Media (e.g. label side of CD)': 'medium',
}

function pictureOf({ index, codec_name, tags }: Stream): Picture {
  const name = tags['filename']
  const kind = pictureComments[tags['comment'] ?? ''] ?? (name !== undefined && /^cover\b/i.test(name) ? 'front-cover' : 'other')
  const description = tags['title'] ?? name
  return {
    type: tags['mimetype'] ?? pictureTypes[codec_name] ?? 'image/other',
    kind,
    index,
    ...(description !== undefined && { description }),
  }
}

function formatOf(known: FormatId | null, container: Answer['format'], audioCodec: string, videoStreams: number): FormatId {
  const [name = ''] = container.format_name.split(',')
  const brand = (container.tags['major_brand'] ?? '').trim()
  const found = known ?? (name === 'mov' ? (brand === 'qt' ? 'mov' : 'mp4') : (demuxed[name] ?? formatNamed(name)))
  if (found === null) throw new JobError('source-unknown', { because: 'other-format', found: container.format_name })
  if (videoStreams > 0) return found === 'wma' ? 'wmv' : found === 'mka' ? 'mkv' : found
  if (audioCodec === 'mp2' || audioCodec === 'opus') return found === 'mp3' ? 'mp2' : found === 'ogg' ? 'opus' : found
  if (found === 'wmv') return 'wma'
  if (found === 'mkv') return 'mka'
  if (found === 'ogv') return 'ogg'
  return found === 'mp4' || found === 'mov' || found === 'm4a' ? (audioCodec === 'alac' ? 'alac' : 'm4a') : found
}

/** FFmpeg's names of containers that Beside calls otherwise. */
const demuxed: Readonly<Record<string, FormatId>> = { matroska: 'mkv', asf: 'wmv', mpegts: 'ts', mpegvideo: 'mpeg', eac3: 'ac3' }

function anyStream(stream: Stream, isOpaque: boolean) {
  const { index, codec_name, codec_tag_string, start_time, duration, disposition, tags } = stream
  const { language = 'und', handler_name: handler = '' } = tags
  const title = tags['title'] ?? (ordinaryHandler.test(handler) ? '' : handler)
  const startMs = start_time === undefined || Number.isNaN(start_time) ? undefined : start_time * 1000
  const lastsMs = duration > 0 ? duration * 1000 : clockMs(tags['DURATION'])
  return {
    codec: codec_name === 'unknown' || codec_name === 'none' ? lettersOf(codec_tag_string) : codec_name,
    index,
    ...(language !== 'und' && language !== '' && { language }),
    ...(title !== '' && { title }),
    roles: streamRoles.filter((role) => disposition[role] === 1),
    ...(startMs !== undefined && { startMs }),
    ...(startMs !== undefined && lastsMs !== null && { endMs: startMs + lastsMs }),
    ...(isEncrypted(stream) && { isProtected: true as const }),
    ...(isOpaque && { isOpaque: true as const }),
  }
}

/** Matroska and others have no four letters; FFmpeg shows four zeros then. */
function lettersOf(tag: string): string {
  return /^(\[\d+\])+$/.test(tag) ? 'unknown' : tag.trim()
}

/** `00:01:02.500000000`, as Matroska has it. */
function clockMs(text: string | undefined): number | null {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '') ?? []
  return hours === undefined ? null : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
}

/** What FFmpeg itself says of it; of MP4 it says nothing, and shows the codec beneath. */
function isEncrypted({ tags, side_data_list }: Stream): boolean {
  return (
    tags['enc_key_id'] !== undefined || side_data_list.some(({ side_data_type }) => /encryption/i.test(String(side_data_type)))
  )
}

function audioStream(stream: Stream, isOpaque: boolean): AudioStream {
  const depth = stream.bits_per_raw_sample || stream.bits_per_sample
  return {
    ...anyStream(stream, isOpaque),
    sampleRate: stream.sample_rate || null,
    channels: stream.channels || null,
    ...(stream.channel_layout !== '' && { layout: stream.channel_layout }),
    bitDepth: depth === 0 ? null : depth,
    ...(isFloat(stream) && { isFloat: true as const }),
    bitrate: stream.bit_rate === 0 ? null : Math.round(stream.bit_rate / 1000),
  }
}

/** Decoders of lossy audio give such numbers whatever went in: of those it says nothing. */
function isFloat({ codec_name, sample_fmt }: Stream): boolean {
  return codec_name.startsWith('pcm_f') || (codec_name === 'wavpack' && sample_fmt === 'fltp')
}

function videoStream(stream: Stream, isOpaque: boolean): VideoStream {
  const fps = ratio(stream.avg_frame_rate, '/')
  const rotation = ((Number(sideData(stream, 'Display Matrix')?.['rotation'] ?? 0) % 360) + 360) % 360
  const isTurned = rotation % 180 !== 0
  const { pix_fmt, nb_frames, field_order, sample_aspect_ratio } = stream
  const [wide = 1, high = 1] = sample_aspect_ratio.split(':').map(Number)
  const fields = fieldOrders[field_order]
  return {
    ...anyStream(stream, isOpaque),
    width: (isTurned ? stream.height : stream.width) || null,
    height: (isTurned ? stream.width : stream.height) || null,
    fps,
    ...(nb_frames > 0 && { frames: nb_frames }),
    ...hasVariableRate(fps, ratio(stream.r_frame_rate, '/')),
    rotation,
    hdr: isHdrTransfer(stream.color_transfer),
    ...(pix_fmt !== '' && { pixelFormat: pix_fmt, bitDepth: bitsOf(pix_fmt), hasAlpha: hasAlpha(stream) }),
    colour: colourOf(stream),
    ...lightOf(stream),
    ...extrasOf(stream),
    ...(fields !== undefined && { fields }),
    ...(wide > 0 && high > 0 && { sampleAspect: isTurned ? ([high, wide] as const) : ([wide, high] as const) }),
  }
}

/** FFmpeg's second figure is the rate that all time stamps would fit into; of fields it is twice that of the frames. */
function hasVariableRate(average: number | null, base: number | null): Pick<VideoStream, 'hasVariableRate'> {
  if (average === null || base === null || average === 0) return {}
  const times = base / average
  return { hasVariableRate: Math.abs(times - 1) > 0.01 && Math.abs(times - 2) > 0.02 }
}

/** `tb` and `bt` are coded the one way and shown the other; what is shown first counts. */
const fieldOrders: Readonly<Record<string, VideoStream['fields']>> = {
  progressive: 'progressive',
  tt: 'top',
  bt: 'top',
  bb: 'bottom',
  tb: 'bottom',
}

function bitsOf(pixelFormat: string): number {
  return Number(
    /(?:p|gray|rgba?|bgra?)(9|10|12|14|16|48|64)(?:le|be)?$/.exec(pixelFormat)?.[1]?.replace('48', '16').replace('64', '16') ?? 8,
  )
}

/** VP8 and VP9 in Matroska keep it in a layer of its own, which FFmpeg's format of the pixels does not show. */
function hasAlpha({ pix_fmt, tags }: Stream): boolean {
  return tags['alpha_mode'] === '1' || tags['ALPHA_MODE'] === '1' || /^(yuva|ya\d|rgba|bgra|argb|abgr|gbrap)/.test(pix_fmt)
}

function colourOf({ color_primaries, color_transfer, color_space, color_range }: Stream): Colour {
  const said = (name: string) => (name === '' || name === 'unknown' || name === 'reserved' ? undefined : name)
  const [primaries, transfer, matrix] = [color_primaries, color_transfer, color_space].map(said)
  return {
    ...(primaries !== undefined && { primaries }),
    ...(transfer !== undefined && { transfer }),
    ...(matrix !== undefined && { matrix }),
    ...((color_range === 'tv' || color_range === 'pc') && { range: color_range }),
  }
}
