/** Two files that somebody looks at beside each other, and what of them belongs together. Pure. */
import { factsOf, type FormatId } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { FileRef } from '../../shared/views.ts'
import { lastPart, nameOfSource } from '../add/adding.ts'

/** Why there is nothing to show although all went well. */
export type Absence = 'address' | 'replaced' | 'trashed'

export interface ComparedFile {
  readonly file: FileRef
  readonly name: string
  /** Where the time that both have in common begins in it, ms. */
  readonly fromMs: number
  /** How long that is; null: to its end. */
  readonly lastsMs: number | null
  /** Of a document, from 0. */
  readonly page: number
  /** Known beforehand: nobody looks for it. */
  readonly absence: Absence | null
  /** What it means that it is not there. */
  readonly ifMissing: Absence | null
}

export interface ComparedPair {
  readonly before: ComparedFile
  readonly after: ComparedFile
}

/** What a dialog shows: one pair, or several to choose from by the name of the second. */
export interface Comparison {
  readonly title: string
  readonly pairs: readonly ComparedPair[]
}

/** Whether anything of it can be seen or heard here; of what is not known, it may be. */
function isShown(format: FormatId | null): boolean {
  if (format === null || format === 'pdf') return true
  const { family } = factsOf(format)
  return family === 'image' || family === 'video' || family === 'audio'
}

/** The source of a job with each of its results; none where it has no results, or nothing of them can be seen or heard. */
export function comparisonOf(job: Job): Comparison | null {
  const { id: jobId, order, state } = job
  if (state.phase !== 'done' || state.outputs.length === 0 || !isShown(order.from) || !isShown(order.target)) return null
  const { source } = order
  const { trimStart = 0, trimEnd } = order.options
  const title = nameOfSource(source)
  const isAway = state.archivedTo !== null
  const pairs = state.outputs.map(({ path }, index): ComparedPair => {
    const isReplaced = source.kind === 'file' && !isAway && source.path === path
    const before = {
      file: { jobId, of: 'source' as const },
      name: title,
      fromMs: trimStart,
      lastsMs: trimEnd === undefined ? null : trimEnd - trimStart,
      page: index,
      absence: source.kind === 'url' ? ('address' as const) : isReplaced ? ('replaced' as const) : null,
      ifMissing: order.afterwards === 'trash' ? ('trashed' as const) : null,
    }
    const after = {
      file: { jobId, of: 'output' as const, index },
      name: lastPart(path),
      fromMs: 0,
      lastsMs: null,
      page: 0,
      absence: null,
      ifMissing: null,
    }
    return { before, after }
  })
  return { title, pairs }
}
