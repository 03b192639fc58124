/** FFprobe's view of a file: the second opinion where no library reads it, and the full one for videos, whose subtitles only it lists. */
import * as z from 'zod'
import { JobError } from '../../../../shared/failure.ts'
import { formatNamed, type FormatId } from '../../../../shared/formats.ts'
import type { AudioStream, MediaFacts, VideoStream } from '../../../../shared/media.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'
import { isMediaSource, opening, openingUnknown } from './demuxers.ts'
import type { Chapter } from './comments.ts'

const figure = z.coerce.number().catch(0)
const answerSchema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string().catch(''),
      codec_name: z.string().catch('unknown'),
      width: figure,
      height: figure,
      sample_rate: figure,
      channels: figure,
      bits_per_sample: figure,
      bits_per_raw_sample: figure,
      bit_rate: figure,
      avg_frame_rate: z.string().catch('0/0'),
      color_transfer: z.string().catch(''),
      disposition: z.object({ attached_pic: figure }).catch({ attached_pic: 0 }),
      side_data_list: z.array(z.object({ rotation: figure })).catch([]),
    }),
  ),
  chapters: z.array(z.object({ start_time: figure, tags: z.object({ title: z.string() }).catch({ title: '' }) })).catch([]),
  format: z.object({ format_name: z.string(), duration: figure, size: figure, tags: z.record(z.string(), z.string()).catch({}) }),
})
type Answer = z.infer<typeof answerSchema>
type Stream = Answer['streams'][number]

/** @param format by content, or null where nobody recognised it: then FFprobe has to find that out. */
export async function probe(ffmpeg: Ffmpeg, path: string, format: FormatId | null, signal: AbortSignal): Promise<MediaFacts> {
  const input = format !== null && isMediaSource(format) ? opening(format, path) : openingUnknown(path)
  const shown = ['-show_streams', '-show_format', '-show_chapters']
  const { answer, complaints } = await ffmpeg.probe([...decodingLimits, ...shown, ...input], path, signal)
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success || parsed.data.streams.length === 0)
    throw new JobError('source-damaged', { path, because: 'nothing-readable' })
  const { streams, chapters, format: container } = parsed.data
  const isImage = (stream: Stream) => stream.disposition.attached_pic === 1
  const videoStreams = streams.filter((stream) => stream.codec_type === 'video' && !isImage(stream))
  const audioStreams = streams.filter((stream) => stream.codec_type === 'audio' && stream.channels > 0)
  const pictures = streams.filter((stream) => stream.codec_type === 'video' && isImage(stream))
  const isGuess = complaints.some((line) => line.includes('Estimating duration from bitrate'))
  const lastsMs = container.duration > 0 ? container.duration * 1000 : null
  return {
    format: formatOf(format, container, audioStreams[0]?.codec_name ?? '', videoStreams.length),
    bytes: container.size,
    durationMs: isGuess ? null : lastsMs,
    ...(isGuess && lastsMs !== null ? { roughMs: lastsMs } : {}),
    audio: audioStreams.map(audioStream),
    video: videoStreams.map(videoStream),
    image: null,
    hasCover: pictures.length > 0,
    pictures: isInOrder(streams, isImage) ? pictures.map(({ codec_name }) => pictureTypes[codec_name] ?? 'image/other') : [],
    chapters: chapters.length,
    subtitles: streams.filter(({ codec_type }) => codec_type === 'subtitle').map(({ codec_name }) => codec_name),
  }
}

/** When chapters begin and what they are called. */
export async function probeChapters(
  ffmpeg: Ffmpeg,
  path: string,
  format: FormatId,
  signal: AbortSignal,
): Promise<readonly Chapter[]> {
  if (!isMediaSource(format)) return []
  const { answer } = await ffmpeg.probe(['-show_chapters', ...opening(format, path)], path, signal)
  const { chapters = [] } = answerSchema.pick({ chapters: true }).safeParse(answer).data ?? {}
  return chapters.map(({ start_time, tags }) => ({ startMs: start_time * 1000, title: tags.title }))
}

const pictureTypes: Readonly<Record<string, string>> = {
  mjpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  bmp: 'image/bmp',
}

/** Pictures are named by their place after the video streams; in a file where one comes before, they are left alone. */
function isInOrder(streams: readonly Stream[], isImage: (stream: Stream) => boolean): boolean {
  const videos = streams.filter(({ codec_type }) => codec_type === 'video')
  return videos.findIndex(isImage) >= videos.filter((stream) => !isImage(stream)).length
}

function formatOf(known: FormatId | null, container: Answer['format'], audioCodec: string, videoStreams: number): FormatId {
  const [name = ''] = container.format_name.split(',')
  const brand = (container.tags.major_brand ?? '').trim()
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

function audioStream(stream: Stream): AudioStream {
  const depth = stream.bits_per_raw_sample || stream.bits_per_sample
  return {
    codec: stream.codec_name,
    sampleRate: stream.sample_rate || null,
    channels: stream.channels,
    bitDepth: depth === 0 ? null : depth,
    bitrate: stream.bit_rate === 0 ? null : Math.round(stream.bit_rate / 1000),
  }
}

function videoStream(stream: Stream): VideoStream {
  const [over = 0, under = 0] = stream.avg_frame_rate.split('/').map(Number)
  const rotation = (((stream.side_data_list.find((data) => data.rotation !== 0)?.rotation ?? 0) % 360) + 360) % 360
  const isTurned = rotation % 180 !== 0
  return {
    codec: stream.codec_name,
    width: (isTurned ? stream.height : stream.width) || null,
    height: (isTurned ? stream.width : stream.height) || null,
    fps: under === 0 ? null : over / under,
    rotation,
    hdr: stream.color_transfer === 'smpte2084' || stream.color_transfer === 'arib-std-b67',
  }
}
