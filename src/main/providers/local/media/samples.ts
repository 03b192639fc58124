/**
 * Looks at samples of what was copied unseen: whether it can be decoded at its start, in its middle and near its end. A source that plays
 * nowhere would otherwise be archived in favour of a copy that plays nowhere. Apart, as only copies need it.
 */
import * as z from 'zod'
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { isMediaSource, opening } from './demuxers.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'

export interface Copied {
  readonly path: string
  readonly format: FormatId
  /** Numbers in the result of the streams that were copied. */
  readonly streams: readonly number[]
  /** Null where nobody knows: then only the start is looked at. */
  readonly lastsMs: number | null
}

const answerSchema = z.object({
  packets_and_frames: z.array(z.object({ type: z.string(), stream_index: z.number() })).catch([]),
})

const places = [0, 0.5, 0.92]
/** Of all streams together, from the key frame before each place. */
const packetsEach = 90
/** Decoders hold back that many before they give the first, and what is cut out may begin with some that refer to others. */
const enoughPackets = 12

/** @throws JobError `source-damaged` where a stream has packets in one of the places and not one of them can be decoded. */
export async function checkSamples(
  ffmpeg: Ffmpeg,
  { path, format, streams, lastsMs }: Copied,
  signal: AbortSignal,
): Promise<void> {
  if (streams.length === 0 || !isMediaSource(format)) return
  const intervals = (lastsMs === null ? [0] : places).map(
    (place) => `${(((lastsMs ?? 0) * place) / 1000).toFixed(3)}%+#${packetsEach}`,
  )
  const look = ['-read_intervals', intervals.join(','), '-show_packets', '-show_frames']
  const fields = ['-show_entries', 'packet=stream_index:frame=stream_index']
  const { answer, complaints } = await ffmpeg.probe(
    [...decodingLimits, ...look, ...fields, ...opening(format, path)],
    path,
    signal,
  )
  const parsed = answerSchema.safeParse(answer)
  const isDead = byPlace(parsed.success ? parsed.data.packets_and_frames : []).some((found) => {
    const count = (stream: number, type: string) => found.filter((one) => one.stream_index === stream && one.type === type).length
    return streams.some((stream) => count(stream, 'packet') >= enoughPackets && count(stream, 'frame') === 0)
  })
  const [reason] = complaints
  if (isDead) throw new JobError('source-damaged', { because: 'nothing-readable', ...(reason !== undefined && { reason }) })
}

type Found = z.infer<typeof answerSchema>['packets_and_frames']

/** FFprobe says nothing between two places; at each it reads the same number of packets, and gives their frames before it goes on. */
function byPlace(found: Found): readonly Found[] {
  const groups: Found[] = [[]]
  let packets = 0
  for (const one of found) {
    if (one.type === 'packet' && packets > 0 && packets % packetsEach === 0) groups.push([])
    if (one.type === 'packet') packets += 1
    groups.at(-1)?.push(one)
  }
  return groups
}
