/**
 * How every online provider asks its own service: with the key, and with what the services have in common. Each provider adds what its
 * API and its answers are.
 */
import type * as z from 'zod'
import { type FailureCode, JobError } from '../../../shared/failure.ts'
import { checkedBase, type SourceRules } from '../http/addresses.ts'
import { createHttp, type Http, type HttpCall, type Protocol } from '../http/client.ts'
import { refused, safeReason, type TroubleTable } from '../http/failures.ts'
import type { Account, ProviderAbout } from '../provider.ts'
import { createOwnId, type OwnId, type RemoteOptions, secretsOf } from './service.ts'

/** A call to the service itself, which always goes with the key. */
export type ServiceCall = Omit<HttpCall, 'key'>

export interface ServiceCalls {
  /** For calls of another kind: without the key, or with an answer that is no JSON. */
  readonly http: Http
  readonly ownId: OwnId
  ask<T>(call: ServiceCall, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** The first that says something, for a person to read and without secrets; empty where none does. */
  reasonIn(...found: readonly unknown[]): Promise<string>
  /**
   * What an answer refuses that is a success by its status. It is about the conversion unless its code has a meaning of its own.
   */
  refusalIn(body: unknown, named?: TroubleTable['named'], retryAfterMs?: number | null): Promise<JobError>
  /** Which addresses the service can fetch for itself. */
  sourceRules(maxCharacters: number | null): SourceRules
  /** Shows by a harmless call whether the key works, where the service says nothing of the account. @param ask asks about a job that does not exist. */
  checkKey(ask: () => Promise<unknown>): Promise<Account>
}

/** What a service answers about a job that does not exist, once it has accepted the key. */
const noSuchJob: ReadonlySet<FailureCode> = new Set(['gone', 'conversion-failed'])

export function createServiceCalls(
  options: RemoteOptions,
  { title }: ProviderAbout,
  protocol: Omit<Protocol, 'provider'>,
): ServiceCalls {
  const provider = title
  const http = createHttp(options, { ...protocol, provider })
  return {
    http,
    ownId: createOwnId(provider, () => options.baseUrl),
    ask: async (call, schema, signal) => await http.ask({ ...call, key: 'own' }, schema, signal),
    reasonIn: async (...found) => {
      const secrets = await secretsOf(options)
      return found.map((each) => safeReason(each, secrets)).find((reason) => reason !== '') ?? ''
    },
    refusalIn: async (body, named = {}, retryAfterMs = null) => {
      const table: TroubleTable = { named, status: { 200: 'conversion-failed' } }
      return refused({ provider, status: 200, body, retryAfterMs, repeat: 'never', secrets: await secretsOf(options), table })
    },
    sourceRules: (maxCharacters) => ({ provider, base: checkedBase(options.baseUrl, provider), maxCharacters }),
    checkKey: async (ask) => {
      const body = await ask().catch((error: unknown) => {
        if (error instanceof JobError && noSuchJob.has(error.failure.code)) return null
        throw error
      })
      if (typeof body === 'string') throw new JobError('answer-bad', { provider, because: 'web-page' })
      return { plan: null, left: null }
    },
  }
}
