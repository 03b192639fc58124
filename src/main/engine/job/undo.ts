/**
 * Undoes a batch: its sources come back and its outputs go. Nothing goes that has changed since, that another job wrote, or whose source is no longer there.
 * Apart, since it is no part of a run.
 */
import { rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failure, toFailure, type Failure } from '../../../shared/failure.ts'
import type { Job, Output } from '../../../shared/job.ts'
import type { JobPage, JobStore, Store } from '../../store/store.ts'
import { inodeOf, isSameTime, statIfThere } from '../../files/identity.ts'
import { flushFolder, takeFreeName } from '../../files/move.ts'
import type { Undone } from '../engine-api.ts'
import { folderTrouble } from './destination.ts'

export async function undoBatch(batchId: number, store: Store, nowMs: number): Promise<Undone> {
  const removed: string[] = []
  const kept: { path: string; why: Failure }[] = []
  const folders = new Set<string>()
  const asked = new Set<string>()
  for (const { job, output } of outputsOf(batchId, store.history)) {
    const result = await removeOutput(job, output, store.jobs)
    if (result === 'removed') removed.push(output.path)
    else if (result !== 'gone') kept.push({ path: output.path, why: result })
    folders.add(dirname(output.path))
    asked.add(job.order.folder)
  }
  for (const folder of folders) {
    // Several results with names of their own had a folder of their own.
    if (!asked.has(folder) && (await isRemoved(folder))) await flushFolder(dirname(folder))
    else await flushFolder(folder)
  }
  if (kept.length === 0) store.batches.markUndone(batchId, nowMs)
  return { removed, kept }
}

/** Only with nothing in it. */
async function isRemoved(folder: string): Promise<boolean> {
  return await rmdir(folder).then(
    () => true,
    () => false,
  )
}

const batchSize = 200

/** Newest first: what a later job of the batch made from an earlier one's output goes before it. */
function* outputsOf(batchId: number, history: Store['history']): Generator<{ readonly job: Job; readonly output: Output }> {
  let after: string | null = null
  do {
    const page: JobPage = history.page({ batchId, outcomes: ['done'] }, after, batchSize)
    for (const job of page.jobs) {
      if (job.state.phase === 'done') for (const output of job.state.outputs) yield { job, output }
    }
    after = page.next
  } while (after !== null)
}

/** Why an output stays, or what became of it. What the system refuses is said of the one file; the others are undone all the same. */
async function removeOutput(job: Job, output: Output, jobs: JobStore): Promise<Failure | 'removed' | 'gone'> {
  try {
    return await restoreAndRemove(job, output, jobs)
  } catch (error) {
    return toFailure(folderTrouble(error, dirname(output.path)))
  }
}

/** The source comes back first: at no time is neither there. */
async function restoreAndRemove(job: Job, output: Output, jobs: JobStore): Promise<Failure | 'removed' | 'gone'> {
  const isOwn = jobs.ownerOf(output.path)?.jobId === job.id
  const now = await statIfThere(output.path)
  // Nothing is known of what is on a disk that is away.
  if (now === null && (await inodeOf(dirname(output.path))) === null)
    return failure('folder-missing', { path: dirname(output.path) })
  // Another job may have made the very same there: as long, and with the date of the same source.
  if (now !== null && (!isOwn || now.size !== output.bytes || !isSameTime(now.mtimeMs, output.mtimeMs)))
    return failure('changed-since', { path: output.path })
  const trouble = await restoreSource(job, jobs.siblingsOf(job))
  if (trouble !== null) return trouble
  if (now === null) return 'gone'
  await unlink(output.path)
  return 'removed'
}

/** Of several results of a source one has taken it along. */
async function restoreSource({ order, state }: Job, siblings: readonly Job[]): Promise<Failure | null> {
  const { source, others = [] } = order
  // Of a file that went into a larger one, that may be the only copy.
  for (const { path } of others) if ((await inodeOf(path)) === null) return failure('source-missing', { path })
  if (source.kind === 'url' || (await inodeOf(source.path)) !== null) return null
  const archives = [state, ...siblings.map((sibling) => sibling.state)].map((each) =>
    each.phase === 'done' ? each.archivedTo : null,
  )
  for (const archivedTo of archives)
    if (archivedTo !== null && (await inodeOf(archivedTo)) !== null && (await takeFreeName(archivedTo, source.path))) return null
  return failure('source-missing', { path: source.path })
}
