/**
 * Whether a file that has stopped changing is complete: readable, open for writing in no program, without a companion that says it is
 * partial, as long as it says itself, and understood when it is inspected.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { access, open, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { toFailure } from '../../shared/failure.ts'
import { formatOfName } from '../../shared/formats.ts'
import type { Why } from '../../shared/folders.ts'
import { companions } from '../../shared/unmeant.ts'
import { codeOf } from '../files/identity.ts'
import type { Clock, Inspect } from '../engine/ports.ts'
import { fingerprintOf } from '../files/fingerprint.ts'
import { statFile } from './listing.ts'
import type { RuleFilter } from './rule-filter.ts'
import { isSameReading, type Stability } from './stability.ts'

export type Completeness =
  | { readonly kind: 'complete'; readonly fingerprint: string }
  /** Not yet: it is checked again later. */
  | { readonly kind: 'wait'; readonly why: Why }
  | { readonly kind: 'leave'; readonly why: Why }
  /** It changed while it was checked, or is gone. */
  | { readonly kind: 'changed' }

export interface CompletenessPorts {
  readonly inspect: Inspect
  readonly writers: Writers
  /** A file that has been still for longer will not become better by waiting. */
  readonly youngMs: number
}

/** What happens to the file while it is checked is no trouble. */
export async function checkComplete(...asked: Parameters<typeof check>): Promise<Completeness> {
  try {
    return await check(...asked)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE') return { kind: 'changed' }
    // Windows: whoever writes has not shared it.
    if (code === 'EBUSY') return wait({ code: 'being-written', facts: {} })
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    return wait({ code: 'unreadable', facts: { reason: code } })
  }
}

async function check(
  path: string,
  stability: Stability,
  filter: RuleFilter,
  ports: CompletenessPorts,
  signal: AbortSignal,
): Promise<Completeness> {
  // Whether it can be read is found out first: everything else takes longer.
  const file = await open(path, 'r')
  await file.close()
  if (await ports.writers.isHeld(path, stability.sinceMs)) return wait({ code: 'being-written', facts: {} })
  const companion = await companionOf(path)
  if (companion !== null) return wait({ code: 'unfinished', facts: { path: companion } })

  const isYoung = stability.stillMs < ports.youngMs
  if (isYoung) {
    const missing = await missingIn(path)
    if (missing !== null) return wait({ code: 'incomplete', facts: { ...missing } })
  }
  try {
    const { format } = await ports.inspect(path, signal)
    const verdict = filter.checkFormat(format)
    if (verdict.kind === 'leave') return verdict
  } catch (error) {
    if (signal.aborted) throw error
    const why = toFailure(error)
    // Without a name that says what it is, nobody meant it.
    if (why.code === 'source-unknown' && formatOfName(path) === null) return { kind: 'leave', why }
    if (isYoung) return wait({ code: 'not-readable-yet', facts: {}, cause: why })
    // The engine will fail as well, and say so where failures are seen.
  }
  const fingerprint = await fingerprintOf(path)
  const now = await statFile(dirname(path), basename(path))
  return now !== null && isSameReading(now, stability.last) ? { kind: 'complete', fingerprint } : { kind: 'changed' }
}

function wait(why: Why): Completeness {
  return { kind: 'wait', why }
}

async function companionOf(path: string): Promise<string | null> {
  const folder = dirname(path)
  for (const ending of companions) {
    const name = `${basename(path)}${ending}`
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (isThere) return name
  }
  return null
}

/** A file that is open for reading. Between one question and the next it may become another. */
export interface ReadableFile {
  stat(): Promise<{ readonly size: number }>
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
}

/** It declares more than is there, or the room for its end has been reserved and not written. */
export type Missing = { readonly declared: number; readonly bytes: number } | { readonly unwritten: number }

async function missingIn(path: string): Promise<Missing | null> {
  const file = await open(path, 'r')
  try {
    return await missingOf(file)
  } finally {
    await file.close()
  }
}

const tailBytes = 4096

/**
 * What is missing, or null where nothing tells. Many formats state their length near the beginning; a copy that has stopped half way
 * looks complete, and can still be told by that. So can room that was reserved and not yet filled.
 */
export async function missingOf(file: ReadableFile): Promise<Missing | null> {
  const { size } = await file.stat()
  const head = await bytesAt(file, 0, Math.min(size, 32))
  const declared = chunkedLength(head) ?? (isIso(head) ? await boxesLength(file, size) : null)
  if (declared !== null && declared > size) return { declared, bytes: size }
  // Silence is zeros, too: only what is compressed never ends in so many of them.
  if (isRaw(head) || size <= tailBytes * 16) return null
  const tail = await bytesAt(file, size - tailBytes, tailBytes)
  return tail.length === tailBytes && tail.every((byte) => byte === 0) ? { unwritten: tailBytes } : null
}

