/** Where a result goes: its folder, its name, what a taken name means, and its temporary files. */
import { access, constants, mkdir, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError, failure, type Failure } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import { isFinished, type ConflictPolicy, type Job, type Order, type Part, type Work } from '../../../shared/job.ts'
import { sourcesOf } from '../../../shared/job-sources.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import { decoded, fillTemplate, fitted, legalName, numbered, parted } from '../../../shared/naming.ts'
import { givenPath, rewritePath } from '../../files/names.ts'
import { codeOf, isSameFile, isTaken, statExpected } from '../../files/identity.ts'
import type { Store } from '../../store/store.ts'
import type { JobRun } from './run.ts'
import { tempPath } from './temp-names.ts'

// ── The folder ──

/** Never more of a disk's room than this share is held back, so that small disks stay usable. */
const maxReserveShare = 0.01

/** The folder is there (made, if it belongs to a mirrored tree), can be written to, and has room. */
export async function readyFolder(order: Order, sourceBytes: number, reserveBytes: number): Promise<void> {
  const { folder } = order
  const isBeside = order.source.kind === 'file' && dirname(order.source.path) === folder
  try {
    if (!isBeside) await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw folderTrouble(error, folder)
  }
  const disk = await statfs(folder).catch((error: unknown) => {
    throw folderTrouble(error, folder)
  })
  const free = disk.bavail * disk.bsize
  const reserve = Math.min(reserveBytes, disk.blocks * disk.bsize * maxReserveShare)
  // Most results are smaller than their source, some are larger: a tenth of it is the least that any will need.
  if (free < reserve + sourceBytes / 10) throw new JobError('disk-full', { path: folder })
}

/** A trouble with the folder that an output goes to, in Beside's terms. */
export function folderTrouble(error: unknown, folder: string): unknown {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new JobError('folder-read-only', { path: folder })
    case 'ENOENT':
      return new JobError('folder-missing', { path: folder })
    case 'ENOTDIR':
    case 'EEXIST':
      return new JobError('folder-missing', { path: folder, because: 'file-instead' })
    default:
      return error
  }
}

/** A file whose folder is away is not gone. */
export async function requireFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch((error: unknown) => {
    throw folderTrouble(error, folder)
  })
  if (!stats.isDirectory()) throw new JobError('folder-missing', { path: folder, because: 'file-instead' })
}

// ── The name ──

