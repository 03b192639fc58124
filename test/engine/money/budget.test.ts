import { factsOf } from '../../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { moneyTrouble, type Expense } from '../../../src/main/engine/money/budget.ts'

const noCaps = { job: null, batch: null, day: null, month: null }
const expense: Expense = {
  provider: 'MusicGPT',
  priceTold: 'before',
  estimate: 2,
  unit: 'credits',
  caps: noCaps,
  spent: { batch: 0, day: 0, month: 0 },
  allowance: null,
  consent: 'named',
}

/** The code, and what is known more exactly. */
function answer(change: Partial<Expense>): string | null {
  const trouble = moneyTrouble({ ...expense, ...change })
  if (trouble === null) return null
  const { because, amount, cap, unit } = factsOf(trouble)
  return [trouble.code, because, amount, cap, unit].filter((fact) => fact !== undefined).join(' ')
}

describe('whether a conversion may be paid for', () => {
  it('is the user’s word where the provider was named', () => expect(answer({})).toBeNull())

  it('must be asked where it was not named and no cap is set', () => {
    expect(answer({ consent: 'automatic' })).toBe('approval-needed price-stated 2 credits')
  })

  it('is allowed automatically up to a cap', () => {
    const caps = { ...noCaps, day: 10 }
    expect([
      answer({ consent: 'automatic', caps, spent: { batch: 0, day: 8, month: 0 } }),
      answer({ consent: 'automatic', caps, spent: { batch: 0, day: 8.5, month: 0 } }),
    ]).toEqual([null, 'cap-reached cap-day 10.5 10 credits'])
  })

  it('stops a named provider at the cap too', () => {
    expect(answer({ caps: { ...noCaps, job: 1 } })).toBe('cap-reached cap-job 2 1 credits')
  })

  it('stops at a cap that is used up even where the price is not known', () => {
    expect(
      answer({ priceTold: 'at-submit', estimate: null, caps: { ...noCaps, month: 5 }, spent: { batch: 0, day: 0, month: 5 } }),
    ).toBe('cap-reached cap-month 5 5 credits')
  })

  it('must be asked where a price is never told, whatever the cap, named or not: no cap could be kept', () => {
    const untold = { priceTold: 'never', estimate: null } as const
    const caps = { ...noCaps, day: 100 }
    expect([
      answer({ ...untold, caps }),
      answer({ ...untold, caps, consent: 'automatic' }),
      answer({ ...untold, allowance: { cap: 10, per: 'day', spent: 0 } }),
      answer({ ...untold, caps, consent: 'approved' }),
      answer({ ...untold, consent: 'automatic' }),
      answer(untold),
    ]).toEqual(['price-untold', 'price-untold', 'price-untold', null, 'approval-needed price-unknown', null])
  })

  it('is bounded for one job by what the last one cost, where a price comes only with the answer', () => {
    const caps = { ...noCaps, job: 1 }
    const late = { priceTold: 'at-submit', caps } as const
    expect([answer({ ...late, estimate: null }), answer({ ...late, estimate: 0.8 }), answer({ ...late, estimate: 1.2 })]).toEqual(
      ['price-untold', null, 'cap-reached cap-job 1.2 1 credits'],
    )
    expect(answer({ priceTold: 'at-submit', estimate: 0.8, consent: 'automatic' })).toBe('approval-needed price-last 0.8 credits')
  })

  it('is never asked twice for the same job', () => {
    expect(answer({ consent: 'approved', caps: { ...noCaps, job: 0 } })).toBeNull()
  })

  it('is a watched folder’s own affair up to its allowance, named or not, and not beyond', () => {
    const allowance = { cap: 10, per: 'day' as const, spent: 8 }
    expect([
      answer({ consent: 'automatic', allowance }),
      answer({ allowance: { ...allowance, spent: 8.5 } }),
      answer({ estimate: null, allowance }),
      answer({ estimate: null, allowance: { ...allowance, spent: 10 } }),
    ]).toEqual([null, 'cap-reached folder-cap-day 10.5 10 credits', null, 'cap-reached folder-cap-day 10 10 credits'])
  })

  it('of a watched folder is stopped by the caps of the provider as well', () => {
    const allowance = { cap: 10, per: 'month' as const, spent: 0 }
    expect(answer({ allowance, caps: { ...noCaps, job: 1 } })).toBe('cap-reached cap-job 2 1 credits')
  })
})
