/**
 * From lines of the ledger to jobs of the engine, each once, and what becomes of them. Before a file is enqueued, the ledger says which batch it goes
 * into; a crash before, within or after the engine's commit is made good by asking that batch what it has.
 */
import { dirname, join } from 'node:path'
import { failure, toFailure, type Failure, type FailureCode } from '../../shared/failure.ts'
import type { Rule, Why } from '../../shared/folders.ts'
import { extensionOf } from '../../shared/formats.ts'
import { isFinished, isTaken, phases, workOf, type Job, type Phase } from '../../shared/job.ts'
import type { ConvertRequest } from '../../shared/wire/contract.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { FolderStore, LedgerLine, SightingStore } from '../store/ledger.ts'
import { outputsFor, pathOf, type LedgerPorts, type WatchContext } from './watch-context.ts'

export interface EnqueuePorts extends LedgerPorts {
  readonly engine: Pick<Engine, 'openBatch' | 'convert' | 'batch' | 'list'>
  readonly folders: Pick<FolderStore, 'claimBatch'>
}

/** A result that the engine will not make, and why. */
export interface Rejected {
  readonly line: LedgerLine
  readonly why: Failure
}

/**
 * What a rule's file is converted with. The one place where watched files get their money and their privacy.
 * @param only which of the rule's results.
 */
export function requestFor(rule: Rule, only: readonly number[]): Omit<ConvertRequest, 'batchId' | 'sources' | 'out'> {
  return {
    target: null,
    options: {},
    preset: null,
    outputs: rule.outputs,
    only: [...only],
    with: rule.with,
    // Without the permission to spend nothing is sent anywhere, so nothing can be spent.
    localOnly: rule.localOnly || rule.spend === null,
    recursive: false,
    include: [],
    exclude: [],
    // What a person drops goes first.
    priority: -1,
    ...(rule.nameTemplate === null ? {} : { nameTemplate: rule.nameTemplate }),
    ...(rule.ifExists === null ? {} : { ifExists: rule.ifExists }),
    ...(rule.keepDates === null ? {} : { keepDates: rule.keepDates }),
    ...(rule.afterwards === null ? {} : { afterwards: rule.afterwards }),
  }
}

/** Where the results of files of this folder go; null: beside them. */
export function outputFolder(rule: Rule, dir: string): string | null {
  return rule.out === null ? null : join(rule.out, dir)
}

/**
 * Which results are enqueued now: all that are not yet. Their jobs are of one request, so the source goes with the last of them.
 * @param enqueued those that were enqueued before.
 */
export function missingOutputs(line: LedgerLine, enqueued: readonly number[], context: WatchContext): readonly number[] {
  return outputsFor(line.name, context).filter((output) => !enqueued.includes(output))
}

/** @param lines of this folder, of each of which the same results are enqueued now. */
export async function enqueue(
  lines: readonly LedgerLine[],
  outputs: readonly number[],
  context: WatchContext,
  ports: EnqueuePorts,
  signal: AbortSignal,
): Promise<readonly Rejected[]> {
  const batchId = openBatch(lines, outputs, context, ports)
  assign(lines, outputs, batchId, ports)
  return await submit(lines, { outputs, batchId }, 'first', context, ports, signal)
}

function assign(lines: readonly LedgerLine[], outputs: readonly number[], batchId: number, ports: EnqueuePorts): void {
  ports.sightings.assign(
    lines.map(({ id }) => id),
    outputs.map((output) => ({ output, batchId })),
    { code: 'queued', facts: {} },
    ports.clock.nowMs(),
  )
}

