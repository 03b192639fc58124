import { describe, expect, it } from 'vitest'
import { keptBefore, outcomeOf, resolution, type Resubmit, type Stop } from '../../../src/main/engine/job/outcome.ts'
import { failure, type Failure, type FailureCode } from '../../../src/shared/failure.ts'
import { steps, type Order, type Work } from '../../../src/shared/job.ts'

const hourMs = 3_600_000
const ticket = { ids: { job: '7' }, submittedAtMs: 0, expiresAtMs: null }
const works: Record<Work['step'], Work> = {
  prepare: { step: 'prepare' },
  submit: { step: 'submit', key: 'k', notes: {} },
  wait: { step: 'wait', ticket },
  fetch: { step: 'fetch', ticket },
  verify: { step: 'verify', parts: [], ticket },
  place: { step: 'place', parts: [], base: 'song', places: [], ticket },
  afterwards: { step: 'afterwards', outputs: [], notes: [] },
}
const inDoubt = { ...works.submit, inDoubt: true } as Work

const failing = (code: FailureCode): Failure => failure(code as 'internal')
const crash = (work: Work, resubmit: Resubmit) =>
  outcomeOf({ kind: 'crashed' }, { work, tries: 1, provider: 'x', deadlineMs: 2 * hourMs }, resubmit, 5, 0).event
const stop = (by: Stop, work: Work, resubmit: Resubmit, code: FailureCode = 'internal') =>
  outcomeOf(
    { kind: 'stopped', by, why: failing(code) },
    { work, tries: 1, provider: 'x', deadlineMs: 2 * hourMs },
    resubmit,
    5,
    0,
  )
const fail = (code: FailureCode, work: Work, resubmit: Resubmit, { tries = 1, nowMs = 0 } = {}) =>
  outcomeOf(
    { kind: 'failed', why: failing(code) },
    { work, tries, provider: 'MusicGPT', deadlineMs: 2 * hourMs },
    resubmit,
    nowMs,
    1,
  )

describe('what a crash leaves behind', () => {
  it('keeps the idempotency key of an unanswered submit, and that somebody may have it', () => {
    expect(crash(works.submit, 'same-key')).toMatchObject({ work: { step: 'submit', key: 'k', inDoubt: true } })
  })

  it('keeps the user’s yes to what it costs', () => {
    const approved = { step: 'prepare', approved: true } as const
    expect(crash(approved, 'never')).toMatchObject({ work: approved })
  })
})

describe('a job in doubt that the user wants again', () => {
  const goesOn = (step: Work['step'], resubmit: 'same-key' | 'never') => {
    const state = { phase: 'uncertain', why: failure('answer-lost'), work: works[step] } as const
    const event = resolution({ state }, 'again', resubmit, 5)
    return 'work' in event ? event.work : null
  }

  it('is submitted under a new key only where the old one means nothing', () => {
    expect({ sameKey: goesOn('submit', 'same-key'), never: goesOn('submit', 'never') }).toEqual({
      sameKey: inDoubt,
      never: { step: 'prepare' },
    })
  })

  it('pays for nothing that it has a ticket for', () => {
    const ticketed = ['wait', 'fetch', 'verify', 'place'] as const
    expect(ticketed.map((step) => goesOn(step, 'never')?.step)).toEqual([...ticketed])
  })
})

describe('a job that is told to stop', () => {
  it('says when it is cancelled after a provider had it, or may have had it', () => {
    const saying = (resubmit: Resubmit) => steps.filter((step) => 'sent' in stop('cancel', works[step], resubmit).event)
    expect({ never: saying('never'), free: saying('free') }).toEqual({
      never: ['wait', 'fetch', 'verify', 'place', 'afterwards'],
      free: [],
    })
    expect(stop('cancel', works.submit, 'never', 'answer-lost').event).toEqual({ type: 'cancel', atMs: 5, sent: true })
  })

  it('is cancelled whatever it was doing', () => {
    expect(steps.map((step) => stop('cancel', works[step], 'never').event.type)).toEqual(steps.map(() => 'cancel'))
  })

  it('pauses, unless nobody can know whether its submit was accepted', () => {
    const pausing = (step: Work['step'], resubmit: Resubmit) => stop('pause', works[step], resubmit).event.type
    expect([pausing('submit', 'free'), pausing('wait', 'never'), pausing('submit', 'never')]).toEqual(['pause', 'pause', 'doubt'])
  })

  it('loses no attempt by a shutdown', () => {
    expect(stop('shutdown', works.submit, 'free')).toMatchObject({
      refund: true,
      event: { type: 'again', work: { step: 'prepare' } },
    })
  })
})

