/**
 * One run of a job, from its saved step to its end. Each step saves its intention before it acts and what came of it afterwards, so that
 * a crash at any point leaves a row that says where to go on.
 *
 *   step         does                                                  saved before               then
 *   prepare      finds everything that can go wrong without cost       –                          submit, or held, skipped
 *   submit       hands the source over                                 key and expected cost      wait; verify where it answers at once
 *   wait         asks until the result is ready                        ticket                     fetch
 *   fetch        downloads it to temporary files                       ticket                     verify
 *   verify       lets only a good result through                       temporary files            place
 *   place        gives it its final name                               name and inode of each     afterwards
 *   afterwards   archives or trashes the source                        outputs                    done
 *
 * What costs nothing to do again is saved without waiting for the disk, or not at all where the step before finds the same (`keptBefore` of
 * `outcome.ts`).
 *
 * Submit, wait and fetch are in `provider-steps.ts`, place in `place.ts`. How a run ends that does not get there: `outcome.ts`.
 */
import { rm } from 'node:fs/promises'
import { JobError, toFailure, type Failure } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import { atStart, type Job, type JobEvent, type Work } from '../../../shared/job.ts'
import { askedOfProvider } from '../../../shared/options.ts'
import type { Note } from '../../../shared/notes.ts'
import { sourcesOf } from '../../../shared/job-sources.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Company, Cost, Handed, Provider, ProviderOrder, ProgressReport, Reporter } from '../../providers/provider.ts'
import type { Store } from '../../store/store.ts'
import type { Refused } from '../intake/route.ts'
import type { Budget } from '../money/budget.ts'
import type { Passwords } from '../passwords.ts'
import type { Clock, Inspect, Log, Random, Trash } from '../ports.ts'
import type { RateLimit } from '../providers/rate-limit.ts'
import type { Registry } from '../providers/registry.ts'
import { isUnkept } from '../queue/store-outage.ts'
import type { Wakeups } from '../wakeups.ts'
import {
  changeSince,
  checkPart,
  inspectForOthers,
  inspectSource,
  isAsOrdered,
  nothingKnown,
  sourceFormat,
  type SourceFacts,
} from './check.ts'
import { baseName, nameOnDisk, neighboursOf, partsAreThere, readyFolder, removeTemps } from './destination.ts'
import { partNotes } from './part-notes.ts'
import { afterwards } from './aftermath.ts'
import { placeParts } from './place.ts'
import { checkContents } from './contents-check.ts'
import { requireConfined } from './confined.ts'
import { sizeUnwanted } from './size-check.ts'
import { documentRemarks, documentTrouble } from './document-check.ts'
import { tempPath } from './temp-names.ts'
import {
  isInDoubt,
  isPaid,
  keptBefore,
  outcomeOf,
  unbreakable,
  handedOf,
  withdrawnBy,
  type Outcome,
  type Stop,
} from './outcome.ts'
import { fetchStep, submitStep, waitStep } from './provider-steps.ts'
import { costsNoAttempt, deadlineOf } from './retry.ts'

/** What a run needs from outside, as one object. */
export interface EngineDeps {
  readonly store: Store
  readonly provider: (id: Job['provider']) => Provider
  readonly inspect: Inspect
  readonly passwords: Pick<Passwords, 'open'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly trash: Trash
  readonly registry: Registry
  readonly budget: Budget
  readonly wakeups: Wakeups
  /** When a provider may be asked; one for all its jobs. */
  readonly rateLimit: (provider: Provider) => RateLimit
  /** Which provider takes a job over that its own one cannot do; null: none. */
  readonly successor: (refused: Refused, signal: AbortSignal) => Promise<Pick<Job, 'provider' | 'lane' | 'reason'> | null>
  readonly settings: () => Settings
  /** How often a job was told to slow down, by its id. */
  readonly slowed: Map<number, number>
  /** A job has a new value, committed. */
  readonly changed: (job: Job) => void
  readonly progress: (id: number, report: ProgressReport) => void
}

/** What the steps of one run share. */
export interface JobRun {
  readonly job: Job
  readonly deps: EngineDeps
  readonly provider: Provider
  /** Jobs for the same source that were begun with it. */
  readonly company: Company | undefined
  readonly signal: AbortSignal
  /** Saves a step durably before it acts. */
  persist(work: Work): void
  /** What is known of the source; inspected once, again only after a restart. */
  sourceFacts(): Promise<SourceFacts>
  report: Reporter
  /** The provider has told how the job stands: troubles from before say nothing any more. */
  clearTroubles(): void
}

