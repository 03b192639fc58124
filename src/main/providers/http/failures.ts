/** An answer that is no success, as a failure: by the provider's own tables, else by the usual meaning of its status. */
import { type FailureCode, JobError } from '../../../shared/failure.ts'

/** A provider's own codes and statuses for failures; what is absent has the usual meaning. */
export interface TroubleTable {
  readonly status?: Readonly<Record<number, FailureCode>>
  /** By the `code` that its error bodies carry; wins over the status. */
  readonly named?: Readonly<Record<string, FailureCode>>
}

/**
 * What a lost or broken answer means. `harmless`: may be asked again at any time. `same-key`: carries an idempotency key, so that
 * the engine may send it again. `never`: may have been accepted and paid for, so nobody but the user may repeat it.
 */
export type Repeat = 'harmless' | 'same-key' | 'never'

export interface RefusedAnswer {
  readonly provider: string
  readonly status: number
  /** Parsed where it was JSON, else its text. */
  readonly body: unknown
  readonly retryAfterMs: number | null
  readonly repeat: Repeat
  /** Keys and the like, cut out of the provider's text should it repeat them. */
  readonly secrets: readonly string[]
  readonly table: TroubleTable
}

const usual: Readonly<Record<number, FailureCode>> = {
  400: 'conversion-failed',
  401: 'key-rejected',
  402: 'out-of-credit',
  403: 'not-allowed',
  404: 'gone',
  408: 'provider-down',
  410: 'gone',
  413: 'too-large',
  415: 'conversion-failed',
  422: 'conversion-failed',
  425: 'provider-down',
  429: 'rate-limited',
  503: 'provider-down',
}

/** A gateway that got no answer from the server knows no better than we do whether the server has taken the request. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 504, 520, 522, 524])

export function refused(refusal: RefusedAnswer): JobError {
  const { provider, status, retryAfterMs, secrets } = refusal
  const reason = safeReason(refusal.body, secrets)
  const facts = { provider, reason: reason === '' ? `HTTP ${status}` : reason }
  return new JobError(codeOf(refusal), facts, retryAfterMs === null ? {} : { retryAfterMs })
}

function codeOf({ status, body, repeat, table }: RefusedAnswer): FailureCode {
  const name = codeIn(body)
  const named = table.named !== undefined && Object.hasOwn(table.named, name) ? table.named[name] : undefined
  const own = named ?? table.status?.[status]
  if (own !== undefined) return own
  if (status === 404 && repeat !== 'harmless') return 'provider-error'
  const common = usual[status]
  if (common !== undefined) return common
  if (status < 500) return status < 400 ? 'answer-bad' : 'provider-error'
  if (repeat !== 'harmless' && gatewayStatuses.has(status)) return 'answer-lost'
  return repeat === 'never' ? 'provider-error' : 'provider-down'
}

/** The code in an error body: `{error: {code}}`, `{code}` or `{data: {error: {code}}}`; empty where there is none. */
export function codeIn(body: unknown): string {
  const { error, code, data } = record(body)
  const found = record(error).code ?? code ?? record(record(data).error).code
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

/** What an error body says for a person, without secrets; empty where it says nothing. */
export function safeReason(body: unknown, secrets: readonly string[]): string {
  return reasonIn(without(byLength(secrets), body))
}

/** What an error body says for a person, whatever its form; empty where it says nothing. */
export function reasonIn(body: unknown): string {
  if (typeof body === 'string') return isPage(body) ? '' : tidy(body)
  if (Array.isArray(body))
    return tidy(
      body
        .map(reasonIn)
        .filter((text) => text !== '')
        .join('; '),
    )
  const { error, message, detail, msg, reason, status_msg, title, loc } = record(body)
  const where = Array.isArray(loc) ? `${loc.join('.')}: ` : ''
  for (const found of [error, message, detail, msg, reason, status_msg, title]) {
    const text =
      found === undefined || found === null || typeof found === 'boolean'
        ? ''
        : reasonIn(typeof found === 'number' ? String(found) : found)
    if (text !== '') return tidy(where + text)
  }
  return tidy(codeIn(body))
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

const maxReasonLength = 300

function isPage(text: string): boolean {
  return /^\s*<(!doctype|html|\?xml)/i.test(text)
}

function tidy(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters must not reach a terminal
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return plain.length > maxReasonLength ? `${plain.slice(0, maxReasonLength)}…` : plain
}

/** The longest first: one may begin with another. */
function byLength(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret !== '').toSorted((one, other) => other.length - one.length)
}

/** No error body is deeper than this. */
const maxDepth = 32

/**
 * Before anything is cut short: half a key is a key half disclosed. Values alone are changed, never the text of the JSON nor the names in
 * it: a key of digits, or one that is a name, must not break what it is in.
 */
function without(secrets: readonly string[], value: unknown, depth = 0): unknown {
  if (depth > maxDepth) return null
  if (Array.isArray(value)) return value.map((each) => without(secrets, each, depth + 1))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, without(secrets, each, depth + 1)]))
  }
  if (typeof value !== 'string' && typeof value !== 'number') return value
  const plain = secrets.reduce((text, secret) => text.replaceAll(secret, '(key)'), String(value))
  return plain === String(value) ? value : plain
}

const maxWaitMs = 24 * 3_600_000

/**
 * `Retry-After` in milliseconds from now, or null. A date is read against the server's own `Date`, so that a clock that is wrong,
 * ours or theirs, does not matter.
 */
export function waitAskedMs(retryAfter: string | undefined, serverDate: string | undefined, nowMs: number): number | null {
  if (retryAfter === undefined) return null
  if (/^\s*\d+(\.\d+)?\s*$/.test(retryAfter)) return Math.min(maxWaitMs, Math.round(Number(retryAfter) * 1000))
  const atMs = Date.parse(retryAfter)
  if (Number.isNaN(atMs)) return null
  const serverNowMs = Date.parse(serverDate ?? '')
  return Math.min(maxWaitMs, Math.max(0, atMs - (Number.isNaN(serverNowMs) ? nowMs : serverNowMs)))
}
