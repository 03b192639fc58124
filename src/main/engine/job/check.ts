/**
 * What is known of a source while its job runs, whether it has changed meanwhile, and the gate of the result: what does not open, lacks
 * a stream, has the wrong length or is absurdly large never gets its final name.
 */
import { rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failure, JobError, toFailure, type Failure } from '../../../shared/failure.ts'
import { type FormatId, factsOf, formatOfName, isKnown } from '../../../shared/formats.ts'
import type { FileSource, Order, Part } from '../../../shared/job.ts'
import { emptyFacts, lengthSlackMs, type MediaFacts } from '../../../shared/media.ts'
import type { Options } from '../../../shared/options.ts'
import { codeOf, inodeOf, isSameTime, keepsNumbers, statIfThere } from '../../files/identity.ts'
import { kindOf, troubleOf } from '../intake/walk.ts'
import type { Inspect } from '../ports.ts'

export interface SourceFacts {
  /** Null for addresses. */
  readonly facts: MediaFacts | null
  /** As the source stood when the work began: a later difference means that it changed under our hands. */
  readonly bytes: number
  readonly mtimeMs: number
  readonly accessedMs: number
  /** What else becomes part of the result, in order, as it stood then. */
  readonly others: readonly { readonly facts: MediaFacts; readonly bytes: number; readonly mtimeMs: number }[]
  /** Number of its folder, by which that is told from another one under the same name; null where there is none. */
  readonly folder: string | null
}

/** Of an address, and of a source that cannot be looked into any more once its result is paid for: that is good all the same. */
export const nothingKnown: SourceFacts = { facts: null, others: [], bytes: 0, mtimeMs: 0, accessedMs: 0, folder: null }

export async function inspectSource(order: Order, inspect: Inspect, signal: AbortSignal): Promise<SourceFacts> {
  if (order.source.kind === 'url') return nothingKnown
  const { path } = order.source
  // First, so that the source was seen in this one and no other.
  const folder = await folderOf(path).catch((error: unknown) => refuse(error, path))
  const { stats, facts } = await inspectFile(path, order, inspect, signal).catch((error: unknown) => {
    return order.others === undefined ? Promise.reject(error) : naming(path, error)
  })
  const others: SourceFacts['others'][number][] = []
  for (const other of order.others ?? []) {
    const found = await inspectFile(other.path, order, inspect, signal).catch((error: unknown) => naming(other.path, error))
    others.push({ facts: found.facts, bytes: found.stats.size, mtimeMs: found.stats.mtimeMs })
  }
  return { facts, others, bytes: stats.size, mtimeMs: stats.mtimeMs, accessedMs: stats.atimeMs, folder }
}

/** Of several sources it is said which one is no good. */
function naming(path: string, error: unknown): never {
  if (!(error instanceof JobError) || 'path' in error.failure.facts) throw error
  const { failure: why } = error
  throw JobError.from({ ...why, facts: { ...why.facts, path } } as Failure)
}

function refuse(error: unknown, path: string): never {
  throw new JobError(troubleOf(error, path).code, { path, reason: codeOf(error) })
}

async function inspectFile(path: string, { options, from }: Order, inspect: Inspect, signal: AbortSignal) {
  const stats = await stat(path).catch((error: unknown) => refuse(error, path))
  if (!stats.isFile()) throw new JobError('source-not-file', { path, because: kindOf(stats) })
  if (stats.size === 0) throw new JobError('source-empty', { path })
  const facts = await inspect(path, signal).catch((error: unknown) => {
    const format = from ?? formatOfName(path)
    if (options.password === undefined || format === null || !needsPassword(error)) throw error
    return locked(format, stats.size)
  })
  return { stats, facts }
}

function needsPassword(error: unknown): boolean {
  return error instanceof JobError && error.failure.code === 'source-unreadable' && error.failure.facts.because === 'password'
}

/** Of a file that only whoever has its password can look into. */
function locked(format: FormatId, bytes: number): MediaFacts {
  return { ...emptyFacts(format, bytes), document: { isEncrypted: true } }
}

function isUnchanged(
  { bytes, mtimeMs }: Pick<FileSource, 'bytes' | 'mtimeMs'>,
  now: { readonly size: number; readonly mtimeMs: number },
) {
  return now.size === bytes && isSameTime(now.mtimeMs, mtimeMs)
}