/** What a crash cut off is taken up where it stood. Lines whose batch never came to be are enqueued as if nothing had been. */
export async function resumeEnqueue(
  context: WatchContext,
  ports: EnqueuePorts,
  signal: AbortSignal,
): Promise<readonly Rejected[]> {
  const rejected: Rejected[] = []
  const byBatch = Map.groupBy(ports.sightings.openAssignments(context.folder.id), ({ batchId }) => batchId)
  for (const [batchId, open] of byBatch) {
    const isThere = ports.engine.batch(batchId) !== null
    const lines = new Map<string, { readonly outputs: readonly number[]; readonly lines: LedgerLine[] }>()
    for (const [id, own] of Map.groupBy(open, ({ sightingId }) => sightingId)) {
      const line = ports.sightings.get(id)
      // The rule may have been changed meanwhile.
      for (const { output } of own) if (!folderHas(context, output)) ports.sightings.unassign(id, output)
      const outputs = own.map(({ output }) => output).filter((output) => folderHas(context, output))
      if (line === null || outputs.length === 0) continue
      const alike = lines.get(outputs.join()) ?? { outputs, lines: [] }
      lines.set(outputs.join(), { outputs, lines: [...alike.lines, line] })
    }
    for (const { outputs, lines: some } of lines.values()) {
      const id = isThere ? batchId : openBatch(some, outputs, context, ports)
      assign(some, outputs, id, ports)
      rejected.push(...(await submit(some, { outputs, batchId: id }, isThere ? 'again' : 'first', context, ports, signal)))
    }
  }
  return rejected
}

function folderHas({ targets }: WatchContext, output: number): boolean {
  return output < targets.length
}

function openBatch(lines: readonly LedgerLine[], outputs: readonly number[], context: WatchContext, ports: EnqueuePorts): number {
  const { folder, targets } = context
  const [first] = lines
  const what = lines.length === 1 && first !== undefined ? pathOf(context, first) : folder.rule.path
  const [preset] = folder.rule.outputs.flatMap((output) => (output.target === null ? (output.preset ?? []) : []))
  const wanted = outputs.map((output) => targets[output]).flatMap((target) => (target ? [extensionOf(target)] : []))
  const batchId = ports.engine.openBatch(
    `${what.slice(0, 400)} → ${folder.rule.outputs.length === 1 && preset !== undefined ? preset : [...new Set(wanted)].join(', ')}`,
  )
  ports.folders.claimBatch(folder.id, batchId)
  return batchId
}

/** A result of a source; refusals of a source as a whole are of all its results. */
function placeIn(source: string, output: number): string {
  return `${output} ${source}`
}

async function submit(
  lines: readonly LedgerLine[],
  { outputs, batchId }: { readonly outputs: readonly number[]; readonly batchId: number },
  time: 'first' | 'again',
  context: WatchContext,
  ports: EnqueuePorts,
  signal: AbortSignal,
): Promise<readonly Rejected[]> {
  const { rule } = context.folder
  // One whose preset is gone is refused by itself.
  const isKnown = (output: number) => context.targets[output] !== null
  const requests = [outputs.filter(isKnown), outputs.filter((output) => !isKnown(output))].filter((some) => some.length > 0)
  const jobs = new Map<string, number>()
  const refused = new Map<string, Failure>()
  const refuse = (source: string, which: readonly number[], why: Failure) => {
    for (const output of which) refused.set(placeIn(source, output), why)
  }
  const bySource = new Map(lines.map((line) => [pathOf(context, line), line]))
  for (const some of Map.groupBy(bySource, ([, line]) => outputFolder(rule, line.dir)).values()) {
    const sources = some.map(([path]) => path)
    const [[, first] = []] = some
    const own = { out: outputFolder(rule, first?.dir ?? ''), ...(time === 'again' ? { again: true } : {}) }
    for (const only of requests) {
      try {
        const events = ports.engine.convert({ ...requestFor(rule, only), ...own, batchId, sources }, signal)
        for await (const event of events) {
          if (event.type === 'joined') jobs.set(placeIn(event.source, event.output ?? 0), event.jobId)
          else if (event.type === 'refused') refuse(event.source, event.output === undefined ? only : [event.output], event.why)
        }
      } catch (error) {
        signal.throwIfAborted()
        // The request as a whole makes no sense, as when its preset is gone.
        for (const source of sources) refuse(source, only, toFailure(error))
      }
    }
  }
  for (const { id, place } of jobsOf(batchId, ports)) jobs.set(place, id)
  const all = [...bySource].flatMap(([path, line]) => outputs.map((output) => ({ line, output, place: placeIn(path, output) })))
  ports.sightings.complete(
    all.flatMap(({ line, output, place }) => {
      const jobId = jobs.get(place)
      return jobId === undefined ? [] : [{ sightingId: line.id, output, jobId }]
    }),
  )
  return all.flatMap(({ line, output, place }) => {
    const why = refused.get(place)
    if (why === undefined || jobs.has(place)) return []
    ports.sightings.refuse(line.id, output)
    return [{ line, why }]
  })
}

