/**
 * Failures as data. A code says what happened and decides whether to try again; typed facts fill the texts of `text/`; no sentence of
 * ours is in a failure. `JobError` is the one class thrown on purpose; whatever else is thrown becomes `internal` in `toFailure`.
 *
 * Two facts mean the same everywhere: `because` is a detail of ours, whose text stands in the catalogue under `details`; `reason` is what
 * a system, a program or a service said, word for word.
 */
import type { Detail } from './details.ts'

/** In the words of a system, a program or a service: an error number, a line of FFmpeg, an error body. */
interface Explained {
  readonly because?: Detail
  readonly reason?: string
}
interface AtPath extends Explained {
  readonly path?: string
}
interface Measured {
  readonly count?: number
  readonly bytes?: number
}
interface AtProvider extends Explained {
  readonly provider: string
}
/** In the provider's own unit. */
interface OfMoney extends AtProvider {
  readonly amount?: number
  readonly cap?: number
  readonly unit?: string
}
/** `id` is the provider's, for the command that helps. */
interface OfProvider extends AtProvider {
  readonly id?: string
}
interface ByTool extends Explained {
  readonly tool: string
}

/** Where an answer is not as it should be, and what came instead. */
interface AnswerFacts extends OfProvider {
  readonly where?: string
  readonly format?: string
  readonly entries?: number
  readonly bytes?: number
}
/** How far it came before it ended, and how long nothing came. */
interface Transfer extends Explained {
  readonly provider?: string
  readonly seconds?: number
  readonly bytes?: number
  readonly ofBytes?: number
}

