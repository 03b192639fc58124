/**
 * How many lines of a folder are in which state: counted once, and kept up with what is written. The window and the command line ask for it
 * twice a second while something happens, and counting takes a tenth of a second for a hundred thousand lines.
 * Alone in a file because it is a state of its own beside the tables.
 */
import { type SightingState, sightingStates } from '../../shared/folders.ts'
import type { StoreConnection } from './connection.ts'
import type { LedgerLine } from './ledger.ts'

type Sums = Record<SightingState, number>

export interface StateSums {
  /** Of lines that are there. */
  counts(folderId: number): Readonly<Sums>
  /** Of lines, there or gone, that came into their state since then. */
  since(folderId: number, sinceMs: number): Readonly<Sums>
  /** A line was written. @param before null: it is new. */
  written(before: LedgerLine | null, line: LedgerLine): void
  /** What was written may have been taken back: all is counted anew. */
  forget(): void
}

export function createStateSums(db: StoreConnection): StateSums {
  const countThere = db.prepare<[number], { state: SightingState; files: number }>(
    'SELECT state, count(*) AS files FROM sightings WHERE folder_id = ? AND gone_at IS NULL GROUP BY state',
  )
  // One walk along the index, which grouping would sort first.
  const countSince = db.prepare<[number, number], Sums>(
    `SELECT ${sightingStates.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(', ')}
    FROM sightings WHERE folder_id = ? AND since >= ?`,
  )
  const there = new Map<number, Sums>()
  /** Of the time that was asked for last: the beginning of the day, for everybody. */
  const lately = new Map<number, { readonly sinceMs: number; readonly sums: Sums }>()
  const counted = (folderId: number): Sums => {
    const byState = new Map(countThere.all(folderId).map(({ state, files }) => [state, files]))
    return Object.fromEntries(sightingStates.map((state) => [state, byState.get(state) ?? 0])) as Sums
  }
  const add = (sums: Sums | undefined, { state }: LedgerLine, files: number) => {
    if (sums !== undefined) sums[state] += files
  }
  return {
    counts: (folderId) => {
      const sums = there.get(folderId) ?? counted(folderId)
      there.set(folderId, sums)
      return { ...sums }
    },
    since: (folderId, sinceMs) => {
      const known = lately.get(folderId)
      const sums = known?.sinceMs === sinceMs ? known.sums : countSince.get(folderId, sinceMs)
      if (sums === undefined) throw new Error('a sum has no row')
      lately.set(folderId, { sinceMs, sums })
      return { ...sums }
    },
    written: (before, line) => {
      const sums = there.get(line.folderId)
      if (before !== null && before.goneAtMs === null) add(sums, before, -1)
      if (line.goneAtMs === null) add(sums, line, 1)
      const late = lately.get(line.folderId)
      if (late === undefined) return
      // As the column has it.
      const isLate = ({ sinceMs }: LedgerLine) => Math.floor(sinceMs) >= late.sinceMs
      if (before !== null && isLate(before)) add(late.sums, before, -1)
      if (isLate(line)) add(late.sums, line, 1)
    },
    forget: () => {
      there.clear()
      lately.clear()
    },
  }
}
