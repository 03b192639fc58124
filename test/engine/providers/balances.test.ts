import { describe, expect, it } from 'vitest'
import { createBalances, type Balances } from '../../../src/main/engine/providers/registry.ts'
import { fakeClock } from '../../support/clock.ts'
import { temporaryStore } from '../../support/stored.ts'

const id = 'converter-app'
const unit = 'conversions'
const one = { amount: 1, unit }
const hourMs = 3_600_000

async function scene() {
  const clock = fakeClock()
  const store = await temporaryStore()
  const balances = createBalances(store.accounts, clock)
  /** Another run of Beside, on the same data. */
  const later = (): Balances => createBalances(store.accounts, clock)
  const left = () => later().get(id)?.left
  return { clock, balances, later, left }
}

describe('what is left at a provider', () => {
  it('is known to the next run, as a job told it, and is counted down where a job does not', async () => {
    const { balances, later, left } = await scene()
    const seen = [left()]
    balances.spent(id, one, { amount: 3, unit })
    seen.push(left())
    later().spent(id, one, undefined)
    seen.push(left())
    balances.spent(id, { amount: 1, unit: 'credits' }, null)
    seen.push(left())
    expect(seen).toEqual([undefined, { amount: 3, unit }, { amount: 2, unit }, { amount: 2, unit }])
  })

  it('stands when the account is asked and does not tell; that it was nothing does not', async () => {
    const { balances, left } = await scene()
    balances.spent(id, one, { amount: 3, unit })
    balances.answered(id, { plan: null, left: null })
    const some = left()
    balances.usedUp(id)
    const none = [left(), balances.isEmpty(id)]
    balances.answered(id, { plan: null, left: null })
    expect([some, none, left(), balances.isEmpty(id)]).toEqual([{ amount: 3, unit }, [{ amount: 0, unit }, true], null, false])
  })

  it('is nothing for an hour: then it may have been filled up', async () => {
    const { clock, balances, later } = await scene()
    balances.spent(id, one, { amount: 0, unit })
    const empty = [later().isEmpty(id)]
    clock.advance(hourMs)
    empty.push(later().isEmpty(id))
    expect(empty).toEqual([true, false])
  })

  it('is not all where there is a plan, nor a bound where there is none', async () => {
    const { balances } = await scene()
    balances.answered('xconvert', { plan: 'pro', left: { amount: 0, unit: 'credits' } })
    balances.spent(id, one, 'unlimited')
    balances.spent(id, one, undefined)
    balances.usedUp(id)
    expect([balances.isEmpty('xconvert'), balances.get(id)?.left, balances.isEmpty(id)]).toEqual([false, 'unlimited', false])
  })

  it('is forgotten with the account', async () => {
    const { balances, left } = await scene()
    balances.spent(id, one, { amount: 0, unit })
    balances.forget(id)
    expect([left(), balances.isEmpty(id)]).toEqual([undefined, false])
  })
})
