/** What xconvert is, as data: a submit carries an idempotency key, and what a conversion costs is nowhere to be read. */
import { onlineTitles } from '../../../shared/providers.ts'
import type { PollingPlan, ProviderAbout } from '../provider.ts'

export const about = {
  id: 'xconvert',
  title: onlineTitles.xconvert,
  cloud: true,
  resubmit: 'same-key',
  tellsPrice: 'never',
} as const satisfies ProviderAbout

export const baseAddress = 'https://api.xconvert.com'
export const baseAddresses = { staging: 'https://api.staging.xconvert.com' } as const

export const concurrency = 3

export const pollingPlan: PollingPlan = { firstMs: 1_000, everyMs: 1_000, growth: 1.3, maxMs: 5_000, budget: null }

/** ASSUMED: any size will do; small enough that a chunk is soon repeated. */
export const chunkBytes = 8 * 1024 * 1024
export const chunkTries = 3
