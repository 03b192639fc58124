/**
 * The queue as the window shows it: batches, newest first, each with its jobs. It holds what is on screen and a little around it;
 * the engine holds the rest. One flat list of rows, so that a hundred thousand of them scroll like ten.
 */
import type { Change, Progress } from '../../shared/wire/contract.ts'
import { livePhases, phases, type Job } from '../../shared/job.ts'
import type { Batch, Totals } from '../../shared/model.ts'
import type { Live } from '../live.ts'
import { createPages, type Pages } from './pages.ts'

export type Row =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'job'; readonly batch: Batch; readonly index: number }

export interface Queue {
  /** Changes with every change of what rows there are. */
  version(): number
  subscribe(listener: () => void): () => void
  isLoaded(): boolean
  batches(): readonly Batch[]
  count(): number
  row(index: number): Row | null
  job(row: Extract<Row, { kind: 'job' }>): Job | undefined
  jobsOf(batchId: number, from: number, to: number): Promise<readonly Job[]>
  /** Told when this job or its progress changes. */
  watch(jobId: number, listener: () => void): () => void
  latest(jobId: number): Job | undefined
  progress(jobId: number): Progress | undefined
  isOpen(batchId: number): boolean
  toggle(batchId: number): void
  /** Takes finished batches out of sight; they stay in the history. */
  clearFinished(): void
  /** More rows are needed below the last batch. */
  more(): void
  refresh(batchId: number): void
  /** Puts jobs of a batch before or after the one at this place in it; resolves when what is around there is known anew. */
  move(ids: readonly number[], target: Extract<Row, { kind: 'job' }>, edge: 'before' | 'after'): Promise<void>
}

const batchesAtOnce = 50
/** Batch totals follow their jobs this often at most. */
const refreshMs = 500
const clearedKey = 'beside.cleared'