/** The facts of every code. Bytes, seconds, milliseconds are numbers; what is shown as it is, is text. */
export interface FactsOf {
  // the source
  'source-missing': AtPath
  'source-unreadable': AtPath & { readonly seconds?: number }
  'source-empty': AtPath
  'source-not-file': AtPath
  'source-damaged': AtPath &
    Measured & {
      readonly name?: string
      readonly tool?: string
      readonly status?: number
      readonly seconds?: number
      readonly expectedSeconds?: number
      readonly actualSeconds?: number
    }
  'source-changed': AtPath
  'source-unknown': AtPath & { readonly found?: string; readonly expected?: string }
  /** It is known what it is, and nothing here reads that. */
  'source-unsupported': AtPath & Measured & { readonly found?: string; readonly target?: string; readonly name?: string }
  /** Encrypted: nothing here has its key. */
  'source-protected': AtPath
  /** In pixels; `option` is what makes it smaller. */
  'picture-too-large': Explained & {
    readonly format: string
    readonly limit: number
    readonly side: number
    readonly option: 'width' | 'height'
  }
  'source-excluded': AtPath
  /** Whoever asked may use certain folders alone. */
  'outside-allowed': AtPath & { readonly folders?: string }
  'link-loop': AtPath
  // what was asked for
  usage: Explained & {
    readonly files?: number
    readonly count?: number
    readonly minBytes?: number
    readonly maxBytes?: number
    readonly hint?: string
    readonly path?: string
    readonly value?: string
    readonly provider?: string
    readonly names?: string
    readonly field?: string
    readonly bytes?: number
  }
  'target-unknown': { readonly target: string }
  'pair-unsupported': Explained & {
    readonly from: string
    readonly target: string
    readonly provider?: string
    readonly id?: string
  }
  'option-unknown': { readonly option: string; readonly known: string }
  'option-invalid': { readonly option: string; readonly value: string; readonly allowed: string }
  'option-unsupported': {
    readonly option: string
    readonly from: string
    readonly target: string
    readonly allowed?: string
    readonly provider?: string
  }
  'options-contradict': { readonly option: string; readonly other: string }
  /** `limit` is what was asked for, `least` what would do, both as they are typed. */
  'limit-too-small': { readonly limit: string; readonly least: string; readonly leastBytes: number }
  'preset-unknown': { readonly preset: string; readonly hint?: string }
  'source-is-target': AtPath
  'name-invalid': Explained & { readonly name: string; readonly count?: number; readonly field?: string; readonly known?: string }
  'name-too-long': AtPath
  'nothing-found': AtPath
  // the result
  'output-exists': AtPath
  'output-bad': Explained & {
    readonly thing?: string
    readonly name?: string
    readonly expectedSeconds?: number
    readonly actualSeconds?: number
    /** How many there are to be, and how many there are. */
    readonly expected?: number
    readonly actual?: number
    readonly bytes?: number
    readonly maxBytes?: number
  }
  /** In bytes; `wantedBytes` and `percent` where less was asked for than the source has; `amount` and `unit`: what it cost all the same. */
  'would-be-larger': {
    readonly sourceBytes: number
    readonly resultBytes?: number
    readonly wantedBytes?: number
    readonly percent?: number
    readonly amount?: number
    readonly unit?: string
  }
  'folder-missing': AtPath
  'folder-read-only': AtPath
  'disk-full': AtPath & { readonly tool?: string }
  // the programs that convert
  /** `tool` and `hint` are sentences of older versions. */
  'tool-missing': AtPath & {
    readonly program?: string
    /** The language whose data is missing. */
    readonly found?: string
    readonly encoder?: string
    /** Devices, each with what it said. */
    readonly tried?: string
    /** What to type to install it. */
    readonly install?: string
    readonly tool?: string
    readonly hint?: string
  }
  /** A program that Beside brings by itself; `said` is the answer of another program. */
  'fetch-failed': Explained & {
    readonly host: string
    readonly status?: number
    readonly seconds?: number
    readonly program?: string
    readonly part?: string
    readonly said?: string
    readonly found?: string
    readonly expected?: string
  }
  'tool-failed': ByTool & { readonly status?: number }
  'tool-crashed': ByTool
  'tool-timeout': { readonly tool: string; readonly seconds?: number | string }
  'tool-memory': Explained & { readonly tool?: string; readonly megabytes?: number; readonly megapixels?: number }
  /** A program or an address that was to be told of an event. */
  'hook-failed': Explained & {
    readonly tool?: string
    readonly host?: string
    readonly status?: number
    readonly seconds?: number
  }
  // online providers
  'provider-unknown': { readonly provider: string }
  'provider-disabled': OfProvider
  'key-missing': OfProvider
  'key-rejected': OfProvider
  'not-allowed': OfProvider
  'out-of-credit': OfProvider
  'cap-reached': OfMoney
  'approval-needed': OfMoney
  'price-untold': OfProvider
  private: Explained & { readonly provider?: string }
  'rate-limited': OfProvider
  'queue-full': OfProvider
  'provider-down': OfProvider & { readonly seconds?: number }
  'provider-error': OfProvider
  'conversion-failed': OfProvider
  'answer-bad': AnswerFacts
  'too-large': Explained & { readonly provider?: string; readonly bytes?: number; readonly maxBytes?: number }
  'source-not-local': Explained & { readonly provider?: string }
  'source-not-public': OfProvider & { readonly characters?: number; readonly maxCharacters?: number }
  gone: OfProvider & { readonly hours?: number }
  network: Transfer
  'answer-lost': Transfer
  deadline: OfProvider & { readonly hours: number | string }
  'out-of-reach': OfProvider
  // the shared queue of a fleet: it may be back at any time, or it does not let us in, or is not certain to be the right one
  'queue-away': Explained
  'queue-refused': AtPath
  // Beside itself
  interrupted: Explained & { readonly tool?: string }
  cancelled: { readonly provider?: string }
  offline: Explained
  'data-newer': AtPath & { readonly version?: number; readonly known?: number }
  'data-damaged': AtPath & { readonly hint?: string }
  'data-busy': AtPath
  'keys-unreadable': AtPath
  'not-found': Explained & { readonly id?: string }
  'not-possible': Explained & {
    readonly provider?: string
    readonly id?: string
    readonly phase?: string
    readonly limit?: number
    readonly count?: number
    readonly preset?: string
  }
  'changed-since': AtPath
  internal: Explained & { readonly rows?: string }
}
export type FailureCode = keyof FactsOf