/** Runs a claimed job to its end. What goes wrong becomes the job's state; it throws only where the store does not keep that. */
export async function runJob(claimed: Job, deps: EngineDeps, signal: AbortSignal, company?: Company): Promise<void> {
  const { store, clock, log } = deps
  const provider = deps.provider(claimed.provider)
  const { title, resubmit } = provider.about
  const deadlineMs = deadlineOf(provider.about)
  let work: Work = 'work' in claimed.state ? claimed.state.work : atStart
  let { attempt } = claimed
  let known: SourceFacts | null = null
  const inspect = provider.about.cloud ? inspectForOthers(deps.inspect, claimed.order.from) : deps.inspect
  const run: JobRun = {
    job: claimed,
    company,
    deps,
    provider,
    signal,
    persist: (next) => {
      work = next
      const kept = keptBefore(next, claimed.order, resubmit)
      if (kept === 'not-at-all') return
      const job = store.jobs.apply(claimed.id, { type: 'step', work: next }, kept)
      if (job !== null) deps.changed(job)
    },
    sourceFacts: async () =>
      (known ??= await inspectSource(claimed.order, inspect, signal).catch((error: unknown) => {
        if (signal.aborted || !isPaid(work, resubmit)) throw error
        return nothingKnown
      })),
    report: (report) => deps.progress(claimed.id, report),
    clearTroubles: () => {
      if (attempt > 1) store.jobs.resetAttempts(claimed.id)
      attempt = 1
    },
  }
  const end = async (outcome: Outcome) => {
    const { event, refund, discard } = outcome
    if (discard) await removeTemps(claimed, store.tag, work)
    const when = event.type === 'finish' && keptBefore(work, claimed.order, resubmit) === 'soon' ? 'soon' : 'now'
    const job = refund ? store.jobs.giveBack(claimed.id, event) : store.jobs.apply(claimed.id, event, when)
    if (job !== null) deps.changed(job)
    else log.error('a job could not be moved', { id: claimed.id, event: event.type })
    // The row first: what is asked for again after a crash is only made once more.
    await withdraw(deps, claimed, withdrawnBy(outcome, work))
  }
  try {
    const event = await advance(run, work)
    deps.slowed.delete(claimed.id)
    await end({ event, refund: false, discard: event.type === 'skip' })
  } catch (error) {
    // The row stays as a crash would leave it: what came of the work may be more than it says.
    if (isUnkept(error)) throw error
    const why = toFailure(error)
    const soFar = { work, tries: attempt, provider: title, deadlineMs }
    if (signal.aborted) {
      return await end(outcomeOf({ kind: 'stopped', by: signal.reason as Stop, why }, soFar, resubmit, clock.nowMs(), 0))
    }
    const level = why.code === 'internal' ? 'error' : 'info'
    log[level]('a job failed', { id: claimed.id, step: work.step, ...why, error: String(error) })
    const tries = triesOf(claimed.id, attempt, why, deps)
    if (await passedOn(run, work, why)) return await end(toAnother)
    const random = deps.random.next()
    // The step may have changed: passing on saves that nobody has the job.
    await end(outcomeOf({ kind: 'failed', why }, { ...soFar, work, tries }, resubmit, clock.nowMs(), random))
  } finally {
    deps.budget.release(claimed.id)
  }
}

async function advance(run: JobRun, from: Work): Promise<JobEvent> {
  let work = from
  for (;;) {
    if (!unbreakable.has(work.step)) run.signal.throwIfAborted()
    const next = await takeStep(run, work)
    if ('type' in next) return next
    run.persist(next)
    work = next
  }
}

async function takeStep(run: JobRun, work: Work): Promise<Work | JobEvent> {
  if (work.step !== 'afterwards') await requireConfined(run.job.order)
  switch (work.step) {
    case 'prepare':
      return await prepare(run, work)
    case 'submit':
      return await submitStep(run, work, await orderFor(run, work))
    case 'wait':
      return await waitStep(run, work)
    case 'fetch':
      return await fetchStep(run, work, await orderFor(run, work))
    case 'verify':
      return await verify(run, work)
    case 'place':
      return await placeParts(run, work)
    case 'afterwards': {
      const { notes, archivedTo } = await afterwards(run.job, work.outputs, run.deps)
      const paid = run.deps.store.spend.ofJob(run.job.id)
      const cost: readonly Note[] = paid === null ? [] : [{ what: 'cost', amount: paid.amount, unit: paid.unit }]
      const atMs = run.deps.clock.nowMs()
      return { type: 'finish', atMs, outputs: work.outputs, notes: [...work.notes, ...notes, ...cost], archivedTo }
    }
  }
}

