/**
 * Pure: what to do at start with a job that a crash left at `running` (the crash table of ARCHITECTURE.md), and with one that is
 * told to stop. What may have been accepted is never sent again by itself.
 */
import { atStart, workOf, type Job, type JobEvent, type Step, type Work } from '../../shared/job.ts'
import { failure } from '../../shared/failure.ts'
import type { ProviderAbout } from '../providers/provider.ts'

const interrupted = failure('interrupted')

export interface Recovery {
  readonly event: JobEvent
  /** Whether temporary files of the job are of no more use. */
  readonly discard: boolean
}

export function recovery(work: Work, resubmit: ProviderAbout['resubmit']): Recovery {
  switch (work.step) {
    case 'prepare':
      return { event: again(work), discard: true }
    case 'submit':
      if (resubmit === 'free') return { event: again(atStart), discard: true }
      if (resubmit === 'same-key') return { event: again({ ...work, inDoubt: true }), discard: true }
      return { event: { type: 'doubt', why: failure('answer-lost') }, discard: true }
    case 'wait':
    case 'fetch':
      return { event: again(work), discard: true }
    case 'verify':
    case 'place':
    case 'afterwards':
      return { event: again(work), discard: false }
  }
}

/** Whether somebody may have the job already, although there is no ticket for it. */
export function isInDoubt(work: Work): boolean {
  return work.step === 'submit' && work.inDoubt === true
}

/** Whether a provider that is not this machine has taken the job. */
export function wasSent({ step }: Work, resubmit: ProviderAbout['resubmit']): boolean {
  return resubmit !== 'free' && step !== 'prepare' && step !== 'submit'
}

/** What the user's word makes of a job in doubt. */
export function resolution(
  { state }: Pick<Job, 'state'>,
  as: 'done' | 'again' | 'forget',
  resubmit: ProviderAbout['resubmit'],
  atMs: number,
): JobEvent {
  return as === 'again'
    ? { type: 'resolve', as, work: onceMore(workOf(state) ?? atStart, resubmit) }
    : { type: 'resolve', as, atMs }
}

/** Under the same key, what was accepted is not paid for twice. */
function onceMore(work: Work, resubmit: ProviderAbout['resubmit']): Work {
  if (work.step === 'submit') return resubmit === 'same-key' ? { ...work, inDoubt: true } : atStart
  return 'ticket' in work ? work : atStart
}

function again(work: Work): JobEvent {
  return { type: 'again', dueAtMs: 0, why: interrupted, work }
}

/** Steps that end by themselves within moments and must not be torn apart. */
export const unbreakable: ReadonlySet<Step> = new Set(['place', 'afterwards'])
