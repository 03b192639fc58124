/** The steps that talk to a provider: submit, wait, fetch. Local providers answer at submit and never reach the others. */
import { JobError } from '../../shared/failure.ts'
import type { Work } from '../../shared/job.ts'
import type { ProviderOrder } from '../providers/provider.ts'
import type { Clock } from './ports.ts'
import type { Hand } from './steps.ts'

/** A submit that is under way gets so long to hear the answer when the program stops: a lost answer costs the user a decision. */
const submitGraceMs = 15_000

const pollFirstMs = 1_000
const pollGrowth = 1.5
const pollLongestMs = 10_000

/** Reaching it says nothing about the job at the provider, so it leads to `uncertain`, not to `failed`. */
const deadlineMs = 2 * 3_600_000

export async function submitStep(hand: Hand, order: ProviderOrder): Promise<Work> {
  const { provider, shop } = hand
  const signal = provider.about.cloud ? patient(hand.signal, shop.clock) : hand.signal
  const submitted = await provider.submit(order, hand.report, signal)
  if (submitted.kind === 'accepted') return { step: 'wait', ticket: submitted.ticket }
  return { step: 'verify', parts: [...submitted.parts], ticket: null }
}

/** Follows a signal at once where the user cancels, after a grace where the program only wants to stop. */
function patient(signal: AbortSignal, clock: Clock): AbortSignal {
  const later = new AbortController()
  const follow = () => {
    if (signal.reason === 'cancel') later.abort(signal.reason)
    else clock.after(submitGraceMs, () => later.abort(signal.reason))
  }
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  return later.signal
}

export async function waitStep(hand: Hand, work: Extract<Work, { step: 'wait' }>): Promise<Work> {
  const { provider, shop, signal } = hand
  const { ticket } = work
  if (provider.poll === undefined) throw new JobError('answer-bad', { provider: provider.about.title, reason: 'it cannot be asked' })
  let pauseMs = pollFirstMs
  for (;;) {
    const polled = await provider.poll(ticket, signal)
    if (polled.kind === 'ready') return { step: 'fetch', ticket: polled.ticket }
    hand.report({ progress: polled.progress, words: polled.words ?? '', leftMs: polled.leftMs ?? null })
    if (shop.clock.nowMs() - ticket.submittedAtMs > deadlineMs) {
      throw new JobError('deadline', { provider: provider.about.title, hours: String(deadlineMs / 3_600_000) })
    }
    await shop.clock.sleep(pauseMs, signal)
    pauseMs = Math.min(pollLongestMs, pauseMs * pollGrowth)
  }
}

export async function fetchStep(hand: Hand, work: Extract<Work, { step: 'fetch' }>, order: ProviderOrder): Promise<Work> {
  const { provider } = hand
  if (provider.fetch === undefined) throw new JobError('answer-bad', { provider: provider.about.title, reason: 'it has no results' })
  const parts = await provider.fetch(work.ticket, order, hand.report, hand.signal)
  return { step: 'verify', parts: [...parts], ticket: work.ticket }
}
