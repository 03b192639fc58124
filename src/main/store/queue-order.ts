/**
 * The queue as it is shown, and what changes its order: precedence, then position, then number. The position of a job is a number between its
 * neighbours' numbers. Every phase has its own stretch of the index; what is asked of several phases is merged from their beginnings, so it
 * costs the same wherever in the queue it stands.
 */
import { JobError } from '../../shared/failure.ts'
import { type Job, livePhases, type Phase } from '../../shared/job.ts'
import type { StoreConnection } from './connection.ts'
import type { JobReader } from './rows.ts'
import { isLive } from './schema.ts'
import type { JobPage, JobStore } from './store.ts'

type QueueOrder = Pick<JobStore, 'list' | 'setPriority' | 'moveBefore' | 'moveAfter'>

/** Positions closer than this are spread out; well above what a double can still tell apart. */
const minGap = 2 ** -20

export function createQueueOrder(db: StoreConnection, reader: JobReader, places: Places, positions: Positions): QueueOrder {
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

  const placesOf = (ids: readonly number[]): readonly Place[] =>
    [...new Set(ids)].map((id) => placeOf.get(id)).filter((place) => place !== undefined)
  const jobsAt = (found: readonly Place[]): readonly Job[] => found.map(({ id }) => reader.get(id)).filter((job) => job !== null)

  const placed = (id: number): Place => {
    const place = placeOf.get(id)
    if (place === undefined) throw new JobError('not-found', { because: 'queued-job', id: String(id) })
    return place
  }
  const behind = (place: Place): Place | undefined => places.after(place, livePhases, null, 1)[0]
  /** The first job from there on that is not itself to be moved. */
  const anchor = (from: Place | undefined, moving: ReadonlySet<number>): Place | null => {
    let place = from
    while (place !== undefined && moving.has(place.id)) place = behind(place)
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
    for (let count = 0; ; count = count * 4 + 16) {
      // Where there is no room before `next`, it and some behind it are spread as well: as few as will do.
      const others = places.after(next, livePhases, null, count)
      const equals = others.filter((place) => place.precedence === precedence)
      const isEnd = others.length < count || equals.length < others.length
      const following = [next, ...equals].filter(({ id }) => !ids.has(id))
      const spread = [...moving, ...(isEnd ? following : following.slice(0, -1))]
      const upper = isEnd ? positions.take(spread.length) + spread.length - 1 : (following.at(-1)?.position ?? 0)
      const start = lower === -Infinity ? upper - spread.length - 1 : lower
      const step = (upper - start) / (spread.length + 1)
      if (step < minGap) continue
      for (const [index, { id }] of spread.entries()) put.run({ precedence, position: start + step * (index + 1), id })
      return
    }
  }
  const reposition = (moving: readonly Place[], next: Place | null): readonly Job[] => {
    if (next === null) toEnd(moving)
    else between(moving, next)
    return jobsAt(moving)
  }
  return {
    list: ({ phases, batchId, after, limit, skip = 0 }): JobPage => {
      const from = after === null ? null : placeFrom(after)
      const found = places.after(from, phases.length === 0 ? livePhases : phases, batchId, skip + limit).slice(skip)
      const last = found.at(-1)
      return { jobs: jobsAt(found), next: last === undefined || found.length < limit ? null : cursorOf(last) }
    },
    setPriority: db.transaction((ids: readonly number[], priority: number) => {
      const found = placesOf(ids)
      for (const place of found) put.run({ ...place, precedence: -priority })
      return jobsAt(found)
    }),
    moveBefore: db.transaction((ids: readonly number[], before: number | null) => {
      const moving = placesOf(ids).toSorted(inOrder)
      if (moving.length === 0) return []
      return reposition(moving, before === null ? null : anchor(placed(before), new Set(ids)))
    }),
    moveAfter: db.transaction((ids: readonly number[], after: number) => {
      const moving = placesOf(ids).toSorted(inOrder)
      if (moving.length === 0) return []
      return reposition(moving, anchor(behind(placed(after)), new Set(ids)))
    }),
  }
}

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

export function createPlaces(db: StoreConnection): Places {
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
  if ([precedence, position, id].some(Number.isNaN)) throw new JobError('usage', { because: 'bad-cursor', value: cursor })
  return { precedence, position, id }
}

export interface Positions {
  /** The first of so many whole numbers, all of them behind every position in use. */
  take(count: number): number
}

export function createPositions(db: StoreConnection): Positions {
  const read = db.prepare<[], string>(`SELECT value FROM meta WHERE name = 'position'`).pluck()
  const write = db.prepare<[string]>(`UPDATE meta SET value = ? WHERE name = 'position'`)
  return {
    take: (count) => {
      const first = Number(read.get() ?? 0) + 1
      write.run(String(first + count - 1))
      return first
    },
  }
}