describe('a submit whose answer was lost', () => {
  it('is left to the user where it would be paid for twice', () => {
    expect(fail('answer-lost', works.submit, 'never').event.type).toBe('doubt')
  })

  it('is sent again under the same key, and left to the user when that has told nothing for long', () => {
    const [first, last] = [1, 8].map((tries) => fail('answer-lost', works.submit, 'same-key', { tries }).event)
    expect(first).toMatchObject({ type: 'again', work: { step: 'submit', key: 'k' } })
    expect(last?.type).toBe('doubt')
  })
})

describe('a job whose step failed', () => {
  it('is left to the user when it cannot be sent again under the key that may have been taken', () => {
    const codes = ['key-rejected', 'source-missing', 'source-changed', 'network'] as const
    expect(codes.map((code) => fail(code, inDoubt, 'same-key').event.type)).toEqual(['doubt', 'doubt', 'doubt', 'again'])
  })

  it('is skipped, not failed, when the name is taken and the policy says skip', () => {
    expect(fail('output-exists', works.submit, 'free').event.type).toBe('skip')
  })

  it('starts over from the beginning when its source changed', () => {
    expect(fail('source-changed', works.submit, 'free').event).toMatchObject({ type: 'again', work: { step: 'prepare' } })
  })

  it('costs no attempt when it was only asked to slow down', () => {
    const refunds = (['rate-limited', 'network'] as const).map((code) => fail(code, works.submit, 'never').refund)
    expect(refunds).toEqual([true, false])
  })

  it('fails for good when another try cannot help', () => {
    expect(fail('source-damaged', works.submit, 'free').event.type).toBe('fail')
  })

  it('is done once its outputs are in place, whatever goes wrong with what comes after', () => {
    expect(fail('internal', works.afterwards, 'never').event).toMatchObject({ type: 'finish', outputs: [] })
  })
})

describe('a job that a provider has', () => {
  const held = ['wait', 'fetch', 'verify', 'place'] as const

  it.each(held)('is asked about through an outage, and then left to the user: %s', (at) => {
    const through = [8, 30].map((tries) => fail('network', works[at], 'never', { tries, nowMs: hourMs }).event)
    expect(through.map((event) => 'dueAtMs' in event && event.dueAtMs - hourMs)).toEqual([128_000, 128_000])
    expect(fail('network', works[at], 'never', { tries: 30, nowMs: 3 * hourMs }).event).toEqual({
      type: 'doubt',
      why: { ...failure('out-of-reach', { provider: 'MusicGPT' }), cause: failure('network') },
    })
  })

  it('is left to the user where the trouble is on the way and another try needs somebody', () => {
    const codes = ['key-rejected', 'disk-full', 'source-missing', 'internal'] as const
    const atOnce: Work = { step: 'verify', parts: [], ticket: null }
    expect(codes.map((code) => fail(code, works.fetch, 'never', { nowMs: hourMs }).event.type)).toEqual(codes.map(() => 'doubt'))
    expect(codes.map((code) => fail(code, atOnce, 'never', { nowMs: hourMs }).event.type)).toEqual(codes.map(() => 'doubt'))
  })

  it('fails where the provider says so or nothing can be had any more, and is known to have been sent', () => {
    const codes = ['conversion-failed', 'gone', 'output-bad'] as const
    expect(codes.map((code) => fail(code, works.wait, 'never', { nowMs: hourMs }).event)).toEqual(
      codes.map(() => expect.objectContaining({ type: 'fail', sent: true })),
    )
  })

  it('is not bought again by itself because its source has changed', () => {
    expect(fail('source-changed', works.verify, 'never', { nowMs: hourMs }).event).toMatchObject({ type: 'fail', sent: true })
  })
})

describe('a step is on the disk before it is done', () => {
  const naming = { ...works.place, places: [{ path: '/music/song.mp3', inode: '1 1 1' }] } as Work
  const now = (afterwards: Order['afterwards'], resubmit: Resubmit) =>
    [...steps.map((step) => works[step]), naming]
      .filter((work) => keptBefore(work, { afterwards }, resubmit) === 'now')
      .map((work) => (work === naming ? 'naming' : work.step))

  it('on this machine only where a file gets its name, and where the source goes', () => {
    expect([now('keep', 'free'), now('archive', 'free')]).toEqual([['naming'], ['afterwards', 'naming']])
  })

  it('and not at all where the step before finds the same', () => {
    const never = (resubmit: Resubmit) =>
      steps.filter((step) => keptBefore(works[step], { afterwards: 'keep' }, resubmit) === 'not-at-all')
    expect([never('free'), never('keyed'), never('same-key'), never('never')]).toEqual([['place'], ['fetch', 'place'], [], []])
  })

  it('always where it costs money', () => {
    expect([now('keep', 'never'), now('keep', 'same-key')]).toEqual([
      [...steps, 'naming'],
      [...steps, 'naming'],
    ])
  })
})
