/** What MusicGPT is, as data: it charges for every submit and has no idempotency key. */
import { onlineTitles } from '../../../shared/providers.ts'
import type { PollingPlan, ProviderAbout } from '../provider.ts'

export const about = {
  id: 'musicgpt',
  title: onlineTitles.musicgpt,
  cloud: true,
  resubmit: 'never',
  tellsPrice: 'at-submit',
} as const satisfies ProviderAbout

export const baseAddress = 'https://api.musicgpt.com/api/public'

/** Parallel jobs and polls a minute by the account's plan, which the user states: no call does. */
export const plans = {
  free: { concurrency: 2, pollsPerMinute: 20 },
  plus: { concurrency: 5, pollsPerMinute: 200 },
  pro: { concurrency: 10, pollsPerMinute: 500 },
} as const
export type MusicgptPlan = keyof typeof plans

export function isMusicgptPlan(name: string): name is MusicgptPlan {
  return Object.hasOwn(plans, name)
}

/** The budget is that of the plan. */
export const pollingPlan = { firstMs: 5_000, everyMs: 6_000, growth: 1, maxMs: 6_000 } as const satisfies Omit<
  PollingPlan,
  'budget'
>
export const budgetMs = 60_000

/** Assumed: estimates and costs are in credits. */
export const unit = 'credits'
