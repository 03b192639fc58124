/** Providers as the window names them: their titles, what they count in, and whether they are ready. */
import type { TFunction } from 'i18next'
import type { ProviderStatus } from '../../shared/wire/contract.ts'
import type { ProviderId } from '../../shared/job.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import { isOnlineProvider, onlineTitles } from '../../shared/providers.ts'
import { countText } from '../ui/quantities.ts'

export function providerName(id: ProviderId, t: TFunction): string {
  return isOnlineProvider(id) ? onlineTitles[id] : t(`conversion.${id}`)
}

/** What a provider charges in; null where it never says. */
export const units = {
  xconvert: 'credits',
  musicgpt: 'credits',
  'converter-app': 'conversions',
  converso: null,
} as const satisfies Readonly<Record<OnlineProviderId, string | null>>

export function amountText(amount: number, unit: string | null, t: TFunction): string {
  if (unit === 'credits') return t('provider.credits', { count: amount, amount: countText(amount) })
  if (unit === 'conversions') return t('provider.conversions', { count: amount, amount: countText(amount) })
  return `${countText(amount)} ${unit ?? ''}`.trim()
}

export type Readiness = 'ready' | 'off' | 'key' | 'trouble'

export function readinessOf({ unready }: ProviderStatus): Readiness {
  if (unready === null) return 'ready'
  if (unready.code === 'provider-disabled') return 'off'
  return unready.code === 'key-missing' ? 'key' : 'trouble'
}

export function readinessText(readiness: Readiness, t: TFunction): string {
  if (readiness === 'ready') return t('providers.ready')
  if (readiness === 'off') return t('provider.off')
  return readiness === 'key' ? t('provider.needsKey') : t('providers.trouble')
}

export type OnlineStatus = ProviderStatus & { readonly id: OnlineProviderId }

export function isOnline(status: ProviderStatus): status is OnlineStatus {
  return status.cloud
}
