/** The first step of a job: everything that can go wrong without cost is found here, before the costly step. */
import { access, constants, mkdir, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError, failure, type Failure } from '../../shared/failure.ts'
import { extensionOf } from '../../shared/formats.ts'
import type { Job, Order } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { decoded, fillTemplate, fitted, legalName, numbered } from '../../shared/naming.ts'
import type { Inspect } from './ports.ts'
import { codeOf, inodeOf, isAbsence, isSameFile, isTaken } from './place.ts'
import { kindOf, troubleOf } from './intake/walk.ts'

/** What is known of the source while its job runs. */
export interface Study {
  /** Null for addresses. */
  readonly facts: MediaFacts | null
  /** As the source stood when the work began: a later difference means that it changed under our hands. */
  readonly bytes: number
  readonly mtimeMs: number
  readonly accessedMs: number
  /** Number of its folder, by which that is told from another one under the same name; null where there is none. */
  readonly folder: string | null
}

/** A source that cannot be looked into any more, once its result is paid for: that is good all the same. */
export const unknownSource: Study = { facts: null, bytes: 0, mtimeMs: 0, accessedMs: 0, folder: null }

export async function study(order: Order, inspect: Inspect, signal: AbortSignal): Promise<Study> {
  if (order.source.kind === 'url') return unknownSource
  const { path } = order.source
  const trouble = (error: unknown) => {
    throw new JobError(troubleOf(error, path).code, { path, reason: codeOf(error) })
  }
  // First, so that the source was seen in this one and no other.
  const folder = (await inodeOf(dirname(path)).catch(trouble)) ?? null
  const stats = await stat(path).catch(trouble)
  if (!stats.isFile()) throw new JobError('source-not-file', { path, kind: kindOf(stats) })
  if (stats.size === 0) throw new JobError('source-empty', { path })
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw new JobError('source-unreadable', { path, reason: codeOf(error) })
  })
  const facts = await inspect(path, signal)
  return { facts, bytes: stats.size, mtimeMs: stats.mtimeMs, accessedMs: stats.atimeMs, folder }
}

/**
 * What has become of the source since it was studied, or null. One that is gone is no trouble: the result may be its only copy. But where it
 * went with its folder, what was written beside it may be somewhere else by now.
 */
export async function changeSince(order: Order, studied: Study): Promise<Failure | null> {
  if (order.source.kind === 'url' || studied === unknownSource) return null
  const now = await stat(order.source.path).catch((error: unknown) => {
    if (isAbsence(error)) return null
    throw error
  })
  if (now !== null) return now.size === studied.bytes && now.mtimeMs === studied.mtimeMs ? null : failure('source-changed')
  const folder = dirname(order.source.path)
  const isElsewhere = folder === order.folder && (await inodeOf(folder)) !== studied.folder
  return isElsewhere ? failure('folder-missing', { path: folder }) : null
}

/** Whether the source is still what it was when it was queued. */
export function isAsOrdered({ source }: Order, studied: Study): boolean {
  return source.kind === 'url' || (source.bytes === studied.bytes && source.mtimeMs === studied.mtimeMs)
}

/** Name of the output without extension, short enough for the file system. */
export function baseName(order: Order, facts: MediaFacts | null, provider: string, nowMs: number): string {
  const { source: from } = order
  const source = from.kind === 'file' ? from.path : new URL(from.url).pathname.split('/').map(decoded).join('/')
  const fileName = basename(source)
  const dot = fileName.lastIndexOf('.')
  const bare = dot > 0 ? fileName.slice(0, dot) : fileName
  const when = new Date(nowMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const picture = facts?.image ?? facts?.video[0]
  const filled = fillTemplate(order.name, {
    // That of a file is kept to the letter; an address may hold what no file system takes.
    name: from.kind === 'file' ? bare : legalName(bare || 'download'),
    ext: dot > 0 ? fileName.slice(dot + 1) : '',
    parent: basename(dirname(source)),
    date: `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`,
    time: `${two(when.getHours())}-${two(when.getMinutes())}-${two(when.getSeconds())}`,
    counter: order.counter,
    preset: order.preset ?? '',
    provider,
    width: order.options.width ?? picture?.width ?? '',
    height: order.options.height ?? picture?.height ?? '',
    bitrate: order.options.bitrate ?? '',
  })
  return fitted(filled, extensionOf(order.target))
}

/** Who else has to do with a path. */
export interface Neighbours {
  /** The batch whose job wrote the file that is there, if Beside did. */
  batchOf(path: string): number | null
  /** Whether the file is the source of a job that is still to be done. */
  isAwaited(path: string): boolean
}

export type Clash =
  | { readonly kind: 'go'; readonly as: 'number' | 'skip' | 'overwrite' }
  | { readonly kind: 'skip' | 'ask' | 'refuse'; readonly why: Failure }

/**
 * What the policy says of the first name the output would get. Two outputs of one batch never replace each other, and a file
 * that is still waiting to be converted is never replaced, whatever the policy.
 */
export async function clashOf(job: Pick<Job, 'batchId' | 'order'>, base: string, neighbours: Neighbours): Promise<Clash> {
  const { order } = job
  const path = join(order.folder, numbered(base, extensionOf(order.target), 1))
  const policy = order.ifExists
  if (!(await isTaken(path))) return { kind: 'go', as: policy === 'ask' ? 'number' : policy }
  if (policy === 'number') return { kind: 'go', as: 'number' }
  const isSource = order.source.kind === 'file' && (await isSameFile(path, order.source.path))
  if (policy === 'overwrite' && isSource) return { kind: 'refuse', why: failure('source-is-target', { path }) }
  if (!isSource && (neighbours.batchOf(path) === job.batchId || (policy === 'overwrite' && neighbours.isAwaited(path)))) {
    return { kind: 'go', as: 'number' }
  }
  if (policy === 'overwrite') return { kind: 'go', as: 'overwrite' }
  return { kind: policy, why: failure('output-exists', { path }) }
}

/** Never more of a disk's room than this share is held back, so that small disks stay usable. */
const mostReserveShare = 0.01

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
  const reserve = Math.min(reserveBytes, disk.blocks * disk.bsize * mostReserveShare)
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
      return new JobError('folder-missing', { path: folder, reason: 'a file of that name is there' })
    default:
      return error
  }
}