/** For what is converted by somebody who may read what nobody reads here: of that no more is known than what it is called. */
export function inspectForOthers(inspect: Inspect, from: FormatId | null): Inspect {
  return async (path, signal, named) =>
    await inspect(path, signal, named).catch(async (error: unknown) => {
      if (signal.aborted || from === null || !isUnread(toFailure(error))) throw error
      return emptyFacts(from, (await stat(path)).size)
    })
}

/** Nothing here reads it, which says nothing against it; what is not the kind that its name says is no good anywhere. */
function isUnread({ code, facts }: Failure): boolean {
  if (code === 'source-unsupported') return true
  return code === 'source-unknown' && !('because' in facts)
}

/** What it is converted from: by its contents, but by its name where those say no more than that it is packed, or nothing that anybody here knows. */
export function sourceFormat({ from, target }: Pick<Order, 'from' | 'target'>, facts: MediaFacts | null): FormatId {
  if (facts === null) return from ?? target
  if (from === null || from === facts.format) return facts.format
  const isPacked = factsOf(facts.format).family === 'archive' && factsOf(from).family !== 'archive'
  return isPacked || !isKnown(from) ? from : facts.format
}

/**
 * What has become of the source since its facts were taken, or null. One that is gone is no trouble: the result may be its only copy. But
 * where it went with its folder, what was written beside it may be somewhere else by now.
 */
export async function changeSince(order: Order, known: SourceFacts): Promise<Failure | null> {
  if (order.source.kind === 'url' || known === nothingKnown) return null
  for (const [n, { path }] of (order.others ?? []).entries()) {
    const then = known.others[n]
    const now = await statIfThere(path)
    if (then !== undefined && now !== null && !isUnchanged(then, now)) return failure('source-changed', { path })
  }
  const now = await statIfThere(order.source.path)
  if (now !== null) return isUnchanged(known, now) ? null : failure('source-changed', { path: order.source.path })
  const folder = dirname(order.source.path)
  const isElsewhere = folder === order.folder && (await folderOf(order.source.path)) !== known.folder
  return isElsewhere ? failure('folder-missing', { path: folder }) : null
}

/** The number of a file's folder; null where it is not there, or where shares give it another one now and then. */
async function folderOf(path: string): Promise<string | null> {
  return (await keepsNumbers(path)) ? await inodeOf(dirname(path)) : null
}

/** Whether the source is still what it was when it was queued. */
export function isAsOrdered({ source }: Order, known: SourceFacts): boolean {
  return source.kind === 'url' || (source.bytes === known.bytes && isSameTime(source.mtimeMs, known.mtimeMs))
}

export interface Checking {
  readonly part: Part
  readonly options: Options
  readonly source: MediaFacts | null
  readonly inspect: Inspect
  readonly signal: AbortSignal
}

/**
 * What the result holds.
 * @throws JobError where the result is no good, which is then gone; or where that cannot be found out, which says nothing against it.
 */
export async function checkPart({ part, options, source, inspect, signal }: Checking): Promise<MediaFacts> {
  if (part.bytes === 0) throw new JobError('output-bad', { because: 'empty' })
  await refuseAboveLimit(part, options)
  // Whatever it is to somebody here, whoever made it calls it otherwise.
  if (!isKnown(part.format)) return emptyFacts(part.format, part.bytes)
  const result =
    (await factsAsWritten(part)) ??
    (await inspect(part.temp, signal, part.format).catch((error: unknown) => {
      if (signal.aborted || !toFailure(error).code.startsWith('source-')) throw error
      if (options.protect !== undefined && needsPassword(error)) return locked(part.format, part.bytes)
      throw new JobError('output-bad', { because: 'output-unreadable' }, { cause: error })
    }))
  const trouble = gateTrouble({ target: part.format, options, source, result, writtenMs: part.lastsMs ?? null })
  if (trouble === null) return asWritten(result, part)
  await rm(part.temp, { force: true })
  throw JobError.from(trouble)
}

/** What was found where it was made, as long as it is of that length here as well; null where nobody looked there. */
async function factsAsWritten({ temp, facts }: Part): Promise<MediaFacts | null> {
  return facts !== undefined && (await stat(temp)).size === facts.bytes ? facts : null
}

/** A header may say more of the colours than there is. */
function asWritten(result: MediaFacts, { bitDepth }: Part): MediaFacts {
  if (bitDepth === undefined || result.image === null) return result
  const { samples, ...image } = result.image
  return { ...result, image: { ...image, bitDepth } }
}

/** By what lies there: whoever wrote it may have counted wrong. */
async function refuseAboveLimit({ temp }: Part, { maxSize: maxBytes }: Options): Promise<void> {
  if (maxBytes === undefined) return
  const { size: bytes } = await stat(temp)
  if (bytes <= maxBytes) return
  await rm(temp, { force: true })
  throw new JobError('output-bad', { because: 'above-limit', bytes, maxBytes })
}

