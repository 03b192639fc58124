/**
 * What is left at each provider, as far as it says so: kept from one run to the next, told anew by each job or counted down by what it
 * cost. A balance that is known to be nothing stands for an account that is used up.
 */
import type { ProviderId } from '../../shared/job.ts'
import type { KeptAccount } from '../../shared/model.ts'
import type { Account, Cost } from '../providers/provider.ts'
import type { AccountStore } from '../store/store.ts'
import type { Clock } from './ports.ts'

export interface Balances {
  /** What the account said last; null where nothing is known. */
  get(id: ProviderId): KeptAccount | null
  /** The account was asked, and said so. */
  told(id: ProviderId, account: Account): void
  /** A job was taken: what is left now, where the answer said so. */
  spent(id: ProviderId, cost: Cost | undefined, left: Account['left'] | undefined): void
  /** A job was refused because there is no credit. */
  usedUp(id: ProviderId): void
  /** The account is another one. */
  forget(id: ProviderId): void
  isEmpty(id: ProviderId): boolean
}

/** After so long it may have been filled up unseen, and not every account can be asked. */
const emptyForMs = 3_600_000

export function createBalances(store: AccountStore, clock: Clock): Balances {
  const get = (id: ProviderId) => store.get(id)
  const keep = (id: ProviderId, { plan, left }: Account) => store.keep(id, { plan, left, askedAtMs: clock.nowMs() })
  /** A plan may hold credit of its own, which nobody tells. */
  const isAll = (account: KeptAccount | null) => account !== null && account.plan === null
  return {
    get,
    told: (id, { plan, left }) => {
      const before = get(id)?.left ?? null
      // Where the account tells nothing, what a job told stands; that nothing was left may have been mended just now.
      keep(id, { plan, left: left ?? (isNothing(before) ? null : before) })
    },
    spent: (id, cost, left) => {
      const known = get(id)
      const plan = known?.plan ?? null
      if (left !== undefined && left !== null) return keep(id, { plan, left })
      if (cost === undefined || known === null || known.left === null || known.left === 'unlimited') return
      if (known.left.unit !== cost.unit) return
      keep(id, { plan, left: { ...known.left, amount: Math.max(0, known.left.amount - cost.amount) } })
    },
    usedUp: (id) => {
      const known = get(id)
      if (known === null || !isAll(known) || known.left === null || known.left === 'unlimited') return
      keep(id, { plan: null, left: { ...known.left, amount: 0 } })
    },
    forget: (id) => store.forget(id),
    isEmpty: (id) => {
      const known = get(id)
      return known !== null && isAll(known) && isNothing(known.left) && clock.nowMs() - known.askedAtMs < emptyForMs
    },
  }
}

function isNothing(left: Account['left']): boolean {
  return left !== null && left !== 'unlimited' && left.amount <= 0
}
