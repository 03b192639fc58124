/**
 * What the store keeps, as its users see it. Everything is synchronous: SQLite is in this process, and one call is one
 * transaction. Rows do not leave the store; it never publishes anything, and it takes the time as an argument.
 */
import type { Failure } from '../../shared/failure.ts'
import type { Draft, Job, JobEvent, JobState, Phase, ProviderId, RouteReason } from '../../shared/job.ts'
import type { DeliveryStore, HookStore } from './hook-store.ts'
import type { FolderStore, SightingStore } from './ledger.ts'
import type { ServedStore } from './served.ts'
import type { UnreadRows } from './unread.ts'
import type { Batch, HistoryOrder, HistoryQuery, KeptAccount, Preset, Totals } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'

export interface Store {
  /** Absolute; the data folder. */
  readonly folder: string
  /** Six hex digits drawn when the database was made; part of temporary names, so that two data folders never mix them up. */
  readonly tag: string
  /** Where a damaged database was put when this one was begun in its place; null in all other cases. */
  readonly setAside: string | null
  readonly jobs: JobStore
  readonly batches: BatchStore
  readonly history: HistoryStore
  readonly presets: PresetStore
  readonly settings: SettingsStore
  readonly spend: SpendStore
  readonly accounts: AccountStore
  readonly memories: MemoryStore
  readonly folders: FolderStore
  readonly sightings: SightingStore
  readonly served: ServedStore
  readonly hooks: HookStore
  readonly deliveries: DeliveryStore
  /** What this version cannot read. */
  readonly unread: UnreadRows
  close(): void
}

/** A job that an event has moved, and where it stood before. */
export interface Moved {
  readonly job: Job
  readonly was: JobState
}

/** The jobs that a verb means. */
export type Selection =
  | { readonly kind: 'ids'; readonly ids: readonly number[] }
  | { readonly kind: 'batch'; readonly batchId: number }
  | { readonly kind: 'all' }

export interface Added {
  readonly id: number
  /** True where a live job already does the very same: that one's id. */
  readonly joined: boolean
}

/** What another order makes of a job. */
export interface NewOrder extends Pick<Job, 'order' | 'provider' | 'lane' | 'reason' | 'priority'> {}

export type Changed =
  | { readonly kind: 'changed'; readonly job: Job }
  /** It had this order before. */
  | { readonly kind: 'same'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly why: Failure }

export interface JobPage {
  readonly jobs: readonly Job[]
  /** Give it back for the next page; null at the end. */
  readonly next: string | null
}

export interface JobStore {
  /** All drafts in one transaction. Same order as given. A draft that a live job already does joins that one. */
  add(batchId: number, drafts: readonly Draft[], nowMs: number): readonly Added[]
  /** The next due job of a lane to running, attempt + 1, kept soon; null where there is none. Highest priority, then position. */
  claim(lane: string, nowMs: number): Job | null
  /** Takes along those of a job's siblings that are due and wanted, each as a claim does. */
  claimSiblings(of: Job, isWanted: (sibling: Job) => boolean, nowMs: number): readonly Job[]
  /** All results of the job's source that were asked for with it and are not forgotten, in any phase; without itself. */
  siblingsOf(job: Pick<Job, 'id' | 'sibling'>): readonly Job[]
  /**
   * One legal move, or null where the event means nothing in the job's phase (or there is no such job). The names that a step is about to
   * give become the job's with it.
   *
   * @param kept `now` unless set: it is on the disk before this returns. `soon`: with the next that is; until then a power cut may take it back.
   */
  apply(id: number, event: JobEvent, kept?: 'now' | 'soon'): Job | null
  /** As apply, and gives the attempt of the last claim back. */
  giveBack(id: number, event: JobEvent): Job | null
  /** The claims so far count as one. */
  resetAttempts(id: number): void
  /** At most `limit` live jobs of a selection moved by one event; answers those it moved. Call again until it answers none. */
  applyToSome(selection: Selection, from: readonly Phase[], event: JobEvent, limit: number): readonly Moved[]
  /**
   * Jobs that wait because of a name conflict go back into the queue with this policy, or end as skipped. So many waiting ones are
   * checked, from a place on; answers those it moved and where to go on, null at the end.
   */
  resolveConflicts(
    selection: Selection,
    as: 'number' | 'skip' | 'overwrite',
    nowMs: number,
    page: { readonly after: string | null; readonly limit: number },
  ): { readonly moved: readonly Job[]; readonly next: string | null }
  /** Another provider for a job that is queued or running, and why. Before anything was submitted only. */
  reroute(id: number, to: { readonly provider: ProviderId; readonly lane: string; readonly reason: RouteReason }): Job | null
  /**
   * Other orders for jobs, all in one transaction. `ask` is given each as it stands at that moment (null: there is none) and answers its new
   * order, or why it stays; it refuses what has begun. One that would do what another live job does stays as it is.
   *
   * @param rehearsed null: in earnest. Else nothing is written, and it takes down which job would have which order.
   */
  changeOrders(
    ids: readonly number[],
    ask: (job: Job | null) => NewOrder | Failure,
    rehearsed: Map<string, number> | null,
  ): readonly Changed[]
  get(id: number): Job | null
  /** Live jobs in the order in which they will be claimed, or those of the given phases; by key, at most `limit`. */
  list(query: {
    readonly phases: readonly Phase[]
    readonly batchId: number | null
    readonly after: string | null
    /** Rows passed over first; 0 unless set. */
    readonly skip?: number | undefined
    readonly limit: number
  }): JobPage
  /** Every job that stands at `running`: what a crash left. */
  running(): readonly Job[]
  /** Earliest time at which a queued job of any lane becomes due, null where none waits for a time. */
  nextDueMs(): number | null
  /** Lanes that have a due job. */
  dueLanes(nowMs: number): readonly string[]
  /** How many jobs could begin in each lane whose name begins so. */
  queuedIn(beginning: string): readonly { readonly lane: string; readonly jobs: number }[]
  setPriority(ids: readonly number[], priority: number): readonly Job[]
  /** Moves jobs before another one of the queue (null: to the end), keeping their order among themselves. */
  moveBefore(ids: readonly number[], before: number | null): readonly Job[]
  /** Directly behind it, in the order they have among themselves. Throws `not-found` like `moveBefore`. */
  moveAfter(ids: readonly number[], after: number): readonly Job[]
  totals(): Totals
  /** Live jobs with this source, `except` not counted: who still needs the file. */
  othersOn(sourcePath: string, except: number): number
  /** Which job placed an output at this path last, if that was Beside. */
  ownerOf(path: string): { readonly jobId: number; readonly batchId: number } | null
  /** Whether any result was ever placed, or is about to be, in this folder or below it. */
  hasOutputsIn(folder: string): boolean
}

