/**
 * What somebody who looks at the queue sees of a file. Nothing depends on it but that: it is made without hurry, by the same
 * processes and threads that read ignoredEndings' files for conversions.
 */
import { JobError } from '../../../shared/failure.ts'
import { formats } from '../../../shared/formats.ts'
import type { MediaInfo } from '../../../shared/media-info.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Inspect, Viewer } from '../../engine/ports.ts'
import { isMediaSource, opening } from './media/demuxers.ts'
import { decodingLimits, type Ffmpeg } from './media/ffmpeg.ts'
import type { Images } from './images/images.ts'
import type { Reader } from './reading/reader.ts'
import { mediaTagsOf } from './media/tags.ts'

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
      if (facts.video.length === 0 && !facts.hasCover) return null
      const data = await frame(path, facts, pixels, signal)
      return data.length === 0 ? null : { type: 'image/jpeg', data }
    },
    look: async (path, signal) => {
      const facts = await inspect(path, signal)
      const tags =
        formats[facts.format].family === 'image'
          ? await reader.ask<'photo tags'>({ kind: 'photo tags', path }, signal)
          : await mediaTagsOf(ffmpeg, path, facts.format, signal)
      return { ...lookOf(facts), tags: [...tags] }
    },
  }
}

/** Pixels of some videos are not square. */
function fitted(pixels: number): string {
  const smaller = `scale=w=min(${pixels}\\,iw):h=min(${pixels}\\,ih):force_original_aspect_ratio=decrease`
  return `scale=trunc(iw*sar):ih,setsar=1,${smaller}`
}

const asJpeg: readonly string[] = ['-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', 'pipe:1']

/** A file may have hundreds of streams, and nobody reads as many. */
const maxStreams = 16

function lookOf(facts: MediaFacts): Omit<MediaInfo, 'tags'> {
  const { format, bytes, durationMs, roughMs, audio, video, image, hasCover, chapters, subtitles = [] } = facts
  return {
    format,
    bytes,
    durationMs: durationMs ?? roughMs ?? null,
    audio: audio.slice(0, maxStreams).map((stream) => ({ ...stream })),
    video: video.slice(0, maxStreams).map(({ codec, width, height, fps, hdr = false }) => ({ codec, width, height, fps, hdr })),
    image,
    hasCover,
    chapters,
    subtitles: subtitles.slice(0, maxStreams),
  }
}
