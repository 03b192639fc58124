/**
 * Where a result goes: its folder, its name, what a taken name means, its temporary files, and the placing.
 * Placing is never half written and never over anything by surprise: the file is flushed, the row takes down the name, and only then it
 * is linked under it.
 */
import { access, constants, mkdir, rename, rm, stat, statfs, unlink, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError, failure, toFailure, type Failure } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import type { ConflictPolicy, Job, Note, Order, Output, Part, Work } from '../../../shared/job.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import { decoded, fillTemplate, fitted, legalName, numbered } from '../../../shared/naming.ts'
import { codeOf, inodeOf, isSameFile, isTaken, statIfThere } from '../../files/identity.ts'
import { flush, flushFolder, maxNumber, takeFreeName } from '../../files/move.ts'
import { nothingKnown } from './check.ts'
import { isPaid } from './outcome.ts'
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
async function requireFolder(folder: string): Promise<void> {
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
  const dot = fileName.lastIndexOf('.')
  const bare = dot > 0 ? fileName.slice(0, dot) : fileName
  const when = new Date(nowMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const image = facts?.image ?? facts?.video[0]
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
    width: order.options.width ?? image?.width ?? '',
    height: order.options.height ?? image?.height ?? '',
    bitrate: order.options.bitrate ?? '',
  })
  return fitted(filled, extensionOf(order.target))
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
  const path = join(order.folder, numbered(base, extensionOf(order.target), 1))
  const found = await takenAt(path, order, neighbours)
  const decision = decideName({ policy: order.ifExists, batchId, isPaid: paid }, found, when)
  if (decision.kind === 'go') return decision
  return { kind: decision.kind, why: failure(decision.kind === 'refuse' ? 'source-is-target' : 'output-exists', { path }) }
}

async function takenAt(path: string, order: Order, neighbours: Neighbours): Promise<Taken | null> {
  // Whoever has it: the next number is as good.
  if (order.ifExists === 'number' || !(await isTaken(path))) return null
  return {
    isSource: order.source.kind === 'file' && (await isSameFile(path, order.source.path)),
    batchId: neighbours.batchOf(path),
    isAwaited: neighbours.isAwaited(path),
  }
}

export function neighboursOf({ job, deps }: JobRun): Neighbours {
  return {
    batchOf: (path) => {
      const owner = deps.store.jobs.ownerOf(path)
      return owner === null || owner.jobId === job.id ? null : owner.batchId
    },
    isAwaited: (path) => deps.store.jobs.othersOn(path, job.id) > 0,
  }
}

// ── Temporary results ──

/**
 * Removes the temporary results of a job. They are numbered without gaps, so the first that is absent ends the search; but of parts that
 * the work knows, some may have their final name already. From the last to the first, so that a crash leaves no gap either.
 */
export async function removeTemps({ id, order }: Pick<Job, 'id' | 'order'>, tag: string, work: Work): Promise<void> {
  const known = 'parts' in work ? work.parts.length : 0
  const found: string[] = []
  for (let n = 0; ; n += 1) {
    const path = tempPath(order.folder, tag, id, n)
    if (await canBeReached(path)) found.push(path)
    else if (n >= known) break
  }
  for (const path of found.toReversed()) await rm(path, { force: true }).catch(() => undefined)
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
    const found = await statIfThere(part.temp).catch((error: unknown) => {
      throw folderTrouble(error, folder)
    })
    if (found === null) await requireFolder(folder)
    if (found?.size !== part.bytes) return false
  }
  return true
}

// ── Placing ──

type PlaceWork = Extract<Work, { step: 'place' }>