/** A record, so that the compiler asks for every code. */
const allCodes: Readonly<Record<FailureCode, true>> = {
  'source-missing': true,
  'source-unreadable': true,
  'source-empty': true,
  'source-not-file': true,
  'source-damaged': true,
  'source-changed': true,
  'source-unknown': true,
  'source-unsupported': true,
  'source-protected': true,
  'picture-too-large': true,
  'source-excluded': true,
  'outside-allowed': true,
  'link-loop': true,
  usage: true,
  'target-unknown': true,
  'pair-unsupported': true,
  'option-unknown': true,
  'option-invalid': true,
  'option-unsupported': true,
  'options-contradict': true,
  'limit-too-small': true,
  'preset-unknown': true,
  'source-is-target': true,
  'name-invalid': true,
  'name-too-long': true,
  'nothing-found': true,
  'output-exists': true,
  'output-bad': true,
  'would-be-larger': true,
  'folder-missing': true,
  'folder-read-only': true,
  'disk-full': true,
  'tool-missing': true,
  'fetch-failed': true,
  'tool-failed': true,
  'tool-crashed': true,
  'tool-timeout': true,
  'tool-memory': true,
  'hook-failed': true,
  'provider-unknown': true,
  'provider-disabled': true,
  'key-missing': true,
  'key-rejected': true,
  'not-allowed': true,
  'out-of-credit': true,
  'cap-reached': true,
  'approval-needed': true,
  'price-untold': true,
  private: true,
  'rate-limited': true,
  'queue-full': true,
  'provider-down': true,
  'provider-error': true,
  'conversion-failed': true,
  'answer-bad': true,
  'too-large': true,
  'source-not-local': true,
  'source-not-public': true,
  gone: true,
  network: true,
  'answer-lost': true,
  deadline: true,
  'out-of-reach': true,
  'queue-away': true,
  'queue-refused': true,
  interrupted: true,
  cancelled: true,
  offline: true,
  'data-newer': true,
  'data-damaged': true,
  'data-busy': true,
  'keys-unreadable': true,
  'not-found': true,
  'not-possible': true,
  'changed-since': true,
  internal: true,
}
export const failureCodes = Object.keys(allCodes) as readonly FailureCode[] as readonly [FailureCode, ...FailureCode[]]

/** Facts as the texts read them. Never a key, never a token. */
export type FailureFacts = Readonly<Record<string, string | number>>

interface More {
  /** Milliseconds that the other side asked us to wait. */
  readonly retryAfterMs?: number | undefined
  /** The failure that led to this one. */
  readonly cause?: Failure | undefined
}

export type FailureOf<Code extends FailureCode> = {
  [Each in Code]: { readonly code: Each; readonly facts: FactsOf[Each] } & More
}[Code]
export type Failure = FailureOf<FailureCode>

/** Facts may be left out where none has to be there. */
type FactsArgument<Code extends FailureCode> = object extends FactsOf[Code] ? [facts?: FactsOf[Code]] : [facts: FactsOf[Code]]

export function failure<Code extends FailureCode>(code: Code, ...[facts]: FactsArgument<Code>): FailureOf<Code> {
  return { code, facts: facts ?? {} } as FailureOf<Code>
}

/** The facts of whatever failure it is, for what only passes them on or looks for one. */
export function factsOf({ facts }: Failure): FailureFacts {
  return { ...facts }
}

/** What may come with a failure that is thrown: `cause` is whatever was caught, for the log. */
export interface Thrown {
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

type ThrowArguments<Code extends FailureCode> = object extends FactsOf[Code]
  ? [facts?: FactsOf[Code], thrown?: Thrown]
  : [facts: FactsOf[Code], thrown?: Thrown]

export class JobError<Code extends FailureCode = FailureCode> extends Error {
  readonly failure: Failure

  constructor(code: Code, ...[facts, thrown = {}]: ThrowArguments<Code>) {
    super(`${code} ${JSON.stringify(facts ?? {})}`, thrown.cause === undefined ? undefined : { cause: thrown.cause })
    this.name = 'JobError'
    const { retryAfterMs } = thrown
    this.failure = { code, facts: facts ?? {}, ...(retryAfterMs !== undefined && { retryAfterMs }) } as Failure
  }

  /** A failure that was found, answered or received, to be thrown as it is: nothing of it is lost. */
  static from(why: Failure, cause?: unknown): JobError {
    const { retryAfterMs } = why
    const error = new JobError<FailureCode>(why.code, why.facts, { retryAfterMs, cause })
    return why.cause === undefined ? error : Object.assign(error, { failure: why })
  }
}

/** The system's error numbers that have a meaning of their own for a person. */
const systemCodes = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'folder-read-only',
  ENAMETOOLONG: 'name-too-long',
  ELOOP: 'link-loop',
} as const satisfies Readonly<Record<string, FailureCode>>

/** Anything thrown, as a failure. Only what was thrown on purpose, or by the system with a clear meaning, keeps its sense. */
export function toFailure(error: unknown): Failure {
  if (error instanceof JobError) return error.failure
  if (isSystemError(error)) {
    const code = Object.hasOwn(systemCodes, error.code) ? systemCodes[error.code as keyof typeof systemCodes] : null
    // Of two names people know the new one; the other may be a hidden one of ours.
    if (code !== null) return failure(code, { path: error.dest ?? error.path ?? '', reason: error.code })
  }
  return failure('internal', { reason: error instanceof Error ? error.message : String(error) })
}

interface SystemError extends Error {
  readonly code: string
  readonly path?: string
  readonly dest?: string
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}
