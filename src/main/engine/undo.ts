/** Takes the outputs of a batch back. Nothing goes that has changed since, that another job wrote, or whose source is no longer there. */
import type { Stats } from 'node:fs'
import { stat, unlink } from 'node:fs/promises'
import { failure, toFailure, type Failure } from '../../shared/failure.ts'
import type { Job, Output } from '../../shared/job.ts'
import type { JobPage, Store } from '../store/store.ts'
import { flushFolder, inodeOf, isAbsence, takeFreeName } from './place.ts'
import { folderTrouble } from './prepare.ts'
import { dirname } from 'node:path'
import type { Undone } from './engine-api.ts'

export async function undoBatch(batchId: number, store: Store, nowMs: number): Promise<Undone> {
  const removed: string[] = []
  const kept: { path: string; why: Failure }[] = []
  const folders = new Set<string>()
  for (const { job, output } of outputsOf(batchId, store.history)) {
    const taken = await takeBack(job, output, store.jobs.ownerOf(output.path)?.jobId === job.id)
    if (taken === 'removed') removed.push(output.path)
    else if (taken !== 'gone') kept.push({ path: output.path, why: taken })
    folders.add(dirname(output.path))
  }
  for (const folder of folders) await flushFolder(folder)
  if (kept.length === 0) store.batches.markUndone(batchId, nowMs)
  return { removed, kept }
}

const jobsAtOnce = 200

/** Newest first: what a later job of the batch made from an earlier one's output goes before it. */
function* outputsOf(batchId: number, history: Store['history']): Generator<{ readonly job: Job; readonly output: Output }> {
  let after: string | null = null
  do {
    const page: JobPage = history.page({ batchId, outcomes: ['done'] }, after, jobsAtOnce)
    for (const job of page.jobs) {
      if (job.state.phase === 'done') for (const output of job.state.outputs) yield { job, output }
    }
    after = page.next
  } while (after !== null)
}

/** Why an output stays, or what became of it. What the system refuses is said of the one file; the others are undone all the same. */
async function takeBack(job: Job, output: Output, isOwn: boolean): Promise<Failure | 'removed' | 'gone'> {
  try {
    return await takeBackWhole(job, output, isOwn)
  } catch (error) {
    return toFailure(folderTrouble(error, dirname(output.path)))
  }
}

/** The source comes back first: at no time is neither there. */
async function takeBackWhole(job: Job, output: Output, isOwn: boolean): Promise<Failure | 'removed' | 'gone'> {
  const now = await statOf(output.path)
  // Nothing is known of what is on a disk that is away.
  if (now === null && (await inodeOf(dirname(output.path))) === null)
    return failure('folder-missing', { path: dirname(output.path) })
  // Another job may have made the very same there: as long, and with the date of the same source.
  if (now !== null && (!isOwn || now.size !== output.bytes || now.mtimeMs !== output.mtimeMs))
    return failure('changed-since', { path: output.path })
  const trouble = await restoreSource(job)
  if (trouble !== null) return trouble
  if (now === null) return 'gone'
  await unlink(output.path)
  return 'removed'
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}

async function restoreSource({ order: { source }, state }: Job): Promise<Failure | null> {
  if (source.kind === 'url' || (await inodeOf(source.path)) !== null) return null
  const archivedTo = state.phase === 'done' ? state.archivedTo : null
  if (archivedTo !== null && (await inodeOf(archivedTo)) !== null && (await takeFreeName(archivedTo, source.path))) return null
  return failure('source-missing', { path: source.path })
}
