/** The two passes of a GIF. */
import { JobError } from '../../../shared/failure.ts'
import { formats } from '../../../shared/formats.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { paletteBytes, paletteInput, planGif, planPalette } from './gif-plan.ts'
import type { MediaJob } from './media-job.ts'

/** What choosing the colours takes of the whole. */
const share = 0.4

export async function drawGif(
  ffmpeg: Ffmpeg,
  { path, temp, facts, order, input, stages }: MediaJob,
  signal: AbortSignal,
): Promise<void> {
  const { options } = order
  const [picture] = facts.video
  if (picture === undefined) {
    const pair = { from: formats[facts.format].title, target: formats.gif.title }
    throw new JobError('pair-unsupported', { ...pair, reason: 'this file has no picture' })
  }
  const choosing = { args: [...input, ...planPalette(picture, options)], stdin: null, paths: [path] }
  const palette = await ffmpeg.draw({ ...choosing, progress: stages.next('choosing colours', share) }, signal)
  if (palette.length !== paletteBytes) throw new JobError('source-damaged', { path, reason: 'no picture could be read' })
  const args = [...input, ...paletteInput, ...planGif(picture, options), `file:${temp}`]
  await ffmpeg.convert({ args, stdin: palette, paths: [path, temp], progress: stages.next('drawing', 1) }, signal)
}
