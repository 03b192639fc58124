/**
 * One job from its saved step to its end: prepare, submit, wait, fetch, verify, place, afterwards. Each step saves its intention
 * before it acts and what came of it afterwards, so that a crash at any point leaves a row that says where to go on.
 */
import { rm } from 'node:fs/promises'
import { JobError, toFailure, type Failure } from '../../shared/failure.ts'
import { formats } from '../../shared/formats.ts'
import { atStart, type Job, type JobEvent, type Note, type Part, type Work } from '../../shared/job.ts'
import type { Cost, ProviderOrder } from '../providers/provider.ts'
import { afterwards } from './afterwards.ts'
import { neighbours, type Hand, type Workshop } from './hand.ts'
import { placeParts, partsAreThere } from './parts.ts'
import { baseName, changeSince, clashOf, isAsOrdered, readyFolder, study, unknownSource, type Study } from './prepare.ts'
import { failed, stopped, type Settlement, type Stop } from './settle.ts'
import { isUnkept } from './queue/store-outage.ts'
import { removeTemps, tempPath } from './temp.ts'
import { gateTrouble } from './verify.ts'
import { fetchStep, submitStep, waitStep } from './remote.ts'
import { isInDoubt, unbreakable, wasSent } from './recover.ts'
import { costsNoAttempt } from './retry.ts'

/** Runs a claimed job until it is settled. What goes wrong becomes the job's state; it throws only where the store does not keep that. */
export async function runJob(claimed: Job, shop: Workshop, signal: AbortSignal): Promise<void> {
  const { store, clock, log } = shop
  const provider = shop.provider(claimed.provider)
  let work: Work = 'work' in claimed.state ? claimed.state.work : atStart
  let { attempt } = claimed
  let known: Study | null = null
  const hand: Hand = {
    job: claimed,
    shop,
    provider,
    signal,
    keep: (next) => {
      work = next
      const job = store.jobs.apply(claimed.id, { type: 'step', work: next })
      if (job !== null) shop.changed(job)
    },
    studied: async () =>
      (known ??= await study(claimed.order, shop.inspect, signal).catch((error: unknown) => {
        if (signal.aborted || !wasSent(work, provider.about.resubmit)) throw error
        return unknownSource
      })),
    report: (report) => shop.progress(claimed.id, report),
    answered: () => {
      if (attempt > 1) store.jobs.countAnew(claimed.id)
      attempt = 1
    },
  }
  const settle = async ({ event, giveBack, discard }: Settlement) => {
    if (discard) await removeTemps(claimed, store.tag, work)
    const job = giveBack ? store.jobs.giveBack(claimed.id, event) : store.jobs.apply(claimed.id, event)
    if (job !== null) shop.changed(job)
    else log.error('a job could not be settled', { id: claimed.id, event: event.type })
  }
  try {
    const event = await advance(hand, work)
    shop.slowed.delete(claimed.id)
    await settle({ event, giveBack: false, discard: event.type === 'skip' })
  } catch (error) {
    // The row stays as a crash would leave it: what came of the work may be more than it says.
    if (isUnkept(error)) throw error
    const why = toFailure(error)
    const { resubmit } = provider.about
    if (signal.aborted) return await settle(stopped({ stop: signal.reason as Stop, work, resubmit, why, nowMs: clock.nowMs() }))
    log[why.code === 'internal' ? 'error' : 'info']('a job failed', {
      id: claimed.id,
      step: work.step,
      ...why,
      error: String(error),
    })
    const tries = triesOf(claimed.id, attempt, why, shop)
    if (await passedOn(hand, work, why)) return await settle(toAnother)
    const { about } = provider
    await settle(failed({ why, work, attempt: tries, provider: about, nowMs: clock.nowMs(), unit: shop.random.next() }))
  } finally {
    shop.budget.release(claimed.id)
  }
}

/** What back-off grows with: claims; where a claim costs no attempt, how often the job was told to slow down in this run of Beside. */
function triesOf(id: number, attempt: number, why: Failure, { slowed }: Workshop): number {
  if (!costsNoAttempt.has(why.code)) {
    slowed.delete(id)
    return attempt
  }
  const times = (slowed.get(id) ?? 0) + 1
  slowed.set(id, times)
  return times
}

const toAnother: Settlement = { event: { type: 'again', dueAtMs: 0, why: null, work: atStart }, giveBack: true, discard: true }

/** Only before anything can have been accepted, so that nothing is paid twice. */
async function passedOn({ job, shop, signal, keep }: Hand, work: Work, why: Failure): Promise<boolean> {
  if ((work.step !== 'prepare' && work.step !== 'submit') || why.code === 'answer-lost' || isInDoubt(work)) return false
  const to = await shop.successor({ job, why, slowed: shop.slowed.get(job.id) ?? 0 }, signal).catch(() => null)
  if (to === null) return false
  // It was refused, so nobody has it: it begins anew.
  if (work.step === 'submit') keep(atStart)
  if (shop.store.jobs.reroute(job.id, to) === null) return false
  shop.slowed.delete(job.id)
  shop.log.info('another provider takes over', { id: job.id, from: job.provider, to: to.provider, why: why.code })
  return true
}

async function advance(hand: Hand, from: Work): Promise<JobEvent> {
  let work = from
  for (;;) {
    if (!unbreakable.has(work.step)) hand.signal.throwIfAborted()
    const next = await step(hand, work)
    if ('type' in next) return next
    hand.keep(next)
    work = next
  }
}

