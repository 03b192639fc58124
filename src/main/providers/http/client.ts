/**
 * The one way to the network for online providers. It guarantees, for every call:
 *
 * - The key goes to the origin of the configured base address (https, or this machine) and nowhere else. It is asked for anew each
 *   time and never kept. No key, address or header becomes part of a failure, and what a service repeats of a secret is cut out. The log
 *   names the host, and the path at the service alone.
 * - Redirects, at most five, are followed here and not by the library, so that neither the key nor the provider's own headers go along.
 *   Only a GET may leave the origin; a body is sent again (307, 308) to the origin alone.
 * - Addresses that come in answers (chunks, storage, CDN) are http or https, lose their password, and lead into no private network,
 *   neither by name nor after resolution. The exceptions are the service's own origin and a base address on this machine.
 * - Every wait ends: 30 s for a connection, 2 min for a slice of an upload, 2 min for an answer unless the call allows more, 1 min for a
 *   decent piece of a download. Only the other side's time counts, not that of a slow disk or of the bandwidth limit.
 * - Uploads and downloads together keep to the user's bandwidth limit, which may change at any time.
 * - A GET is tried three times, anything else once unless the call says otherwise; a Retry-After of up to 5 s is waited for. What may
 *   have been accepted but got no answer is `answer-lost`, unless it is harmless to repeat. Whatever goes wrong is a JobError.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type * as z from 'zod'
import { failure, JobError } from '../../../shared/failure.ts'
import { checkedBase, checkedResultUrl, isLoopback, publicLookup } from './addresses.ts'
import { type HttpAnswer, maxErrorBytes, readJson, readTolerantly } from './answers.ts'
import type { Body } from './bodies.ts'
import { type Begin, createBandwidthLimit, type Exchange, exchange } from './exchange.ts'
import { refused, type Repeat, type TroubleTable, waitAskedMs } from './failures.ts'
import { secretsOf, type RemoteOptions } from '../kit/service.ts'

/** What is the provider's own about its calls. */
export interface Protocol {
  /** As a person calls it. */
  readonly provider: string
  /** The headers that carry the key. */
  readonly auth: (key: string) => Readonly<Record<string, string>>
  /** Sent with every call to the provider's own origin. */
  readonly headers?: Readonly<Record<string, string>>
  readonly trouble?: TroubleTable
}

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** A path below the base address (`/v1/jobs`), or a whole address that came in an answer. */
  readonly to: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  readonly repeat: Repeat
  /** `own`: sent to the provider's own origin, left out elsewhere. `none`: never sent, also not to the own origin. */
  readonly key: 'own' | 'none'
  /** This call's own meanings, before the provider's. */
  readonly trouble?: TroubleTable
  /** How long the answer may take once everything is sent; 2 minutes unless set. */
  readonly answerMs?: number
  /** Tries in all, where the network, the server or a short Retry-After is in the way. 3 for a GET, else 1, unless set. */
  readonly tries?: number
  /** So many more bytes of the body have left: the last of them when the system has taken the whole request. A new try begins with `sent(-all of it)`. */
  readonly sent?: (bytes: number) => void
}

export interface Http {
  /** A call whose answer is JSON. @throws JobError; for a submit, an answer that cannot be understood counts as lost. */
  ask<T>(call: HttpCall, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** A call whose answer is for the caller to read or to close. Its status is 2xx. @throws JobError for any other. */
  open(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>
  /** Closes idle connections. Calls that are under way end by their own signals. */
  stop(): Promise<void>
}

const answerMs = 120_000
const maxRedirects = 5
/** A storage host knows neither keys nor plans nor credit: what it says no to is an address whose time is over. */
const elsewhere: TroubleTable = { status: { 401: 'gone', 402: 'gone', 403: 'gone' } }
const firstPauseMs = 500
/** A Retry-After up to this is waited for here; a longer one is the engine's to wait for. */
const maxPauseMs = 5_000

export function createHttp(options: RemoteOptions, protocol: Protocol): Http {
  const { clock, random, log } = options
  const { provider } = protocol
  const bandwidth = createBandwidthLimit(() => options.bytesPerSecond, clock)
  const agents = {
    own: { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) },
    foreign: {
      http: new HttpAgent({ keepAlive: true, lookup: publicLookup }),
      https: new HttpsAgent({ keepAlive: true, lookup: publicLookup }),
    },
  }

  async function once(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    const base = checkedBase(options.baseUrl, provider)
    let url = target(call, base, provider)
    let withKey = call.key === 'own' && url.origin === base.origin
    const key = withKey ? await options.key() : null
    if (withKey && key === null) throw new JobError('key-missing', { provider })
    for (let hop = 0; ; hop += 1) {
      const isOwn = url.origin === base.origin
      withKey &&= isOwn
      const answer = await exchange(
        {
          provider,
          url,
          method: call.method,
          headers: {
            'user-agent': 'Beside',
            accept: '*/*',
            ...(isOwn ? protocol.headers : {}),
            ...call.headers,
            ...(withKey && key !== null ? protocol.auth(key) : {}),
          },
          body: call.body ?? null,
          repeat: call.repeat,
          agents: agentsFor(call, isOwn, base),
          answerMs: call.answerMs ?? answerMs,
          sent: call.sent ?? (() => undefined),
          clock,
          bandwidth,
          signal,
        },
        begin,
      )
      log.debug('asked', {
        provider,
        method: call.method,
        host: url.host,
        path: isOwn ? url.pathname : '',
        status: answer.status,
      })
      const { location } = answer.headers
      if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
        answer.close()
        url = followed({ call, status: answer.status, hop, next: checkedResultUrl(location, url, base, provider), base })
        continue
      }
      if (answer.status >= 200 && answer.status < 300) return answer
      throw await refusal(call, answer, isOwn)
    }
  }

