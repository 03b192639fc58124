/** A provider on stage: its scripted server, an order over a folder of its own, and the outside held still. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Polled, Provider, ProviderOrder } from '../../src/main/providers/provider.ts'
import type { Memory, RemoteOptions } from '../../src/main/providers/kit/service.ts'
import { type FailureCode, toFailure } from '../../src/shared/failure.ts'
import type { Part, Ticket } from '../../src/shared/job.ts'
import { eagerClock, type EagerClock } from './clock.ts'
import { temporaryFolder } from './folder.ts'
import { orderIn, type Wish } from './order.ts'
import type { Misbehaviour, ScriptedServer } from './servers/server.ts'

export type CommonRoute = 'submit' | 'poll' | 'result'

export interface Subject {
  readonly server: ScriptedServer
  readonly create: (options: RemoteOptions) => Provider
  readonly key: string
  /** A conversion that it takes. */
  readonly wish: Wish
  /** The bytes that the server has made for the last job. */
  readonly made: () => Buffer
  /** A poll that says this word for how the job stands. */
  readonly saying: (word: string) => Misbehaviour
  /** The word that means "failed". */
  readonly failedWord: string
  /** An error body of this provider's form, with this message. */
  readonly errorBody: (message: string) => unknown
  /** What it makes of a key that the server refuses. */
  readonly wrongKey: FailureCode
  /** What each status means, where it is answered. */
  readonly codes: readonly (readonly [route: CommonRoute, status: number, code: FailureCode])[]
}

/** A provider on stage: its server, its order, and the outside held still. */
export interface Stage extends Subject {
  readonly provider: Provider
  readonly order: ProviderOrder
  readonly clock: EagerClock
  readonly signal: AbortSignal
  /** What stands beside the output; nothing before a fetch. */
  readonly left: () => Promise<readonly string[]>
  readonly logged: string[]
  /** Takes the key away, or gives another. */
  readonly setKey: (key: string | null) => void
  /** What it was made from: another one made from the same knows what this one was told. */
  readonly outside: RemoteOptions
  submit(): Promise<Ticket>
  /** Asks until it is ready. */
  wait(ticket: Ticket): Promise<Ticket>
  fetch(ticket: Ticket): Promise<readonly Part[]>
  convert(): Promise<readonly Part[]>
}

/** @param bytesPerSecond the bandwidth limit; null: none. */
export async function onStage(setup: (folder: string) => Promise<Subject>, bytesPerSecond: number | null = null): Promise<Stage> {
  const folder = await temporaryFolder()
  const subject = await setup(folder)
  const beside = join(folder, 'beside')
  await mkdir(beside)
  const clock = eagerClock()
  const logged: string[] = []
  const write = (text: string, facts: unknown): void => void logged.push(`${text} ${JSON.stringify(facts ?? {})}`)
  let key: string | null = subject.key
  const outside: RemoteOptions = {
    baseUrl: subject.server.base,
    key: async () => key,
    clock,
    random: { next: () => 0.5, key: () => 'a-fresh-key' },
    log: { debug: write, info: write, warn: write, error: write },
    bytesPerSecond,
    memory: memoryOf(),
  }
  const provider = subject.create(outside)
  const { order } = orderIn(beside, subject.wish)
  const { signal } = new AbortController()
  const report = (): void => undefined
  let submits = 0
  const stage: Stage = {
    ...subject,
    provider,
    order,
    clock,
    signal,
    logged,
    outside,
    left: async () => await readdir(beside),
    setKey: (next) => (key = next),
    submit: async () => {
      submits += 1
      const submitted = await provider.submit({ ...order, key: `key-${submits}` }, report, signal)
      if (submitted.kind !== 'accepted') throw new Error('it converted at once')
      return submitted.ticket
    },
    wait: async (ticket) => {
      for (;;) {
        const polled = await poll(provider, ticket, signal)
        if (polled.kind === 'ready') return polled.ticket
      }
    },
    fetch: async (ticket) => (await provider.fetch?.(ticket, order, report, signal)) ?? [],
    convert: async () => await stage.fetch(await stage.wait(await stage.submit())),
  }
  return stage
}

/** Asks once. */
export async function poll(provider: Provider, ticket: Ticket, signal: AbortSignal): Promise<Polled> {
  if (provider.poll === undefined) throw new Error('it cannot be asked')
  return await provider.poll(ticket, signal)
}

/** What a provider was told last, for as long as this lasts. */
export function memoryOf(): Memory {
  let value: unknown = null
  return { read: () => value, write: (next) => void (value = structuredClone(next)) }
}

/** How it failed, in short; or that it did not. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof Error ? toFailure(error).code : String(error)),
  )
}
