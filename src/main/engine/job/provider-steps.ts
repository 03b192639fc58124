/** The steps that talk to a provider: submit, wait, fetch. Local providers answer at submit and never reach the others. */
import { JobError, toFailure, type FailureCode } from '../../../shared/failure.ts'
import type { Ticket, Work } from '../../../shared/job.ts'
import type { ProviderOrder, Reporter, Submitted } from '../../providers/provider.ts'
import type { Wakeup } from '../wakeups.ts'
import type { Clock } from '../ports.ts'
import type { JobRun } from './run.ts'
import { deadlineOf } from './retry.ts'

/** A submit that is under way gets so long to hear the answer when the program stops: a lost answer costs the user a decision. */
const submitGraceMs = 15_000

/** Silence after being told to slow down, where nobody says for how long. */
const restMs = 10_000

/** Troubles in a row with which a question about a job is simply asked again. */
const passing: ReadonlySet<FailureCode> = new Set([
  'network',
  'provider-down',
  'provider-error',
  'answer-bad',
  'rate-limited',
  'queue-away',
])
const maxTroubles = 5

export async function submitStep(
  run: JobRun,
  { estimate, inDoubt }: Extract<Work, { step: 'submit' }>,
  order: ProviderOrder,
): Promise<Work> {
  const { provider, deps } = run
  if (!provider.about.cloud) return afterSubmit(await provider.submit(order, run.report, run.signal))
  // One that is sent again was not looked at by the caps, but those after it are.
  deps.budget.reserve(run.job, estimate ?? null)
  const { signal, end } = patient(run.signal, deps.clock)
  /** Until the provider says otherwise, it may have been sent: what is silent about it may cost. */
  let bodySent = true
  const report: Reporter = (reported) => {
    bodySent = reported.bodySent ?? bodySent
    run.report(reported)
  }
  const submitted = await reportedCall(run, async () => await provider.submit(order, report, signal))
    .catch((error: unknown) => {
      if (run.signal.reason !== 'cancel' || error instanceof JobError || !(bodySent || inDoubt === true)) throw error
      // Nobody will hear whether it was taken, and asks about it no more.
      if (estimate !== undefined) deps.budget.spent(run.job, { cost: estimate })
      throw new JobError('answer-lost', { provider: provider.about.title }, { cause: error })
    })
    .finally(end)
  deps.budget.spent(run.job, submitted)
  return afterSubmit(submitted)
}

function afterSubmit(submitted: Submitted): Work {
  if (submitted.kind === 'accepted') return { step: 'wait', ticket: submitted.ticket }
  return { step: 'verify', parts: [...submitted.parts], ticket: null }
}

/** Follows a signal at once where the user cancels, after a grace where the program only wants to stop. */
function patient(signal: AbortSignal, clock: Clock): { readonly signal: AbortSignal; readonly end: () => void } {
  const later = new AbortController()
  let cancelTimer = () => {}
  const follow = () => {
    if (signal.reason === 'cancel') later.abort(signal.reason)
    else cancelTimer = clock.after(submitGraceMs, () => later.abort(signal.reason))
  }
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  const end = () => {
    signal.removeEventListener('abort', follow)
    cancelTimer()
  }
  return { signal: later.signal, end }
}

export async function waitStep(run: JobRun, work: Extract<Work, { step: 'wait' }>): Promise<Work> {
  const wakeup = run.deps.wakeups.register(run.job.provider, work.ticket.ids)
  return await untilReady(run, work, wakeup).finally(wakeup.unregister)
}

async function untilReady(run: JobRun, work: Extract<Work, { step: 'wait' }>, wakeup: Wakeup): Promise<Work> {
  const { job, provider, deps, signal } = run
  const { ticket } = work
  const poll = provider.poll?.bind(provider)
  if (poll === undefined) throw new JobError('answer-bad', { provider: provider.about.title, because: 'no-poll' })
  const rateLimit = deps.rateLimit(provider)
  let troubles = 0
  for (let polls = 0; ; polls += 1) {
    await wakeup.sleep(rateLimit.intervalMs(polls), signal)
    await rateLimit.turn(signal)
    refuseExpired(run, ticket)
    const polled = await reportedCall(run, async () => await poll(ticket, signal)).catch((error: unknown) => {
      const { code, retryAfterMs } = toFailure(error)
      if (code === 'rate-limited') rateLimit.pause(retryAfterMs ?? restMs)
      troubles += 1
      // The job is paid for and goes on there: a question that went astray is asked again at its next turn.
      if (passing.has(code) && troubles <= maxTroubles && !signal.aborted) return null
      throw error
    })
    if (polled === null) continue
    troubles = 0
    run.clearTroubles()
    if (polled.kind === 'ready') {
      deps.budget.correct(job.id, polled.cost)
      return { step: 'fetch', ticket: polled.ticket }
    }
    run.report(polled)
    const deadlineMs = deadlineOf(provider.about)
    if (deps.clock.nowMs() - ticket.submittedAtMs > deadlineMs) {
      throw new JobError('deadline', { provider: provider.about.title, hours: deadlineMs / 3_600_000 })
    }
  }
}

/** The clock of a result that is kept for a time only runs on while Beside is closed. */
function refuseExpired({ provider, deps }: JobRun, { expiresAtMs }: Ticket): void {
  if (expiresAtMs === null || deps.clock.nowMs() <= expiresAtMs) return
  throw new JobError('gone', { provider: provider.about.title, because: 'expired' })
}

/** Tells the provider's account how a call went. */
async function reportedCall<T>({ job, deps, signal }: JobRun, call: () => Promise<T>): Promise<T> {
  try {
    const answer = await call()
    deps.registry.called(job.provider, null)
    return answer
  } catch (error) {
    if (!signal.aborted) deps.registry.called(job.provider, toFailure(error))
    throw error
  }
}

export async function fetchStep(run: JobRun, work: Extract<Work, { step: 'fetch' }>, order: ProviderOrder): Promise<Work> {
  const { provider } = run
  const fetch = provider.fetch?.bind(provider)
  if (fetch === undefined) throw new JobError('answer-bad', { provider: provider.about.title, because: 'no-fetch' })
  refuseExpired(run, work.ticket)
  const refreshed = run.deps.registry.refreshBalance(run.job.provider, run.signal)
  const parts = await reportedCall(run, async () => await fetch(work.ticket, order, run.report, run.signal))
  await refreshed
  // Where others work for nothing, what was fetched is all there is.
  return { step: 'verify', parts: [...parts], ticket: provider.about.resubmit === 'keyed' ? null : work.ticket }
}
