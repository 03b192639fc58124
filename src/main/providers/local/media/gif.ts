/** The two passes of a GIF. Apart, since no other target takes two passes. */
import { JobError } from '../../../../shared/failure.ts'
import { formats, factsOf } from '../../../../shared/formats.ts'
import type { VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import type { Ffmpeg, FfmpegProgress } from './ffmpeg.ts'
import type { MediaJob } from './media.ts'
import { deinterlacing, reading, squaring, toneMapping } from './pixels.ts'
import { sizeWatch } from './size-watch.ts'

/** What choosing the colours takes of the whole. */
const share = 0.4

export async function drawGif(
  ffmpeg: Ffmpeg,
  { path, temp, facts, order, input, stages, maxBytes = Infinity, lastsMs }: MediaJob,
  signal: AbortSignal,
): Promise<void> {
  const { options } = order
  const [picture] = facts.video
  if (picture === undefined) {
    const pair = { from: factsOf(facts.format).title, target: formats.gif.title }
    throw new JobError('pair-unsupported', { ...pair, because: 'no-video' })
  }
  const choosing = { args: [...input, ...planPalette(picture, options)], stdin: null, paths: [path] }
  const palette = await ffmpeg.draw({ ...choosing, progress: stages.next('choosing-colours', share) }, signal)
  if (palette.length !== paletteBytes) throw new JobError('source-damaged', { path, because: 'nothing-readable' })
  const args = [...input, ...paletteInput, ...planGif(picture, options), `file:${temp}`]
  const told = stages.next('drawing', 1)
  const watch = sizeWatch(maxBytes, lastsMs, signal)
  const progress = (state: FfmpegProgress) => {
    watch.progress(state)
    told(state)
  }
  await ffmpeg.convert({ args, stdin: palette, paths: [path, temp], progress }, watch.signal)
}

/** Enough for a screen recording; a GIF grows with every pixel. */
export const heightUnlessAsked = 480
export const fpsUnlessAsked = 12
/** The delay of a frame is counted in hundredths, and players take less than two for a mistake. */
const maxFps = 50

export const paletteBytes = 16 * 16 * 4
const rawPalette = ['-f', 'rawvideo', '-pixel_format', 'bgra', '-video_size', '16x16'] as const

/** Writes the palette as raw pixels to standard output. */
export function planPalette(stream: VideoStream, options: Options): readonly string[] {
  const filter = [...frames(stream, options), 'palettegen=stats_mode=diff'].join(',')
  const raw = ['-frames:v', '1', '-c:v', 'rawvideo', '-pix_fmt', 'bgra', '-f', 'rawvideo', 'pipe:1']
  return ['-map', `0:${specifier(stream)}`, '-vf', filter, ...raw]
}

/** Reads the palette from standard input. */
export const paletteInput: readonly string[] = ['-protocol_whitelist', 'pipe', ...rawPalette, '-i', 'pipe:0']

export function planGif(stream: VideoStream, options: Options): readonly string[] {
  const filter = `[0:${specifier(stream)}]${frames(stream, options).join(',')}[v];[v][1:v]paletteuse=diff_mode=rectangle`
  const kept = options.preserveMetadata === false ? ['-map_metadata', '-1'] : []
  return ['-filter_complex', filter, ...kept, '-f', 'gif']
}

function specifier({ index }: VideoStream): string {
  return index === undefined ? 'V:0' : String(index)
}

function frames(stream: VideoStream, { fps, maxHeight }: Options): readonly string[] {
  return [
    ...deinterlacing(stream),
    ...(stream.hdr === true ? toneMapping : reading(stream)),
    fps === undefined ? `fps=min(source_fps\\,${fpsUnlessAsked})` : `fps=${Math.min(fps, maxFps)}`,
    // Hardly any program shows the shape of pixels that a GIF can state.
    ...squaring(stream, maxHeight ?? heightUnlessAsked),
  ]
}
