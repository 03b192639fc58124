import { describe, expect, it } from 'vitest'
import { recovery, resolution } from '../../src/main/engine/recover.ts'
import { failed, stopped, type Stop } from '../../src/main/engine/settle.ts'
import { type Failure, failure, type FailureCode } from '../../src/shared/failure.ts'
import { steps, type Work } from '../../src/shared/job.ts'

const ticket = { ids: { job: '7' }, submittedAtMs: 1, expiresAtMs: null }
const works: Record<Work['step'], Work> = {
  prepare: { step: 'prepare' },
  submit: { step: 'submit', key: 'k', notes: {} },
  wait: { step: 'wait', ticket },
  fetch: { step: 'fetch', ticket },
  verify: { step: 'verify', parts: [], ticket },
  place: { step: 'place', parts: [], base: 'song', places: [], ticket },
  afterwards: { step: 'afterwards', outputs: [], notes: [] },
}

function outcome(step: Work['step'], resubmit: 'free' | 'same-key' | 'never'): string {
  const { event, discard } = recovery(works[step], resubmit)
  const to = event.type === 'again' ? `again at ${event.work.step}` : event.type
  return `${to}${discard ? ', temporary files removed' : ''}`
}

describe('what a crash leaves behind', () => {
  it('is put right by the step and by what the provider allows', () => {
    const table = Object.fromEntries(
      steps.map((step) => [step, (['free', 'same-key', 'never'] as const).map((resubmit) => outcome(step, resubmit))]),
    )
    const same = (text: string) => [text, text, text]
    expect(table).toEqual({
      prepare: same('again at prepare, temporary files removed'),
      submit: [
        'again at prepare, temporary files removed',
        'again at submit, temporary files removed',
        'doubt, temporary files removed',
      ],
      wait: same('again at wait, temporary files removed'),
      fetch: same('again at fetch, temporary files removed'),
      verify: same('again at verify'),
      place: same('again at place'),
      afterwards: same('again at afterwards'),
    })
  })

  it('keeps the idempotency key of an unanswered submit, and that somebody may have it', () => {
    expect(recovery(works.submit, 'same-key').event).toMatchObject({ work: { step: 'submit', key: 'k', inDoubt: true } })
  })

  it('keeps the user’s yes to what it costs', () => {
    const approved = { step: 'prepare', approved: true } as const
    expect(recovery(approved, 'never').event).toMatchObject({ work: approved })
  })
})

describe('a job in doubt that the user wants again', () => {
  const goesOn = (step: Work['step'], resubmit: 'same-key' | 'never') => {
    const state = { phase: 'uncertain', why: failure('answer-lost'), work: works[step] } as const
    const event = resolution({ state }, 'again', resubmit, 5)
    return 'work' in event ? event.work : null
  }

  it('is submitted under a new key only where the old one means nothing', () => {
    expect([goesOn('submit', 'same-key'), goesOn('submit', 'never')]).toEqual([
      { ...works.submit, inDoubt: true },
      { step: 'prepare' },
    ])
  })

  it('pays for nothing that it has a ticket for', () => {
    const ticketed = ['wait', 'fetch', 'verify', 'place'] as const
    expect(ticketed.map((step) => goesOn(step, 'never')?.step)).toEqual([...ticketed])
  })
})

describe('a job that is told to stop', () => {
  const stop = (how: Stop, work: Work, resubmit: 'free' | 'same-key' | 'never', why: Failure = failure('internal')) =>
    stopped({ stop: how, work, resubmit, why, nowMs: 5 })

  it('says when it is cancelled after a provider had it, or may have had it', () => {
    const sent = (work: Work, resubmit: 'free' | 'never', code: FailureCode = 'internal') =>
      stop('cancel', work, resubmit, failure(code)).event
    expect(steps.filter((step) => 'sent' in sent(works[step], 'never'))).toEqual([
      'wait',
      'fetch',
      'verify',
      'place',
      'afterwards',
    ])
    expect(steps.filter((step) => 'sent' in sent(works[step], 'free'))).toEqual([])
    expect(sent(works.submit, 'never', 'answer-lost')).toEqual({ type: 'cancel', atMs: 5, sent: true })
  })

  it('is cancelled whatever it was doing', () => {
    expect(steps.map((step) => stop('cancel', works[step], 'never').event.type)).toEqual(steps.map(() => 'cancel'))
  })

  it('pauses, unless nobody can know whether its submit was accepted', () => {
    const pausing = (step: Work['step'], resubmit: 'free' | 'never') => stop('pause', works[step], resubmit).event.type
    expect([pausing('submit', 'free'), pausing('wait', 'never'), pausing('submit', 'never')]).toEqual(['pause', 'pause', 'doubt'])
  })

  it('loses no attempt by a shutdown', () => {
    expect(stop('shutdown', works.submit, 'free')).toMatchObject({
      giveBack: true,
      event: { type: 'again', work: { step: 'prepare' } },
    })
  })
})

describe('a job whose step failed', () => {
  const settle = (code: FailureCode, resubmit: 'free' | 'same-key' | 'never', attempt = 1) =>
    failed({ why: failure(code), work: works.submit, attempt, provider: { title: 'x', resubmit }, nowMs: 0, unit: 1 })

  it('is never sent again by itself when its answer was lost and the provider knows no key', () => {
    expect(settle('answer-lost', 'never').event.type).toBe('doubt')
  })

  it('is sent again under the same key when its answer was lost and the provider honours keys', () => {
    expect(settle('answer-lost', 'same-key').event).toMatchObject({ type: 'again', work: { step: 'submit', key: 'k' } })
  })

  it('is left to the user when it cannot be sent again under the key that may have been taken', () => {
    const after = (code: FailureCode) =>
      failed({
        why: failure(code),
        work: { ...works.submit, inDoubt: true } as Work,
        attempt: 1,
        provider: { title: 'x', resubmit: 'same-key' },
        nowMs: 0,
        unit: 1,
      }).event.type
    expect((['key-rejected', 'source-missing', 'source-changed', 'network'] as const).map(after)).toEqual([
      'doubt',
      'doubt',
      'doubt',
      'again',
    ])
  })

  it('is skipped, not failed, when the name is taken and the policy says skip', () => {
    expect(settle('output-exists', 'free').event.type).toBe('skip')
  })

  it('starts over from the beginning when its source changed', () => {
    expect(settle('source-changed', 'free').event).toMatchObject({ type: 'again', work: { step: 'prepare' } })
  })

  it('costs no attempt when it was only asked to slow down', () => {
    expect([settle('rate-limited', 'never').giveBack, settle('network', 'never').giveBack]).toEqual([true, false])
  })

  it('fails for good when another try cannot help', () => {
    expect(settle('source-damaged', 'free').event.type).toBe('fail')
  })
})
