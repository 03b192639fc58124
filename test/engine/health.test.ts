import { describe, expect, it } from 'vitest'
import { afterCall, fine, unreadyBecause, type Health } from '../../src/main/engine/health.ts'
import { failure, type FailureCode } from '../../src/shared/failure.ts'

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
    expect(unreadyBecause(after(['out-of-credit', 'network', null]), 10 ** 12)).toMatchObject({ code: 'out-of-credit' })
  })

  it('lets one call try again when the rest is over', () => {
    const resting = after(['network', 'network', 'network'])
    expect([unreadyBecause(resting, 59_999)?.code, unreadyBecause(resting, 60_000)]).toEqual(['network', null])
  })
})
