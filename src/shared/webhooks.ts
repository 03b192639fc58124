/** Addresses of the webhook receiver: as they are given to providers, and as the receiver reads them behind whatever a tunnel does to paths. */
import { isOnlineProvider } from './providers.ts'
import type { OnlineProviderId } from './model.ts'
import type { Settings } from './settings.ts'

/** Whether the receiver is on: it needs a port to listen at and an address that leads there from outside. */
export function isReceiving({ webhookPort, webhookAddress }: Pick<Settings, 'webhookPort' | 'webhookAddress'>): boolean {
  return webhookPort !== 0 && webhookAddress !== ''
}

/** @param token for a provider that signs nothing: whoever knows the address is taken for the provider. */
export function webhookUrl(address: string, id: OnlineProviderId, token: string | null): string {
  return [address.replace(/\/+$/, ''), id, ...(token === null ? [] : [token])].join('/')
}

/** Which provider a path is of, by its end: what stands before is the tunnel's. */
export function webhookOf(path: string): { readonly id: OnlineProviderId; readonly token: string | null } | null {
  const parts = path.split('/')
  const last = parts.at(-1) ?? ''
  if (isOnlineProvider(last)) return { id: last, token: null }
  const before = parts.at(-2) ?? ''
  return isOnlineProvider(before) && last !== '' ? { id: before, token: last } : null
}