function* jobsOf(batchId: number, { engine }: EnqueuePorts): Generator<{ readonly id: number; readonly place: string }> {
  let after: string | null = null
  do {
    const page: ReturnType<Engine['list']> = engine.list({ phases, batchId, after, limit: 1000 })
    for (const { id, order, sibling } of page.jobs)
      if (order.source.kind === 'file') yield { id, place: placeIn(order.source.path, sibling?.output ?? 0) }
    after = page.next
  } while (after !== null)
}

export interface CancelPorts {
  readonly sightings: SightingStore
  readonly engine: Pick<Engine, 'cancel'>
  readonly jobOf: (id: number) => Job | null
}

/** Cancels all jobs of a line: they are for contents that are no more. One that somebody else asked for as well is theirs, and goes on. */
export async function cancelAll(id: number, ports: CancelPorts): Promise<void> {
  const enqueued = enqueuedOf(id, ports)
  ports.sightings.dropAssignments(id)
  await cancel(enqueued, ports)
}

const begun: ReadonlySet<Phase> = new Set(['running', 'uncertain', 'done', 'skipped'])

/** A job that runs has its file already, or will fail because it is missing; what may have been charged is not given up. */
function goesOn({ state }: Job): boolean {
  const work = workOf(state)
  return begun.has(state.phase) || (work !== null && isTaken(work)) || (state.phase === 'failed' && state.sent === true)
}

/** The line's file is elsewhere, or nowhere: cancels what has not begun, or has failed. Answers whether there was anything. */
export async function cancelIdle(id: number, ports: CancelPorts): Promise<boolean> {
  const idle = enqueuedOf(id, ports).filter(({ job }) => !goesOn(job))
  for (const { output } of idle) ports.sightings.unassign(id, output)
  await cancel(idle, ports)
  return idle.length > 0
}

interface Enqueued {
  readonly output: number
  readonly job: Job
  readonly isOwn: boolean
}

function enqueuedOf(id: number, { sightings, jobOf }: CancelPorts): readonly Enqueued[] {
  return sightings.assignmentsOf(id).flatMap(({ output, batchId, jobId }) => {
    const job = jobId === null ? null : jobOf(jobId)
    return job === null ? [] : [{ output, job, isOwn: job.batchId === batchId }]
  })
}

async function cancel(enqueued: readonly Enqueued[], { engine }: CancelPorts): Promise<void> {
  const ids = enqueued.flatMap(({ job, isOwn }) => (isOwn && !isFinished(job.state) ? [job.id] : []))
  if (ids.length > 0) await engine.cancel({ kind: 'ids', ids })
}

const linesPerPage = 500

/** What waits for the user may wait for a price that nobody states, which no allowance covers. */
const withoutBudget: ReadonlySet<Why['code']> = new Set(['spend-cap', 'waits-for-you'])

/**
 * Files whose jobs wait because their folder may spend no more are enqueued anew where the rule now says something else about money or about
 * who converts. A new day is seen to by the engine.
 */
export async function requeueUnpaid(folderId: number, before: Rule, now: Rule, ports: CancelPorts, nowMs: number): Promise<void> {
  if (moneyOf(before) === moneyOf(now)) return
  for (let after = 0; ;) {
    const lines = ports.sightings.inState(folderId, 'queued', after, linesPerPage)
    for (const { id, why } of lines) {
      if (!withoutBudget.has(why.code) || !(await cancelIdle(id, ports))) continue
      ports.sightings.write([{ id, change: { state: 'waiting', why: { code: 'settling', facts: {} }, dueAtMs: null } }], nowMs)
    }
    const last = lines.at(-1)
    if (last === undefined || lines.length < linesPerPage) return
    after = last.id
  }
}

function moneyOf({ spend, with: by, localOnly }: Rule): string {
  return JSON.stringify([spend, by, localOnly])
}

