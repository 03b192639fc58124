/** The calls of the protocol, each over the contract of whoever holds the queue: who asks, what they may, and what is answered. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, join } from 'node:path'
import { parted } from '../../../shared/naming.ts'
import type { ApiKey, ServedJob } from '../../../shared/served.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { isOffline } from '../../../shared/wire/errors.ts'
import { outputHeaders, sendZip } from '../../api/web/outputs.ts'
import { sendFile } from '../../api/web/page.ts'
import type { Session } from '../../api/session.ts'
import { hashOf } from '../keys.ts'
import { placesIn, uploadName } from '../places.ts'
import { ApiRefusal, errorOf, missingKey, refusalOf, sendJson, tooBusy } from './answers.ts'
import { receiveForm, type UploadLimits } from './upload.ts'

export interface CallPorts {
  readonly session: Pick<Session, 'client' | 'ask'>
  /** The data folder. */
  readonly home: string
  readonly upload: UploadLimits
  /** Conversions that one key may be sending, or waiting for within a request, at the same time. */
  readonly maxUploadsOfKey: number
  /** How long a request stays open for its result. */
  readonly waitMs: number
  /** So long a client may leave what it is sent unread. */
  readonly idleMs: number
  /** How long a job that has ended is kept. */
  readonly keptMs: number
  /** Of this process, see `ownMark`. */
  readonly mark: string
}

/** One request, and what to say to it. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborted when the client has gone, or the server stops. */
  readonly signal: AbortSignal
}

interface Owner {
  readonly hash: string
  readonly key: ApiKey
}

const jobPath = /^\/(progress|download)\/([^/]*)$/

/** @throws ApiRefusal for what is not answered. */
export type Answering = (call: Call) => Promise<void>