export interface BatchStore {
  /** It is being filled from here on: whatever becomes of its jobs, it is not over. */
  open(label: string, nowMs: number): number
  /** More is about to be added. */
  fill(id: number): void
  /** Nothing more is added for now. Kept soon. */
  filled(id: number): void
  /** After a crash: nothing is being added to any. */
  recoverFilling(): void
  get(id: number): Batch | null
  /** Newest first. */
  list(query: { readonly after: number | null; readonly limit: number }): readonly Batch[]
  markUndone(id: number, nowMs: number): void
}

export interface HistoryStore {
  /** Finished jobs, newest first unless another order is asked for. @throws JobError `not-possible`: see `maxSorted`. */
  page(query: HistoryQuery, after: string | null, limit: number, skip?: number, order?: HistoryOrder): JobPage
  /** All runs of a source that repeat each other, this job's own among them, oldest first; those that are not forgotten. */
  runs(jobId: number): readonly Job[]
  /** Totals over the same selection. */
  sums(query: HistoryQuery): HistorySums
  /** Files and bytes a day (local days of `zoneOffsetMinutes`), oldest first. */
  days(query: HistoryQuery, zoneOffsetMinutes: number): readonly HistoryDay[]
  /** Takes finished jobs out of the history; the files stay. Answers how many. At most `limit` at once. */
  forget(ids: readonly number[] | 'all', limit: number): number
}

export interface HistorySums {
  readonly jobs: number
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}
export interface HistoryDay {
  /** `2026-11-21` */
  readonly day: string
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}

export interface PresetStore {
  list(): readonly Preset[]
  get(name: string): Preset | null
  save(preset: Preset): void
  /** False where there was none of that name. */
  remove(name: string): boolean
}

export interface SettingsStore {
  get(): Settings
  /** Answers the whole new settings. */
  set(change: Partial<Settings>): Settings
}

/** What accounts at providers said last. */
export interface AccountStore {
  /** Null where nothing is known. */
  get(id: ProviderId): KeptAccount | null
  keep(id: ProviderId, account: KeptAccount): void
  forget(id: ProviderId): void
}

/** What providers keep for themselves; null where nothing is. */
export interface MemoryStore {
  get(id: ProviderId): unknown
  keep(id: ProviderId, value: unknown): void
}

/** The ledger of what online providers cost, in each provider's own unit. */
export interface SpendStore {
  /** A submit was accepted at this price, or at an unknown one (0). */
  record(job: Pick<Job, 'id' | 'batchId' | 'provider'>, cost: SpentCost, nowMs: number): void
  /** The price of a job's last submit has become known. */
  correct(jobId: number, cost: SpentCost): void
  /** What each provider was paid a day (local days of `zoneOffsetMinutes`), oldest first. */
  days(span: { readonly fromMs: number; readonly beforeMs: number }, zoneOffsetMinutes: number): readonly SpentDay[]
  /** What the provider's last submit cost; null where nothing was ever sent there. Without a unit, it did not say. */
  last(provider: ProviderId): SpentCost | null
  /** Sum since a time. */
  since(provider: ProviderId, sinceMs: number): number
  ofBatch(provider: ProviderId, batchId: number): number
  /** What submits may have cost of which nobody knows what became, by batch. */
  inDoubt(provider: ProviderId): readonly { readonly batchId: number; readonly amount: number }[]
  /** What a job cost over all its submits; null where nothing was paid. */
  ofJob(jobId: number): SpentCost | null
}

export interface SpentDay extends SpentCost {
  /** `2026-11-21` */
  readonly day: string
  readonly provider: ProviderId
}

export interface SpentCost {
  readonly amount: number
  readonly unit: string
}
