/**
 * The frame of a film that is shown at an instant: the last one that has begun by then, as players have it, so that two films of different
 * frame rates can be compared. Apart, as no conversion needs it.
 */
import { JobError } from '../../../../shared/failure.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import { isMediaSource, opening } from './demuxers.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'
import { deinterlacing, reading, toneMapping } from './pixels.ts'

/** After the end its last frame is shown, and a film may be shorter than it says. */
const beforeEndMs = [5, 50, 200, 1000, 5000]

/** As a PNG in square pixels, what is brighter than an ordinary screen brought down to it. */
export async function frameAt(
  ffmpeg: Ffmpeg,
  { path, facts, atMs }: { readonly path: string; readonly facts: MediaFacts; readonly atMs: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const [stream] = facts.video
  if (stream === undefined || !isMediaSource(facts.format))
    throw new JobError('source-unsupported', { path, because: 'no-video' })
  // Without its key it would be noise.
  if (stream.isProtected === true) throw new JobError('source-protected', { path })
  if (stream.isOpaque === true) throw new JobError('source-unsupported', { path, because: 'codec-unknown' })
  const format = facts.format
  const filters = [
    ...deinterlacing(stream),
    // Times count from the instant: what has begun before is passed over but for the last.
    'fps=1000:start_time=0:round=up',
    ...(stream.hdr === true ? toneMapping : reading(stream)),
    'scale=max(1\\,trunc(iw*sar)):ih',
    'setsar=1',
    `format=${stream.hasAlpha === true ? 'rgba' : 'rgb24'}`,
  ]
  const draw = async (seek: readonly string[]) => {
    const input = [
      ...decodingLimits,
      ...seek,
      ...opening(format, path),
      '-map',
      stream.index === undefined ? '0:V:0' : `0:${stream.index}`,
    ]
    const output = [
      '-vf',
      filters.join(','),
      '-frames:v',
      '1',
      '-c:v',
      'png',
      '-compression_level',
      '1',
      '-f',
      'image2pipe',
      'pipe:1',
    ]
    return await ffmpeg.draw({ args: [...input, ...output], paths: [path], stdin: null, progress: () => {} }, signal)
  }
  const endMs = Math.min(atMs, facts.durationMs ?? atMs)
  for (const from of [atMs, ...beforeEndMs.map((backMs) => Math.max(0, endMs - backMs))]) {
    // From the key frame before it on.
    const frame = await draw(from === 0 ? [] : ['-noaccurate_seek', '-ss', (from / 1000).toFixed(3)])
    if (frame.length > 0) return frame
  }
  throw new JobError('source-damaged', { path, because: 'not-decodable' })
}
