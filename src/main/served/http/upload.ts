/**
 * The form of a conversion, streamed to disk: no file is ever whole in memory. Whoever sends more than is allowed, more slowly than makes sense, or
 * something else than a form, is refused as soon as that shows, and what came so far is removed.
 */
import { rm, statfs } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { basename } from 'node:path'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { legalName } from '../../../shared/naming.ts'
import { receiveFile } from '../../api/web/inbox.ts'
import { flush } from '../../files/move.ts'
import { ApiRefusal, wrongField } from './answers.ts'

export interface UploadLimits {
  /** Of a whole request. */
  readonly maxBytes: number
  readonly maxFiles: number
  /** So long nothing may come. */
  readonly silentMs: number
  /** After a first while, so many bytes a second have to come over all. */
  readonly slowMs: number
  readonly minBytesPerSecond: number
}

export const uploadLimits: UploadLimits = {
  maxBytes: 4e9,
  maxFiles: 100,
  silentMs: 60_000,
  slowMs: 120_000,
  minBytesPerSecond: 1024,
}

interface UploadPlan {
  /** Made where it is missing; removed where the upload fails. */
  readonly folder: string
  readonly limits: UploadLimits
  /** A folder of the same disk that is there. */
  readonly disk: string
  /** Bytes of it that nobody may fill. */
  readonly reserveBytes: number
  /** Called once nothing speaks against it, and before anything is read. */
  readonly ready: () => void
  /** Called as soon as a name and the target are known. @throws ApiRefusal, before its bytes are written. */
  readonly check: (files: readonly string[], target: string) => Promise<void>
}

export interface ReceivedForm {
  readonly target: string
  /** Names in the folder, in the order in which they came. */
  readonly files: readonly string[]
}

/** The client has gone: there is nobody to be answered. */
export class ClientGone extends Error {}

/** Names and values of a form are short; no other field is needed. */
const partLimits = { fields: 20, fieldSize: 1024, fieldNameSize: 100, headerPairs: 20, headerSize: 8 * 1024 }

/** @throws ApiRefusal, ClientGone, or what the disk says. */
export async function receiveForm(request: IncomingMessage, wanted: UploadPlan): Promise<ReceivedForm> {
  const { folder, limits } = wanted
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > limits.maxBytes) throw tooLarge(limits)
  const parser = parserOf(request, limits)
  await requireRoom(declared, wanted)
  const over = new AbortController()
  const form = formOver(parser, { ...wanted, over })
  wanted.ready()
  try {
    await readInto(parser, request, { limits, over })
    await form.written()
    over.signal.throwIfAborted()
    return form.upload()
  } catch (error) {
    over.abort(error)
    parser.destroy()
    await form.written()
    await rm(folder, { recursive: true, force: true })
    throw over.signal.reason as Error
  }
}

function parserOf({ headers }: IncomingMessage, limits: UploadLimits): BusboyInstance {
  const type = headers['content-type'] ?? ''
  if (!/^multipart\/form-data\b/i.test(type))
    throw new ApiRefusal(400, 'A form (multipart/form-data) with files and target_format is needed.')
  try {
    const all = { ...partLimits, fileSize: limits.maxBytes, files: limits.maxFiles, parts: limits.maxFiles + partLimits.fields }
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      limits: all,
      isPartAFile: (_, __, name) => name !== undefined,
    })
  } catch {
    throw new ApiRefusal(400, 'The form cannot be read: its boundary is missing.')
  }
}

