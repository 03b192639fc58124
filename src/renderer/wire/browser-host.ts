/** The browser shell: the server that sent this page holds the way to the engine, takes files and gives results. */
import { RPCLink } from '@orpc/client/websocket'
import { failure, JobError, toFailure } from '../../shared/failure.ts'
import { failureSchema } from '../../shared/job.ts'
import { formatOfName, factsOf } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import { lastPart } from '../add/adding.ts'
import {
  AccessRefused,
  resultsOf,
  type DragStart,
  type DroppedFile,
  type Host,
  type WireLine,
  type Located,
  type UploadState,
} from './host.ts'

/** Uploads at a time: more do not make a disk faster. */
const maxUploads = 3

export function createBrowserHost(token: string): Host {
  return {
    results: 'download',
    connect: async () => {
      await enter(token)
      return await openLine()
    },
    pathsOf: null,
    upload,
    reveal: null,
    open: null,
    desktop: null,
    drag,
    chooseFolder: null,
    addressOf,
    archiveOf,
  }
}

const addressOf = (jobId: number, n: number, how: 'save' | 'view'): string =>
  `/${how === 'save' ? 'output' : 'view'}/${jobId}/${n}`

const archiveOf: NonNullable<Host['archiveOf']> = (what) =>
  'batchId' in what ? `/archive/batch/${what.batchId}` : `/archive/jobs/${what.jobIds.join('-')}`

/** What Chromium makes a file of wherever it is dropped; other browsers begin no drag at all. */
function drag(jobs: readonly Job[], { dataTransfer }: DragStart): void {
  const done = jobs.filter(({ state }) => state.phase === 'done')
  const results = resultsOf(done)
  const [job] = done
  const [result] = results
  if (job === undefined || result === undefined) return
  const isOne = results.length === 1
  const name = isOne ? lastPart(result.path) : 'Beside.zip'
  const format = formatOfName(name)
  const type = isOne ? (format === null ? 'application/octet-stream' : factsOf(format).mime) : 'application/zip'
  const address = isOne ? addressOf(job.id, 0, 'save') : archiveOf({ jobIds: done.map(({ id }) => id) })
  dataTransfer.effectAllowed = 'copy'
  // Colons separate its parts.
  dataTransfer.setData('DownloadURL', `${type}:${name.replaceAll(':', '_')}:${new URL(address, location.href).href}`)
}

/** The token of the address becomes a cookie; after a reload the cookie alone will do. */
async function enter(token: string): Promise<void> {
  const answer = await fetch('/enter', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (answer.status === 401) throw new AccessRefused()
  if (!answer.ok) throw new JobError('offline')
}

function openLine(): Promise<WireLine> {
  const socket = new WebSocket(new URL('/calls', location.href.replace(/^http/, 'ws')))
  return new Promise((resolve, reject) => {
    const closed = new Promise<void>((close) => socket.addEventListener('close', () => close(), { once: true }))
    socket.addEventListener('open', () => resolve({ link: new RPCLink({ websocket: socket }), closed }), { once: true })
    socket.addEventListener('error', () => reject(new JobError('offline')), { once: true })
  })
}

async function upload(
  files: readonly DroppedFile[],
  report: (state: UploadState) => void,
  signal: AbortSignal,
): Promise<readonly Located[]> {
  const drop = crypto.randomUUID()
  const ofBytes = files.reduce((sum, { file }) => sum + file.size, 0)
  const sentBytes = files.map(() => 0)
  const located: Located[] = files.map(({ path }) => ({ why: failure('source-unreadable', { path }) }))
  let done = 0
  const publish = () =>
    report({ files: done, ofFiles: files.length, bytes: sentBytes.reduce((sum, bytes) => sum + bytes, 0), ofBytes })
  publish()
  let next = 0
  const worker = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const dropped = files[index]
      if (dropped === undefined) return
      const arriving = (bytes: number) => {
        sentBytes[index] = bytes
        publish()
      }
      try {
        located[index] = { path: await uploadOne(drop, dropped, arriving, signal) }
      } catch (error) {
        signal.throwIfAborted()
        located[index] = { why: toFailure(error) }
      }
      sentBytes[index] = dropped.file.size
      done += 1
      publish()
    }
  }
  await Promise.all(Array.from({ length: maxUploads }, worker))
  return located
}

/** By XMLHttpRequest, since fetch does not report how much was sent. */
function uploadOne(
  drop: string,
  { file, path }: DroppedFile,
  report: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const request = new XMLHttpRequest()
  const name = path.split('/').map(encodeURIComponent).join('/')
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.upload.addEventListener('progress', ({ loaded }) => report(loaded))
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(String((JSON.parse(request.responseText) as { path: unknown }).path))
      else reject(errorIn(request.responseText))
    })
    request.addEventListener('error', () => void whyNot(file, path).then(reject))
    request.addEventListener('abort', () => reject(signal.reason))
    request.open('PUT', `/inbox/${drop}/${name}`)
    request.setRequestHeader('x-modified-ms', String(file.lastModified))
    request.send(file)
  })
}

/** A file that cannot be read any more ends a request just as a lost connection does. */
async function whyNot(file: File, path: string): Promise<JobError> {
  return await file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => new JobError('offline'),
      (error: unknown) => new JobError('source-unreadable', { path, reason: error instanceof Error ? error.name : '' }),
    )
}

function errorIn(text: string): JobError {
  try {
    return JobError.from(failureSchema.parse(JSON.parse(text)))
  } catch {
    return new JobError(toFailure(new Error(text)).code, { reason: text })
  }
}
