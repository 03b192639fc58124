/** What the outside supplies to the engine. Time, randomness and keys come in here and nowhere else, so that a test can hold them still. */
import type { FormatId } from '../../shared/formats.ts'
import type { ProviderId } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import type { Thumbnail } from '../../shared/thumbnails.ts'
import type { MeasuredLoudness, Stretch, View, ViewRequest, Waveform } from '../../shared/views.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Calls `then` once after `ms`; the answer cancels that. */
  after(ms: number, then: () => void): () => void
}

export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A fresh key that nobody can guess, e.g. for idempotency. */
  key(): string
}

/** Lines for the log file. Facts are plain values; keys never. */
export interface Log {
  debug(text: string, facts?: Readonly<Record<string, unknown>>): void
  info(text: string, facts?: Readonly<Record<string, unknown>>): void
  warn(text: string, facts?: Readonly<Record<string, unknown>>): void
  error(text: string, facts?: Readonly<Record<string, unknown>>): void
}

export interface Trash {
  /** Moves a file to the system's trash. Throws where there is none. */
  put(path: string): Promise<void>
}

/**
 * The key for a provider, the secret that it signs its calls back with, what passwords in orders are sealed by, what a hook's calls are signed
 * with, the key that machines of the fleet join with, or the one that this computer joins another's fleet with.
 */
export type SecretName = ProviderId | `${ProviderId} webhook` | 'passwords' | `hook ${number}` | 'fleet machines' | 'lending'

export interface Secrets {
  get(name: SecretName): Promise<string | null>
  has(name: SecretName): Promise<boolean>
  set(name: SecretName, secret: string): Promise<void>
  forget(name: SecretName): Promise<void>
}

/**
 * Inspects a file. Throws a JobError (`source-damaged`, `source-unknown`, …) where it is not what its name says or not readable.
 * @param named the format that it is to have, where its name does not say that yet, as of a temporary file.
 */
export type Inspect = (path: string, signal: AbortSignal, named?: FormatId) => Promise<MediaFacts>

/** Previews of a file, for somebody who wants to see it. Throws like `Inspect`. */
export interface Viewer {
  /** No wider and no taller than `pixels`; null where there is nothing to see. */
  picture(
    path: string,
    pixels: number,
    signal: AbortSignal,
  ): Promise<{ readonly type: Thumbnail['type']; readonly data: Uint8Array } | null>
  look(path: string, signal: AbortSignal): Promise<MediaFacts>
  /** Without loss where its pixels are shown one by one. */
  view(
    path: string,
    wanted: Omit<ViewRequest, 'file'>,
    signal: AbortSignal,
  ): Promise<Omit<View, 'data'> & { readonly data: Uint8Array }>
  waveform(path: string, stretch: Omit<Stretch, 'file'>, signal: AbortSignal): Promise<Waveform>
  loudness(path: string, stretch: Omit<Stretch, 'file'>, signal: AbortSignal): Promise<MeasuredLoudness>
}
