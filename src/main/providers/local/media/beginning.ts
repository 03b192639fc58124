/**
 * What the first packets and frames of a film say that its header does not: that a frame is two fields, what the light was mastered on,
 * what goes along inside the picture, and what an edit list hides. Apart, as looks of their own.
 */
import * as z from 'zod'
import type { MediaFacts, VideoExtra, VideoStream } from '../../../../shared/media.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'

const figure = z.coerce.number().catch(0)
const sideDataSchema = z.array(z.record(z.string(), z.unknown())).catch([])
interface WithSideData {
  readonly side_data_list: z.infer<typeof sideDataSchema>
}
const frameSchema = z.object({
  interlaced_frame: figure,
  top_field_first: figure,
  side_data_list: sideDataSchema,
})
type Frame = z.infer<typeof frameSchema>
const framesSchema = z.object({ frames: z.array(frameSchema) })

interface Opened {
  readonly path: string
  /** FFprobe's options that open it. */
  readonly input: readonly string[]
}

/** @param answer what FFprobe has told with `firstPackets` among its options */
export async function withBeginning(
  ffmpeg: Ffmpeg,
  facts: MediaFacts,
  answer: unknown,
  opened: Opened,
  signal: AbortSignal,
): Promise<MediaFacts> {
  const [picture, ...others] = facts.video
  if (picture === undefined || picture.isProtected === true) return facts
  const leadIns = leadInsIn(answer)
  const frames = asksForFrames(picture) ? await firstFrames(ffmpeg, picture, opened, signal) : []
  const hidden = <T extends { readonly index?: number | undefined }>(stream: T): T => {
    const leadInMs = leadIns.get(stream.index ?? 0)
    return leadInMs === undefined ? stream : { ...stream, leadInMs }
  }
  return { ...facts, audio: facts.audio.map(hidden), video: [withFrames(picture, frames), ...others].map(hidden) }
}

/** Formats with lists of what of their packets is to be shown. */
const edited: ReadonlySet<FormatId> = new Set(['mp4', 'mov', '3gp'])
const aFewPackets = ['-show_packets', '-show_entries', 'packet=stream_index,pts_time,flags', '-read_intervals', '%+#60']
/** Less is what encoders of audio take to begin. */
const leastLeadInMs = 150
const packetsSchema = z.object({
  packets: z.array(z.object({ stream_index: figure, pts_time: z.coerce.number().catch(0), flags: z.string().catch('') })),
})

/** FFprobe's options for what an edit list hides at the beginning, so that a look at the streams tells it as well. */
export function firstPackets(format: FormatId | null): readonly string[] {
  return format !== null && edited.has(format) ? aFewPackets : []
}

/** Milliseconds, by the number of the stream. */
function leadInsIn(answer: unknown): ReadonlyMap<number, number> {
  const found = packetsSchema.safeParse(answer)
  const leadIns = new Map<number, number>()
  for (const { stream_index: index, pts_time: at, flags } of found.success ? found.data.packets : []) {
    const ms = -at * 1000
    if (flags.includes('D') && ms > Math.max(leastLeadInMs, leadIns.get(index) ?? 0)) leadIns.set(index, ms)
  }
  return leadIns
}

async function firstFrames(ffmpeg: Ffmpeg, { index }: VideoStream, { path, input }: Opened, signal: AbortSignal) {
  const look = ['-select_streams', String(index), '-show_frames', '-read_intervals', '%+#3']
  const found = framesSchema.safeParse((await ffmpeg.probe([...decodingLimits, ...look, ...input], path, signal)).answer)
  return found.success ? found.data.frames : []
}

/** Whether its frames say what the stream does not. */
function asksForFrames({ codec, hdr, fields, isOpaque }: VideoStream): boolean {
  if (isOpaque === true) return false
  return hdr === true || captioned.has(codec) || (fields === undefined && maybeFields.has(codec))
}

/** What television is sent in. */
const captioned: ReadonlySet<string> = new Set(['mpeg2video', 'h264', 'hevc'])
const maybeFields: ReadonlySet<string> = new Set(['dvvideo', 'mpeg1video', 'mpeg2video', 'mpeg4', 'h264', 'vc1', 'wmv3'])

function withFrames(stream: VideoStream, frames: readonly Frame[]): VideoStream {
  const [first] = frames
  if (first === undefined) return stream
  const fields = first.interlaced_frame === 0 ? 'progressive' : first.top_field_first === 1 ? 'top' : 'bottom'
  const inFrames = Object.entries(frameExtras).flatMap(([type, name]) =>
    frames.some((frame) => sideData(frame, type)) ? [name] : [],
  )
  // FFmpeg writes the record of Dolby Vision beside an encoding that has none: of HEVC the frames have to say so, too.
  const said = (stream.extras ?? []).filter((name) => name !== 'Dolby Vision' || stream.codec !== 'hevc')
  const extras = [...new Set([...inFrames, ...said])]
  const { extras: _, ...bare } = stream
  const { mastering, lightLevel } = stream
  return {
    ...bare,
    ...(stream.fields === undefined && maybeFields.has(stream.codec) && { fields }),
    ...(stream.hdr === true && mastering === undefined && lightLevel === undefined && lightOf(first)),
    ...(extras.length > 0 && { extras }),
  }
}

const frameExtras: Readonly<Record<string, VideoExtra>> = {
  'ATSC A53 Part 4 Closed Captions': 'Closed Captions',
  'Dolby Vision RPU Data': 'Dolby Vision',
  'HDR Dynamic Metadata SMPTE2094-40 (HDR10+)': 'HDR10+',
}

const streamExtras: Readonly<Record<string, VideoExtra>> = {
  'DOVI configuration record': 'Dolby Vision',
  'Spherical Mapping': '360°',
  'Stereo 3D': '3D',
}

/** What the container says of the whole stream. */
export function extrasOf(from: WithSideData): Pick<VideoStream, 'extras'> {
  const extras = Object.entries(streamExtras).flatMap(([type, name]) => (sideData(from, type) === undefined ? [] : [name]))
  return extras.length === 0 ? {} : { extras }
}

/** What it was mastered on and how bright it gets. */
export function lightOf(from: WithSideData): Pick<VideoStream, 'mastering' | 'lightLevel'> {
  const light = sideData(from, 'Content light level metadata')
  return {
    ...masteringOf(from),
    ...(light !== undefined && { lightLevel: { max: Number(light['max_content']), average: Number(light['max_average']) } }),
  }
}

function masteringOf(from: WithSideData): Pick<VideoStream, 'mastering'> {
  const found = sideData(from, 'Mastering display metadata')
  if (found === undefined) return {}
  const units = (name: string, unit: number): number => Math.round((ratio(textOf(found[name]), '/') ?? 0) * unit)
  const point = (name: string) => `(${units(`${name}_x`, 50_000)},${units(`${name}_y`, 50_000)})`
  const light = `(${units('max_luminance', 10_000)},${units('min_luminance', 10_000)})`
  return { mastering: `G${point('green')}B${point('blue')}R${point('red')}WP${point('white_point')}L${light}` }
}

export function ratio(text: string, mark: string): number | null {
  const [over = 0, under = 0] = text.split(mark).map(Number)
  return under === 0 ? null : over / under
}

export function sideData(stream: WithSideData, type: string): Readonly<Record<string, unknown>> | undefined {
  return stream.side_data_list.find(({ side_data_type }) => side_data_type === type)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
