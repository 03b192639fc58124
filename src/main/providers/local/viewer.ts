/**
 * What somebody who looks at the queue sees of a file. Nothing depends on it but that: it is made without hurry, by the same
 * processes and threads that read files for conversions. Apart, as no conversion needs it.
 */
import { JobError } from '../../../shared/failure.ts'
import { formats } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Inspect, Viewer } from '../../engine/ports.ts'
import { isMediaSource, opening } from './media/demuxers.ts'
import { decodingLimits, type Ffmpeg } from './media/ffmpeg.ts'
import { frameAt } from './media/frame.ts'
import { loudnessOf, waveformOf } from './media/listening.ts'
import type { Images } from './images/images.ts'
import type { Reader } from './reading/reader.ts'

export interface ViewerPorts {
  readonly ffmpeg: Ffmpeg
  readonly reader: Reader
  readonly images: Images
  readonly inspect: Inspect
}

/** How far into a video: its first frame is black more often than not. */
const intoVideo = 0.1
const empty = new Uint8Array()

export function createViewer({ ffmpeg, reader, images, inspect }: ViewerPorts): Viewer {
  async function frame(path: string, facts: MediaFacts, pixels: number, signal: AbortSignal): Promise<Uint8Array> {
    if (!isMediaSource(facts.format)) throw new JobError('source-unknown', { path })
    const isVideo = facts.video.length > 0
    const atMs = isVideo ? (facts.durationMs ?? 0) * intoVideo : 0
    const draw = async (seek: readonly string[]) => {
      const input = ['-threads', '1', ...decodingLimits, ...seek, ...opening(facts.format as 'mp4', path)]
      const output = ['-map', isVideo ? '0:V:0' : '0:v:0', '-frames:v', '1', '-vf', fitted(pixels), ...asJpeg]
      return await ffmpeg.runQuietly({ args: [...input, ...output], paths: [path] }, signal)
    }
    // A cover comes once, at the beginning. And a video may be shorter than it says.
    const found = atMs === 0 ? empty : await draw(['-noaccurate_seek', '-ss', (atMs / 1000).toFixed(3)])
    return found.length > 0 ? found : await draw([])
  }

  return {
    picture: async (path, pixels, signal) => {
      const drawn = await images.thumbnail(path, pixels, signal)
      if (drawn !== null) return { type: 'image/webp', data: drawn }
      const facts = await inspect(path, signal)
      if (facts.video.length === 0 && facts.pictures.length === 0) return null
      // Without its key it would be noise.
      if (facts.video[0]?.isProtected === true) return null
      const data = await frame(path, facts, pixels, signal)
      return data.length === 0 ? null : { type: 'image/jpeg', data }
    },
    view: async (path, wanted, signal) => {
      const seen = await images.view(path, wanted, signal)
      if (seen !== null) return seen
      const drawn = await frameAt(ffmpeg, { path, facts: await inspect(path, signal), atMs: wanted.atMs }, signal)
      return await images.viewOf(drawn, { region: wanted.region, room: wanted.room }, signal)
    },
    waveform: async (path, stretch, signal) =>
      await waveformOf(ffmpeg, { path, facts: await inspect(path, signal) }, stretch, signal),
    loudness: async (path, stretch, signal) =>
      await loudnessOf(ffmpeg, { path, facts: await inspect(path, signal) }, stretch, signal),
    look: async (path, signal) => {
      const facts = await inspect(path, signal)
      if (formats[facts.format].family !== 'image') return facts
      return { ...facts, tags: await reader.ask<'photo tags'>({ kind: 'photo tags', path }, signal) }
    },
  }
}

/** Pixels of some videos are not square. */
function fitted(pixels: number): string {
  const smaller = `scale=w=min(${pixels}\\,iw):h=min(${pixels}\\,ih):force_original_aspect_ratio=decrease`
  return `scale=trunc(iw*sar):ih,setsar=1,${smaller}`
}

const asJpeg: readonly string[] = ['-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', 'pipe:1']
