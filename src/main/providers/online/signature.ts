/** Whether a call from outside was signed with a secret that only its sender and Beside know, lately, over just this body. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Clocks differ, and calls are repeated when they get no answer; what is older may be somebody's recording. */
export const signedWithinMs = 5 * 60_000

export interface Signed {
  /** Seconds since 1970, as the sender wrote it. */
  readonly timestamp: string
  /** HMAC-SHA256 in hexadecimal digits. */
  readonly signature: string
  /** What the signature is over. */
  readonly content: Uint8Array
}

/** Why it is not to be believed, or null. */
export function signatureTrouble({ timestamp, signature, content }: Signed, secret: string, nowMs: number): string | null {
  if (!/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/i.test(signature)) return 'not signed'
  // The signature first: whoever has no secret does not learn what time it is here.
  const own = createHmac('sha256', secret).update(content).digest()
  if (!timingSafeEqual(own, Buffer.from(signature, 'hex'))) return 'wrong signature'
  return Math.abs(nowMs - Number(timestamp) * 1000) > signedWithinMs ? 'signed too long ago' : null
}
