/**
 * Places in the queue: precedence, then position, then number. Every phase has its own stretch of the index; what is asked of several
 * phases is merged from their beginnings, so it costs the same wherever in the queue it stands.
 */
import { JobError } from '../../shared/failure.ts'
import type { Phase } from '../../shared/job.ts'
import type { Connection } from './connection.ts'

export interface Place {
  readonly precedence: number
  readonly position: number
  readonly id: number
}

export interface Places {
  /** Jobs of these phases behind a place; null: from the beginning. */
  after(place: Place | null, phases: readonly Phase[], batchId: number | null, limit: number): readonly Place[]
}

const beginning: Place = { precedence: Number.MIN_SAFE_INTEGER, position: -Infinity, id: 0 }

export function createPlaces(db: Connection): Places {
  const behind = '(precedence, position, id) > (@precedence, @position, @id) ORDER BY precedence, position, id LIMIT @limit'
  const inPhase = db.prepare<[Place & { phase: Phase; limit: number }], Place>(
    `SELECT precedence, position, id FROM jobs WHERE phase = @phase AND ${behind}`,
  )
  const inBatch = db.prepare<[Place & { phase: Phase; batchId: number; limit: number }], Place>(
    `SELECT precedence, position, id FROM jobs WHERE batch_id = @batchId AND phase = @phase AND ${behind}`,
  )
  return {
    after: (place, phases, batchId, limit) => {
      const from = place ?? beginning
      const found = phases.flatMap((phase) =>
        batchId === null ? inPhase.all({ ...from, phase, limit }) : inBatch.all({ ...from, phase, batchId, limit }),
      )
      return (phases.length > 1 ? found.toSorted(inOrder) : found).slice(0, limit)
    },
  }
}

export function inOrder(one: Place, other: Place): number {
  return one.precedence - other.precedence || one.position - other.position || one.id - other.id
}

export function cursorOf({ precedence, position, id }: Place): string {
  return `${precedence} ${position} ${id}`
}

export function placeFrom(cursor: string): Place {
  const [precedence = Number.NaN, position = Number.NaN, id = Number.NaN] = cursor.split(' ').map(Number)
  if ([precedence, position, id].some(Number.isNaN)) throw new JobError('usage', { reason: `“${cursor}” is no place in a list.` })
  return { precedence, position, id }
}
