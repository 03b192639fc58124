/**
 * How calls back are trusted: by the token in the address of the webhook receiver that went out with a job, which nobody can guess, or
 * by a signature.
 */
import type { Log, Random, Secrets } from '../../engine/ports.ts'
import type { OnlineProviderId } from '../../../shared/model.ts'
import type { Settings } from '../../../shared/settings.ts'
import { isReceiving, webhookUrl } from '../../../shared/webhooks.ts'
import type { Callback } from './service.ts'
import { createHmac, timingSafeEqual } from 'node:crypto'

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
    if (!isReceiving(settings())) return null
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

/** Clocks differ, and calls are repeated when they get no answer; what is older may be somebody's recording. */
export const signedWithinMs = 5 * 60_000

/** A call that is signed with a secret that only its sender and Beside know. */
export interface SignedCall {
  /** Seconds since 1970, as the sender wrote it. */
  readonly timestamp: string
  /** HMAC-SHA256 in hexadecimal digits. */
  readonly signature: string
  /** What the signature is over. */
  readonly content: Uint8Array
}

/** Why a call is not to be believed, or null: its signature must be right for just this content, and recent. */
export function signatureTrouble({ timestamp, signature, content }: SignedCall, secret: string, nowMs: number): string | null {
  if (!/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/i.test(signature)) return 'not signed'
  // The signature first: whoever has no secret does not learn what time it is here.
  const own = createHmac('sha256', secret).update(content).digest()
  if (!timingSafeEqual(own, Buffer.from(signature, 'hex'))) return 'wrong signature'
  return Math.abs(nowMs - Number(timestamp) * 1000) > signedWithinMs ? 'signed too long ago' : null
}
