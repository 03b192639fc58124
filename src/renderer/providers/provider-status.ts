import type { ProviderStatus } from '../../shared/wire/contract.ts'
import type { OnlineProviderId } from '../../shared/model.ts'

export type OnlineStatus = ProviderStatus & { readonly id: OnlineProviderId }

export function isOnline(status: ProviderStatus): status is OnlineStatus {
  return status.cloud
}
