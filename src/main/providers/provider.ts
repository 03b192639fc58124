/**
 * What a provider is: something that turns one source into parts. It does three things (submit, poll, fetch) and states as data
 * what it takes; all else is optional by presence. It knows nothing of jobs, rows, retries or events: it gets an order and a
 * signal, and answers or throws a JobError. "This machine" is one like the others; its submit answers with the parts at once.
 */
import type { ContentItem } from '../../shared/things.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Family, FormatId } from '../../shared/formats.ts'
import type { Part, ProviderId, Source, Ticket } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import type { PriceTold } from '../../shared/model.ts'
import type { Speed, Stage } from '../../shared/providers.ts'
import type { OptionDefaults } from '../../shared/option-defaults.ts'
import type { OptionName, Options, OptionValue } from '../../shared/options.ts'

/** Every `from` can become every `to`, with these options. */
export interface Pairing {
  readonly from: readonly FormatId[]
  readonly to: readonly FormatId[]
  readonly options: readonly OptionName[]
  /** Values narrower than the vocabulary's. */
  readonly values?: Readonly<Partial<Record<OptionName, readonly OptionValue[]>>>
  /** What these options are where nobody sets them; what is not known is left out. */
  readonly defaults?: OptionDefaults
  /** Several of these, also of different formats, can become one. */
  readonly joins?: true
  /** They go into the result as they are: that says nothing of whether anybody reads them. */
  readonly packs?: true
  /** Which of several programs and libraries of the provider makes it, as people call it. */
  readonly by?: string
}

/** What would be made as well, were a program here. */
export interface MissingPairing extends Pairing {
  /** As people call it. */
  readonly program: string
  /** What to type to install it, where that is known. */
  readonly install?: string
}

export interface Capabilities {
  readonly pairings: readonly Pairing[]
  /** In the order in which they would be chosen; absent where nothing can be missing. */
  readonly missing?: readonly MissingPairing[]
  readonly sources: readonly Source['kind'][]
  /** Largest source in bytes, where known. */
  readonly maxBytes: number | null
  /** Why an address cannot be fetched from where the provider is, or null; absent: it takes none. */
  readonly unreachable?: (address: string) => Failure | null
  /** Whether a pair that no catalogue lists may be tried where somebody names this provider; absent: none is. */
  readonly tries?: (from: FormatId, target: FormatId) => boolean
  /** The catalogue is as it was at that time, since the service cannot be asked now. */
  readonly staleSinceMs?: number
}

/** Facts that never change while the program runs. */
export interface ProviderAbout {
  readonly id: ProviderId
  readonly title: string
  /** Whether bytes leave this machine. */
  readonly cloud: boolean
  /**
   * What to do when a submit may have been accepted but its answer was lost: `free` costs nothing and is done again; `keyed` costs
   * nothing either, and is sent again under the same key, by which it stays one job; `same-key` is paid for once under one idempotency
   * key; `never` is left to the user.
   */
  readonly resubmit: 'free' | 'keyed' | 'same-key' | 'never'
  /** When it says what a conversion costs. Where it never does, no spending limit can be kept. */
  readonly tellsPrice: PriceTold
  /** For how long a job may take there, in milliseconds, before the user is asked; null: as long as it takes. Two hours unless set. */
  readonly deadlineMs?: number | null
}

/** One conversion, as a provider sees it. */
export interface ProviderOrder {
  readonly source: Source
  /** All that becomes one result, in order and beginning with the source; absent where that is alone. */
  readonly sources?: readonly Source[]
  readonly from: FormatId
  readonly target: FormatId
  readonly options: Options
  /** What a probe of the source found; null for URLs. */
  readonly facts: MediaFacts | null
  /** Idempotency key. */
  readonly key: string
  /** -1 low, 1 high; absent: normal. */
  readonly priority?: number
  /** What this provider noted at an earlier try of the same submit. */
  readonly notes: Readonly<Record<string, string>>
  /** Keeps a note durably before it resolves. */
  note(name: string, value: string): Promise<void>
  /** Others for the same source that were begun with this one; absent where there are none. */
  readonly company?: Company
  /**
   * A stretch of a longer conversion, to see what that will be like: the cut in its options is none that was asked for, so streams that would go
   * over as they are do; of pages that become files of their own the first is enough.
   */
  readonly isTrial?: true
  /** Absolute path for the n-th (from 0) temporary result, beside where the output will be. Nothing is there yet. */
  temp(n: number): string
}

