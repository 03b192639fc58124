/**
 * Results for a browser: one by one, or those of several jobs as one ZIP. They are streamed, and only files that a finished job says are its
 * outputs. The ZIP is not packed again, so that it costs no more than reading them; its length is known beforehand, and a transfer that breaks
 * is seen to have broken.
 */
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { createReadStream, type ReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { create as contentDisposition } from 'content-disposition'
import { ZipFile } from 'yazl'
import { formatOfName, factsOf } from '../../../shared/formats.ts'
import type { Client } from '../../../shared/wire/client.ts'
import type { Job } from '../../../shared/job.ts'
import { legalName, numbered, parted } from '../../../shared/naming.ts'
import { sendFile, strictHeaders } from './page.ts'

/** `/output/JOB/N` to save, `/view/JOB/N` to display. */
const outputRoute = /^\/(output|view)\/(\d{1,15})\/(\d{1,4})$/

/** The paths that went over, once all of them have: none where only the head was asked for. */
export type Sent = readonly string[]

/** Null where that is not the address of an output, or its file has gone. */
export async function sendOutput(client: Client, path: string, response: ServerResponse): Promise<Sent | null> {
  const match = outputRoute.exec(path)
  if (match === null) return null
  const job = await client.jobs.get({ id: Number(match[2]) })
  const output = job?.state.phase === 'done' ? job.state.outputs[Number(match[3])] : undefined
  const stats = output === undefined ? null : await stat(output.path).catch(() => null)
  if (output === undefined || stats?.isFile() !== true) return null
  const headers = outputHeaders(output.path, match[1] === 'view' ? 'inline' : 'attachment')
  if (response.req.method === 'HEAD') return ended(response.writeHead(200, { ...headers, 'content-length': stats.size }))
  await sendFile(response, headers, { file: output.path, bytes: stats.size })
  return [output.path]
}

/** A result is somebody's file: whatever is in it must not act as a page of ours. */
export function outputHeaders(path: string, type: 'inline' | 'attachment'): Readonly<Record<string, string>> {
  const name = basename(path)
  const format = formatOfName(name)
  return {
    ...strictHeaders,
    'content-security-policy': "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    'content-type': format === null ? 'application/octet-stream' : factsOf(format).mime,
    'content-disposition': contentDisposition(name.toWellFormed(), { type }),
  }
}

function ended(response: ServerResponse): Sent {
  response.end()
  return []
}

/** `/archive/batch/ID` or `/archive/jobs/ID-ID-…`. */
const archiveRoute = /^\/archive\/(?:batch\/(\d{1,15})|jobs\/(\d{1,15}(?:-\d{1,15}){0,999}))$/
const pageSize = 1000

interface Entry {
  readonly path: string
  /** In the archive. */
  readonly name: string
  readonly bytes: number
  readonly mtimeMs: number
}

/** Null where that is not the address of an archive, or nothing of it is left. */
export async function sendArchive(client: Client, path: string, response: ServerResponse): Promise<Sent | null> {
  const match = archiveRoute.exec(path)
  if (match === null) return null
  const [, batch, ids = ''] = match
  const label = batch === undefined ? null : ((await client.batches.get({ id: Number(batch) }))?.label ?? null)
  const jobs = batch === undefined ? await jobsOf(client, ids.split('-').map(Number)) : await jobsIn(client, Number(batch))
  const paths = jobs.flatMap(({ state }) => (state.phase === 'done' ? state.outputs.map((output) => output.path) : []))
  return await sendZip(paths, label ?? 'Beside', response)
}

/** So many files as one ZIP, under their names in the folder that holds them all; null where none of them is there any more. */
export async function sendZip(paths: readonly string[], title: string, response: ServerResponse): Promise<Sent | null> {
  const { entries, gone } = await present(paths)
  if (entries.length === 0) return null
  const headers = {
    ...strictHeaders,
    'content-type': 'application/zip',
    'content-disposition': contentDisposition(`${legalName(title)}.zip`),
  }
  if (response.req.method === 'HEAD') return ended(response.writeHead(200, headers))
  const zip = new ZipFile()
  const reading = new Set<ReadStream>()
  for (const { path: file, name, bytes, mtimeMs } of entries) {
    zip.addReadStreamLazy(name, { mtime: new Date(mtimeMs), mode: 0o100644, compress: false, size: bytes }, (open) => {
      const stream = createReadStream(file, { end: Math.max(0, bytes - 1) })
      reading.add(stream)
      stream.once('close', () => reading.delete(stream))
      open(null, stream)
    })
  }
  if (gone.length > 0) {
    const note = ['These results are not there any more:', '', ...gone, ''].join('\n')
    zip.addBuffer(Buffer.from(note), 'Not in here.txt', { compress: false })
  }
  // A file that changed meanwhile: half an archive must not pass for a whole one.
  zip.on('error', (error: Error) => response.destroy(error))
  const end = zip.end.bind(zip) as (options: object, onSize: (bytes: number) => void) => void
  const bytes = await new Promise<number>((resolve) => end({}, resolve))
  response.writeHead(200, { ...headers, 'content-length': bytes })
  try {
    await pipeline(zip.outputStream, response)
  } finally {
    // Whoever breaks off leaves a file open that nobody reads to its end.
    for (const stream of reading) stream.destroy()
  }
  return entries.map((entry) => entry.path)
}

async function jobsOf(client: Client, ids: readonly number[]): Promise<readonly Job[]> {
  const jobs: Job[] = []
  for (const id of new Set(ids)) {
    const job = await client.jobs.get({ id })
    if (job !== null) jobs.push(job)
  }
  return jobs
}

async function jobsIn(client: Client, batchId: number): Promise<readonly Job[]> {
  const jobs: Job[] = []
  for (let after: string | null = null; ;) {
    const page: { jobs: Job[]; next: string | null } = await client.jobs.list({
      phases: ['done'],
      batchId,
      after,
      limit: pageSize,
    })
    jobs.push(...page.jobs)
    after = page.next
    if (after === null) return jobs
  }
}

async function present(
  paths: readonly string[],
): Promise<{ readonly entries: readonly Entry[]; readonly gone: readonly string[] }> {
  const names = namesIn(paths)
  const entries: Entry[] = []
  const gone: string[] = []
  for (const [index, path] of paths.entries()) {
    const name = names[index] ?? ''
    const stats = await stat(path).catch(() => null)
    if (stats?.isFile() === true) entries.push({ path, name, bytes: stats.size, mtimeMs: stats.mtimeMs })
    else gone.push(name)
  }
  return { entries, gone }
}

/** As they lie below the folder that holds them all; each name once, also where letters are small and large. */
export function namesIn(paths: readonly string[]): readonly string[] {
  const split = paths.map((path) => path.split(/[/\\]/))
  const [first] = split
  if (first === undefined) return []
  let shared = 0
  while (split.every((parts) => parts.length > shared + 1 && parts[shared] === first[shared])) shared += 1
  const taken = new Set<string>()
  return split.map((parts) => {
    // The folder of a drop has a name that nobody gave it.
    const own = parts.slice(shared).filter((part) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(part))
    const folder = own.slice(0, -1)
    const name = own.at(-1) ?? ''
    const { base, extension } = parted(name)
    for (let n = 1; ; n += 1) {
      const free = numbered(base, extension, n)
      const whole = [...folder, free].join('/')
      if (taken.has(whole.toLowerCase())) continue
      taken.add(whole.toLowerCase())
      return whole
    }
  })
}