async function prepare(run: JobRun, work: Extract<Work, { step: 'prepare' }>): Promise<Work | JobEvent> {
  const { job, deps, provider } = run
  // The rule may have come after the job.
  if (provider.about.cloud && (job.order.localOnly || deps.settings().localOnly)) {
    throw new JobError('private', { because: 'would-be-uploaded', provider: provider.about.title })
  }
  const unready = await deps.registry.unready(job.provider)
  if (unready !== null) throw JobError.from(unready)
  await removeTemps(job, deps.store.tag, work)
  const known = await run.sourceFacts()
  // What a watched folder hands over has been found complete; what is there instead has not.
  const isWatched = deps.store.folders.folderOfBatch(job.batchId) !== null
  if (isWatched && !isAsOrdered(job.order, known)) throw new JobError('source-changed')
  await readyFolder(job.order, known.bytes, deps.settings().diskReserveBytes)
  const base = baseName(job.order, known.facts, job.provider, deps.clock.nowMs())
  const name = await nameOnDisk(job, base, neighboursOf(run), 'early')
  if (name.kind === 'refuse') throw JobError.from(name.why)
  if (name.kind === 'skip') return { type: 'skip', atMs: deps.clock.nowMs(), why: name.why }
  if (name.kind === 'ask') return { type: 'hold', why: name.why, work: atStart }
  const estimate = await estimated(run, known)
  const cost = await deps.budget.check({ job, estimate, approved: work.approved === true, signal: run.signal })
  if (cost !== null) return { type: 'hold', why: cost, work: atStart }
  const expected = deps.budget.expected(job.provider, estimate)
  return { step: 'submit', key: deps.random.key(), notes: {}, ...(expected === null ? {} : { estimate: expected }) }
}

async function estimated({ job, provider, signal }: JobRun, { facts }: SourceFacts): Promise<Cost | null> {
  const { source, target, options } = job.order
  const order = { source, from: sourceFormat(job.order, facts), target, options: askedOfProvider(options), facts }
  return (await provider.estimate?.(order, signal)) ?? null
}

async function orderFor(run: JobRun, work: Extract<Work, { step: 'submit' | 'fetch' }>): Promise<ProviderOrder> {
  const { job, deps } = run
  const { order } = job
  const { facts } = await run.sourceFacts()
  let noted = work.step === 'submit' ? work : null
  return {
    source: order.source,
    ...(order.others !== undefined && { sources: sourcesOf(order) }),
    from: sourceFormat(order, facts),
    target: order.target,
    options: askedOfProvider(await deps.passwords.open(order.options)),
    facts,
    key: noted?.key ?? '',
    priority: job.priority,
    notes: noted?.notes ?? {},
    note: async (name, value) => {
      if (noted === null) return
      noted = { ...noted, notes: { ...noted.notes, [name]: value } }
      run.persist(noted)
    },
    ...(run.company !== undefined && { company: run.company }),
    temp: (n) => tempPath(order.folder, deps.store.tag, job.id, n),
  }
}

