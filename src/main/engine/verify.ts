/**
 * The output gate. A result that does not open, lacks a stream, has the wrong length or is absurdly large never gets its final
 * name. Pure, over what the prober found in source and result.
 */
import { failure, type Failure } from '../../shared/failure.ts'
import { formats, type FormatId } from '../../shared/formats.ts'
import type { MediaFacts } from '../../shared/media.ts'
import type { Options } from '../../shared/options.ts'

/** Encoder delay, padding and a last partial frame: what two honest files of the same sound may differ by. */
const slackMs = 500
const slackShare = 0.02

/** Uncompressed 8-channel 192 kHz 32-bit sound and high-rate video stay below this. */
const mostBytesASecond = 400_000_000
const mostBytesAPixel = 32
const bytesOfGrace = 64 * 1024 * 1024

export interface Gate {
  readonly target: FormatId
  readonly options: Options
  /** Null where the source could not be looked into (an address). */
  readonly source: MediaFacts | null
  readonly result: MediaFacts
}

/** What is wrong with a result, or null. */
export function gateTrouble({ target, options, source, result }: Gate): Failure | null {
  if (result.bytes === 0) return bad('it is empty')
  return streamTrouble(target, source, result) ?? lengthTrouble(target, options, source, result) ?? sizeTrouble(result)
}

function streamTrouble(target: FormatId, source: MediaFacts | null, result: MediaFacts): Failure | null {
  const family = formats[target].family
  if (family === 'image' && result.image === null && result.video.length === 0) return bad('it holds no picture')
  if (family === 'audio' && result.audio.length === 0) return bad('it holds no sound')
  if (family !== 'video' || source === null) return null
  if (source.video.length > 0 && result.video.length === 0) return bad('the picture is missing')
  if (source.audio.length > 0 && result.audio.length === 0) return bad('the sound is missing')
  return null
}

function lengthTrouble(target: FormatId, options: Options, source: MediaFacts | null, result: MediaFacts): Failure | null {
  if (source === null || source.durationMs === null || result.durationMs === null) return null
  const expected = Math.max(0, Math.min(options.trimEnd ?? Infinity, source.durationMs) - (options.trimStart ?? 0))
  const slack = slackMs + expected * slackShare
  // The sound of a film may end before its picture.
  const isSoundOfFilm = formats[target].family === 'audio' && source.video.length > 0
  if (!isSoundOfFilm && result.durationMs < expected - slack) {
    return failure('source-damaged', { reason: `only ${seconds(result.durationMs)} of ${seconds(expected)} could be read` })
  }
  if (result.durationMs > expected + slack) return bad(`it lasts ${seconds(result.durationMs)} instead of ${seconds(expected)}`)
  return null
}

function sizeTrouble(result: MediaFacts): Failure | null {
  const bySound = ((result.durationMs ?? 0) / 1000) * mostBytesASecond
  const byPixels = result.image === null ? 0 : result.image.width * result.image.height * result.image.pages * mostBytesAPixel
  return result.bytes > bySound + byPixels + bytesOfGrace ? bad(`it is absurdly large (${result.bytes} bytes)`) : null
}

function bad(reason: string): Failure {
  return failure('output-bad', { reason })
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
