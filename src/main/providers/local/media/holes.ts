/**
 * Holes in the audio of a container: packets that were lost, and a beginning that comes late. A file of audio has no times of its own, so
 * what is missing has to be silence there. Only what the time stamps say is filled: nobody's clock is corrected. Apart, as a look of
 * its own at every packet.
 */
import * as z from 'zod'
import type { FormatId } from '../../../../shared/formats.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import { isMediaSource, opening } from './demuxers.ts'
import type { Ffmpeg } from './ffmpeg.ts'

/** Containers that give each packet a time. */
const timed: ReadonlySet<FormatId> = new Set([
  'mkv',
  'mka',
  'webm',
  'mp4',
  'mov',
  '3gp',
  'ts',
  'mpeg',
  'flv',
  'wmv',
  'wma',
  'ogv',
])
/** What a listener would hear, and no rounding of times makes. */
const leastMs = 100
/** The longest packet of any codec; one that lasts longer stands for what is not there. */
const maxPacketMs = 500

const seconds = z.coerce.number().optional().catch(undefined)
const packetsSchema = z.object({
  packets: z.array(z.object({ pts_time: seconds, duration_time: seconds })).catch([]),
})

/** Whether the track that goes on has any; what cannot be read has none. */
export async function hasHoles(
  ffmpeg: Pick<Ffmpeg, 'probe'>,
  path: string,
  facts: MediaFacts,
  signal: AbortSignal,
): Promise<boolean> {
  const stream = facts.audio[mainAudio(facts) ?? 0]
  const { format } = facts
  if (stream?.index === undefined || !timed.has(format) || !isMediaSource(format)) return false
  if (isLate(stream.startMs, facts)) return true
  const shown = ['-select_streams', String(stream.index), '-show_entries', 'packet=pts_time,duration_time']
  const found = await ffmpeg.probe([...shown, ...opening(format, path)], path, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    return { answer: {} }
  })
  const { packets } = packetsSchema.parse(found.answer)
  return packets.some(({ pts_time: at, duration_time: lasts = 0 }, n) => {
    const next = packets[n + 1]?.pts_time
    if (lasts * 1000 > maxPacketMs) return true
    return at !== undefined && lasts > 0 && next !== undefined && (next - at - lasts) * 1000 > leastMs
  })
}

function isLate(startMs: number | undefined, { audio, video }: MediaFacts): boolean {
  const starts = [...audio, ...video].flatMap((stream) => stream.startMs ?? [])
  return startMs !== undefined && startMs - Math.min(...starts) > leastMs
}
