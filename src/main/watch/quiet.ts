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

export function openGate(reading: Reading, nowMs: number): Gate {
  return { last: reading, atMs: nowMs, same: 0, sinceMs: nowMs }
}

/** Something happened to the file: it starts anew. */
export function heard(gate: Gate, nowMs: number): Gate {
  return { ...gate, atMs: nowMs, same: 0, sinceMs: nowMs }
}

export function windowMs(bytes: number, patience: Patience): number {
  return Math.min(patience.longestQuietMs, patience.quietMs + Math.floor((bytes / pieceBytes) * patience.quietPerPieceMs))
}

/** Time from one reading to the next. */
function stepMs(gate: Gate, patience: Patience): number {
  return windowMs(gate.last.bytes, patience) / readings
}

/** By how old it was when it was first seen like this: later, a clock may have jumped. */
function needed({ last, sinceMs }: Gate, patience: Patience): number {
  return sinceMs - Math.max(last.ctimeMs, last.mtimeMs) > patience.settledMs ? 1 : readings
}

export function read(gate: Gate, reading: Reading, nowMs: number, patience: Patience): Gate {
  if (!isSame(gate.last, reading)) return openGate(reading, nowMs)
  const passedMs = nowMs - gate.atMs
  // Set back: from here on it counts by the new time.
  if (passedMs < 0) return { ...gate, atMs: nowMs, sinceMs: nowMs }
  if (passedMs < stepMs(gate, patience)) return gate
  return { ...gate, atMs: nowMs, same: gate.same + 1 }
}

export function isQuiet(gate: Gate, patience: Patience): boolean {
  return gate.same >= needed(gate, patience)
}

/** When the next reading counts. */
export function dueMs(gate: Gate, patience: Patience): number {
  return gate.atMs + stepMs(gate, patience)
}

/** How long nothing has happened to it, by whatever of its dates and of what was seen says so; at least nothing. */
export function stillForMs({ last, sinceMs }: Gate, nowMs: number): number {
  return Math.max(0, nowMs - Math.max(last.ctimeMs, last.mtimeMs), nowMs - sinceMs)
}

export function isSame(one: Reading, other: Reading): boolean {
  return one.inode === other.inode && one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs
}
