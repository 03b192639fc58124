/**
 * What becomes of a source once a result of it is in place, and when it may go: not while anybody needs it, and of several results that were asked for
 * together not before the last of them is there. Apart from a run: all of that is read from the rows of the other jobs, so it holds after a crash as well.
 */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { workOf, type Job, type Output } from '../../../shared/job.ts'
import type { keptCodes, Note } from '../../../shared/notes.ts'
import { isSameFile, statIfThere } from '../../files/identity.ts'
import { moveInto } from '../../files/move.ts'
import type { JobStore } from '../../store/store.ts'
import { isUnkept } from '../queue/store-outage.ts'
import type { EngineDeps } from './run.ts'

export interface Aftermath {
  readonly notes: readonly Note[]
  /** Where the source went, if it was archived. */
  readonly archivedTo: string | null
}

const nothingDone: Aftermath = { notes: [], archivedTo: null }

/** What is done with the source once its output is in place. A trouble here is a note on a finished job, never a failure. */
export async function afterwards(
  job: Job,
  outputs: readonly Output[],
  { store, trash, settings }: Pick<EngineDeps, 'store' | 'trash' | 'settings'>,
): Promise<Aftermath> {
  const { order } = job
  const { source } = order
  if (order.afterwards === 'keep' || source.kind === 'url') return nothingDone
  try {
    const mayGo = whetherItMayGo(job, source.path, store.jobs)
    if (mayGo === 'with a sibling') return nothingDone
    if (mayGo !== 'now') return kept(mayGo)
    // Gone already: a crash came after the move, or the user took it.
    if ((await statIfThere(source.path)) === null) return nothingDone
    for (const output of outputs) if (await isSameFile(output.path, source.path)) return kept('is-the-output')
    if (order.afterwards === 'trash') {
      await trash.put(source.path)
      return nothingDone
    }
    const folder = join(dirname(source.path), settings().archiveFolder)
    await mkdir(folder, { recursive: true })
    return { notes: [], archivedTo: await moveInto(source.path, folder) }
  } catch (error) {
    if (isUnkept(error)) throw error
    return kept('failed', error instanceof Error ? error.message : String(error))
  }
}

/**
 * Whether the source may go now, goes with the last of the job's siblings, or stays, and why. A result that has failed or was cancelled may be asked
 * for again, and of one that was not worth it the source is all there is. Of siblings that are at this point together, the one with the highest number takes the source along: each sees the others as they
 * were saved, so it is the same one whoever looks first.
 */
function whetherItMayGo(
  job: Job,
  path: string,
  jobs: Pick<JobStore, 'othersOn' | 'siblingsOf'>,
): 'now' | 'with a sibling' | 'still-needed' | 'result-missing' {
  const siblings = jobs.siblingsOf(job)
  const phases = new Set(siblings.map(({ state }) => state.phase))
  const isUnwanted = ({ state }: Job): boolean => state.phase === 'skipped' && state.why.code === 'would-be-larger'
  const isMissing = phases.has('failed') || phases.has('cancelled') || siblings.some(isUnwanted)
  const live = siblings.filter(({ state }) => workOf(state) !== null)
  const leaving = live.filter(({ id, state }) => id < job.id && workOf(state)?.step === 'afterwards')
  if (live.length > leaving.length) return isMissing ? 'result-missing' : 'with a sibling'
  if (jobs.othersOn(path, job.id) > leaving.length) return 'still-needed'
  return isMissing ? 'result-missing' : 'now'
}

function kept(because: (typeof keptCodes)[number], reason?: string): Aftermath {
  return { notes: [{ what: 'source-kept', because, ...(reason !== undefined && { reason }) }], archivedTo: null }
}
