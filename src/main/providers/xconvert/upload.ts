/**
 * A file on its way to xconvert: a session, chunks, an end. How far it is is noted with the job after every chunk, so that a restart
 * goes on with the next one. The chunks go to an address that was handed out, without the key.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import { maxErrorBytes, readTolerantly } from '../http/answers.ts'
import { fileBody, jsonBody, type Upload } from '../http/bodies.ts'
import type { Http } from '../http/client.ts'
import type { TroubleTable } from '../http/failures.ts'
import type { ProviderOrder } from '../provider.ts'
import { chunkBytes, chunkTries } from './about.ts'
import { completedUpload, createdUpload } from './answers.ts'
import { paths } from './api.ts'

export interface Uploading {
  readonly http: Http
  readonly baseUrl: string
  readonly upload: Upload
  /** As the server is to see it. */
  readonly name: string
  readonly type: string
  readonly featureId: string
  readonly order: Pick<ProviderOrder, 'notes' | 'note'>
  /** Bytes sent so far, never falling. */
  readonly sent: (bytes: number) => void
  readonly signal: AbortSignal
}

/** What is remembered. It belongs to one file as it stood, one pair and one server, and is of no use for another. */
const sessionSchema = z.object({
  of: z.string(),
  uploadId: z.string(),
  chunkEndpoint: z.string(),
  chunksDone: z.number().int(),
  fileId: z.string().nullable(),
})
type Session = z.infer<typeof sessionSchema>

const noteName = 'upload'

/** The edge sees no key: what it refuses is the session. */
const edgeTrouble: TroubleTable = { status: { 401: 'provider-error', 402: 'provider-error', 403: 'provider-error' } }

/** The id of the uploaded file, and whether an earlier try had brought it up already. @throws JobError */
export async function uploaded(uploading: Uploading): Promise<{ readonly fileId: string; readonly isEarlier: boolean }> {
  const earlier = remembered(uploading)
  if (earlier === null) return { fileId: await uploadedAnew(uploading), isEarlier: false }
  if (earlier.fileId !== null) return { fileId: earlier.fileId, isEarlier: true }
  try {
    return { fileId: await finish(uploading, earlier), isEarlier: false }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { fileId: await uploadedAnew(uploading), isEarlier: false }
  }
}

export async function uploadedAnew(uploading: Uploading): Promise<string> {
  return await finish(uploading, await begin(uploading))
}

/**
 * Whether the server may only have forgotten what was begun earlier: how long a session or a file lives is not documented, nor the
 * answer about one that has expired.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof JobError && ['gone', 'provider-error', 'conversion-failed', 'not-allowed'].includes(error.failure.code)
}

function remembered(uploading: Uploading): Session | null {
  const noted = uploading.order.notes[noteName]
  if (noted === undefined || noted === '') return null
  const session = sessionSchema.safeParse(JSON.parse(noted))
  return session.success && session.data.of === identity(uploading) ? session.data : null
}

function identity({ baseUrl, upload, featureId }: Uploading): string {
  return [baseUrl, featureId, upload.bytes, upload.mtimeMs].join(' ')
}

async function keep({ order }: Uploading, session: Session): Promise<Session> {
  await order.note(noteName, JSON.stringify(session))
  return session
}

async function begin(uploading: Uploading): Promise<Session> {
  const { http, name, type, featureId, upload, signal } = uploading
  const body = jsonBody({ featureId, files: [{ name, sizeBytes: upload.bytes, contentType: type }] })
  const created = await http.ask(
    { method: 'POST', to: paths.uploads, body, repeat: 'harmless', key: 'own' },
    createdUpload,
    signal,
  )
  const chunkEndpoint = created.uploads[0]?.chunkEndpoint ?? ''
  return await keep(uploading, {
    of: identity(uploading),
    uploadId: created.uploadId,
    chunkEndpoint,
    chunksDone: 0,
    fileId: null,
  })
}

async function finish(uploading: Uploading, from: Session): Promise<string> {
  const { http, upload, signal } = uploading
  const chunks = Math.ceil(upload.bytes / chunkBytes)
  let session = from
  for (let n = session.chunksDone; n < chunks; n += 1) {
    await sendChunk(uploading, session, n, chunks)
    session = await keep(uploading, { ...session, chunksDone: n + 1 })
  }
  const { files } = await http.ask(
    { method: 'POST', to: paths.complete(session.uploadId), repeat: 'harmless', key: 'own' },
    completedUpload,
    signal,
  )
  const fileId = files[0]?.fileId ?? ''
  await keep(uploading, { ...session, fileId })
  return fileId
}

async function sendChunk({ http, upload, sent, signal }: Uploading, session: Session, n: number, chunks: number): Promise<void> {
  const first = n * chunkBytes
  const end = Math.min(first + chunkBytes, upload.bytes)
  let bytes = first
  sent(bytes)
  const answer = await http.open(
    {
      method: 'PUT',
      to: session.chunkEndpoint,
      query: { totalChunks: chunks },
      headers: { 'content-range': `bytes ${first}-${end - 1}/${upload.bytes}` },
      body: fileBody(upload, first, end),
      repeat: 'harmless',
      key: 'none',
      tries: chunkTries,
      trouble: edgeTrouble,
      sent: (more) => sent((bytes += more)),
    },
    signal,
  )
  // Read to its end, so that the next chunk goes over the same connection.
  await readTolerantly(answer, maxErrorBytes)
}
