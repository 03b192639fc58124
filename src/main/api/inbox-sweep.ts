/**
 * What a browser has sent, and its results, do not lie in the data folder for ever. A drop goes when nothing has happened with it for
 * a week: nothing came, no job had to do with it, no result appeared or was fetched. Where a result was never fetched it stays for a
 * month. Beside each drop's folder lies a hidden list of what was sent and what was fetched.
 */
import { appendFile, lstat, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import * as z from 'zod'
import { livePhases } from '../../shared/job.ts'
import type { Log } from '../engine/ports.ts'
import type { Client } from './client.ts'

const dayMs = 86_400_000
export const fetchedMs = 7 * dayMs
export const unfetchedMs = 30 * dayMs
const everyMs = 6 * 3_600_000
const rowsAtOnce = 1000

const lineSchema = z.object({ sent: z.string().optional(), fetched: z.string().optional() })

/** Takes note of a file that was sent, or of a result that went over whole. What is not in the inbox is no business of this. */
export async function note(inbox: string, what: 'sent' | 'fetched', path: string): Promise<void> {
  const [drop = '', ...rest] = relative(inbox, path).split(sep)
  if (drop === '..' || rest.length === 0) return
  await appendFile(listOf(inbox, drop), `${JSON.stringify({ [what]: rest.join('/') })}\n`, { mode: 0o600 })
}

/** Looks now and then until it is stopped; stopped means quiet. */
export function keepSwept(inbox: string, client: Client, log: Log): { stop(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve()
  const look = () => {
    looking = looking
      .then(async () => await sweep(inbox, client, Date.now()))
      .catch((error: unknown) => log.warn('the inbox could not be swept', { error: String(error) }))
  }
  look()
  const timer = setInterval(look, everyMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}

export async function sweep(inbox: string, client: Client, nowMs: number): Promise<void> {
  const all = await readdir(inbox, { withFileTypes: true }).catch(() => [])
  const old: string[] = []
  for (const each of all) if (each.isDirectory() && (await isOld(inbox, each.name, nowMs))) old.push(each.name)
  if (old.length === 0) return
  const busy = await inUse(inbox, client)
  for (const drop of old) {
    // From its last job on it has its week, too.
    if (busy.has(drop)) await touch(inbox, drop, nowMs)
    else await remove(inbox, drop)
  }
}

async function isOld(inbox: string, drop: string, nowMs: number): Promise<boolean> {
  const folder = join(inbox, drop)
  const files: string[] = []
  const list = await lstat(listOf(inbox, drop)).catch(() => null)
  let lastMs = Math.max(list?.mtimeMs ?? 0, (await lstat(folder)).ctimeMs)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    // Not when it was written: a result has the date of its original.
    lastMs = Math.max(lastMs, (await lstat(path)).ctimeMs)
    if (!entry.isDirectory()) files.push(relative(folder, path).replaceAll(sep, '/'))
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
async function inUse(inbox: string, client: Client): Promise<ReadonlySet<string>> {
  const drops = new Set<string>()
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<Client['jobs']['list']>> = await client.jobs.list({
      phases: [...livePhases],
      batchId: null,
      after,
      limit: rowsAtOnce,
    })
    for (const { order } of page.jobs) {
      const path = order.source.kind === 'file' ? order.source.path : ''
      if (path.startsWith(inbox + sep)) drops.add(relative(inbox, path).split(sep)[0] ?? '')
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
