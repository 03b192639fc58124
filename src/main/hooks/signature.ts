/**
 * How calls of hooks are signed, so that a receiver knows that they are of this Beside, and of now: an HMAC-SHA256 over the delivery's key,
 * the time stamp and the body, as Standard Webhooks (https://www.standardwebhooks.com) has it, for which every language has a library.
 * Alone because it is all that there is of cryptography here.
 */
import { createHmac } from 'node:crypto'
import type { Random } from '../engine/ports.ts'

const prefix = 'whsec_'

/** 32 bytes that nobody can guess, as receivers take them. */
export function newHookSecret(random: Pick<Random, 'key'>): string {
  const bytes = createHmac('sha256', 'Beside hook').update(`${random.key()} ${random.key()}`).digest()
  return `${prefix}${bytes.toString('base64')}`
}

export function signedHeaders(secret: string, key: string, body: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const bytes = Buffer.from(secret.slice(prefix.length), 'base64')
  const signature = createHmac('sha256', bytes).update(`${key}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': key, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