async function step(hand: Hand, work: Work): Promise<Work | JobEvent> {
  switch (work.step) {
    case 'prepare':
      return await prepare(hand, work)
    case 'submit':
      return await submitStep(hand, work, await orderFor(hand, work))
    case 'wait':
      return await waitStep(hand, work)
    case 'fetch':
      return await fetchStep(hand, work, await orderFor(hand, work))
    case 'verify':
      return await verify(hand, work)
    case 'place':
      return await placeParts(hand, work)
    case 'afterwards': {
      const { notes, archivedTo } = await afterwards(hand.job, work.outputs, hand.shop)
      const atMs = hand.shop.clock.nowMs()
      const paid = hand.shop.store.spend.ofJob(hand.job.id)
      const cost: readonly Note[] = paid === null ? [] : [{ what: 'cost', amount: paid.amount, unit: paid.unit }]
      return { type: 'finish', atMs, outputs: work.outputs, notes: [...work.notes, ...notes, ...cost], archivedTo }
    }
  }
}

async function prepare(hand: Hand, work: Extract<Work, { step: 'prepare' }>): Promise<Work | JobEvent> {
  const { job, shop, provider } = hand
  // The rule may have come after the job.
  if (provider.about.cloud && (job.order.localOnly || shop.settings().localOnly)) {
    throw new JobError('private', { reason: `${provider.about.title} would send it away` })
  }
  const unready = await shop.registry.unready(job.provider)
  if (unready !== null)
    throw new JobError(
      unready.code,
      unready.facts,
      unready.retryAfterMs === undefined ? {} : { retryAfterMs: unready.retryAfterMs },
    )
  await removeTemps(job, shop.store.tag, work)
  const studied = await hand.studied()
  // What a watched folder hands over has been found complete; what is there instead has not.
  const isWatched = shop.store.folders.folderOfBatch(job.batchId) !== null
  if (isWatched && !isAsOrdered(job.order, studied)) throw new JobError('source-changed')
  await readyFolder(job.order, studied.bytes, shop.settings().diskReserveBytes)
  const base = baseName(job.order, studied.facts, job.provider, shop.clock.nowMs())
  const clash = await clashOf(job, base, neighbours(hand))
  if (clash.kind === 'refuse') throw new JobError(clash.why.code, clash.why.facts)
  if (clash.kind === 'skip') return { type: 'skip', atMs: shop.clock.nowMs(), why: clash.why }
  if (clash.kind === 'ask') return { type: 'hold', why: clash.why, work: atStart }
  const estimate = await estimated(hand, studied)
  const cost = await shop.budget.check({ job, estimate, approved: work.approved === true, signal: hand.signal })
  if (cost !== null) return { type: 'hold', why: cost, work: atStart }
  const expected = shop.budget.expected(job.provider, estimate)
  return { step: 'submit', key: shop.random.key(), notes: {}, ...(expected === null ? {} : { estimate: expected }) }
}

async function estimated({ job, provider, signal }: Hand, { facts }: Study): Promise<Cost | null> {
  const { source, from, target, options } = job.order
  const order = { source, from: facts?.format ?? from ?? target, target, options, facts }
  return (await provider.estimate?.(order, signal)) ?? null
}

async function orderFor(hand: Hand, work: Extract<Work, { step: 'submit' | 'fetch' }>): Promise<ProviderOrder> {
  const { job, shop } = hand
  const { order } = job
  const { facts } = await hand.studied()
  let noted = work.step === 'submit' ? work : null
  return {
    source: order.source,
    from: facts?.format ?? order.from ?? order.target,
    target: order.target,
    options: order.options,
    facts,
    key: noted?.key ?? '',
    notes: noted?.notes ?? {},
    note: async (name, value) => {
      if (noted === null) return
      noted = { ...noted, notes: { ...noted.notes, [name]: value } }
      hand.keep(noted)
    },
    temp: (n) => tempPath(order.folder, shop.store.tag, job.id, n),
  }
}

async function verify(hand: Hand, work: Extract<Work, { step: 'verify' }>): Promise<Work> {
  const { job, shop, signal } = hand
  if (!(await partsAreThere(work.parts, job.order.folder))) {
    await removeTemps(job, shop.store.tag, work)
    if (work.ticket !== null) return { step: 'fetch', ticket: work.ticket }
    // Converting once more would be paid for once more.
    if (wasSent(work, hand.provider.about.resubmit)) throw new JobError('output-bad', { reason: 'the temporary file is gone' })
    return atStart
  }
  const studied = await hand.studied()
  const change = await changeSince(job.order, studied)
  if (change !== null) throw new JobError(change.code, change.facts)
  for (const part of work.parts) await checkPart(hand, part, studied, signal)
  const base = baseName(job.order, studied.facts, job.provider, shop.clock.nowMs())
  return { step: 'place', parts: work.parts, places: [], ticket: work.ticket, base }
}

async function checkPart(hand: Hand, part: Part, studied: Study, signal: AbortSignal): Promise<void> {
  const { order } = hand.job
  if (part.bytes === 0) throw new JobError('output-bad', { reason: 'it is empty' })
  // A text within an archive, say: nothing there to look into.
  if (formats[part.format].family === 'document') return
  const result = await hand.shop.inspect(part.temp, signal).catch((error: unknown) => {
    // Whether it is good is not known where it is the look that went wrong.
    if (signal.aborted || !toFailure(error).code.startsWith('source-')) throw error
    throw new JobError('output-bad', { reason: 'it cannot be read back' }, { cause: error })
  })
  const trouble = gateTrouble({ target: part.format, options: order.options, source: studied.facts, result })
  if (trouble === null) return
  await rm(part.temp, { force: true })
  throw new JobError(trouble.code, trouble.facts)
}