/** What a file has come to by what became of its jobs. */
export type FileOutcome =
  | { readonly kind: 'working'; readonly why: Why }
  | { readonly kind: 'done'; readonly why: Why }
  | { readonly kind: 'left'; readonly why: Why }
  | { readonly kind: 'failed'; readonly why: Failure }
  /** It failed after a provider had taken it: another try would be charged again, and that is the user's to say. */
  | { readonly kind: 'failed-after-payment'; readonly why: Failure }
  /** It failed for a reason that is not the file's and may pass, however long that takes. */
  | { readonly kind: 'hindered'; readonly why: Failure }
  /** Not now: the jobs wait for a new day, or for the user. */
  | { readonly kind: 'unpaid'; readonly why: Why }
  /** The file, or what it was, or its whole folder, was elsewhere when its turn came. */
  | { readonly kind: 'missed' }
  /** Nothing is enqueued: that was cancelled, and a crash came before the file's line said so. */
  | { readonly kind: 'not-enqueued' }

/** @param jobs all that were enqueued; null for one that the history no longer has. */
export function fileOutcomeOf(jobs: readonly (Job | null)[], spends: 'with permission' | 'never'): FileOutcome {
  if (jobs.length === 0) return { kind: 'not-enqueued' }
  const known = jobs.filter((job) => job !== null)
  const states = known.map(({ state }) => state)
  const unpaid = states.find((state) => state.phase === 'waiting' && state.why.code === 'cap-reached')
  if (spends === 'with permission' && unpaid?.phase === 'waiting')
    return { kind: 'unpaid', why: { code: 'spend-cap', facts: {}, cause: unpaid.why } }
  const asks = states.find((state) => state.phase === 'waiting' || state.phase === 'uncertain')
  if (asks !== undefined) return { kind: 'working', why: { code: 'waits-for-you', facts: {} } }
  if (!states.every(isFinished)) return { kind: 'working', why: { code: 'queued', facts: {} } }
  const sent = states.find((state) => state.phase === 'failed' && state.sent === true)
  if (sent?.phase === 'failed') return { kind: 'failed-after-payment', why: sent.why }
  const failed = known.flatMap(({ order, state }) => (state.phase === 'failed' ? [{ order, why: state.why }] : []))
  if (failed.length > 0 && failed.every(isMissed)) return { kind: 'missed' }
  const [first] = failed.toSorted((one, other) => Number(isHindered(one)) - Number(isHindered(other)))
  if (first !== undefined) return { kind: isHindered(first) ? 'hindered' : 'failed', why: first.why }
  if (states.some(({ phase }) => phase === 'cancelled')) return { kind: 'left', why: failure('cancelled') }
  if (states.some(({ phase }) => phase === 'done')) return { kind: 'done', why: { code: 'converted', facts: {} } }
  const skipped = states.find((state) => state.phase === 'skipped')
  if (skipped?.phase === 'skipped') return { kind: 'left', why: skipped.why }
  return { kind: 'done', why: { code: 'forgotten', facts: {} } }
}

function isMissed({ order, why }: Failed): boolean {
  const isBeside = order.source.kind === 'file' && dirname(order.source.path) === order.folder
  return why.code === 'source-missing' || why.code === 'source-changed' || (why.code === 'folder-missing' && isBeside)
}

function isHindered({ why }: Failed): boolean {
  return hindrances.has(why.code)
}
type Failed = Pick<Job, 'order'> & { readonly why: Failure }
const hindrances: ReadonlySet<FailureCode> = new Set([
  'folder-missing', 'folder-read-only', 'disk-full', 'tool-missing', 'key-missing', 'key-rejected', 'provider-disabled', 'provider-down',
  'out-of-credit', 'not-allowed', 'network', 'rate-limited', 'queue-full', 'queue-away', 'queue-refused',
]) // prettier-ignore

/** When a line that failed so often is tried again, or null where it has been often enough. */
export function retryAtMs(attempts: number, nowMs: number, retryMs: readonly number[]): number | null {
  const waitMs = retryMs[attempts - 1]
  return waitMs === undefined ? null : nowMs + waitMs
}

/** Why it cannot even be enqueued now: reasons that are not the file's and may pass. */
export const passing: ReadonlySet<FailureCode> = new Set([
  'key-missing', 'key-rejected', 'provider-disabled', 'provider-down', 'out-of-credit', 'not-allowed', 'network', 'rate-limited',
  'queue-full', 'queue-away', 'queue-refused', 'preset-unknown', 'private', 'internal',
]) // prettier-ignore
