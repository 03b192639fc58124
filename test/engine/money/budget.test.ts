import { factsOf } from '../../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { moneyTrouble, type Question } from '../../../src/main/engine/money/budget.ts'

const noCaps = { job: null, batch: null, day: null, month: null }
const question: Question = {
  provider: 'MusicGPT',
  tells: 'before',
  estimate: 2,
  unit: 'credits',
  caps: noCaps,
  spent: { batch: 0, day: 0, month: 0 },
  allowance: null,
  word: 'named',
}

function answer(change: Partial<Question>): string | null {
  const trouble = moneyTrouble({ ...question, ...change })
  return trouble === null ? null : `${trouble.code}: ${factsOf(trouble)['reason']}`
}

describe('whether a conversion may be paid for', () => {
  it('is the user’s word where the provider was named', () => expect(answer({})).toBeNull())

  it('must be asked where it was not named and no cap is set', () => {
    expect(answer({ word: 'automatic' })).toBe('approval-needed: 2 credits at MusicGPT')
  })

  it('is allowed automatically up to a cap', () => {
    const caps = { ...noCaps, day: 10 }
    expect([
      answer({ word: 'automatic', caps, spent: { batch: 0, day: 8, month: 0 } }),
      answer({ word: 'automatic', caps, spent: { batch: 0, day: 8.5, month: 0 } }),
    ]).toEqual([null, 'cap-reached: 10.5 of 10 credits a day'])
  })

  it('stops a named provider at the cap too', () => {
    expect(answer({ caps: { ...noCaps, job: 1 } })).toBe('cap-reached: 2 of 1 credits a job')
  })

  it('stops at a cap that is used up even where the price is not known', () => {
    expect(
      answer({ tells: 'at-submit', estimate: null, caps: { ...noCaps, month: 5 }, spent: { batch: 0, day: 0, month: 5 } }),
    ).toBe('cap-reached: 5 of 5 credits a month')
  })

  it('must be asked where a price is never told, whatever the cap, named or not: no cap could be kept', () => {
    const untold = { tells: 'never', estimate: null } as const
    const caps = { ...noCaps, day: 100 }
    expect([
      answer({ ...untold, caps }),
      answer({ ...untold, caps, word: 'automatic' }),
      answer({ ...untold, allowance: { cap: 10, per: 'day', spent: 0 } }),
      answer({ ...untold, caps, word: 'approved' }),
      answer({ ...untold, word: 'automatic' }),
      answer(untold),
    ]).toEqual([
      'price-untold: undefined',
      'price-untold: undefined',
      'price-untold: undefined',
      null,
      'approval-needed: MusicGPT',
      null,
    ])
  })

  it('is bounded for one job by what the last one cost, where a price comes only with the answer', () => {
    const caps = { ...noCaps, job: 1 }
    const late = { tells: 'at-submit', caps } as const
    expect([answer({ ...late, estimate: null }), answer({ ...late, estimate: 0.8 }), answer({ ...late, estimate: 1.2 })]).toEqual(
      ['price-untold: undefined', null, 'cap-reached: 1.2 of 1 credits a job'],
    )
    expect(answer({ tells: 'at-submit', estimate: 0.8, word: 'automatic' })).toBe(
      'approval-needed: the last one cost 0.8 credits at MusicGPT',
    )
  })

  it('is never asked twice for the same job', () => {
    expect(answer({ word: 'approved', caps: { ...noCaps, job: 0 } })).toBeNull()
  })

  it('is a watched folder’s own affair up to its allowance, named or not, and not beyond', () => {
    const allowance = { cap: 10, per: 'day' as const, spent: 8 }
    expect([
      answer({ word: 'automatic', allowance }),
      answer({ allowance: { ...allowance, spent: 8.5 } }),
      answer({ estimate: null, allowance }),
      answer({ estimate: null, allowance: { ...allowance, spent: 10 } }),
    ]).toEqual([
      null,
      'cap-reached: 10.5 of 10 credits a day for its folder',
      null,
      'cap-reached: 10 of 10 credits a day for its folder',
    ])
  })

  it('of a watched folder is stopped by the caps of the provider as well', () => {
    const allowance = { cap: 10, per: 'month' as const, spent: 0 }
    expect(answer({ allowance, caps: { ...noCaps, job: 1 } })).toBe('cap-reached: 2 of 1 credits a job')
  })
})
