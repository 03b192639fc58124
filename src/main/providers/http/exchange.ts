/**
 * One request and its answer, over got, watched: the connection, every slice on its way and the answer each have a limit of their own,
 * measured only while the other side is to act, so that neither a slow disk nor the bandwidth limit looks like a stall.
 */
import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { JobError, type FactsOf } from '../../../shared/failure.ts'
import type { Clock } from '../../engine/ports.ts'
import { privateAddress, privateLookupCode } from './addresses.ts'
import type { HttpAnswer } from './answers.ts'
import type { Body } from './bodies.ts'
import type { Repeat } from './failures.ts'

export interface Exchange {
  readonly provider: string
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | null
  readonly repeat: Repeat
  readonly agents: { readonly http: HttpAgent | false; readonly https: HttpsAgent | false }
  /** From the last byte of the request to the first of the answer. */
  readonly answerMs: number
  /** So many more bytes of the body have left. */
  readonly sent: (bytes: number) => void
  readonly clock: Clock
  readonly bandwidth: BandwidthLimit
  readonly signal: AbortSignal
}

/** What is asked of the HTTP library: a stream that announces its request and its response, and gives the body of the latter. */
export type Begin = (exchange: Exchange, body: AsyncIterable<Uint8Array> | null) => Promise<Duplex>

const keepAliveMs = 30_000
const connectMs = 30_000
/** For one slice of what goes up: slow lines take their time. */
const takeMs = 120_000
const idleTimeoutMs = 60_000
/** So much must come in that time. */
const minBytes = 32 * 1024

export async function exchange(task: Exchange, begin: Begin): Promise<HttpAnswer> {
  const { clock, signal, bandwidth, url } = task
  signal.throwIfAborted()
  /** Why this side has ended it, before the library's own complaint about that comes in. */
  let torn: { readonly why: unknown } | null = null
  /** Whether a byte of the request may have left. Before there is a connection, none has. */
  let isOut = false
  let waitedMs = 0
  const tear = (why: unknown): void => {
    torn ??= { why }
    stream.destroy()
  }
  const reached = (because: Silence, ms: number): void => tear(silent(task, isOut, because, ms))
  const [connecting, sending, receiving] = [watch(clock, reached), watch(clock, reached), watch(clock, reached)]
  const body = task.body
  const gone = departure(body?.bytes ?? 0, task.sent)
  const outgoing = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const slice of body?.slices() ?? []) {
        sending.stop()
        await bandwidth.take(slice.length, signal)
        if (isOut) sending.start('upload-stalled', takeMs)
        yield slice
        gone.add(slice.length)
      }
      sending.start('silent', task.answerMs)
    } catch (error) {
      torn ??= { why: error }
      throw error
    }
  }
  const stream = await begin(task, body === null ? null : outgoing())
  const onAbort = (): void => tear(signal.reason)
  const over = (): void => {
    for (const limit of [connecting, sending, receiving]) limit.end()
    signal.removeEventListener('abort', onAbort)
  }
  const translated = (error: unknown): unknown => (torn === null ? lost(task, isOut, error) : torn.why)

  stream.once('request', (request: ClientRequest) => {
    request.once('finish', gone.whole)
    request.once('socket', (socket: Socket) => {
      const connected = (): void => {
        isOut = true
        gone.connected()
        connecting.end()
        // Some answers take half an hour: routers on the way forget connections on which nothing passes.
        socket.setKeepAlive(true, keepAliveMs)
        sending.start(body === null ? 'silent' : 'upload-stalled', body === null ? task.answerMs : takeMs)
      }
      if (!socket.connecting && request.reusedSocket) connected()
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    })
  })
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  connecting.start('no-connection', connectMs)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      stream.once('response', resolve)
      stream.on('error', reject)
      stream.once('close', () => reject(new Error('closed')))
    })
    // An answer may come before all is sent: nobody waits for that any more.
    sending.end()
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      chunks: chunks(response),
      waitedMs: () => waitedMs,
      close: () => (over(), stream.destroy()),
    }
  } catch (error) {
    over()
    stream.destroy()
    throw translated(error)
  }

  async function* chunks(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    let leftMs = idleTimeoutMs
    let bytes = 0
    try {
      for (;;) {
        const sinceMs = clock.nowMs()
        receiving.start('download-stalled', leftMs)
        const next = await iterator.next()
        receiving.stop()
        const tookMs = Math.max(0, clock.nowMs() - sinceMs)
        waitedMs += Math.min(idleTimeoutMs, tookMs)
        if (torn !== null) throw torn.why
        if (next.done === true) return
        // A byte now and then is a stall, too: the limit begins anew only with a decent piece.
        bytes += next.value.length
        leftMs = bytes < minBytes ? Math.max(0, leftMs - tookMs) : idleTimeoutMs
        if (bytes >= minBytes) bytes = 0
        await bandwidth.take(next.value.length, signal)
        yield next.value
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : translated(error)
    } finally {
      over()
      stream.destroy()
    }
  }
}

