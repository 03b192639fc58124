/**
 * What somebody who looks at the queue sees of a file. Nothing depends on it but that: it is made without hurry, by the same
 * processes and threads that read files for conversions. Apart, as no conversion needs it.
 */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../shared/failure.ts'
import { factsOf } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Inspect, Viewer } from '../../engine/ports.ts'
import { isMediaSource, opening } from './media/demuxers.ts'
import { decodingLimits, type Ffmpeg } from './media/ffmpeg.ts'
import { frameAt } from './media/frame.ts'
import { loudnessOf, waveformOf } from './media/listening.ts'
import type { Images } from './images/images.ts'
import type { Draw } from './magick/magick.ts'
import { isMagickSource } from './magick/pairings.ts'
import type { Reader } from './reading/reader.ts'

export interface ViewerPorts {
  readonly ffmpeg: Ffmpeg
  readonly reader: Reader
  readonly images: Images
  readonly magick: Draw
  readonly inspect: Inspect
}

/** How far into a video: its first frame is black more often than not. */
const intoVideo = 0.1
const empty = new Uint8Array()

export function createViewer({ ffmpeg, reader, images, magick, inspect }: ViewerPorts): Viewer {
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

  // Whoever steps through two videos, or looks at two frames more nearly, asks of the same again and again.
  const facts = createRecent<MediaFacts>(8)
  const frames = createRecent<Uint8Array>(2)
  const looked = async (path: string, signal: AbortSignal) =>
    await facts.of(await versionOf(path), async () => await inspect(path, signal))

  return {
    picture: async (path, pixels, signal) => {
      const drawn = await images.thumbnail(path, pixels, signal)
      if (drawn !== null) return { type: 'image/webp', data: drawn }
      const found = await inspect(path, signal)
      const { format } = found
      if (isMagickSource(format)) {
        const png = await magick(path, { format, use: 'thumbnail' }, signal)
        return { type: 'image/webp', data: await images.thumbnailOf(png, pixels, signal) }
      }
      if (found.video.length === 0 && found.pictures.length === 0) return null
      // Without its key it would be noise.
      if (found.video[0]?.isProtected === true) return null
      const data = await frame(path, found, pixels, signal)
      return data.length === 0 ? null : { type: 'image/jpeg', data }
    },
    view: async (path, wanted, signal) => {
      const seen = await images.view(path, wanted, signal)
      if (seen !== null) return seen
      const { atMs } = wanted
      const version = await versionOf(path)
      const drawn = await frames.of(`${version} ${atMs}`, async () => {
        const found = await looked(path, signal)
        const { format } = found
        if (isMagickSource(format)) return await magick(path, { format, use: 'view' }, signal)
        return await frameAt(ffmpeg, { path, facts: found, atMs }, signal)
      })
      return await images.viewOf(drawn, { region: wanted.region, room: wanted.room }, signal)
    },
    waveform: async (path, stretch, signal) =>
      await waveformOf(ffmpeg, { path, facts: await looked(path, signal) }, stretch, signal),
    loudness: async (path, stretch, signal) =>
      await loudnessOf(ffmpeg, { path, facts: await looked(path, signal) }, stretch, signal),
    look: async (path, signal) => {
      const found = await inspect(path, signal)
      if (factsOf(found.format).family !== 'image') return found
      return { ...found, tags: await reader.ask<'photo tags'>({ kind: 'photo tags', path }, signal) }
    },
  }
}

/** Changes when the file does; what is wrong with one that is not there is for its reader to say. */
async function versionOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null)
  return `${path} ${stats?.ino} ${stats?.size} ${stats?.mtimeMs}`
}

/** The last few of what was made. */
function createRecent<T>(count: number) {
  const recent = new Map<string, T>()
  return {
    of: async (key: string, make: () => Promise<T>): Promise<T> => {
      const value = recent.get(key) ?? (await make())
      recent.delete(key)
      recent.set(key, value)
      for (const oldest of [...recent.keys()].slice(0, -count)) recent.delete(oldest)
      return value
    },
  }
}

/** Pixels of some videos are not square. */
function fitted(pixels: number): string {
  const smaller = `scale=w=min(${pixels}\\,iw):h=min(${pixels}\\,ih):force_original_aspect_ratio=decrease`
  return `scale=trunc(iw*sar):ih,setsar=1,${smaller}`
}

const asJpeg: readonly string[] = ['-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', 'pipe:1']
