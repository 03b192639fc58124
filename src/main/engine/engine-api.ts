/** The engine as the API sees it: verbs that change the queue, questions about it, and one stream of changes. */
import type { Check, Machine } from '../../shared/machine.ts'
import type { Change, ConvertRequest, IntakeEvent, ProviderChange, ProviderStatus } from '../../shared/wire/contract.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Job, Phase, Ticket } from '../../shared/job.ts'
import type { ChangeAnswer, JobChange } from '../../shared/job-change.ts'
import type { Batch, HistoryOrder, HistoryQuery, ListedPreset, OnlineProviderId, Preset, QueueState } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Retryable } from '../../shared/selection.ts'
import type { JobFilter, ListedJob, MissingPairing, Pairing } from '../providers/provider.ts'
import type { HistoryDay, HistorySums, JobPage, NewOrder, Selection, SpentDay } from '../store/store.ts'
import type { ProviderId } from '../../shared/job.ts'
import type { Rehearsal } from './intake/rehearse.ts'
import type { Passwords } from './passwords.ts'

export interface Engine {
  /** Seals and opens what options hold of passwords. */
  readonly passwords: Passwords
  /** Puts right what a crash left. Jobs are kept and moved from here on, and none is begun: that is for whoever only reads. */
  recover(): Promise<void>
  /** Recovers, then begins to work. */
  start(): Promise<void>
  /** Aborts what runs (it is put back into the queue), waits until nothing runs any more. */
  stop(): Promise<void>
  /**
   * All changes from now on, in portions. A reader that is slow, or rests so many milliseconds between two portions, gets the newest value
   * of each job, not every one. Ends with the signal.
   */
  changes(signal: AbortSignal, restMs?: number): AsyncIterable<readonly Change[]>

  openBatch(label: string): number
  /** Finds files, refuses with reasons, and queues the rest, in chunks: what was yielded as added is in the queue for good. */
  convert(request: ConvertRequest, signal: AbortSignal): AsyncIterable<IntakeEvent>
  /** What `convert` would do, with nothing done; names and costs for so many sources. */
  rehearse(request: Omit<ConvertRequest, 'batchId'>, results: number, signal: AbortSignal): AsyncIterable<Rehearsal>
  batch(id: number): Batch | null
  batches(query: { readonly after: number | null; readonly limit: number }): readonly Batch[]
  undo(batchId: number): Promise<Undone>

  job(id: number): Job | null
  list(query: {
    readonly phases: readonly Phase[]
    readonly batchId: number | null
    readonly after: string | null
    readonly skip?: number | undefined
    readonly limit: number
  }): JobPage
  /** Each answers how many jobs it moved. */
  pause(selection: Selection): Promise<number>
  resume(selection: Selection): Promise<number>
  /** `sent`: so many of them were with a provider already, and may go on and cost there. */
  cancel(selection: Selection): Promise<{ readonly moved: number; readonly sent: number }>
  retry(selection: Selection, outcomes?: readonly Retryable[]): Promise<number>
  approve(selection: Selection): Promise<number>
  settleNameConflicts(selection: Selection, as: 'number' | 'skip' | 'overwrite'): Promise<number>
  /** Throws `not-found` or `not-possible`. */
  resolve(id: number, as: 'done' | 'again' | 'forget'): Job
  setPriority(ids: readonly number[], priority: number): number
  /** Another order for jobs that have not begun; each that cannot have it stays as it was. What was changed before the signal stays changed. */
  changeOrders(selection: Selection, change: JobChange, signal: AbortSignal): Promise<ChangeAnswer>
  /** What `changeOrders` would answer, with nothing changed. */
  rehearseChange(selection: Selection, change: JobChange, signal: AbortSignal): Promise<ChangeAnswer>
  moveBefore(ids: readonly number[], before: number | null): number
  moveAfter(ids: readonly number[], after: number): number

  /** The order that a job would have, or why it cannot have it. */
  planChange(job: Job | null, change: JobChange, signal: AbortSignal): Promise<NewOrder | Failure>
  /** Takes a place in a lane for work that is no job, whether or not one is free; the answer gives it back. */
  occupy(lane: string): () => void

  totals(): QueueState
  pauseAll(): void
  resumeAll(): void
  /** Time may have passed that no timer has noticed, as when the computer slept: what is due begins at once. */
  nudge(): void

  history: {
    page(query: HistoryQuery, after: string | null, limit: number, skip?: number, order?: HistoryOrder): JobPage
    runs(jobId: number): readonly Job[]
    spend(span: { readonly fromMs: number; readonly beforeMs: number }, zoneOffsetMinutes: number): readonly SpentDay[]
    sums(query: HistoryQuery): HistorySums
    days(query: HistoryQuery, zoneOffsetMinutes: number): readonly HistoryDay[]
    forget(ids: readonly number[] | 'all'): Promise<number>
  }
  presets: {
    /** The user's own first, then those that come with Beside, which are neither saved nor removed: `not-possible`. */
    list(): readonly ListedPreset[]
    save(preset: Preset): void
    remove(name: string): boolean
  }
  providers: {
    /** In the user's order. */
    list(): Promise<readonly ProviderStatus[]>
    set(change: ProviderChange): Promise<ProviderStatus>
    setKey(id: OnlineProviderId, key: string): Promise<ProviderStatus>
    forgetKey(id: OnlineProviderId): Promise<ProviderStatus>
    /** Asks the provider whether the key works and what is left. Throws what it answered. */
    check(id: OnlineProviderId): Promise<ProviderStatus>
    jobs(id: OnlineProviderId, filter: JobFilter): Promise<readonly ListedJob[]>
    addWebhook(id: OnlineProviderId, url: string | null): Promise<string>
    /** Somebody who is known as the provider called about a job: it is asked about at its next turn. Whether one waits there. */
    calledBack(id: ProviderId, ids: Ticket['ids']): boolean
  }
  settings(): Settings
  machine(): Machine
  change(settings: Partial<Settings>): Settings
  formats(): Promise<readonly StatedPairing[]>
  doctor(): Promise<readonly Check[]>
}

/** What a provider states. */
export interface StatedPairing extends Pairing {
  readonly provider: ProviderId
  /** It would be made, were this program here. */
  readonly missing?: Pick<MissingPairing, 'program' | 'install'>
  /** The provider said so then, and cannot be asked now. */
  readonly staleSinceMs?: number
}

export interface Undone {
  readonly removed: readonly string[]
  readonly kept: readonly { readonly path: string; readonly why: Failure }[]
}