/** Conversions of one source that were begun together, as one of them sees it. */
export interface Company {
  /** The same for all of them. */
  readonly of: object
  /** This one is at its provider; resolves once each of the others is there, too, or is known not to come. */
  arrive(): Promise<void>
}

/** How far a conversion has come. */
export interface ProgressReport {
  readonly stage: Stage
  /** Share of this stage or of the whole, 0 to 1; null where nobody knows. */
  readonly done: number | null
  readonly leftMs?: number | null
  /** Absent or null where nobody knows. */
  readonly speed?: Speed | null
  /**
   * During a submit that is paid for: whether all of the request was given to the network, so that it may be taken and paid. Each online
   * provider reports it before it waits for the answer; where it is left out, the last report holds.
   */
  readonly bodySent?: boolean
  /** The service's own status, as it words it. */
  readonly serviceStatus?: string
}

/**
 * `kept` as it is; `counted`: as many are there, in another form; `changed` into what the format has for it; `left` behind, with a word;
 * `unasked`: no part of what was asked for, as the picture of a video whose audio is wanted.
 */
export type Fate = 'kept' | 'counted' | 'changed' | 'left' | 'unasked'

/** Called as work goes on. */
export type Reporter = (report: ProgressReport) => void

export type Submitted =
  | ({ readonly kind: 'accepted'; readonly ticket: Ticket } & Paid)
  | ({ readonly kind: 'converted'; readonly parts: readonly Part[] } & Paid)

/** What an answer to a submit says of money; absent where it says nothing. */
interface Paid {
  readonly cost?: Cost
  /** What is left now. */
  readonly left?: Account['left']
}

/** What a provider has, or may have: by the key of its submit, or by its ticket. */
export type Handed = { readonly key: string } | { readonly ticket: Ticket }

export type Polled =
  | ({ readonly kind: 'running'; readonly stage: 'queued' | 'processing' } & Pick<
      ProgressReport,
      'done' | 'leftMs' | 'serviceStatus'
    >)
  | { readonly kind: 'ready'; readonly ticket: Ticket; readonly cost?: Cost }

/** In the provider's own unit: credits, conversions, money. */
export interface Cost {
  readonly amount: number
  readonly unit: string
}

/** When a provider may be polled for the status of a job. The budget belongs to the provider: all its jobs share it. */
export interface PollingPlan {
  /** From the submit to the first poll. */
  readonly firstMs: number
  /** Between two polls of one job, growing by `growth` up to `maxMs`. */
  readonly everyMs: number
  readonly growth: number
  readonly maxMs: number
  /** At most so many polls in so many milliseconds, whatever the number of jobs; null where no limit is known. */
  readonly budget: { readonly polls: number; readonly perMs: number } | null
}

/** A job of the account, as the service states it. */
export interface ListedJob {
  readonly id: string
  /** In the service's own words. */
  readonly status: string
}

export interface JobFilter {
  readonly limit: number
  /** A word of the service's own; absent: all. */
  readonly status?: string | undefined
}

/** What the account at a provider says. */
export interface Account {
  /** Name of the plan or tier, where it is known. */
  readonly plan: string | null
  /** What is left, in the provider's unit; null where it is not known, `unlimited` where there is no bound. */
  readonly left: Cost | 'unlimited' | null
}