export function createQueue(live: Live): Queue {
  let batches: readonly Batch[] = []
  let loaded = false
  let version = 0
  let isEnd = false
  let loading = false
  let starts: number[] = [0]
  let cleared = Number(localStorage.getItem(clearedKey) ?? 0)
  const closed = new Set<number>()
  const pages = new Map<number, Pages>()
  const latest = new Map<number, Job>()
  const progress = new Map<number, Progress>()
  const watchers = new Map<number, Set<() => void>>()
  const listeners = new Set<() => void>()
  const dirty = new Set<number>()
  /** Their jobs may be in another order. */
  const reordered = new Set<number>()
  let refreshing: ReturnType<typeof setTimeout> | null = null

  const tell = () => {
    version += 1
    starts = [0]
    for (const batch of batches) starts.push((starts.at(-1) ?? 0) + 1 + (closed.has(batch.id) ? 0 : sizeOf(batch.totals)))
    for (const listener of listeners) listener()
  }
  const isShown = (batch: Batch) => batch.id > cleared || liveOf(batch.totals) > 0
  const pagesOf = (batchId: number): Pages => {
    const known = pages.get(batchId)
    if (known !== undefined) return known
    const made = createPages(
      async (after, skip, limit) => await live.calls.jobs.list({ phases: [...phases], batchId, after, skip, limit }),
      tell,
    )
    pages.set(batchId, made)
    return made
  }
  const load = async (after: number | null) => {
    if (loading) return
    loading = true
    try {
      const found = await live.calls.batches.list({ after, limit: batchesAtOnce })
      isEnd = found.length < batchesAtOnce
      const known = after === null ? [] : batches
      batches = [...known, ...found.filter(isShown)]
      loaded = true
      const oldest = found.at(-1)
      loading = false
      // A page of nothing but cleared batches: what still works may be further back.
      if (!isEnd && oldest !== undefined && !found.some(isShown)) await load(oldest.id)
    } finally {
      loading = false
      tell()
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
    for (const batch of batches) {
      const newer = fresh.get(batch.id)
      if (newer !== undefined && sizeOf(newer.totals) !== sizeOf(batch.totals)) pages.get(batch.id)?.grown()
    }
    const known = new Set(batches.map(({ id }) => id))
    const kept = batches.map((batch) => fresh.get(batch.id) ?? batch).filter((batch) => sizeOf(batch.totals) > 0)
    const come = [...fresh.values()].filter((batch) => !known.has(batch.id) && sizeOf(batch.totals) > 0 && isShown(batch))
    batches = [...come, ...kept].toSorted((one, other) => other.id - one.id)
    tell()
  }
  const refreshSoon = (batchId: number) => {
    const isNew = !batches.some(({ id }) => id === batchId)
    dirty.add(batchId)
    // What was just dropped should be seen at once.
    if (refreshing !== null && isNew) clearTimeout(refreshing)
    else if (refreshing !== null) return
    refreshing = setTimeout(
      () => {
        refreshing = null
        // Offline: the next line begins with everything anew.
        refresh().catch(() => {})
      },
      isNew ? 0 : refreshMs,
    )
  }
  const apply = (changes: readonly Change[]) => {
    const told = new Set<number>()
    for (const change of changes) {
      if (change.type === 'job') {
        const { job } = change
        const known = pages.get(job.batchId)?.replace(job) === true
        if (known || watchers.has(job.id)) latest.set(job.id, job)
        if (job.state.phase !== 'running') progress.delete(job.id)
        told.add(job.id)
        refreshSoon(job.batchId)
      } else if (change.type === 'progress') {
        progress.set(change.progress.id, change.progress)
        told.add(change.progress.id)
      } else if (change.type === 'batch') {
        reordered.add(change.batchId)
        refreshSoon(change.batchId)
      }
    }
    for (const id of told) for (const watcher of watchers.get(id) ?? []) watcher()
  }
  live.onChanges(apply)
  live.onOpen(() => {
    latest.clear()
    for (const each of pages.values()) each.stale()
    load(null).catch(() => {})
  })

  return {
    version: () => version,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isLoaded: () => loaded,
    batches: () => batches,
    count: () => starts.at(-1) ?? 0,
    row: (index) => {
      const place = lastAtMost(starts, index)
      const batch = batches[place]
      if (batch === undefined) return null
      const offset = index - (starts[place] ?? 0)
      return offset === 0 ? { kind: 'batch', batch } : { kind: 'job', batch, index: offset - 1 }
    },
    job: ({ batch, index }) => {
      const job = pagesOf(batch.id).at(index)
      return job === undefined ? undefined : (latest.get(job.id) ?? job)
    },
    jobsOf: async (batchId, from, to) => await pagesOf(batchId).rows(from, to),
    watch: (jobId, listener) => {
      const set = watchers.get(jobId) ?? new Set()
      set.add(listener)
      watchers.set(jobId, set)
      return () => {
        set.delete(listener)
        if (set.size > 0) return
        watchers.delete(jobId)
        latest.delete(jobId)
      }
    },
    latest: (jobId) => latest.get(jobId),
    progress: (jobId) => progress.get(jobId),
    isOpen: (batchId) => !closed.has(batchId),
    toggle: (batchId) => {
      if (!closed.delete(batchId)) closed.add(batchId)
      tell()
    },
    clearFinished: () => {
      cleared = Math.max(cleared, ...batches.map(({ id }) => id))
      localStorage.setItem(clearedKey, String(cleared))
      batches = batches.filter(isShown)
      tell()
    },
    more: () => {
      const oldest = batches.at(-1)
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

export function sizeOf(totals: Totals): number {
  return phases.reduce((sum, phase) => sum + totals[phase], 0)
}

export function liveOf(totals: Totals): number {
  return livePhases.reduce((sum, phase) => sum + totals[phase], 0)
}

/** The last place in a rising list that is not above `value`. */
function lastAtMost(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((list[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
