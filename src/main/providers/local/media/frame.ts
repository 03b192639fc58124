/**
 * The frame of a film that is shown at an instant: the last one that has begun by then, as players have it, so that two films of different
 * frame rates can be compared.
 */
import { JobError } from '../../../../shared/failure.ts'
import type { MediaFacts, VideoStream } from '../../../../shared/media.ts'
import { isMediaSource, opening, type MediaSourceId } from './demuxers.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'
import { deinterlacing, reading, toneMapping } from './pixels.ts'
import { planDecoders } from './video.ts'

/** After the end its last frame is shown, and a film may be shorter than it says. */
const beforeEndMs = [5, 50, 200, 1000, 5000]

export interface ShownStream {
  readonly stream: VideoStream
  readonly format: MediaSourceId
}

/** What a player shows of a film. @throws JobError where that is nothing. */
export function pictureOf({ path, facts }: { readonly path: string; readonly facts: MediaFacts }): ShownStream {
  const [stream] = facts.video
  if (stream === undefined || !isMediaSource(facts.format))
    throw new JobError('source-unsupported', { path, because: 'no-video' })
  // Without its key it would be noise.
  if (stream.isProtected === true) throw new JobError('source-protected', { path })
  if (stream.isOpaque === true) throw new JobError('source-unsupported', { path, because: 'codec-unknown' })
  return { stream, format: facts.format }
}

export interface FrameDrawing {
  /** FFmpeg's filter that picks frames by their times; null: all. */
  readonly pick: string | null
  /** Pixels; absent: those of the film. */
  readonly size?: { readonly width: number; readonly height: number }
  /** As many bits as the film has, where these are more than 8. */
  readonly isDeep?: boolean
}

/** In square pixels, what is brighter than an ordinary screen brought down to it. */
export function drawing(stream: VideoStream, { pick, size, isDeep = false }: FrameDrawing): string {
  const bits = isDeep && (stream.bitDepth ?? 8) > 8
  const [seenThrough, solid] = bits ? ['rgba64be', 'rgb48be'] : ['rgba', 'rgb24']
  return [
    ...deinterlacing(stream),
    ...(pick === null ? [] : [pick]),
    ...(stream.hdr === true ? toneMapping : reading(stream)),
    size === undefined ? 'scale=max(1\\,trunc(iw*sar)):ih' : `scale=${size.width}:${size.height}`,
    'setsar=1',
    `format=${stream.hasAlpha === true ? seenThrough : solid}`,
  ].join(',')
}

export const asPng = ['-c:v', 'png', '-compression_level', '1'] as const

export function mapOf({ index }: VideoStream): readonly string[] {
  return ['-map', index === undefined ? '0:V:0' : `0:${index}`]
}

/** As a PNG. */
export async function frameAt(
  ffmpeg: Ffmpeg,
  {
    path,
    facts,
    atMs,
    ...asked
  }: { readonly path: string; readonly facts: MediaFacts; readonly atMs: number } & Omit<FrameDrawing, 'pick'>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { stream, format } = pictureOf({ path, facts })
  // Times count from the instant: what has begun before is passed over but for the last.
  const filters = drawing(stream, { pick: 'fps=1000:start_time=0:round=up', ...asked })
  const draw = async (seek: readonly string[]) => {
    const input = [...decodingLimits, ...planDecoders([stream]), ...seek, ...opening(format, path), ...mapOf(stream)]
    const output = ['-vf', filters, '-frames:v', '1', ...asPng, '-f', 'image2pipe', 'pipe:1']
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
