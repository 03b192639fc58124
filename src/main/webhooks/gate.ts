/**
 * Which calls are accepted. The tunnel's address is public, so anybody may call: a provider is known by the token in the address that
 * it was given with a job, or by its signature, which holds for a few minutes and once. No answer says what was wrong.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Ticket } from '../../shared/job.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import { webhookOf } from '../../shared/webhooks.ts'
import type { Secrets } from '../engine/ports.ts'
import type { IncomingCall, CallsBack, Provider } from '../providers/provider.ts'

export interface Refusal {
  readonly status: number
  /** One of a few fixed words: nothing that came from outside. */
  readonly why: string
}

/** The body of the call may be read. */
export interface Admitted {
  readonly id: OnlineProviderId
  verify(called: IncomingCall): Refusal | { readonly ids: Ticket['ids'] }
}

export interface Gate {
  /** Before anything of the body is read. */
  admit(method: string, path: string): Promise<Refusal | Admitted>
}

export interface GatePorts {
  readonly providers: readonly Pick<Provider, 'about' | 'callsBack'>[]
  readonly secrets: Pick<Secrets, 'get'>
  readonly nowMs: () => number
}

/** So many calls at once, and then so many a second; what goes beyond is not needed, since everything is asked for anyway. */
const burst = 60
const callsASecond = 10
/** Signatures are known again for at least as long as they hold. */
const maxMarks = 10_000

export function createGate({ providers, secrets, nowMs }: GatePorts): Gate {
  const marks = new Set<string>()
  const mayCall = bucket(nowMs)

  const verify = (callsBack: CallsBack, secret: string, called: IncomingCall): Refusal | { readonly ids: Ticket['ids'] } => {
    const proof = callsBack.signed?.(called, secret, nowMs()) ?? { once: null }
    if ('trouble' in proof) return { status: 403, why: proof.trouble }
    const payload = jsonIn(called.body)
    if (payload === undefined) return { status: 400, why: 'malformed' }
    if (proof.once !== null) {
      if (marks.has(proof.once)) return { status: 403, why: 'repeated' }
      marks.add(proof.once)
      for (const mark of marks) if (marks.size > maxMarks) marks.delete(mark)
    }
    return { ids: callsBack.idsIn(payload) }
  }
  return {
    admit: async (method, path) => {
      if (!mayCall()) return { status: 429, why: 'too many' }
      const place = webhookOf(path)
      const callsBack = providers.find(({ about }) => about.id === place?.id)?.callsBack
      if (place === null || callsBack === undefined) return { status: 404, why: 'unknown address' }
      if (method !== 'POST') return { status: 405, why: 'not a POST' }
      const secret = await secrets.get(`${place.id} webhook`)
      const isKnown = callsBack.signed !== undefined ? place.token === null : isSame(place.token ?? '', secret)
      if (!isKnown || secret === null) return { status: 403, why: secret === null ? 'nothing agreed' : 'wrong token' }
      return { id: place.id, verify: (called) => verify(callsBack, secret, called) }
    },
  }
}

function bucket(nowMs: () => number): () => boolean {
  let left = burst
  let filledAtMs = nowMs()
  return () => {
    const now = nowMs()
    left = Math.min(burst, left + Math.max(0, now - filledAtMs) * (callsASecond / 1000))
    filledAtMs = now
    if (left < 1) return false
    left -= 1
    return true
  }
}

/** Takes the same time whatever is wrong. */
function isSame(given: string, secret: string | null): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret ?? '')) && secret !== null
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
