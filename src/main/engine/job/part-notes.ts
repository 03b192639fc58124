/** Pure: what whoever made the parts of a result says of them, as notes of the job. Apart, since a trial says the same. */
import type { Part } from '../../../shared/job.ts'
import type { Note, Remark } from '../../../shared/notes.ts'

/** @param more what was found besides, as by counting. */
export function partNotes(parts: readonly Part[], more: readonly Remark[]): readonly Note[] {
  return [...unsureNotes(parts), ...matchedNotes(parts), ...saidNotes(parts, more)]
}

/** Below it text that was recognized has mistakes that readers notice. */
const sureConfidence = 60

function unsureNotes(parts: readonly Part[]): readonly Note[] {
  const confidence = Math.min(...parts.map((part) => part.confidence ?? 100))
  return confidence < sureConfidence ? [{ what: 'unsure', confidence }] : []
}

export function matchedNotes(parts: readonly Part[]): readonly Note[] {
  const found = parts.flatMap(({ matched }) => matched ?? []).toSorted((one, other) => one.reached - other.reached)
  return found.slice(0, 1).map((matched) => ({ what: 'matched', ...matched }))
}

/** What is said of several parts is said once, with their counts together. */
function saidNotes(parts: readonly Part[], more: readonly Remark[]): readonly Note[] {
  const remarks = new Map<Remark['code'], Remark>()
  for (const remark of [...parts.flatMap(({ said = [] }) => said), ...more]) {
    const before = remarks.get(remark.code)?.count
    const count = remark.count === undefined ? before : (before ?? 0) + remark.count
    remarks.set(remark.code, { ...remark, ...(count !== undefined && { count }) })
  }
  return [...remarks.values()].map((remark) => ({ what: 'said', ...remark }))
}