/** Name of the output without extension, short enough for the file system. */
export function baseName(order: Order, facts: MediaFacts | null, provider: string, nowMs: number): string {
  const { source: from } = order
  const source = from.kind === 'file' ? from.path : new URL(from.url).pathname.split('/').map(decoded).join('/')
  const fileName = basename(source)
  const { base, extension: ext } = parted(fileName)
  const bare = ext === '' ? base.replace(/\.$/, '') : base
  const when = new Date(nowMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const image = facts?.image ?? facts?.video[0]
  const filled = fillTemplate(order.name, {
    // That of a file is kept to the letter; an address may hold what no file system takes.
    name: from.kind === 'file' ? bare : legalName(bare || 'download'),
    ext,
    parent: basename(dirname(source)),
    date: `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`,
    time: `${two(when.getHours())}-${two(when.getMinutes())}-${two(when.getSeconds())}`,
    counter: order.counter,
    preset: order.preset ?? '',
    provider,
    width: order.options.width ?? image?.width ?? '',
    height: order.options.height ?? image?.height ?? '',
    bitrate: order.options.bitrate ?? '',
  })
  return fitted(filled, `.${extensionOf(order.target)}`)
}

/** What asks for a name. */
export interface Destination {
  readonly policy: ConflictPolicy
  readonly batchId: number
  /** The result is paid for, so it is not thrown away because of a name. */
  readonly isPaid: boolean
}

/** The file that has the name already. */
export interface Taken {
  /** It is the source of the very job. */
  readonly isSource: boolean
  /** The batch whose job wrote it, if Beside did. */
  readonly batchId: number | null
  /** It is the source of a job that is still to be done. */
  readonly isAwaited: boolean
}

export type NameDecision =
  /** `skip`: only if it is free at the very moment. */
  { readonly kind: 'go'; readonly as: 'number' | 'skip' | 'overwrite' } | { readonly kind: 'skip' | 'ask' | 'refuse' }

/**
 * Pure: what the policy says of the first name that the output would get. Two outputs of one batch never replace each other, and a file
 * that is still waiting to be converted is never replaced, whatever the policy. Who is only asked early gets a number at the last moment:
 * that harms nobody.
 */
export function decideName(to: Destination, taken: Taken | null, when: 'early' | 'last-moment'): NameDecision {
  const { policy } = to
  const number = { kind: 'go', as: 'number' } as const
  const isTooLate = when === 'last-moment' && (to.isPaid || policy === 'ask')
  if (policy === 'number' || (isTooLate && policy !== 'overwrite')) return number
  if (taken === null) return policy === 'ask' ? number : { kind: 'go', as: policy }
  if (policy === 'overwrite' && taken.isSource) return isTooLate ? number : { kind: 'refuse' }
  const isOfBatch = taken.batchId === to.batchId
  if (!taken.isSource && (isOfBatch || (policy === 'overwrite' && taken.isAwaited))) return number
  return policy === 'overwrite' ? { kind: 'go', as: policy } : { kind: policy }
}

/** Who else has to do with a path. */
export interface Neighbours {
  /** The batch whose job wrote the file that is there, if Beside did. */
  batchOf(path: string): number | null
  /** Whether the file is the source of a job that is still to be done. */
  isAwaited(path: string): boolean
}

export type NameOnDisk =
  | Extract<NameDecision, { kind: 'go' }>
  | { readonly kind: 'skip' | 'ask' | 'refuse'; readonly why: Failure }

/** The decision about the name as the disk is now. */
export async function nameOnDisk(
  { order, batchId, isPaid: paid = false }: Pick<Job, 'batchId' | 'order'> & { readonly isPaid?: boolean },
  base: string,
  neighbours: Neighbours,
  when: 'early' | 'last-moment',
): Promise<NameOnDisk> {
  return await pathOnDisk(
    { order, batchId, isPaid: paid },
    join(order.folder, numbered(base, extensionOf(order.target), 1)),
    neighbours,
    when,
  )
}

/** The decision about a path as the disk is now. */
export async function pathOnDisk(
  { order, batchId, isPaid: paid = false }: Pick<Job, 'batchId' | 'order'> & { readonly isPaid?: boolean },
  path: string,
  neighbours: Neighbours,
  when: 'early' | 'last-moment',
): Promise<NameOnDisk> {
  const found = await takenAt(path, order, neighbours)
  const decision = decideName({ policy: order.ifExists, batchId, isPaid: paid }, found, when)
  if (decision.kind === 'go') return decision
  return { kind: decision.kind, why: failure(decision.kind === 'refuse' ? 'source-is-target' : 'output-exists', { path }) }
}

async function takenAt(path: string, order: Order, neighbours: Neighbours): Promise<Taken | null> {
  // Whoever has it: the next number is as good.
  if (order.ifExists === 'number' || !(await isTaken(path))) return null
  const given = await givenPath(path)
  return {
    isSource: await isSourceOf(order, path),
    batchId: neighbours.batchOf(given),
    isAwaited: neighbours.isAwaited(given),
  }
}

async function isSourceOf(order: Order, path: string): Promise<boolean> {
  for (const source of sourcesOf(order)) if (source.kind === 'file' && (await isSameFile(path, source.path))) return true
  return false
}

export function neighboursOf({ job, deps }: JobRun): Neighbours {
  return {
    batchOf: (path) => {
      const owner = ownerOf(path, deps.store)
      return owner === null || owner.id === job.id ? null : owner.batchId
    },
    isAwaited: (path) => deps.store.jobs.othersOn(path, job.id) > 0,
  }
}

/** The job that has made or is making the file at this path. One that has ended with other results has not. */
export function ownerOf(path: string, store: Store): Job | null {
  const owner = store.jobs.ownerOf(path)
  const job = owner === null ? null : store.jobs.get(owner.jobId)
  if (job === null || !isFinished(job.state)) return job
  return job.state.phase === 'done' && job.state.outputs.some((output) => output.path === path) ? job : null
}

// ── Temporary results ──

/**
 * Removes the temporary results of a job, and the folders and files that go along with them. They are numbered without gaps, but for the
 * first, which may come last; so the first that is absent behind it ends the search. Of parts that the work knows, some may have their
 * final name already. From the last to the first, so that a crash leaves no gap either.
 */
export async function removeTemps({ id, order }: Pick<Job, 'id' | 'order'>, tag: string, work: Work): Promise<void> {
  const known = 'parts' in work ? work.parts.length : 0
  const found: string[] = []
  for (let n = 0; ; n += 1) {
    const path = tempPath(order.folder, tag, id, n)
    // Of a file that was being written anew when Beside was killed, that one may be all there is.
    if ((await canBeReached(path)) || (await canBeReached(rewritePath(path)))) found.push(path)
    else if (n > known) break
  }
  for (const path of found.toReversed())
    for (const each of [rewritePath(path), path]) await rm(each, { force: true, recursive: true }).catch(() => undefined)
}

async function canBeReached(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Whether all temporary files are still there as they were left.
 * @throws where that cannot be told: their folder is away, or their disk fails.
 */
export async function partsAreThere(parts: readonly Part[], folder: string): Promise<boolean> {
  for (const part of parts) {
    const found = await statExpected(part.temp).catch((error: unknown) => {
      throw folderTrouble(error, folder)
    })
    if (found === null) await requireFolder(folder)
    if (found?.size !== part.bytes) return false
  }
  return true
}