/** The parts of a form as they come. */
function formOver(
  parser: BusboyInstance,
  { folder, limits, disk, reserveBytes, check, over }: UploadPlan & { readonly over: AbortController },
) {
  /** As they are called on the disk, once they are there. */
  const files: string[] = []
  const sentNames: string[] = []
  const writing: Promise<void>[] = []
  let target: string | null = null
  const refuse = (why: unknown) => over.abort(why)

  const keep = async (stream: BusboyFileStream, name: string, index: number) => {
    if (target !== null) await check(sentNames.slice(0, index + 1), target)
    await requireRoom(0, { disk, reserveBytes })
    const path = await receiveFile(stream, { folder, name }, { signal: over.signal })
    if (stream.truncated) throw tooLarge(limits)
    await flush(path)
    files[index] = basename(path)
  }
  parser.on('file', (field, stream, sent) => {
    // It is told by the pipeline that reads it, once there is one.
    stream.on('error', () => {})
    if (field === 'target_format') refuse(wrongField(['body', 'target_format'], 'Input should be a valid string', 'string_type'))
    if (field !== 'files' || over.signal.aborted) return void stream.resume()
    if (sent === '') {
      refuse(new ApiRefusal(400, 'A file has no name, so nothing tells what it is.'))
      return void stream.resume()
    }
    const index = files.push('') - 1
    sentNames.push(legalName(sent))
    writing.push(keep(stream, sentNames[index] ?? '', index).catch(refuse))
  })
  parser.on('field', (field, value, _, isCut) => {
    if (field === 'files') refuse(wrongField(['body', 'files', files.length], 'Expected a file, with a name', 'value_error'))
    if (field !== 'target_format') return
    if (isCut)
      refuse(
        wrongField(['body', 'target_format'], `Input should have at most ${partLimits.fieldSize} characters`, 'string_too_long'),
      )
    target = value.trim()
  })
  parser.on('filesLimit', () => refuse(new ApiRefusal(413, `A request may hold ${limits.maxFiles} files at most.`)))
  for (const event of ['partsLimit', 'fieldsLimit'] as const)
    parser.on(event, () => refuse(new ApiRefusal(413, 'The form has too many fields.')))
  return {
    /** Resolves when nothing is written any more; whatever went wrong has been told to `over`. */
    written: async () => void (await Promise.all(writing)),
    upload: (): ReceivedForm => {
      if (files.length === 0) throw new ApiRefusal(400, 'There are no files in the form: each is a field named files.')
      if (target === null || target === '') throw new ApiRefusal(400, 'There is no target_format in the form.')
      return { target, files }
    },
  }
}

/** Passes a request on as fast as it is taken, or says why not. What has not been read then stays unread. */
async function readInto(
  parser: BusboyInstance,
  request: IncomingMessage,
  { limits, over }: { readonly limits: UploadLimits; readonly over: AbortController },
): Promise<void> {
  // Gone while it was found out who it is: its end has been told already, and is not told again.
  if (request.destroyed) throw new ClientGone()
  const startedMs = performance.now()
  let bytes = 0
  const tooSlow = () => over.abort(new ApiRefusal(408, 'The upload is too slow.'))
  const silence = setTimeout(tooSlow, limits.silentMs)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const take = (chunk: Buffer) => {
    silence.refresh()
    bytes += chunk.length
    if (bytes > limits.maxBytes) return over.abort(tooLarge(limits))
    const allowedMs = limits.slowMs + (bytes / limits.minBytesPerSecond) * 1000
    if (performance.now() - startedMs > allowedMs) return tooSlow()
    request.pause()
    parser.write(chunk, () => request.resume())
  }
  let hasEnded = false
  const end = () => {
    hasEnded = true
    parser.end()
  }
  const gone = () => {
    if (!hasEnded) over.abort(new ClientGone())
  }
  const stop = () => reject(over.signal.reason as Error)
  over.signal.addEventListener('abort', stop, { once: true })
  parser.once('finish', resolve)
  // Later ones say the same in other words.
  parser.on('error', (error: Error) => over.abort(new ApiRefusal(400, `The form cannot be read: ${error.message}.`)))
  request.on('data', take).once('end', end).once('close', gone).once('error', gone)
  try {
    await promise
  } finally {
    clearTimeout(silence)
    over.signal.removeEventListener('abort', stop)
    request.off('data', take).off('end', end).off('close', gone).off('error', gone).pause()
  }
}

function tooLarge({ maxBytes }: UploadLimits): ApiRefusal {
  return new ApiRefusal(413, `A request may have ${maxBytes} bytes at most.`)
}

async function requireRoom(bytes: number, { disk, reserveBytes }: Pick<UploadPlan, 'disk' | 'reserveBytes'>): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(disk)
  // Small disks stay usable, as for any conversion.
  const reserve = Math.min(reserveBytes, (blocks * bsize) / 100)
  if (bavail * bsize < bytes + reserve) throw new ApiRefusal(500, 'There is no room for this upload at the moment.')
}
