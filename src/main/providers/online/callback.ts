/** The address of the webhook receiver that goes out with a job, for providers that sign nothing: it holds a token that nobody can guess. */
import type { Log, Random, Secrets } from '../../engine/ports.ts'
import type { OnlineProviderId } from '../../../shared/model.ts'
import type { Settings } from '../../../shared/settings.ts'
import { isHearing, webhookUrl } from '../../../shared/webhooks.ts'
import type { Callback } from '../remote.ts'

export interface CallbackPorts {
  readonly settings: () => Settings
  readonly secrets: Secrets
  readonly random: Random
  readonly log: Log
}

/** Null while the receiver is off. The token is made once and kept with the keys, so that calls about jobs of yesterday are known, too. */
export function callbacks({ settings, secrets, random, log }: CallbackPorts): (id: OnlineProviderId) => Promise<Callback | null> {
  const making = new Map<OnlineProviderId, Promise<string>>()
  const tokenOf = async (id: OnlineProviderId): Promise<string> => {
    const known = await secrets.get(`${id} webhook`)
    if (known !== null) return known
    const fresh = random.key()
    await secrets.set(`${id} webhook`, fresh)
    return fresh
  }
  return async (id) => {
    if (!isHearing(settings())) return null
    const made = making.get(id) ?? tokenOf(id).finally(() => making.delete(id))
    making.set(id, made)
    try {
      const token = await made
      return { url: webhookUrl(settings().webhookAddress, id, token), token }
    } catch (error) {
      // Polling finds out all the same.
      log.warn('no address could be made for calls back', { provider: id, error: String(error) })
      return null
    }
  }
}