function headersOf(response: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

/**
 * What has left of a body. What is read ahead before there is a connection has not, and neither has the last slice before the system has
 * taken all of the request.
 */
function departure(bytes: number, report: (more: number) => void) {
  let [given, last, reported] = [0, 0, 0]
  let [isConnected, isWhole] = [false, false]
  const reportMore = (): void => {
    const left = isWhole || given < bytes ? given : given - last
    if (!isConnected || left <= reported) return
    report(left - reported)
    reported = left
  }
  return {
    add: (more: number): void => {
      given += more
      last = more
      reportMore()
    },
    connected: (): void => {
      isConnected = true
      reportMore()
    },
    whole: (): void => {
      isWhole = true
      reportMore()
    },
  }
}

interface Watch {
  /** Ends the one before. */
  start(because: Silence, ms: number): void
  stop(): void
  /** Stops for good. */
  end(): void
}

function watch(clock: Clock, reached: (because: Silence, ms: number) => void): Watch {
  let cancelTimer = (): void => undefined
  let isOver = false
  return {
    start: (because, ms) => {
      cancelTimer()
      if (!isOver) cancelTimer = clock.after(ms, () => reached(because, ms))
    },
    stop: () => cancelTimer(),
    end: () => {
      isOver = true
      cancelTimer()
    },
  }
}

/** Nothing came, or nothing went. */
type Silence = 'no-connection' | 'upload-stalled' | 'silent' | 'download-stalled'

function silent(task: Exchange, isOut: boolean, because: Silence, ms: number): JobError {
  return ended(task, isOut, { because, seconds: ms / 1000 })
}

function lost(task: Exchange, isOut: boolean, error: unknown): JobError {
  if (error instanceof JobError) return error
  const { code } = error as { readonly code?: unknown }
  if (code === privateLookupCode) return privateAddress(task.provider)
  return ended(task, isOut, typeof code === 'string' ? { reason: code } : { because: 'connection-broken' })
}

/** What was out, and may be asked again by nobody, is lost. */
function ended(task: Exchange, isOut: boolean, how: Omit<FactsOf['network'], 'provider'>): JobError {
  const facts = { provider: task.provider, ...how }
  return isOut && task.repeat !== 'harmless' ? new JobError('answer-lost', facts) : new JobError('network', facts)
}

/** The bandwidth limit of one provider, shared by all its transfers, up and down together. */
export interface BandwidthLimit {
  /** Waits until so many bytes may pass. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

/** So much may pass at once before anyone waits, in time. */
const burstMs = 250

/** @param limit bytes a second, asked anew every time; null: as fast as it goes. */
export function createBandwidthLimit(limit: () => number | null, clock: Clock): BandwidthLimit {
  let takenUntilMs = 0
  return {
    take: async (bytes, signal) => {
      const bytesPerSecond = limit()
      if (bytesPerSecond === null) return
      const nowMs = clock.nowMs()
      const costMs = (bytes / bytesPerSecond) * 1000
      takenUntilMs = Math.max(takenUntilMs, nowMs) + costMs
      const waitMs = takenUntilMs - nowMs - burstMs
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
  }
}
