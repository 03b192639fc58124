/**
 * Calls a hook's address: one POST with a JSON body, signed. The address is the user's own choice, so it may lead to this machine or into its network;
 * but what says which files somebody has goes there alone, or encrypted: plain http is for private addresses, also after their resolution.
 * Redirects are not followed, so that nothing that was signed for one receiver goes to another.
 */
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestSecure } from 'node:https'
import { isIP } from 'node:net'
import { failure, JobError, toFailure } from '../../shared/failure.ts'
import type { HookTest } from '../../shared/hooks.ts'
import type { Clock } from '../engine/ports.ts'
import { bareHost, isPrivateIp, privateLookup, publicLookupCode } from '../providers/http/addresses.ts'
import { waitAskedMs } from '../providers/http/failures.ts'

/** Kept of an answer; the rest is not read. */
const keptBytes = 16 * 1024

/** @throws JobError `usage` where nothing may be sent there. */
export function checkedHookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '' || !isFit(url)) {
    throw new JobError('usage', { because: 'hook-address', value: text })
  }
  return url
}

/** As far as the address alone tells. */
function isFit(url: URL): boolean {
  const host = bareHost(url)
  return url.protocol === 'https:' || (url.protocol === 'http:' && (isIP(host) === 0 || isPrivateIp(host)))
}

export interface CallOptions {
  readonly url: URL
  readonly body: string
  /** That sign it. */
  readonly headers: Readonly<Record<string, string>>
  /** All of it, from the name's resolution to the end of the answer. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What came of it. @throws the signal's reason alone. */
export async function callHook({ url, body, headers, timeoutMs, clock, signal }: CallOptions): Promise<HookTest> {
  const startedAtMs = clock.nowMs()
  const limit = new AbortController()
  const over = new JobError('hook-failed', { because: 'hook-time-over', seconds: timeoutMs / 1000 })
  const cancelTimer = clock.after(timeoutMs, () => limit.abort(over))
  try {
    const answer = await post(url, body, headers, AbortSignal.any([signal, limit.signal]))
    const output = await beginningOf(answer)
    // Cut off in the middle of its words, it has answered all the same.
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return { answer: { status, tookMs: clock.nowMs() - startedAtMs }, why: null, output }
    const because = status >= 300 && status < 400 ? 'hook-redirected' : 'http-status'
    const askedMs = waitAskedMs(answer.headers['retry-after'], answer.headers.date, clock.nowMs())
    const why = failure('hook-failed', { because, host: url.host, status })
    return { answer: null, why: askedMs === null ? why : { ...why, retryAfterMs: askedMs }, output }
  } catch (error) {
    signal.throwIfAborted()
    return { answer: null, why: limit.signal.aborted ? over.failure : unreached(error, url), output: '' }
  } finally {
    cancelTimer()
  }
}

function post(url: URL, body: string, headers: CallOptions['headers'], signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options: RequestOptions = {
    method: 'POST',
    // One kept open may be closed by the server just as it is used.
    agent: false,
    signal,
    headers: {
      'user-agent': 'Beside',
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      ...headers,
    },
  }
  const sent = url.protocol === 'https:' ? requestSecure(url, options) : requestPlain(url, { ...options, lookup: privateLookup })
  sent.once('response', resolve)
  // Also one that comes after the answer, when nobody waits any more.
  sent.on('error', reject)
  sent.end(body)
  return promise
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= keptBytes) break
    }
  } catch {
    // Its status has come, and with it all that counts.
  }
  answer.destroy()
  return Buffer.concat(chunks).subarray(0, keptBytes).toString()
}

/** The system's number where it has one: its sentences may hold whatever the other side says. */
function unreached(error: unknown, { host }: URL) {
  const { code } = error as NodeJS.ErrnoException
  if (code === publicLookupCode) return failure('hook-failed', { because: 'hook-plain-http', host })
  if (code === undefined) return toFailure(error)
  return failure('hook-failed', { because: 'hook-unreachable', host, reason: code })
}
