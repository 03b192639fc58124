/**
 * The queue as the window shows it: batches, newest first, each with its jobs. It holds what is on screen and a little more;
 * the engine holds the rest. One flat list of rows, so that a hundred thousand of them scroll like ten.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { livePhases, phases, type Job } from '../../shared/job.ts'
import type { Batch, Totals } from '../../shared/model.ts'
import type { Change, Progress } from '../../shared/wire/contract.ts'
import type { Live } from '../wire/live.ts'
import { createPages, type Pages } from './pages.ts'

export type Row =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'job'; readonly batch: Batch; readonly index: number }

/** What rows there are. A new one whenever that, or what is in a page of them, has changed. */
export interface QueueRows {
  readonly isLoaded: boolean
  readonly batches: readonly Batch[]
  readonly closedIds: ReadonlySet<number>
  readonly count: number
  at(index: number): Row | null
}

export interface QueueStore {
  readonly rows: QueueRows
  /** The newest values of jobs that are followed, and of those that changed last. */
  readonly jobs: ReadonlyMap<number, Job>
  readonly progress: ReadonlyMap<number, Progress>
}

export interface Queue {
  readonly state: Pick<StoreApi<QueueStore>, 'getState' | 'getInitialState' | 'subscribe'>
  /** Undefined while it is on its way. */
  job(row: Extract<Row, { kind: 'job' }>): Job | undefined
  jobsOf(batchId: number, from: number, to: number): Promise<readonly Job[]>
  /** Keeps the newest value of a job in the state for as long as somebody shows it. */
  follow(jobId: number): () => void
  newestOf(job: Job): Job
  toggle(batchId: number): void
  /** Takes finished batches out of sight; they stay in the history. */
  clearFinished(): void
  /** More rows are needed below the last batch. */
  more(): void
  refresh(batchId: number): void
  /** Puts jobs of a batch before or after the one at this place in it; resolves when the rows there are up to date. */
  move(ids: readonly number[], target: Extract<Row, { kind: 'job' }>, edge: 'before' | 'after'): Promise<void>
}

const batchesPerPage = 50
/** Batch totals follow their jobs this often at most. */
const refreshMs = 500
const clearedKey = 'beside.cleared'

