/** What every online provider is made from: where it is, its key, and the outside. */
import { createHash } from 'node:crypto'
import type { Options } from '../../../shared/options.ts'
import type { Clock, Log, Random } from '../../engine/ports.ts'
import type { ProviderOrder, ProgressReport, Reporter } from '../provider.ts'
import { JobError } from '../../../shared/failure.ts'
import { createPace } from '../http/pace.ts'

export interface Callback {
  readonly url: string
  readonly token: string
}

/** What a provider was told last. The form is its own, which it checks when it reads; null where there is nothing. It outlives the program. */
export interface Memory {
  read(): unknown
  write(value: unknown): void
}

export interface RemoteOptions {
  /** https only, except loopback; without a slash at the end. */
  readonly baseUrl: string
  /** Asked anew for every call, so that a key set meanwhile counts at once; null where none is set. Never kept, never logged. */
  readonly key: () => Promise<string | null>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Where the provider may call back about a job, and the secret part of that address; null or absent: nowhere. Never kept, never logged. */
  readonly callback?: () => Promise<Callback | null>
  /** Bytes a second for uploads and downloads together; null: as fast as it goes. */
  readonly bytesPerSecond: number | null
  readonly memory: Memory
}

/** What must not show in any text: also not where it came back from someone who was not given it. */
export async function secretsOf({ key, callback }: RemoteOptions): Promise<readonly string[]> {
  return [await key(), (await callback?.())?.token].filter((secret) => typeof secret === 'string')
}

/** The options of an order with the address of the receiver, where it is on and the user named no other. */
export async function optionsOf({ options }: Pick<ProviderOrder, 'options'>, { callback }: RemoteOptions): Promise<Options> {
  const own = options.webhook === undefined ? await callback?.() : null
  return own === null || own === undefined ? options : { ...options, webhook: own.url }
}

/** Whose answers these are: what is answered to one key, at one address, says nothing about another. The key itself is not in it. */
export async function accountOf({ baseUrl, key }: RemoteOptions): Promise<string> {
  const known = await key()
  return `${baseUrl} ${known === null ? 'without a key' : createHash('sha256').update(known).digest('base64')}`
}

/**
 * Answers the id of a job as the service gave it. One that is given twice would bring one file's result under the other's name.
 *
 * @throws JobError `answer-lost` where it was given for another submit: nobody knows what became of this one.
 */
export type OwnId = (id: string, submitKey: string) => string

/** Services that give an id twice do so soon; what came before so many others is of no more use. */
const maxRemembered = 4_096

/** @param base where the service is now: another address counts by itself. */
export function createOwnId(provider: string, base: () => string): OwnId {
  const given = new Map<string, string>()
  return (id, submitKey) => {
    const there = `${base()} ${id}`
    const before = given.get(there)
    if (before !== undefined && before !== submitKey) {
      throw new JobError('answer-lost', { provider, because: 'job-of-another' })
    }
    given.set(there, submitKey)
    const [oldest] = given.keys()
    if (given.size > maxRemembered && oldest !== undefined) given.delete(oldest)
    return id
  }
}

/** What every submit reports before anything else: without a report it has to be assumed that the submit may cost. */
export const nothingSent: ProgressReport = { stage: 'uploading', done: 0, bodySent: false }

/**
 * Reports the body of a submit on its way. Only with its last byte may the other side have all of it, and be paid for it.
 */
export function reportUpload(report: Reporter, bytes: number, clock: Pick<Clock, 'nowMs'>): (more: number) => void {
  const pace = createPace(clock)
  let sent = 0
  return (more) => {
    sent += more
    const bodySent = sent >= bytes
    report(
      bodySent
        ? { stage: 'processing', done: null, bodySent }
        : { stage: 'uploading', done: sent / bytes, bodySent, ...pace(sent, bytes) },
    )
  }
}
