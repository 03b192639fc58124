/**
 * The order of the queue: precedence, then position, then number. Every phase has its own stretch of the index; a list of several
 * phases is merged from their beginnings, so a page costs the same wherever it stands.
 */
import { JobError } from '../../shared/failure.ts'
import { livePhases, type Job, type Phase } from '../../shared/job.ts'
import type { Positions } from './adding.ts'
import type { Connection } from './connection.ts'
import type { JobReader } from './rows.ts'
import { isLive } from './schema.ts'
import type { JobPage, JobStore } from './store.ts'

export interface Place {
  readonly precedence: number
  readonly position: number
  readonly id: number
}

export interface QueueOrder {
  /** Jobs of these phases from a place on, the place itself not among them; null: from the beginning. */
  after(place: Place | null, phases: readonly Phase[], batchId: number | null, limit: number): readonly Place[]
  list: JobStore['list']
  setPriority: JobStore['setPriority']
  moveBefore: JobStore['moveBefore']
}

const beginning: Place = { precedence: Number.MIN_SAFE_INTEGER, position: -Infinity, id: 0 }

/** Positions closer than this are spread anew; well above what a double can still tell apart. */
const closest = 2 ** -20

export function createQueueOrder(db: Connection, reader: JobReader, positions: Positions): QueueOrder {
  const afterIn = db.prepare<[Place & { phase: Phase; limit: number }], Place>(`
    SELECT precedence, position, id FROM jobs
    WHERE phase = @phase AND (precedence, position, id) > (@precedence, @position, @id)
    ORDER BY precedence, position, id LIMIT @limit`)
  const afterInBatch = db.prepare<[Place & { phase: Phase; batchId: number; limit: number }], Place>(`
    SELECT precedence, position, id FROM jobs
    WHERE batch_id = @batchId AND phase = @phase AND (precedence, position, id) > (@precedence, @position, @id)
    ORDER BY precedence, position, id LIMIT @limit`)
  const lastBefore = db
    .prepare<[Place & { phase: Phase }], number>(`
      SELECT position FROM jobs WHERE phase = @phase AND precedence = @precedence AND (position, id) < (@position, @id)
      ORDER BY position DESC, id DESC LIMIT 1`)
    .pluck()
  const lowest = db
    .prepare<[Phase], number>('SELECT precedence FROM jobs WHERE phase = ? ORDER BY precedence DESC LIMIT 1')
    .pluck()
  const placeOf = db.prepare<[number], Place>(`SELECT precedence, position, id FROM jobs WHERE id = ? AND ${isLive}`)
  const put = db.prepare<[Place]>('UPDATE jobs SET precedence = @precedence, position = @position WHERE id = @id')

  const after: QueueOrder['after'] = (place, phases, batchId, limit) => {
    const from = place ?? beginning
    const found = phases.flatMap((phase) =>
      batchId === null ? afterIn.all({ ...from, phase, limit }) : afterInBatch.all({ ...from, phase, batchId, limit }),
    )
    return (phases.length > 1 ? found.sort(inOrder) : found).slice(0, limit)
  }
  const places = (ids: Iterable<number>): readonly Place[] =>
    [...new Set(ids)].map((id) => placeOf.get(id)).filter((place) => place !== undefined)
  const jobsAt = (found: readonly Place[]): readonly Job[] => found.map(({ id }) => reader.get(id)).filter((job) => job !== null)

  /** The first job from `id` on that is not itself to be moved. */
  const anchor = (id: number, moving: ReadonlySet<number>): Place | null => {
    let place = placeOf.get(id)
    if (place === undefined) throw new JobError('not-found', { what: 'job in the queue', id: String(id) })
    while (place !== undefined && moving.has(place.id)) place = after(place, livePhases, null, 1)[0]
    return place ?? null
  }
  const toEnd = (moving: readonly Place[]) => {
    const precedence = Math.max(...livePhases.map((phase) => lowest.get(phase) ?? -Infinity))
    const first = positions.take(moving.length)
    for (const [index, { id }] of moving.entries()) put.run({ precedence, position: first + index, id })
  }
  const between = (moving: readonly Place[], next: Place) => {
    const { precedence } = next
    const lower = Math.max(...livePhases.map((phase) => lastBefore.get({ ...next, phase }) ?? -Infinity))
    const ids = new Set(moving.map(({ id }) => id))
    for (let width = 0; ; width = width * 4 + 16) {
      // Where there is no room before `next`, it and some behind it are spread anew as well: as few as will do.
      const behind = after(next, livePhases, null, width)
      const equals = behind.filter((place) => place.precedence === precedence)
      const isEnd = behind.length < width || equals.length < behind.length
      const following = [next, ...equals].filter(({ id }) => !ids.has(id))
      const spread = [...moving, ...(isEnd ? following : following.slice(0, -1))]
      const upper = isEnd ? positions.take(spread.length) + spread.length - 1 : (following.at(-1)?.position ?? 0)
      const start = lower === -Infinity ? upper - spread.length - 1 : lower
      const step = (upper - start) / (spread.length + 1)
      if (step < closest) continue
      for (const [index, { id }] of spread.entries()) put.run({ precedence, position: start + step * (index + 1), id })
      return
    }
  }
  return {
    after,
    list: ({ phases, batchId, after: cursor, limit }): JobPage => {
      const found = after(cursor === null ? null : placeFrom(cursor), phases.length === 0 ? livePhases : phases, batchId, limit)
      const last = found.at(-1)
      return { jobs: jobsAt(found), next: last === undefined || found.length < limit ? null : cursorOf(last) }
    },
    setPriority: db.transaction((ids: readonly number[], priority: number) => {
      const found = places(ids)
      for (const place of found) put.run({ ...place, precedence: -priority })
      return jobsAt(found)
    }),
    moveBefore: db.transaction((ids: readonly number[], before: number | null) => {
      const moving = places(ids).toSorted(inOrder)
      if (moving.length === 0) return []
      const next = before === null ? null : anchor(before, new Set(ids))
      if (next === null) toEnd(moving)
      else between(moving, next)
      return jobsAt(moving)
    }),
  }
}

function inOrder(one: Place, other: Place): number {
  return one.precedence - other.precedence || one.position - other.position || one.id - other.id
}

function cursorOf({ precedence, position, id }: Place): string {
  return `${precedence} ${position} ${id}`
}

function placeFrom(cursor: string): Place {
  const [precedence = Number.NaN, position = Number.NaN, id = Number.NaN] = cursor.split(' ').map(Number)
  if ([precedence, position, id].some(Number.isNaN)) throw new JobError('usage', { reason: `“${cursor}” is no place in a list.` })
  return { precedence, position, id }
}