/** The place step over all parts of a job: each gets its final name once, however often the step is begun. */
export async function placeParts(run: JobRun, work: PlaceWork): Promise<Work> {
  const { job, deps } = run
  const { folder } = job.order
  const outputs: Output[] = []
  const notes: Note[] = [...(work.notes ?? [])]
  const places = [...work.places]
  const placed: { readonly temp: string; readonly path: string }[] = []
  // Several results of one job belong together: half of them would look like all of them. They may be all that there is of them.
  const moveBack = async () => {
    for (const { temp, path } of placed) await rename(path, temp).catch(() => undefined)
  }
  try {
    for (const [index, part] of work.parts.entries()) {
      const saved = places[index]
      const inode = await inodeOf(part.temp)
      if (saved !== undefined && (await inodeOf(saved.path)) === saved.inode) {
        // A crash came between the final name and the end of the step.
        if (inode !== null) await unlink(part.temp)
        placed.push({ temp: part.temp, path: saved.path })
        outputs.push(await outputAt(saved.path))
        continue
      }
      if (inode === null) {
        await requireFolder(folder)
        if (work.ticket === null) throw new JobError('output-bad', { because: 'temporary-gone' })
        await moveBack()
        await removeTemps(job, deps.store.tag, work)
        return { step: 'fetch', ticket: work.ticket }
      }
      notes.push(...(await keepDates(run, part)))
      await flush(part.temp)
      const path = await place(await placementOf(run, work, index, part), (candidate) => {
        places[index] = { path: candidate, inode }
        deps.store.jobs.registerOutputs(job.id, [candidate])
        run.persist({ ...work, places: [...places] })
      })
      placed.push({ temp: part.temp, path })
      outputs.push(await outputAt(path))
    }
  } catch (error) {
    await moveBack()
    throw folderTrouble(error, folder)
  }
  await flushFolder(folder)
  return { step: 'afterwards', outputs, notes }
}

/** Where a part is to go. */
export interface Placement {
  /** Absolute. */
  readonly temp: string
  readonly folder: string
  /** Name without extension; it fits the file system. */
  readonly base: string
  readonly extension: string
  readonly as: 'number' | 'skip' | 'overwrite'
}

async function placementOf(run: JobRun, work: PlaceWork, index: number, part: Part): Promise<Placement> {
  const { job } = run
  const { order } = job
  const { temp } = part
  const extension = extensionOf(part.format)
  const paid = isPaid(work, run.provider.about.resubmit)
  if (work.parts.length === 1) {
    const name = await nameOnDisk({ ...job, isPaid: paid }, work.base, neighboursOf(run), 'last-moment')
    if (name.kind !== 'go') throw JobError.from(name.why)
    return { temp, folder: order.folder, base: work.base, extension, as: name.as }
  }
  const to = { policy: order.ifExists, batchId: job.batchId, isPaid: paid }
  const decision = decideName(to, null, 'last-moment')
  const as = decision.kind === 'go' ? decision.as : 'number'
  if (part.name === null) return { temp, folder: order.folder, base: `${work.base}.${index + 1}`, extension, as }
  const folder = join(order.folder, work.base)
  await mkdir(folder, { recursive: true })
  return { temp, folder, base: legalName(part.name), extension, as }
}

/**
 * Gives the temporary file its final name.
 * @param intend called with each candidate before it is tried, so that a crash in between can be told from a stranger's file.
 * @returns the final path.
 * @throws JobError `output-exists` where the policy is skip and the name is taken.
 */
export async function place(to: Placement, intend: (path: string) => void): Promise<string> {
  for (let n = 1; n <= maxNumber; n += 1) {
    const path = join(to.folder, numbered(to.base, to.extension, n))
    if (to.as === 'overwrite') {
      intend(path)
      await rename(to.temp, path)
      return path
    }
    // A name that can be seen to be taken is not claimed: it belongs to whoever wrote that file.
    if (!(await isTaken(path))) {
      intend(path)
      if (await takeFreeName(to.temp, path)) return path
    }
    if (to.as === 'skip') throw new JobError('output-exists', { path })
  }
  throw new JobError('name-invalid', { name: to.base, because: 'numbers-used-up', count: maxNumber })
}

/** On the temporary file, so that the output never shows another date. */
async function keepDates({ job: { order }, sourceFacts }: JobRun, part: Part): Promise<readonly Note[]> {
  const { source } = order
  if (!order.keepDates || source.kind === 'url') return []
  try {
    const known = await sourceFacts()
    // The dates of what cannot be inspected any more are those that the job was made with.
    const { mtimeMs, accessedMs } = known === nothingKnown ? { mtimeMs: source.mtimeMs, accessedMs: source.mtimeMs } : known
    await utimes(part.temp, accessedMs / 1000, mtimeMs / 1000)
    return []
  } catch (error) {
    return [{ what: 'dates', reason: codeOf(error) || toFailure(error).code }]
  }
}

async function outputAt(path: string): Promise<Output> {
  const { size, mtimeMs } = await stat(path)
  return { path, bytes: size, mtimeMs }
}