export function createCalls(ports: CallPorts): Answering {
  const { session, home, upload, maxUploadsOfKey, waitMs, idleMs, keptMs, mark } = ports
  const places = placesIn(home)
  /** Requests under way by the hash of their key. */
  const uploads = new Map<string, number>()

  const ownerOf = async ({ headers }: IncomingMessage): Promise<Owner> => {
    const text = headers['x-api-key']
    if (typeof text !== 'string' || text === '') throw missingKey()
    const hash = hashOf(text)
    const key = await session.ask(async (client) => await client.served.keyOf({ hash }))
    if (key === null) throw refusalOf({ kind: 'no-key' })
    return { hash, key }
  }

  const sendPairs = async ({ response }: Call, hash: string | null) => {
    const pairs = await session.ask(async (client) => await client.served.pairs({ hash }))
    sendJson(response, 200, { supported_pairs: pairs })
  }

  /** Takes a form and begins what it asks for. @param askedBy see `begin` of the contract. */
  const take = async ({ request, response }: Call, { hash, key }: Owner, askedBy: string | null) => {
    // Before anything is sent that would be for nothing.
    if (key.left === 0) throw refusalOf({ kind: 'quota-used-up', left: 0, files: 1 })
    const { diskReserveBytes: reserveBytes } = await session.ask(async (client) => await client.settings.get())
    await mkdir(places.uploads, { recursive: true, mode: 0o700 })
    const name = uploadName(mark, randomUUID())
    const folder = join(places.uploads, name)
    const check = async (files: readonly string[], target: string) => {
      const why = await session.ask(async (client) => await client.served.check({ hash, files: [...files], target }))
      if (why !== null) throw refusalOf(why)
    }
    const ready = () => {
      // The client asks whether it is worth sending: so far it is.
      if (request.headers.expect !== undefined) response.writeContinue()
    }
    const { files, target } = await receiveForm(request, { folder, disk: home, limits: upload, reserveBytes, ready, check })
    try {
      const wanted = { hash, upload: name, files: [...files], target, keptMs, askedBy }
      const begun = await session.client.served.begin(wanted).catch((error: unknown) => {
        if (!isOffline(error)) throw error
        throw new ApiRefusal(502, 'The queue changed hands: whether it has taken the files is not known.')
      })
      if (begun.kind === 'refused') throw refusalOf(begun.why)
      return begun
    } finally {
      // It has been taken out of here, or is not wanted.
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** So that nobody takes all there is. */
  const inTurn = async (hash: string, work: () => Promise<void>) => {
    const before = uploads.get(hash) ?? 0
    if (before >= maxUploadsOfKey) throw tooBusy(`${maxUploadsOfKey} conversions are being sent with this key already.`, 5)
    uploads.set(hash, before + 1)
    try {
      await work()
    } finally {
      const left = (uploads.get(hash) ?? 1) - 1
      if (left === 0) uploads.delete(hash)
      else uploads.set(hash, left)
    }
  }

  const convert = async (call: Call, owner: Owner) => {
    const { id, pair, left, expiresAtMs } = await take(call, owner, null)
    const answer = { status: 'success', jobid: id, pair, remaining_quota: left ?? -1, expires: timeOf(expiresAtMs) }
    sendJson(call.response, 200, answer)
  }

  const convertSync = async (call: Call, owner: Owner) => {
    const { id } = await take(call, owner, mark)
    const owned = { hash: owner.hash, id }
    // Nothing need come or go while it waits.
    call.request.socket.setTimeout(0)
    const inTime = AbortSignal.any([call.signal, AbortSignal.timeout(waitMs)])
    try {
      const wait = async (client: Client) => await client.served.ended(owned, { signal: inTime })
      const job = await session.ask(wait).catch((error: unknown) => {
        if (call.signal.aborted || !inTime.aborted) throw error
        throw new ApiRefusal(500, 'The conversion takes too long for one request. Send it to /convert instead.')
      })
      call.request.socket.setTimeout(idleMs)
      if (job?.status === 'failed') throw new ApiRefusal(500, errorOf(job) ?? 'The conversion failed.')
      await sendResults(call, job)
    } finally {
      // Nobody can ask for it again.
      await session.ask(async (client) => await client.served.release(owned))
    }
  }

  const ownJob = async (text: string, { hash }: Owner): Promise<ServedJob> => {
    const id = text.toLowerCase()
    if (!/^[0-9a-f]{32}$/.test(id)) throw new ApiRefusal(400, 'This is not the id of a job.')
    const job = await session.ask(async (client) => await client.served.job({ hash, id }))
    // Of others' jobs nobody is told that they are there.
    if (job === null) throw new ApiRefusal(404, 'There is no such job: its time is over, or it never was.')
    return job
  }

  const progress = async ({ response }: Call, job: ServedJob) => {
    const { id, status, progress: done, expiresAtMs } = job
    sendJson(response, 200, { jobid: id, progress: done, status, error: errorOf(job), expires: timeOf(expiresAtMs) })
  }

  const download = async (call: Call, job: ServedJob) => {
    if (job.status === 'processing') throw new ApiRefusal(409, 'The conversion is still processing.')
    if (job.status === 'failed') throw new ApiRefusal(404, `There is no result: ${errorOf(job) ?? ''}`)
    await sendResults(call, job)
  }

  return async (call) => {
    const { request } = call
    const { method = '', headers } = request
    const path = (request.url ?? '').split('?')[0] ?? ''
    const isUpload = path === '/convert' || path === '/convert/sync'
    const [, verb, id = ''] = jobPath.exec(path) ?? []
    const isKnown = isUpload || path === '/public/pairs' || path === '/pairs' || verb !== undefined
    if (!isKnown) throw new ApiRefusal(404, 'Not Found')
    const allowed = isUpload ? 'POST' : 'GET'
    if (method !== allowed) throw new ApiRefusal(405, 'Method Not Allowed', { allow: allowed })
    const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined
    if (!isUpload && hasBody) throw new ApiRefusal(400, 'This call takes no body.')
    if (path === '/public/pairs') return await sendPairs(call, null)
    const owner = await ownerOf(request)
    if (path === '/pairs') return await sendPairs(call, owner.hash)
    if (isUpload) return await inTurn(owner.hash, async () => await (path === '/convert' ? convert : convertSync)(call, owner))
    return await (verb === 'progress' ? progress : download)(call, await ownJob(id, owner))
  }
}

/** The one result, or all of them as a ZIP that is made on the way. */
async function sendResults({ response }: Call, job: ServedJob | null): Promise<void> {
  const [first, ...others] = job?.results ?? []
  const gone = new ApiRefusal(404, 'The result is not there any more.')
  if (first === undefined) throw gone
  if (others.length > 0) {
    if ((await sendZip([first, ...others], parted(basename(first)).base, response)) === null) throw gone
    return
  }
  const stats = await stat(first).catch(() => null)
  if (stats?.isFile() !== true) throw gone
  await sendFile(response, outputHeaders(first, 'attachment'), { file: first, bytes: stats.size })
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
