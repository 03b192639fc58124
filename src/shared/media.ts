/** What a look into a file tells: containers, streams, sizes. Read by the prober, used for progress, routing and the output gate. */
import type { FormatId } from './formats.ts'

export interface AudioStream {
  /** FFmpeg's name, e.g. `aac`, `mp3`, `pcm_s16le`, `alac`. */
  readonly codec: string
  /** Hz. */
  readonly sampleRate: number | null
  readonly channels: number | null
  readonly bitDepth: number | null
  /** kbit/s. */
  readonly bitrate: number | null
}

export interface VideoStream {
  readonly codec: string
  /** Pixels, as shown (rotation applied). */
  readonly width: number | null
  readonly height: number | null
  /** Frames a second. */
  readonly fps: number | null
}

export interface ImageFacts {
  /** Pixels, as shown (EXIF orientation applied). */
  readonly width: number
  readonly height: number
  /** Frames of an animation, or pages of a document. */
  readonly pages: number
}

export interface MediaFacts {
  /** By content. */
  readonly format: FormatId
  readonly bytes: number
  /** Milliseconds; null for stills and for streams that do not say. */
  readonly durationMs: number | null
  readonly audio: readonly AudioStream[]
  /** Moving pictures only; cover art is not one. */
  readonly video: readonly VideoStream[]
  readonly image: ImageFacts | null
  readonly hasCover: boolean
  readonly chapters: number
}
