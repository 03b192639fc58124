/**
 * Pure: whether a file is complete, as far as looking at it can tell. It has to look the same in several readings with time between
 * them, and nothing may be heard of it meanwhile. Time is counted in readings, not read off the clock alone: a clock that jumps
 * ahead makes nothing quiet, one that is set back keeps nothing waiting.
 */
export interface Reading {
  readonly inode: string | null
  readonly bytes: number
  readonly mtimeMs: number
  /** Changes with every write, whatever else a program restores. */
  readonly ctimeMs: number
}

export interface Gate {
  readonly last: Reading
  /** When it was read last, or heard of. */
  readonly atMs: number
  /** Readings in a row that were the same as the one before, a step apart. */
  readonly same: number
  /** When it was last seen to be different, or heard of. */
  readonly sinceMs: number
  /** How long nothing has happened to it: while it was watched, and before by its dates. */
  readonly stillMs: number
  /** The same, when it was first seen like this. */
  readonly stillAtFirstMs: number
}

/** A time that nobody lived through: the machine slept, or its clock was set ahead. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
}

export interface Patience {
  /** How long a small file must be quiet. */
  readonly quietMs: number
  /** And how much longer for each 64 MiB. */
  readonly quietPerPieceMs: number
  readonly longestQuietMs: number
  /** Nobody has written to it for so long: one more reading is enough. */
  readonly settledMs: number
}

export const pieceBytes = 64 * 1024 * 1024
const readings = 3
/** More than that between two readings was not lived through. */
const longestPassedMs = 90_000

/** @param gap the last one. */
export function openGate(reading: Reading, nowMs: number, gap: Gap | null): Gate {
  const sinceMs = Math.max(reading.ctimeMs, reading.mtimeMs)
  const sleptMs = gap === null ? 0 : Math.max(0, Math.min(gap.toMs, nowMs) - Math.max(gap.fromMs, sinceMs))
  const stillMs = Math.max(0, nowMs - sinceMs - sleptMs)
  return { last: reading, atMs: nowMs, same: 0, sinceMs: nowMs, stillMs, stillAtFirstMs: stillMs }
}

/** Something happened to the file: it starts anew. */
export function heard(gate: Gate, nowMs: number): Gate {
  return { ...gate, atMs: nowMs, same: 0, sinceMs: nowMs, stillMs: 0, stillAtFirstMs: 0 }
}

export function windowMs(bytes: number, patience: Patience): number {
  return Math.min(patience.longestQuietMs, patience.quietMs + Math.floor((bytes / pieceBytes) * patience.quietPerPieceMs))
}

/** Time from one reading to the next. */
function stepMs(gate: Gate, patience: Patience): number {
  return windowMs(gate.last.bytes, patience) / readings
}

export function read(gate: Gate, reading: Reading, nowMs: number, patience: Patience): Gate {
  if (!isSame(gate.last, reading)) return heard({ ...gate, last: reading }, nowMs)
  const passedMs = nowMs - gate.atMs
  // Set back: from here on it counts by the new time.
  if (passedMs < 0) return { ...gate, atMs: nowMs, sinceMs: nowMs }
  if (passedMs < stepMs(gate, patience)) return gate
  return { ...gate, atMs: nowMs, same: gate.same + 1, stillMs: gate.stillMs + Math.min(passedMs, longestPassedMs) }
}

export function isQuiet(gate: Gate, patience: Patience): boolean {
  return gate.same >= (gate.stillAtFirstMs > patience.settledMs ? 1 : readings)
}

/** When the next reading counts. */
export function dueMs(gate: Gate, patience: Patience): number {
  return gate.atMs + stepMs(gate, patience)
}

export function isSame(one: Reading, other: Reading): boolean {
  return one.inode === other.inode && one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs
}
