/**
 * Whether a file has stopped changing, as far as its dates and length can tell: it has to read the same several times with time between the
 * readings, and no event may come meanwhile. Time is counted in readings, not read off the clock alone: a clock that jumps ahead
 * makes nothing stable, one that is set back keeps nothing waiting.
 *
 * | state of a pending file | next reading                | leads to                                                           |
 * | ----------------------- | --------------------------- | ------------------------------------------------------------------ |
 * | settling                | a third of its window later | stable after three equal readings; `changed` by a different one     |
 * | retried                 | later with each retry       | stable again at once, unless an event comes: settling anew          |
 * | held                    | when its time comes         | due, without being checked again; events do not concern it          |
 *
 * Pending files live in memory alone; a restart finds them anew.
 */
import type { LedgerLine } from '../store/ledger.ts'
import type { ChangedPath } from './fs-events.ts'

export interface Reading {
  readonly inode: string | null
  readonly bytes: number
  readonly mtimeMs: number
  /** Changes with every write, whatever else a program restores. */
  readonly ctimeMs: number
}

export interface Stability {
  readonly last: Reading
  /** When it was read last, or an event came. */
  readonly atMs: number
  /** Readings in a row that were the same as the one before, a step apart. */
  readonly same: number
  /** When it was last seen to be different, or an event came. */
  readonly sinceMs: number
  /** How long nothing has happened to it: while it was watched, and before by its dates. */
  readonly stillMs: number
  /** The same, when it was first seen like this. */
  readonly stillAtFirstMs: number
}

/** A time in which nothing ran: the machine slept, or its clock was set ahead. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
}

export interface StabilityTimings {
  /** How long a small file must be still. */
  readonly quietMs: number
  /** And how much longer for each 64 MiB. */
  readonly quietPerPieceMs: number
  readonly maxQuietMs: number
  /** Nobody has written to it for so long: one more reading is enough. */
  readonly settledMs: number
}

export const pieceBytes = 64 * 1024 * 1024
const readingsNeeded = 3
/** More than that between two readings is a gap. */
const maxPassedMs = 90_000

/** @param gap the last one. */
export function firstReading(reading: Reading, nowMs: number, gap: Gap | null): Stability {
  const sinceMs = Math.max(reading.ctimeMs, reading.mtimeMs)
  const gapMs = gap === null ? 0 : Math.max(0, Math.min(gap.toMs, nowMs) - Math.max(gap.fromMs, sinceMs))
  const stillMs = Math.max(0, nowMs - sinceMs - gapMs)
  return { last: reading, atMs: nowMs, same: 0, sinceMs: nowMs, stillMs, stillAtFirstMs: stillMs }
}

/** Something happened to the file: it starts anew. */
export function afterEvent(stability: Stability, nowMs: number): Stability {
  return { ...stability, atMs: nowMs, same: 0, sinceMs: nowMs, stillMs: 0, stillAtFirstMs: 0 }
}

export function windowMs(bytes: number, timings: StabilityTimings): number {
  return Math.min(timings.maxQuietMs, timings.quietMs + Math.floor((bytes / pieceBytes) * timings.quietPerPieceMs))
}

/** Time from one reading to the next. */
function stepMs(stability: Stability, timings: StabilityTimings): number {
  return windowMs(stability.last.bytes, timings) / readingsNeeded
}

export function nextReading(stability: Stability, reading: Reading, nowMs: number, timings: StabilityTimings): Stability {
  if (!isSameReading(stability.last, reading)) return afterEvent({ ...stability, last: reading }, nowMs)
  const passedMs = nowMs - stability.atMs
  // Set back: from here on it counts by the new time.
  if (passedMs < 0) return { ...stability, atMs: nowMs, sinceMs: nowMs }
  if (passedMs < stepMs(stability, timings)) return stability
  return {
    ...stability,
    atMs: nowMs,
    same: stability.same + 1,
    stillMs: stability.stillMs + Math.min(passedMs, maxPassedMs),
  }
}

export function isStable(stability: Stability, timings: StabilityTimings): boolean {
  return stability.same >= (stability.stillAtFirstMs > timings.settledMs ? 1 : readingsNeeded)
}

/** When the next reading counts. */
export function nextReadingMs(stability: Stability, timings: StabilityTimings): number {
  return stability.atMs + stepMs(stability, timings)
}

export function isSameReading(one: Reading, other: Reading): boolean {
  return one.inode === other.inode && one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs
}

interface Pending {
  readonly dir: string
  readonly name: string
  stability: Stability
  /** When it is read again, at the earliest. */
  nextMs: number
  /** When its rule lets it be read at all. */
  readonly notBeforeMs: number
  /** Found complete; it only waits for its time. */
  isComplete: boolean
  /** How often it was stable and not complete. */
  tries: number
  /** An event came since it was last read. */
  isUnread: boolean
}