export function createQueue(live: Live): Queue {
  const state = createStore<QueueStore>()(() => ({ rows: rowsOf([], new Set(), false), jobs: new Map(), progress: new Map() }))
  let isEnd = false
  let isLoadingPage = false
  let cleared = Number(localStorage.getItem(clearedKey) ?? 0)
  const pages = new Map<number, Pages>()
  const followers = new Map<number, number>()
  const dirty = new Set<number>()
  /** Their jobs may be in another order. */
  const reordered = new Set<number>()
  let refreshing: ReturnType<typeof setTimeout> | null = null

  const { getState } = state
  const show = (change: Partial<Pick<QueueRows, 'batches' | 'closedIds' | 'isLoaded'>> = {}) => {
    const { batches, closedIds, isLoaded } = { ...getState().rows, ...change }
    state.setState({ rows: rowsOf(batches, closedIds, isLoaded) })
  }
  const isShown = (batch: Batch) => batch.id > cleared || liveOf(batch.totals) > 0
  const pagesOf = (batchId: number): Pages => {
    const known = pages.get(batchId)
    if (known !== undefined) return known
    const made = createPages(
      async (after, skip, limit) => await live.calls.jobs.list({ phases: [...phases], batchId, after, skip, limit }),
      () => show(),
    )
    pages.set(batchId, made)
    return made
  }
  const load = async (after: number | null) => {
    if (isLoadingPage) return
    isLoadingPage = true
    try {
      const found = await live.calls.batches.list({ after, limit: batchesPerPage })
      isEnd = found.length < batchesPerPage
      const known = after === null ? [] : getState().rows.batches
      show({ batches: [...known, ...found.filter(isShown)], isLoaded: true })
      const oldest = found.at(-1)
      isLoadingPage = false
      // A page of nothing but cleared batches: what still works may be further back.
      if (!isEnd && oldest !== undefined && !found.some(isShown)) await load(oldest.id)
    } finally {
      isLoadingPage = false
    }
  }
  const refresh = async () => {
    const ids = [...dirty]
    dirty.clear()
    const found: (Batch | null)[] = []
    for (const id of ids) found.push(await live.calls.batches.get({ id }))
    for (const id of reordered) pages.get(id)?.stale()
    reordered.clear()
    const fresh = new Map(found.filter((batch) => batch !== null).map((batch) => [batch.id, batch]))
    const { batches } = getState().rows
    for (const batch of batches) {
      const newer = fresh.get(batch.id)
      if (newer !== undefined && sizeOf(newer.totals) !== sizeOf(batch.totals)) pages.get(batch.id)?.grown()
    }
    const known = new Set(batches.map(({ id }) => id))
    const kept = batches.map((batch) => fresh.get(batch.id) ?? batch).filter((batch) => sizeOf(batch.totals) > 0)
    const added = [...fresh.values()].filter((batch) => !known.has(batch.id) && sizeOf(batch.totals) > 0 && isShown(batch))
    show({ batches: [...added, ...kept].toSorted((one, other) => other.id - one.id) })
  }
  const refreshSoon = (batchId: number) => {
    const isNew = !getState().rows.batches.some(({ id }) => id === batchId)
    dirty.add(batchId)
    // What was just dropped should be seen at once.
    if (refreshing !== null && isNew) clearTimeout(refreshing)
    else if (refreshing !== null) return
    refreshing = setTimeout(
      () => {
        refreshing = null
        // Offline: the next connection asks for everything again.
        refresh().catch(() => {})
      },
      isNew ? 0 : refreshMs,
    )
  }
  const apply = (changes: readonly Change[]) => {
    const before = getState()
    const jobs = new Map([...before.jobs].filter(([id]) => followers.has(id)))
    const progress = new Map(before.progress)
    for (const change of changes) {
      if (change.type === 'job') {
        const { job } = change
        const isKnown = pages.get(job.batchId)?.replace(job) === true
        if (isKnown || followers.has(job.id)) jobs.set(job.id, job)
        if (job.state.phase !== 'running') progress.delete(job.id)
        refreshSoon(job.batchId)
      } else if (change.type === 'progress') {
        progress.set(change.progress.id, change.progress)
      } else if (change.type === 'batch') {
        reordered.add(change.batchId)
        refreshSoon(change.batchId)
      }
    }
    state.setState({ jobs, progress })
  }
  live.onChanges(apply)
  live.onOpen(() => {
    state.setState({ jobs: new Map() })
    for (const each of pages.values()) each.stale()
    load(null).catch(() => {})
  })

  return {
    state,
    job: ({ batch, index }) => {
      const job = pagesOf(batch.id).at(index)
      return job === undefined ? undefined : (getState().jobs.get(job.id) ?? job)
    },
    jobsOf: async (batchId, from, to) => await pagesOf(batchId).rows(from, to),
    follow: (jobId) => {
      followers.set(jobId, (followers.get(jobId) ?? 0) + 1)
      return () => {
        const left = (followers.get(jobId) ?? 1) - 1
        if (left > 0) followers.set(jobId, left)
        else followers.delete(jobId)
      }
    },
    newestOf: (job) => getState().jobs.get(job.id) ?? pages.get(job.batchId)?.find(job.id) ?? job,
    toggle: (batchId) => {
      const closedIds = new Set(getState().rows.closedIds)
      if (!closedIds.delete(batchId)) closedIds.add(batchId)
      show({ closedIds })
    },
    clearFinished: () => {
      const { batches } = getState().rows
      cleared = Math.max(cleared, ...batches.map(({ id }) => id))
      localStorage.setItem(clearedKey, String(cleared))
      show({ batches: batches.filter(isShown) })
    },
    more: () => {
      const oldest = getState().rows.batches.at(-1)
      if (!isEnd && oldest !== undefined) load(oldest.id).catch(() => {})
    },
    refresh: refreshSoon,
    move: async (ids, { batch, index }, edge) => {
      const each = pagesOf(batch.id)
      const target = each.at(index)
      if (target === undefined) return
      if (edge === 'before') await live.calls.jobs.moveBefore({ ids: [...ids], before: target.id })
      else await live.calls.jobs.moveAfter({ ids: [...ids], after: target.id })
      each.stale()
      await each.rows(Math.max(0, index - ids.length), index + ids.length)
    },
  }
}

function rowsOf(batches: readonly Batch[], closedIds: ReadonlySet<number>, isLoaded: boolean): QueueRows {
  /** The row of each batch; the last one is how many rows there are. */
  const starts = [0]
  for (const batch of batches) starts.push((starts.at(-1) ?? 0) + 1 + (closedIds.has(batch.id) ? 0 : sizeOf(batch.totals)))
  return {
    isLoaded,
    batches,
    closedIds,
    count: starts.at(-1) ?? 0,
    at: (index) => {
      const place = lastIndexUpTo(starts, index)
      const batch = batches[place]
      if (batch === undefined) return null
      const offset = index - (starts[place] ?? 0)
      return offset === 0 ? { kind: 'batch', batch } : { kind: 'job', batch, index: offset - 1 }
    },
  }
}

export function sizeOf(totals: Totals): number {
  return phases.reduce((sum, phase) => sum + totals[phase], 0)
}

export function liveOf(totals: Totals): number {
  return livePhases.reduce((sum, phase) => sum + totals[phase], 0)
}

/** The last place in a rising list that is not above `value`. */
function lastIndexUpTo(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((list[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
