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
  /** Degrees clockwise that a player turns the picture by; absent where nobody has looked. */
  readonly rotation?: number
  /** Whether its light is coded as PQ or HLG; absent where nobody has looked. */
  readonly hdr?: boolean
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
  /** Milliseconds as the file states them; null for stills and for streams that do not say. */
  readonly durationMs: number | null
  /** Where the file states none: a guess from its bitrate, good enough for a progress bar and for nothing else. */
  readonly roughMs?: number
  readonly audio: readonly AudioStream[]
  /** Moving pictures only; cover art is not one. */
  readonly video: readonly VideoStream[]
  readonly image: ImageFacts | null
  readonly hasCover: boolean
  /** MIME types of the attached pictures, in order; absent where nobody has looked. */
  readonly pictures?: readonly string[]
  /** 0 also where the reader of this container does not tell. */
  readonly chapters: number
  /** FFmpeg's names of the subtitle codecs, in order; absent where nobody has looked. */
  readonly subtitles?: readonly string[]
}