  /**
   * A POST gets a fresh connection: one kept open may be closed by the server just as it is used, which would look like a lost answer.
   * What may be asked again takes that risk.
   */
  function agentsFor(call: HttpCall, isOwn: boolean, base: URL): Exchange['agents'] {
    if (!isOwn && !isLoopback(base)) return agents.foreign
    return call.method === 'POST' ? { http: false, https: false } : agents.own
  }

  /** Where a redirect leads. Only a GET may leave the origin, and only without the key; a body is sent again to the own origin alone. */
  function followed({
    call,
    status,
    hop,
    next,
    base,
  }: {
    call: HttpCall
    status: number
    hop: number
    next: URL
    base: URL
  }): URL {
    const isResend = (status === 307 || status === 308) && next.origin === base.origin
    if (hop >= maxRedirects) throw new JobError('answer-bad', { provider, because: 'redirect-loop' })
    if (call.method !== 'GET' && !isResend) throw new JobError('answer-bad', { provider, because: 'redirected-upload' })
    return next
  }

  async function refusal(call: HttpCall, answer: HttpAnswer, isOwn: boolean): Promise<JobError> {
    const body = await readTolerantly(answer, maxErrorBytes).catch(() => '')
    const { headers, status } = answer
    const common = isOwn ? protocol.trouble : elsewhere
    const table: TroubleTable = {
      status: { ...common?.status, ...call.trouble?.status },
      named: { ...common?.named, ...call.trouble?.named },
    }
    const waitMs = waitAskedMs(headers['retry-after'], headers.date, clock.nowMs())
    const secrets = await secretsOf(options)
    return refused({ provider, status, body, retryAfterMs: waitMs, repeat: call.repeat, secrets, table })
  }

  async function open(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    const tries = call.tries ?? (call.method === 'GET' ? 3 : 1)
    for (let tried = 1; ; tried += 1) {
      let bytes = 0
      const counted: HttpCall = {
        ...call,
        sent: (more) => {
          bytes += more
          call.sent?.(more)
        },
      }
      try {
        return await once(counted, signal)
      } catch (error) {
        const pauseMs = tried < tries && !signal.aborted ? pauseAfter(error, tried) : null
        if (pauseMs === null) throw error
        if (bytes > 0) call.sent?.(-bytes)
        log.debug('asks again', { provider, method: call.method, pauseMs })
        await clock.sleep(pauseMs, signal)
      }
    }
  }

  function pauseAfter(error: unknown, tried: number): number | null {
    if (!(error instanceof JobError)) return null
    const { code, retryAfterMs: asked } = error.failure
    if (asked !== undefined) return asked <= maxPauseMs ? asked : null
    if (code !== 'network' && code !== 'provider-down') return null
    return Math.round(firstPauseMs * 2 ** (tried - 1) * (0.5 + random.next() / 2))
  }

  async function ask<T>(call: HttpCall, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await open({ ...call, headers: { accept: 'application/json', ...call.headers } }, signal)
    // A few kilobytes that take this long are no answer any more.
    const cancelTimer = clock.after(call.answerMs ?? answerMs, answer.close)
    try {
      return await readJson(answer, schema, provider)
    } catch (error) {
      if (call.repeat === 'harmless' || signal.aborted || !(error instanceof JobError)) throw error
      throw JobError.from({ ...failure('answer-lost', { provider }), cause: error.failure }, error)
    } finally {
      cancelTimer()
      answer.close()
    }
  }

  return {
    ask,
    open,
    stop: async () => {
      for (const { http, https } of Object.values(agents)) {
        http.destroy()
        https.destroy()
      }
    },
  }
}

/** Loaded at the first call: it takes longer to load than a small conversion takes. */
const begin: Begin = async (task, body) => {
  const { default: got } = await import('got')
  const { method, url, headers, agents } = task
  const stream = got.stream(url, {
    method: method as HttpCall['method'],
    headers: {
      'accept-encoding': 'identity',
      ...headers,
      ...(task.body === null ? {} : { 'content-type': task.body.type, 'content-length': String(task.body.bytes) }),
    },
    ...(body === null ? {} : { body }),
    agent: { http: agents.http, https: agents.https },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    strictContentLength: false,
  })
  // Whoever waits for the answer gets the error; one between two waits must not end the program.
  stream.on('error', () => undefined)
  if (body === null && method !== 'GET') stream.end()
  return stream
}

function target(call: HttpCall, base: URL, provider: string): URL {
  const url = call.to.startsWith('/')
    ? new URL(base.href.replace(/\/$/, '') + call.to)
    : checkedResultUrl(call.to, base, base, provider)
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value))
  return url
}
