/**
 * Sequences of HEIF and AVIF: their frames are a film, which FFmpeg decodes and the picture library does not. They come as an animated PNG,
 * which loses nothing and is read like any other. Apart, as it needs a program and no picture library.
 */
import { decodingLimits, type Ffmpeg } from '../media/ffmpeg.ts'
import { opening } from '../media/demuxers.ts'

export interface Sequences {
  /** An animated PNG. */
  frames(path: string, which: 'all' | 'first', signal: AbortSignal): Promise<Uint8Array>
}

export function createSequences(ffmpeg: Ffmpeg): Sequences {
  return {
    frames: async (path, which, signal) => {
      const input = ['-threads', '1', ...decodingLimits, ...opening('mp4', path), '-map', '0:v:0']
      const output = ['-f', 'apng', '-plays', '0', '-pix_fmt', 'rgba', 'pipe:1']
      const args = [...input, ...(which === 'first' ? ['-frames:v', '1'] : []), ...output]
      return await ffmpeg.draw({ args, paths: [path], stdin: null, progress: () => {} }, signal)
    },
  }
}