export interface DueFile {
  readonly id: number
  readonly dir: string
  readonly name: string
  readonly stability: Stability
  readonly isComplete: boolean
}

/** The files of one folder that wait: until they are complete, until their time has come. */
export interface PendingFiles {
  /** A file that waits reads like this now. */
  add(line: LedgerLine, reading: Reading, nowMs: number): void
  /** Something happened at a place. Answers whether the file there waits for its next reading, which shows what it was. */
  noteEvent(dir: string, name: string, nowMs: number): boolean
  /** Those whose time it is to be read. */
  due(nowMs: number, limit: number): readonly DueFile[]
  /** How it reads now. `changed`: its line is out of date. */
  read(id: number, reading: Reading, nowMs: number): 'waits' | 'stable' | 'changed'
  /** It was stable, and not complete. */
  retryLater(id: number, nowMs: number): void
  /** It is complete; its time is this. */
  hold(id: number, untilMs: number): void
  remove(id: number): void
  /** Times reckoned by the old clock do not count, but for those that the rule says. */
  clockSetBack(nowMs: number): void
  noteGap(gap: Gap): void
  nextMs(): number
  clear(): void
}

const maxRetryMs = 60_000

/**
 * @param timingsNow asked anew each time: a folder may turn out to be on a network.
 * @param onUnread an event came for a place whose file is removed without having been read again.
 */
export function createPendingFiles(timingsNow: () => StabilityTimings, onUnread: (changed: ChangedPath) => void): PendingFiles {
  const files = new Map<number, Pending>()
  const byPath = new Map<string, number>()
  const pathOf = ({ dir, name }: { readonly dir: string; readonly name: string }) => `${dir}/${name}`
  let gap: Gap | null = null
  const remove = (id: number) => {
    const file = files.get(id)
    if (file === undefined) return
    if (byPath.get(pathOf(file)) === id) byPath.delete(pathOf(file))
    files.delete(id)
    if (file.isUnread) onUnread({ dir: file.dir, name: file.name })
  }
  return {
    add: (line, reading, nowMs) => {
      const known = files.get(line.id)
      const isInPlace = known !== undefined && pathOf(known) === pathOf(line)
      if (isInPlace && isSameReading(known.stability.last, reading)) return
      if (isInPlace) known.isUnread = false
      remove(line.id)
      const stability = firstReading(reading, nowMs, gap)
      const notBeforeMs = line.dueAtMs ?? 0
      files.set(line.id, {
        dir: line.dir,
        name: line.name,
        stability,
        nextMs: Math.max(notBeforeMs, nextReadingMs(stability, timingsNow())),
        notBeforeMs,
        isComplete: false,
        tries: 0,
        isUnread: false,
      })
      byPath.set(pathOf(line), line.id)
    },
    noteEvent: (dir, name, nowMs) => {
      const file = files.get(byPath.get(pathOf({ dir, name })) ?? -1)
      // What waits for a time that is far off is read now.
      if (file === undefined || file.isComplete || file.notBeforeMs > nowMs) return false
      file.isUnread = true
      file.stability = afterEvent(file.stability, nowMs)
      file.nextMs = nextReadingMs(file.stability, timingsNow())
      return true
    },
    due: (nowMs, limit) => {
      const due: DueFile[] = []
      for (const [id, { dir, name, stability, isComplete, nextMs }] of files) {
        if (due.length >= limit) break
        if (nextMs <= nowMs) due.push({ id, dir, name, stability, isComplete })
      }
      return due
    },
    read: (id, reading, nowMs) => {
      const file = files.get(id)
      if (file === undefined) return 'changed'
      file.isUnread = false
      if (!isSameReading(file.stability.last, reading)) return 'changed'
      if (file.isComplete) return 'stable'
      file.stability = nextReading(file.stability, reading, nowMs, timingsNow())
      file.nextMs = nextReadingMs(file.stability, timingsNow())
      return isStable(file.stability, timingsNow()) ? 'stable' : 'waits'
    },
    retryLater: (id, nowMs) => {
      const file = files.get(id)
      if (file === undefined) return
      file.tries += 1
      file.nextMs = nowMs + Math.min(maxRetryMs, timingsNow().quietMs * 2 ** Math.min(file.tries, 10))
    },
    hold: (id, untilMs) => {
      const file = files.get(id)
      if (file === undefined) return
      file.isComplete = true
      file.nextMs = untilMs
    },
    remove,
    clockSetBack: (nowMs) => {
      for (const file of files.values()) if (!file.isComplete) file.nextMs = nowMs
    },
    noteGap: (last) => {
      gap = last
    },
    nextMs: () => files.values().reduce((first, { nextMs }) => Math.min(first, nextMs), Infinity),
    clear: () => {
      files.clear()
      byPath.clear()
    },
  }
}
