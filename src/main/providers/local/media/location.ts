/**
 * What tells a place in the midst of a film and not among its tags: subtitles that drones write their position into, once a second, and
 * marks that camcorders put between the frames. Apart, since it looks into streams, which no plan does.
 */
import { open } from 'node:fs/promises'
import type { MediaFacts } from '../../../../shared/media.ts'
import { isMediaSource, opening } from './demuxers.ts'
import type { Ffmpeg } from './ffmpeg.ts'

/** Coordinates, and not somebody who speaks of GPS. */
const position =
  /GPS\s*[:=([]\s*[-+]?\d|l(at|ong?)t?(itude)?\s*[:=]\s*[-+]?\d+\.\d|\$G[PN](RMC|GGA)|[-+]?\d{1,3}\.\d{4,}\s*[,;]\s*[-+]?\d{1,3}\.\d{4,}/i
/** Who writes a position at all writes it from the beginning. */
const lookedInto = ['-t', '120']

/** Without subtitles that tell where the camera was. */
export async function withoutPositions(
  ffmpeg: Pick<Ffmpeg, 'draw'>,
  path: string,
  facts: MediaFacts,
  signal: AbortSignal,
): Promise<MediaFacts> {
  const { format } = facts
  if (!isMediaSource(format)) return facts
  const kept: MediaFacts['subtitles'][number][] = []
  for (const [n, stream] of facts.subtitles.entries()) {
    const map = ['-map', `0:${stream.index ?? `s:${n}`}`, '-c:s', 'srt', '-f', 'srt', 'pipe:1']
    const args = [...lookedInto, ...opening(format, path), ...map]
    const text =
      stream.kind === 'text' ? await ffmpeg.draw({ args, stdin: null, paths: [path], progress: () => {} }, signal) : null
    if (text === null || !position.test(Buffer.from(text).toString('utf8'))) kept.push(stream)
  }
  return { ...facts, subtitles: kept }
}

/** Of AVCHD, with which date, exposure and place stand before each frame. */
const camcorderMark = 'MDPM'
const lookedThroughBytes = 4 << 20

/** Whether H.264 of this file brings along what a camcorder says of each frame. */
export async function hasCamcorderMarks(path: string, { video }: MediaFacts): Promise<boolean> {
  if (video[0]?.codec !== 'h264') return false
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lookedThroughBytes), 0, lookedThroughBytes, 0)
    return buffer.subarray(0, bytesRead).includes(camcorderMark, 0, 'latin1')
  } finally {
    await file.close()
  }
}
