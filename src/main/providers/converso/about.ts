/** What Converso is, as data: it may be paid for every call that it accepts, and says nothing of what that costs. */
import { onlineTitles } from '../../../shared/providers.ts'
import type { PollingPlan, ProviderAbout } from '../provider.ts'

export const about = {
  id: 'converso',
  title: onlineTitles.converso,
  cloud: true,
  resubmit: 'never',
  tellsPrice: 'never',
} as const satisfies ProviderAbout

export const baseAddress = 'https://api.conversoempire.world/audio-extract'

export const concurrency = 3

export const pollingPlan = {
  firstMs: 2_000,
  everyMs: 2_000,
  growth: 1.25,
  maxMs: 5_000,
  budget: null,
} as const satisfies PollingPlan

export const maxUrlLength = 2048

/** Results are kept for so long after they are ready, whether this program runs or not. */
export const retentionMs = 24 * 3_600_000