/** Uncompressed 8-channel 192 kHz 32-bit audio and high-rate video stay below this. */
const maxBytesPerSecond = 400_000_000
const maxBytesPerPixel = 32
const graceBytes = 64 * 1024 * 1024

export interface ResultCheck {
  readonly target: FormatId
  readonly options: Options
  /** Null where the source could not be inspected, as an address. */
  readonly source: MediaFacts | null
  readonly result: MediaFacts
  /** What whoever wrote it has counted; null where nobody did. */
  readonly writtenMs: number | null
}

/** Pure: what is wrong with a result, or null. */
export function gateTrouble(check: ResultCheck): Failure | null {
  const { target, source, result } = check
  if (result.bytes === 0) return failure('output-bad', { because: 'empty' })
  return streamTrouble(target, source, result) ?? lengthTrouble(check) ?? sizeTrouble(result)
}

function streamTrouble(target: FormatId, source: MediaFacts | null, result: MediaFacts): Failure | null {
  const family = factsOf(target).family
  if (family === 'image' && result.image === null && result.video.length === 0) return bad('output-without-image')
  if (family === 'audio' && result.audio.length === 0) return bad('output-without-audio')
  if (family !== 'video' || source === null) return null
  const isHeard = source.audio.some(({ isOpaque }) => isOpaque !== true)
  const isSeen = source.video.some(({ isOpaque }) => isOpaque !== true)
  if (isSeen && result.video.length === 0) return bad('video-missing')
  if (isHeard && result.audio.length === 0) return bad('audio-missing')
  return null
}

function bad(because: 'output-without-image' | 'output-without-audio' | 'video-missing' | 'audio-missing'): Failure {
  return failure('output-bad', { because })
}

const countedShare = 0.005

/**
 * What was counted while it was written has to be there. Where nobody counted, the header of the source is a hint: headers lie, so that
 * more than it says is no fault, unless a cut was asked for.
 */
function lengthTrouble({ target, options, source, result, writtenMs }: ResultCheck): Failure | null {
  if (result.durationMs === null) return null
  if (writtenMs !== null) {
    if (isAsLong(result.durationMs, writtenMs)) return null
    // Time stamps that jump count time in which there is no audio: what lasts as long as its source says is whole.
    if (source !== null && isAsLong(result.durationMs, statedMs(source, options))) return null
    return failure('output-bad', { because: 'wrong-length', ...lengths(writtenMs, result.durationMs) })
  }
  if (source === null) return null
  const { trimStart = 0, trimEnd = Infinity } = options
  const stated = statedMs(source, options)
  // The audio of a video may end before its image.
  const isAudioOfVideo = factsOf(target).family === 'audio' && source.video.length > 0
  if (source.durationMs !== null && !isAudioOfVideo && result.durationMs < stated - lengthSlackMs(stated)) {
    return failure('source-damaged', { because: 'read-in-part', ...lengths(stated, result.durationMs) })
  }
  const maxMs = trimEnd - trimStart
  if (result.durationMs <= maxMs + lengthSlackMs(maxMs)) return null
  return failure('output-bad', { because: 'wrong-length', ...lengths(maxMs, result.durationMs) })
}

function isAsLong(lastsMs: number, wantedMs: number): boolean {
  return Number.isFinite(wantedMs) && Math.abs(lastsMs - wantedMs) <= lengthSlackMs(wantedMs, countedShare)
}

/** Of the part that was asked for; infinite where the source does not say. */
function statedMs({ durationMs }: MediaFacts, { trimStart = 0, trimEnd = Infinity }: Options): number {
  return Math.max(0, Math.min(trimEnd, durationMs ?? Infinity) - trimStart)
}

function lengths(expectedMs: number, actualMs: number) {
  return { expectedSeconds: seconds(expectedMs), actualSeconds: seconds(actualMs) }
}

function sizeTrouble(result: MediaFacts): Failure | null {
  const byLength = ((result.durationMs ?? 0) / 1000) * maxBytesPerSecond
  const byPixels = result.image === null ? 0 : result.image.width * result.image.height * result.image.pages * maxBytesPerPixel
  if (result.bytes <= byLength + byPixels + graceBytes) return null
  return failure('output-bad', { because: 'output-too-large', bytes: result.bytes })
}

/** To a tenth, which is as exact as anybody reads it. */
function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
