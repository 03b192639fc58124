/** What Converter App is, as data: a quota of conversions, counted for every submit. What is marked ASSUMED is stated nowhere. */
import { onlineTitles } from '../../../shared/providers.ts'
import type { Cost, PollingPlan, ProviderAbout } from '../provider.ts'

export const about = {
  id: 'converter-app',
  title: onlineTitles['converter-app'],
  cloud: true,
  resubmit: 'never',
  tellsPrice: 'before',
} as const satisfies ProviderAbout

export const baseAddress = 'https://api.converter.app'

export const concurrency = 2

export const pollingPlan: PollingPlan = { firstMs: 2_000, everyMs: 2_000, growth: 1.3, maxMs: 10_000, budget: null }

/**
 * Up to this size a file is converted within one request: a lost connection then loses the result and the unit it cost, so that only
 * files that are soon done go this way.
 */
export const maxSyncBytes = 64 * 1024
/** The service keeps such a request open for 30 minutes. */
export const syncAnswerMs = 35 * 60_000

/** A catalogue this old is asked for anew. */
export const catalogueMs = 86_400_000
/** Where an older one is known, it is waited for so long; and it is asked for again after so long. */
export const staleWaitMs = 5_000
export const staleAgainMs = 60_000

/** ASSUMED: whether a unit is a request or a file is not stated; a request holds one file here. */
export const costOfConversion = { amount: 1, unit: 'conversions' } as const satisfies Cost