async function verify(run: JobRun, work: Extract<Work, { step: 'verify' }>): Promise<Work | JobEvent> {
  const { job, deps, signal } = run
  if (work.unwanted !== undefined) return { type: 'skip', atMs: deps.clock.nowMs(), why: work.unwanted }
  if (!(await partsAreThere(work.parts, job.order.folder))) {
    await removeTemps(job, deps.store.tag, work)
    if (work.ticket !== null) return { step: 'fetch', ticket: work.ticket }
    // Converting once more would be paid for once more.
    if (isPaid(work, run.provider.about.resubmit)) throw new JobError('output-bad', { because: 'temporary-gone' })
    return atStart
  }
  const known = await run.sourceFacts()
  const change = await changeSince(job.order, known)
  if (change !== null) throw JobError.from(change)
  const { options } = job.order
  const results: MediaFacts[] = []
  for (const part of work.parts) {
    results.push(await checkPart({ part, options, source: known.facts, inspect: deps.inspect, signal }))
  }
  const sources = known.facts === null ? [] : [known.facts, ...known.others.map(({ facts }) => facts)]
  const check = { target: job.order.target, options, sources, results }
  const trouble = documentTrouble(check)
  if (trouble !== null) {
    for (const { temp } of work.parts) await rm(temp, { force: true })
    throw JobError.from(trouble)
  }
  const notes = await checkContents({ source: known.facts, results, order: job.order, provider: run.provider, parts: work.parts })
  const unwanted = sizeUnwanted(job.order, known, work.parts, deps.store.spend.ofJob(job.id))
  // Kept first: after a crash among the files nothing is made, or fetched, once more.
  if (unwanted !== null) return { ...work, unwanted }
  const base = baseName(job.order, known.facts, job.provider, deps.clock.nowMs())
  return {
    step: 'place',
    parts: work.parts.map(({ facts: _, ...part }) => part),
    places: [],
    ticket: work.ticket,
    base,
    notes: [...notes, ...partNotes(work.parts, documentRemarks(check))],
  }
}

/** What back-off grows with: claims; where a claim costs no attempt, how often the job was told to slow down in this run of Beside. */
function triesOf(id: number, attempt: number, why: Failure, { slowed }: EngineDeps): number {
  if (!costsNoAttempt.has(why.code)) {
    slowed.delete(id)
    return attempt
  }
  const times = (slowed.get(id) ?? 0) + 1
  slowed.set(id, times)
  return times
}

const toAnother: Outcome = { event: { type: 'again', dueAtMs: 0, why: null, work: atStart }, refund: true, discard: true }

/** Only before anything can have been accepted, so that nothing is paid twice. */
async function passedOn({ job, deps, signal, persist }: JobRun, work: Work, why: Failure): Promise<boolean> {
  if ((work.step !== 'prepare' && work.step !== 'submit') || why.code === 'answer-lost' || isInDoubt(work)) return false
  const to = await deps.successor({ job, why, slowed: deps.slowed.get(job.id) ?? 0 }, signal).catch(() => null)
  if (to === null) return false
  // It was refused, so nobody has it: it begins anew.
  if (work.step === 'submit') persist(atStart)
  await withdraw(deps, job, handedOf(work))
  if (deps.store.jobs.reroute(job.id, to) === null) return false
  deps.slowed.delete(job.id)
  deps.log.info('another provider takes over', { id: job.id, from: job.provider, to: to.provider, why: why.code })
  return true
}

/** Best effort: a provider that cannot be reached now finds out by itself what nobody waits for. */
export async function withdraw(
  { provider, store, log }: Pick<EngineDeps, 'provider' | 'log'> & { readonly store: Pick<Store, 'tag'> },
  { id, order, provider: at }: Pick<Job, 'id' | 'order' | 'provider'>,
  handed: Handed | null,
): Promise<void> {
  if (handed === null) return
  await provider(at)
    .withdraw?.(handed, (n) => tempPath(order.folder, store.tag, id, n))
    .catch((error: unknown) => log.info('nothing was withdrawn', { id, why: toFailure(error).code }))
}

/** Jobs that stand at `running` though nothing runs them, as after a crash. Answers those that it moved, each as it stands now. */
export async function* recoverJobs(
  jobs: readonly Job[],
  { store, provider, log, clock }: Pick<EngineDeps, 'store' | 'provider' | 'log' | 'clock'>,
): AsyncGenerator<Job> {
  for (const job of jobs) {
    if (job.state.phase !== 'running') continue
    const { work } = job.state
    const { about } = provider(job.provider)
    const { title, resubmit } = about
    const soFar = { work, tries: job.attempt, provider: title, deadlineMs: deadlineOf(about) }
    const { event, refund, discard } = outcomeOf({ kind: 'crashed' }, soFar, resubmit, clock.nowMs(), 0)
    if (discard) await removeTemps(job, store.tag, work)
    const moved = refund ? store.jobs.giveBack(job.id, event) : store.jobs.apply(job.id, event)
    const target = extensionOf(job.order.target)
    log.info('put right after a crash', { id: job.id, step: work.step, phase: moved?.state.phase ?? null, target })
    if (moved !== null) yield moved
  }
}
