import { describe, expect, it } from 'vitest'
import { afterCall, fine, unreadyBecause, type Health } from '../../../src/main/engine/providers/health.ts'
import { failure, type FailureCode } from '../../../src/shared/failure.ts'

const after = (codes: readonly (FailureCode | null)[], nowMs = 0): Health =>
  codes.reduce<Health>((health, code) => afterCall(health, code === null ? null : failure(code), nowMs), fine)

describe('the health of a provider', () => {
  it('survives two troubles and rests a minute after the third', () => {
    expect([after(['network', 'provider-down']), after(['network', 'provider-down', 'provider-error'])]).toMatchObject([
      { state: 'shaky', troubles: 2 },
      { state: 'resting', untilMs: 60_000 },
    ])
  })

  it('rests twice as long after each further trouble, half an hour at most', () => {
    const untils = [4, 5, 20].map((times) => after(Array.from({ length: times }, () => 'network' as const)))
    expect(untils).toMatchObject([{ untilMs: 120_000 }, { untilMs: 240_000 }, { untilMs: 1_800_000 }])
  })

  it('is fine again after one call that went well', () => {
    expect(after(['network', 'network', null])).toEqual(fine)
  })

  it('is not judged by files that cannot be converted', () => {
    expect(after(['conversion-failed', 'source-damaged', 'too-large'])).toEqual(fine)
  })

  it('stays blocked by a rejected key or an empty account, whatever time goes by', () => {
    expect(unreadyBecause(after(['out-of-credit', 'network', null]), 'Acme', 10 ** 12)).toMatchObject({ code: 'out-of-credit' })
  })

  it('lets calls go out again when the rest is over', () => {
    const resting = after(['network', 'network', 'network'])
    expect([unreadyBecause(resting, 'Acme', 59_999), unreadyBecause(resting, 'Acme', 60_000)]).toEqual([
      { code: 'network', facts: { provider: 'Acme' }, retryAfterMs: 1 },
      null,
    ])
  })

  it('never says of another job that its answer was lost, or that its answer made no sense', () => {
    const codes = (['answer-lost', 'answer-bad', 'provider-error', 'queue-full'] as const).map(
      (code) => unreadyBecause(after([code, code, code]), 'Acme', 0)?.code,
    )
    expect(codes).toEqual(['provider-down', 'provider-down', 'provider-down', 'queue-full'])
  })
})
