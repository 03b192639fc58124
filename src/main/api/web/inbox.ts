/**
 * Files that a browser drops: streamed to a folder of the data folder, one folder a drop, so that their results appear beside them. A
 * file has its final name only once all of it is there, and never takes the place of another.
 *
 * They do not lie there for ever. A drop goes when nothing has happened with it for a week: nothing came, no job had to do with it, no
 * result appeared or was fetched. Where a result was never fetched it stays for a month. Beside each drop's folder lies a hidden list of
 * what was sent and what was fetched.
 */
import { createWriteStream, type Stats } from 'node:fs'
import { appendFile, lstat as nodeLstat, mkdir, readdir, readFile, rm, utimes } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import * as nodePath from 'node:path'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { livePhases } from '../../../shared/job.ts'
import { sourcesOf } from '../../../shared/job-sources.ts'
import { legalName, numbered, parted } from '../../../shared/naming.ts'
import type { Client } from '../../../shared/wire/client.ts'
import type { Log } from '../../engine/ports.ts'
import { takeFreeName, type NameCalls } from '../../files/move.ts'

const maxDepth = 32

/** Where an upload goes: the folder of its drop, and legal names for each part of its path; null where it is not a path. */
export function placeOf(inbox: string, path: string): Place | null {
  const match = /^\/inbox\/([a-z0-9-]{8,64})\/(.+)$/.exec(path)
  if (match === null) return null
  const [, drop = '', rest = ''] = match
  const parts = rest.split('/').map(decoded)
  if (parts.length > maxDepth || parts.some((part) => part === null || part === '')) return null
  const names = parts.map((part) => legalName(part ?? ''))
  const name = names.pop()
  return name === undefined ? null : { folder: join(inbox, drop, ...names), name }
}

/** The final path once every byte has come. What came of a broken upload is removed. */
export async function receive(request: IncomingMessage, place: Place, calls: Partial<NameCalls> = {}): Promise<string> {
  const modifiedMs = Number(request.headers['x-modified-ms'])
  return await receiveFile(request, place, { calls, ...(modifiedMs > 0 && Number.isFinite(modifiedMs) && { modifiedMs }) })
}

interface Place {
  readonly folder: string
  readonly name: string
}

interface Receiving {
  readonly modifiedMs?: number
  readonly signal?: AbortSignal
  readonly calls?: Partial<NameCalls>
}

/** As `receive`, of whatever brings a file. */
export async function receiveFile(
  content: Readable,
  place: Place,
  { modifiedMs, signal, calls = {} }: Receiving = {},
): Promise<string> {
  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const partial = join(place.folder, `.${crypto.randomUUID()}.part`)
  try {
    await pipeline(content, createWriteStream(partial, { flags: 'wx', mode: 0o600 }), { ...(signal !== undefined && { signal }) })
    if (modifiedMs !== undefined) await utimes(partial, new Date(), new Date(modifiedMs)).catch(() => {})
    return await moveToFreeName(partial, place, calls)
  } finally {
    await rm(partial, { force: true })
  }
}

async function moveToFreeName(partial: string, { folder, name }: Place, calls: Partial<NameCalls>): Promise<string> {
  const { base, extension } = parted(name)
  for (let n = 1; ; n += 1) {
    const path = join(folder, numbered(base, extension, n))
    if (await takeFreeName(partial, path, calls)) return path
  }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

const dayMs = 86_400_000
export const fetchedMs = 7 * dayMs
export const unfetchedMs = 30 * dayMs
const everyMs = 6 * 3_600_000
const pageSize = 1000

const lineSchema = z.object({ sent: z.string().optional(), fetched: z.string().optional() })

/** Takes note of a file that was sent, or of a result that went over whole. What is not in the inbox is no business of this. */
export async function note(inbox: string, what: 'sent' | 'fetched', path: string): Promise<void> {
  const place = placeIn(inbox, path)
  if (place === null) return
  await appendFile(listOf(inbox, place.drop), `${JSON.stringify({ [what]: place.file })}\n`, { mode: 0o600 })
}

/** The drop that a file came with or is a result of; null for what is not in the inbox. On Windows that may be on another drive. */
export function placeIn(
  inbox: string,
  path: string,
  { isAbsolute, relative, sep }: Pick<typeof nodePath, 'isAbsolute' | 'relative' | 'sep'> = nodePath,
): { readonly drop: string; readonly file: string } | null {
  const below = relative(inbox, path)
  const [drop = '', ...rest] = below.split(sep)
  return isAbsolute(below) || drop === '..' || rest.length === 0 ? null : { drop, file: rest.join('/') }
}

/** Sweeps now and then until it is stopped; once stopped, nothing runs any more. */
export function keepSwept(inbox: string, client: Client, log: Log): { stop(): Promise<void> } {
  const onTrouble = (drop: string, error: unknown) => log.warn('a drop could not be swept', { drop, error: String(error) })
  let sweeping: Promise<void> = Promise.resolve()
  const run = () => {
    sweeping = sweeping
      .then(async () => await sweep(inbox, client, Date.now(), { onTrouble }))
      .catch((error: unknown) => log.warn('the inbox could not be swept', { error: String(error) }))
  }
  run()
  const timer = setInterval(run, everyMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await sweeping
    },
  }
}

