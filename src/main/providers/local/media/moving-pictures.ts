/**
 * Pictures that move, opened for FFmpeg: a GIF as it is; of the others, of which it reads some and its older versions none, all frames as an
 * animated PNG. Apart, as every engine that makes something of a film takes them so.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import type { Images } from '../images/images.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { probe } from './ffprobe.ts'

export interface OpenMoving {
  readonly path: string
  /** As of a film. */
  readonly facts: MediaFacts
  /** Removes what was made for it. */
  close(): Promise<void>
}

export interface MovingPictures {
  /** What is a film already is left as it is. @throws JobError `source-unsupported` for a picture that does not move. */
  open(path: string, known: MediaFacts, signal: AbortSignal): Promise<OpenMoving>
}

const nothing = async (): Promise<void> => {}

export function createMovingPictures(ffmpeg: Ffmpeg, images: Pick<Images, 'unroll'>): MovingPictures {
  /** FFmpeg shows all of them as some that can be seen through, and says of few how long they last. */
  async function seen(path: string, format: 'gif' | 'png', known: MediaFacts, signal: AbortSignal): Promise<MediaFacts> {
    const facts = await probe(ffmpeg, path, format, signal)
    const hasAlpha = known.image?.hasAlpha !== false
    return {
      ...facts,
      durationMs: format === 'gif' ? facts.durationMs : known.durationMs,
      video: facts.video.map((stream) => ({ ...stream, hasAlpha })),
    }
  }

  return {
    open: async (path, known, signal) => {
      if (known.image === null) return { path, facts: known, close: nothing }
      if (known.format === 'gif') return { path, facts: await seen(path, 'gif', known, signal), close: nothing }
      if (known.image.isAnimated !== true) throw new JobError('source-unsupported', { path, because: 'not-moving' })
      const folder = await mkdtemp(join(tmpdir(), 'beside-moving-'))
      const close = async () => await rm(folder, { recursive: true, force: true })
      try {
        const frames = join(folder, 'frames.png')
        await images.unroll(path, frames, signal)
        return { path: frames, facts: await seen(frames, 'png', known, signal), close }
      } catch (error) {
        await close()
        throw error
      }
    },
  }
}