/** A call from outside that says it is a provider's. */
export interface IncomingCall {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Byte for byte. */
  readonly body: Uint8Array
}

/** How a provider calls back when a job has ended. What such a call says is not believed; the job is asked about earlier. */
export interface CallsBack {
  /**
   * Checks a call that is signed with the secret of `addWebhook`: why it is not the provider's, or under which mark it may come
   * this once. Absent where a provider signs nothing: its calls are known by the token in the address that went out with the job.
   */
  signed?(called: IncomingCall, secret: string, nowMs: number): { readonly trouble: string } | { readonly once: string }
  /** The ids, by the names they have in tickets, that a payload names; empty where it names none. */
  idsIn(payload: unknown): Ticket['ids']
}

type Shared = Pick<ProviderOrder, 'from' | 'target' | 'options'>

export interface Provider {
  readonly about: ProviderAbout
  /** Other base addresses of the service, by the names that users may give instead. */
  readonly baseAddresses?: Readonly<Record<string, string>>
  /** What it takes, as data. May ask the network once and keep the answer; throws where it cannot be known. */
  capabilities(signal: AbortSignal): Promise<Capabilities>
  /** The lane that a conversion queues in, e.g. `local:audio`; each has a concurrency of its own. `bytes` of the source, where known. */
  lane(from: FormatId | null, target: FormatId, family: Family, bytes?: number | null, options?: Options): string
  /** How many conversions each lane runs at a time; it may change. */
  readonly concurrency: Readonly<Record<string, number>>
  /**
   * What becomes of something that the source holds, where the provider knows: what is `kept` and is not in the result makes it a bad one.
   * Absent where nobody can say: then what is missing was left behind, and the job says so.
   */
  fate?(content: ContentItem, target: FormatId, options: Options, from?: FormatId | null): Fate
  /** What an order takes over as it is; absent where nobody can say. */
  copies?(order: Pick<ProviderOrder, 'target' | 'options'>, facts: MediaFacts): 'everything' | 'picture' | 'nothing'
  /** Whether one run makes both of one source: such jobs wait in one lane, and are begun together in one place of it. Absent: none does. */
  sharesRun?(one: Shared, other: Shared): boolean
  /** A job of the kind has been queued: what takes long to start may be started. */
  expect?(from: FormatId, target: FormatId): void
  submit(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<Submitted>
  /** Absent where submit always answers with parts. */
  poll?(ticket: Ticket, signal: AbortSignal): Promise<Polled>
  /** Absent where submit always answers with parts. */
  fetch?(ticket: Ticket, order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]>
  /** Absent where submit always answers with parts. */
  readonly pollingPlan?: PollingPlan
  /**
   * Nobody waits any more for what was handed over, or may have been: whoever works on it stops, and what was made of it beside `temp` goes.
   * Resolves once that is taken down, and means nothing where it is over. Absent where work goes on whatever becomes of the job.
   */
  withdraw?(handed: Handed, temp: ProviderOrder['temp']): Promise<void>
  /** Asks whether the key works and what is left. Throws `key-missing`, `key-rejected`, `network`, … Costs nothing. */
  account?(signal: AbortSignal): Promise<Account>
  /** What a conversion would cost, where that is known before it is paid for. */
  estimate?(
    order: Pick<ProviderOrder, 'source' | 'from' | 'target' | 'options' | 'facts'>,
    signal: AbortSignal,
  ): Promise<Cost | null>
  /** Jobs of the account, whoever made them; the newest page. */
  jobs?(filter: JobFilter, signal: AbortSignal): Promise<readonly ListedJob[]>
  /** Registers an address that the provider calls when jobs end; answers the secret that it signs with, which is shown this once. */
  addWebhook?(url: string, signal: AbortSignal): Promise<string>
  /** Absent where it never calls back. */
  readonly callsBack?: CallsBack
  /** Ends what runs in the background (worker threads, agents); resolves when quiet. */
  stop(): Promise<void>
}