interface SweepOptions {
  readonly lstat?: (path: string) => Promise<Pick<Stats, 'ctimeMs' | 'mtimeMs'>>
  /** A drop that could not be looked through or removed: it is left for the next time. */
  readonly onTrouble?: (drop: string, error: unknown) => void
}

export async function sweep(
  inbox: string,
  client: Client,
  nowMs: number,
  { lstat = nodeLstat, onTrouble = () => {} }: SweepOptions = {},
): Promise<void> {
  const each = async (drops: readonly string[], work: (drop: string) => Promise<void>) => {
    for (const drop of drops) await work(drop).catch((error: unknown) => onTrouble(drop, error))
  }
  const entries = await readdir(inbox, { withFileTypes: true }).catch(() => [])
  const old: string[] = []
  await each(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
    async (drop) => {
      if (await isOld(inbox, drop, nowMs, lstat)) old.push(drop)
    },
  )
  if (old.length === 0) return
  const needed = await neededDrops(inbox, client)
  // From its last job on it has its week, too.
  await each(old, async (drop) => await (needed.has(drop) ? touch(inbox, drop, nowMs) : remove(inbox, drop)))
}

async function isOld(inbox: string, drop: string, nowMs: number, lstat: NonNullable<SweepOptions['lstat']>): Promise<boolean> {
  const folder = join(inbox, drop)
  const files: string[] = []
  const list = await lstat(listOf(inbox, drop)).catch(() => null)
  let lastMs = Math.max(list?.mtimeMs ?? 0, (await lstat(folder)).ctimeMs)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const stats = await lstat(path).catch((error: unknown) => {
      // An upload that has just broken off. The folder's own date says that something happened.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    })
    if (stats === null) continue
    // Not when it was written: a result has the date of its original.
    lastMs = Math.max(lastMs, stats.ctimeMs)
    if (!entry.isDirectory()) files.push(placeIn(inbox, path)?.file ?? '')
  }
  if (nowMs - lastMs < fetchedMs) return false
  const { sent, fetched } = await listed(inbox, drop)
  return files.every((file) => sent.has(file) || fetched.has(file)) || nowMs - lastMs >= unfetchedMs
}

async function listed(inbox: string, drop: string) {
  const text = await readFile(listOf(inbox, drop), 'utf8').catch(() => '')
  const lines = text.split('\n').flatMap((line) => {
    try {
      return [lineSchema.parse(JSON.parse(line))]
    } catch {
      // Cut off by a crash.
      return []
    }
  })
  return { sent: new Set(lines.map(({ sent }) => sent)), fetched: new Set(lines.map(({ fetched }) => fetched)) }
}

/** Drops that a job in the queue still needs. */
async function neededDrops(inbox: string, client: Client): Promise<ReadonlySet<string>> {
  const drops = new Set<string>()
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<Client['jobs']['list']>> = await client.jobs.list({
      phases: [...livePhases],
      batchId: null,
      after,
      limit: pageSize,
    })
    for (const { order } of page.jobs) {
      for (const source of sourcesOf(order)) {
        const place = source.kind === 'file' ? placeIn(inbox, source.path) : null
        if (place !== null) drops.add(place.drop)
      }
    }
    after = page.next
    if (after === null) return drops
  }
}

async function touch(inbox: string, drop: string, nowMs: number): Promise<void> {
  await appendFile(listOf(inbox, drop), '')
  await utimes(listOf(inbox, drop), nowMs / 1000, nowMs / 1000)
}

async function remove(inbox: string, drop: string): Promise<void> {
  await rm(join(inbox, drop), { recursive: true, force: true })
  await rm(listOf(inbox, drop), { force: true })
}

function listOf(inbox: string, drop: string): string {
  return join(inbox, `.${drop}`)
}
