/**
 * A file of which the checksum is known, brought from a web address: through the proxy of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, over redirects,
 * and from where an earlier try broke off. Nothing is taken for the file that is not, to the byte, what was expected.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { Agent as HttpAgent, get as getHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, get as getHttps } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { JobError, toFailure, type FactsOf } from '../../shared/failure.ts'

export interface PinnedFile {
  readonly address: string
  /** In hexadecimal digits. */
  readonly sha256: string
  /** Null where nobody wrote it down. */
  readonly bytes: number | null
}

export interface DownloadOptions {
  /** Of which the variables that name proxies are read, as Node reads them. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** So much is there, of so much; null where the server does not say. */
  readonly report?: (bytes: number, ofBytes: number | null) => void
}

const maxRedirects = 5
const idleMs = 60_000
/** More than any build of FFmpeg. */
const maxBytes = 2 ** 30

/**
 * Brings it to `file`, where a part of it may lie already; what came so far stays there when it breaks off.
 * @throws JobError `fetch-failed`, `disk-full`; the signal's reason.
 */
export async function download(wanted: PinnedFile, file: string, options: DownloadOptions): Promise<void> {
  for (let hasPart = (await bytesIn(file)) > 0; ; hasPart = false) {
    await bring(wanted, file, options)
    const found = await sha256Of(file, options.signal)
    if (found === wanted.sha256) return
    await rm(file, { force: true })
    // The part may have been of another file, or damaged: once more, from the beginning.
    if (!hasPart) throw failed(wanted.address, { because: 'wrong-checksum', found, expected: wanted.sha256 })
  }
}

async function bring(wanted: PinnedFile, file: string, { env, signal, report = () => {} }: DownloadOptions): Promise<void> {
  let from = await bytesIn(file)
  if (wanted.bytes !== null && from >= wanted.bytes) return report(from, wanted.bytes)
  const response = await open(wanted.address, { env, signal, from })
  if (response.statusCode === 200) from = 0
  else if (!(response.headers['content-range'] ?? '').startsWith(`bytes ${from}-`)) {
    response.destroy()
    throw failed(wanted.address, { because: 'http-status', status: response.statusCode ?? 0 })
  }
  const length = Number(response.headers['content-length'] ?? Number.NaN)
  const ofBytes = wanted.bytes ?? (Number.isNaN(length) ? null : from + length)
  let bytes = from
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > (wanted.bytes ?? maxBytes)) return
      report(bytes, ofBytes)
      yield chunk
    }
  }
  try {
    report(bytes, ofBytes)
    await pipeline(response, counted, createWriteStream(file, { flags: from === 0 ? 'w' : 'a' }), { signal })
  } catch (error) {
    throw translated(error, wanted.address, signal)
  }
}

/** All of what is at an address, as it comes. @throws JobError `fetch-failed`. */
export async function* bytesAt(address: string, options: Pick<DownloadOptions, 'env' | 'signal'>): AsyncGenerator<Uint8Array> {
  try {
    yield* await open(address, { ...options, from: 0 })
  } catch (error) {
    throw translated(error, address, options.signal)
  }
}

interface Asked {
  readonly env: DownloadOptions['env']
  readonly signal: AbortSignal
  readonly from: number
}

/** An answer of 200 or 206. */
async function open(address: string, asked: Asked): Promise<IncomingMessage> {
  let url = new URL(address)
  for (let hop = 0; ; hop += 1) {
    const response = await ask(url, asked).catch((error: unknown) => {
      throw translated(error, url.href, asked.signal)
    })
    const { statusCode: status = 0, headers } = response
    if (status === 200 || status === 206) return response
    response.destroy()
    // What lies there is not a part of what is asked for.
    if (status === 416 && asked.from > 0) return await open(address, { ...asked, from: 0 })
    const isRedirect = status >= 300 && status < 400 && headers.location !== undefined && hop < maxRedirects
    const next = isRedirect && URL.canParse(headers.location ?? '', url.href) ? new URL(headers.location ?? '', url.href) : null
    const isNoWorse = next !== null && (next.protocol === 'https:' || next.protocol === url.protocol)
    if (!isNoWorse || !/^https?:$/.test(next.protocol)) throw failed(url.href, { because: 'http-status', status })
    url = next
  }
}

async function ask(url: URL, { env, signal, from }: Asked): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:'
  const agent = isSecure ? new HttpsAgent({ proxyEnv: env }) : new HttpAgent({ proxyEnv: env })
  const headers = { 'user-agent': 'Beside', 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) }
  return await new Promise((resolve, reject) => {
    const request = (isSecure ? getHttps : getHttp)(url, { agent, headers, signal, timeout: idleMs }, resolve)
    const stalled = failed(url.href, { because: 'download-stalled', seconds: idleMs / 1000 })
    request.on('timeout', () => request.destroy(stalled))
    request.on('error', reject)
  })
}

function failed(address: string, why: Omit<FactsOf['fetch-failed'], 'host'>, cause?: unknown): JobError {
  return new JobError('fetch-failed', { host: new URL(address).host, ...why }, { cause })
}

const unreachable = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|ETIMEDOUT)$/
const broken = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/

function translated(error: unknown, address: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof JobError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  if (unreachable.test(code)) return failed(address, { because: 'unreachable' }, error)
  if (broken.test(code)) return failed(address, { because: 'connection-broken' }, error)
  const known = toFailure(error)
  if (known.code !== 'internal') return JobError.from(known, error)
  return failed(address, { reason: known.facts.reason ?? '' }, error)
}

async function bytesIn(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}