/** RIFF (WAV, WebP, AVI) and IFF (AIFF) say their length; those written to a pipe say none, or all ones. */
function chunkedLength(head: Buffer): number | null {
  if (head.length < 12) return null
  const id = head.toString('latin1', 0, 4)
  const length = id === 'RIFF' ? head.readUInt32LE(4) : id === 'FORM' ? head.readUInt32BE(4) : 0
  return length === 0 || length >= 0xffff_fff0 - 44 ? null : length + 8
}

function isIso(head: Buffer): boolean {
  return head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp'
}

function isRaw(head: Buffer): boolean {
  return /^(RIFF|FORM|RF64|BM|II\*|MM)/.test(head.toString('latin1', 0, 4))
}

/** Where the last box of an MP4, MOV or HEIC ends. */
async function boxesLength(file: ReadableFile, size: number): Promise<number | null> {
  let at = 0
  for (let count = 0; count < 64 && at + 8 <= size; count += 1) {
    const head = await bytesAt(file, at, Math.min(16, size - at))
    // It has become shorter since its length was asked for.
    if (head.length < 8) return null
    const short = head.readUInt32BE(0)
    const length = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short
    // Zero: to the end of the file. Other small ones make no sense.
    if (length < 8) return null
    at += length
  }
  return at
}

async function bytesAt(file: ReadableFile, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/**
 * Which files a program holds open for writing. Linux tells for the programs of the same user (for all of them, if we are root), by
 * a scan of /proc that costs some milliseconds; so one scan serves all who ask, and the next comes only after a rest. Where the system does
 * not tell, nothing is held.
 */
export interface Writers {
  /** Whether a program had the file open for writing at some time after `afterMs`. May wait for the next scan. */
  isHeld(path: string, afterMs: number): Promise<boolean>
}

/** A scan may take this share of the time. */
const restFactor = 20
const minRestMs = 200
const maxRestMs = 5_000

/** @param signal ends the waiting. */
export function createWriters(clock: Clock, platform: NodeJS.Platform, signal: AbortSignal): Writers {
  if (platform !== 'linux') return { isHeld: async () => false }
  let last = { begunMs: -Infinity, nextMs: -Infinity, paths: new Set<string>() as ReadonlySet<string> }
  /** Scans follow each other. */
  let ended: Promise<void> = Promise.resolve()
  /** One that has not begun yet: it serves whoever asks now. */
  let upcoming: Promise<void> | null = null
  const scan = async () => {
    const restMs = Math.min(last.nextMs - clock.nowMs(), maxRestMs)
    if (restMs > 0) await clock.sleep(restMs, signal)
    upcoming = null
    const begunMs = clock.nowMs()
    const { paths, tookMs } = await openForWriting(clock)
    last = { begunMs, nextMs: begunMs + Math.max(minRestMs, tookMs * restFactor), paths }
  }
  const nextScan = async () => {
    upcoming ??= ended.then(scan)
    const mine = upcoming
    ended = mine.catch(() => undefined)
    await mine
  }
  return {
    isHeld: async (path, afterMs) => {
      // A clock that was set back leaves a scan in the future: that one tells nothing.
      if (last.begunMs < afterMs || last.begunMs > clock.nowMs()) await nextScan()
      return last.paths.has(path) || last.paths.has(await realpath(path).catch(() => path))
    },
  }
}

/** Links in /proc wait for no disk; asked for one process at a time they cost a third of what promises of them would. */
async function openForWriting(clock: Clock): Promise<{ readonly paths: ReadonlySet<string>; readonly tookMs: number }> {
  const found = new Set<string>()
  let tookMs = 0
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const begunMs = clock.nowMs()
    for (const number of orElse(() => readdirSync(`/proc/${pid}/fd`), [])) {
      const path = orElse(() => readlinkSync(`/proc/${pid}/fd/${number}`), '')
      if (!path.startsWith('/') || /^\/(dev|proc|sys|memfd:)/.test(path) || found.has(path)) continue
      const info = orElse(() => readFileSync(`/proc/${pid}/fdinfo/${number}`, 'latin1'), '')
      const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8)
      // O_WRONLY or O_RDWR.
      if ((flags & 3) !== 0) found.add(path)
    }
    // What others do in between is not its own.
    tookMs += Math.max(0, clock.nowMs() - begunMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { paths: found, tookMs }
}

/** Programs end, and close what they had open, while they are scanned. */
function orElse<T>(ask: () => T, otherwise: T): T {
  try {
    return ask()
  } catch {
    return otherwise
  }
}
