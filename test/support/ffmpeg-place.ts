/** Which FFmpeg a test runs. */
import type { FfmpegPlace } from '../../src/shared/ffmpeg.ts'

export const onPath = (): FfmpegPlace => ({ from: 'path', path: null })

export function namedFfmpeg(path: string): () => FfmpegPlace {
  return () => ({ from: 'setting', path })
}
