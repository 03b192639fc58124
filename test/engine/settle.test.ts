import { describe, expect, it } from 'vitest'
import { failed } from '../../src/main/engine/settle.ts'
import { failure, type FailureCode } from '../../src/shared/failure.ts'
import type { Work } from '../../src/shared/job.ts'

const submit = { step: 'submit', key: 'k', notes: {} } as const
const phaseAfter = (code: FailureCode, attempt: number, resubmit: 'never' | 'same-key') =>
  failed({ why: failure(code), work: submit, attempt, provider: { title: 'x', resubmit }, nowMs: 0, unit: 0 }).event.type

describe('a submit whose answer was lost', () => {
  it('is left to the user where it would be paid for twice', () => {
    expect(phaseAfter('answer-lost', 1, 'never')).toBe('doubt')
  })

  it('is sent again under the same key, and left to the user when that has told nothing for long', () => {
    expect([phaseAfter('answer-lost', 1, 'same-key'), phaseAfter('answer-lost', 8, 'same-key')]).toEqual(['again', 'doubt'])
  })
})

describe('a job that a provider has', () => {
  const hourMs = 3_600_000
  const ticket = { ids: { job: '7' }, submittedAtMs: 0, expiresAtMs: null }
  const works = {
    wait: { step: 'wait', ticket },
    fetch: { step: 'fetch', ticket },
    verify: { step: 'verify', parts: [], ticket },
    'verify what came at once': { step: 'verify', parts: [], ticket: null },
  } as const satisfies Record<string, Work>
  const after = (code: FailureCode, at: keyof typeof works, attempt: number, nowMs: number) =>
    failed({ why: failure(code), work: works[at], attempt, provider: { title: 'MusicGPT', resubmit: 'never' }, nowMs, unit: 1 })
      .event

  it.each(['wait', 'fetch', 'verify'] as const)('is asked about through an outage, and then left to the user: %s', (at) => {
    const through = [8, 30].map((attempt) => after('network', at, attempt, hourMs))
    expect(through.map((event) => 'dueAtMs' in event && event.dueAtMs - hourMs)).toEqual([128_000, 128_000])
    expect(after('network', at, 30, 3 * hourMs)).toEqual({
      type: 'doubt',
      why: { ...failure('out-of-reach', { provider: 'MusicGPT' }), cause: failure('network') },
    })
  })

  it('is left to the user where the trouble is on the way and another try needs somebody', () => {
    const codes = ['key-rejected', 'disk-full', 'source-missing', 'internal'] as const
    expect(codes.map((code) => after(code, 'fetch', 1, hourMs).type)).toEqual(codes.map(() => 'doubt'))
    expect(after('disk-full', 'verify what came at once', 1, hourMs).type).toBe('doubt')
  })

  it('fails where the provider says so or nothing can be had any more, and is known to have been sent', () => {
    expect((['conversion-failed', 'gone', 'output-bad'] as const).map((code) => after(code, 'wait', 1, hourMs))).toEqual([
      expect.objectContaining({ type: 'fail', sent: true }),
      expect.objectContaining({ type: 'fail', sent: true }),
      expect.objectContaining({ type: 'fail', sent: true }),
    ])
  })

  it('is not bought again by itself because its source has changed', () => {
    expect(after('source-changed', 'verify', 1, hourMs)).toMatchObject({ type: 'fail', sent: true })
  })
})
