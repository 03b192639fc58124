/**
 * Pure: whether a conversion may be paid for. Naming a provider is the user's word for that job; *Automatic* spends only where a
 * cap is set, because a cap is what the user is ready to spend. A cap that cannot be kept allows nothing: with one, the user is asked.
 * Everything is in the provider's own unit.
 */
import { failure, type Failure } from '../../../shared/failure.ts'
import type { Caps, PriceTold } from '../../../shared/model.ts'

export interface Spent {
  readonly batch: number
  readonly day: number
  readonly month: number
}

export interface Allowance {
  readonly cap: number
  readonly per: 'day' | 'month'
  /** In that time so far. */
  readonly spent: number
}

export interface Question {
  readonly provider: string
  readonly tells: PriceTold
  /** What it is expected to cost: as the provider says, else what the last one cost; null where nobody knows yet. */
  readonly estimate: number | null
  readonly unit: string
  readonly caps: Caps
  readonly spent: Spent
  /** What the watched folder that it comes from may spend of its own accord; null: it comes from none that may. */
  readonly allowance: Allowance | null
  /** `named`: the user chose the provider; `approved`: and said yes to this very job; `automatic`: neither. */
  readonly word: 'named' | 'approved' | 'automatic'
}

/** Why the job has to wait for the user, or null where it may be paid for. */
export function moneyTrouble({ provider, tells, estimate, unit, caps, spent, allowance, word }: Question): Failure | null {
  if (word === 'approved') return null
  const hasCap = Object.values(caps).some((cap) => cap !== null)
  if (tells === 'never' && (hasCap || allowance !== null)) return failure('price-untold', { provider })
  // A span's cap is passed by one job at most, the one that finds the price out; a job's would be passed by any.
  if (tells === 'at-submit' && estimate === null && caps.job !== null) return failure('price-untold', { provider })
  // Where no price is known, at least the one that is being asked for counts.
  const cost = estimate ?? 0
  const reached = (['job', 'batch', 'day', 'month'] as const).find((span) => {
    const cap = caps[span]
    if (cap === null) return false
    const before = span === 'job' ? 0 : spent[span]
    return before + cost > cap || (estimate === null && span !== 'job' && before >= cap)
  })
  if (reached !== undefined) {
    const before = reached === 'job' ? 0 : spent[reached]
    return failure('cap-reached', {
      provider,
      reason: `${figure(before + cost)} of ${figure(caps[reached] ?? 0)} ${unit} a ${reached}`,
    })
  }
  if (allowance !== null) {
    const { cap, per, spent: before } = allowance
    if (before + cost <= cap && (estimate !== null || before < cap)) return null
    return failure('cap-reached', {
      provider,
      reason: `${figure(before + cost)} of ${figure(cap)} ${unit} a ${per} for its folder`,
    })
  }
  if (word === 'named' || hasCap) return null
  const price = estimate === null ? '' : `${tells === 'before' ? '' : 'the last one cost '}${figure(estimate)} ${unit} at `
  return failure('approval-needed', { provider, reason: `${price}${provider}` })
}

function figure(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}
