/** What is done with the source once its output is in place. A trouble here is a note on a finished job, never a failure. */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Job, keptCodes, Note, Output } from '../../shared/job.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Store } from '../store/store.ts'
import { isSameFile, moveInto } from './place.ts'
import type { Trash } from './ports.ts'

export interface Aftermath {
  readonly notes: readonly Note[]
  /** Where the source went, if it was archived. */
  readonly archivedTo: string | null
}

const nothing: Aftermath = { notes: [], archivedTo: null }

export async function afterwards(
  job: Job,
  outputs: readonly Output[],
  ports: { readonly store: Store; readonly trash: Trash; readonly settings: () => Settings },
): Promise<Aftermath> {
  const { source, afterwards: wish } = job.order
  if (wish === 'keep' || source.kind === 'url') return nothing
  try {
    if (ports.store.jobs.othersOn(source.path, job.id) > 0) return kept('still-needed')
    // Gone already: a crash came after the move, or the user took it.
    if ((await stat(source.path).catch(() => null)) === null) return nothing
    for (const output of outputs) if (await isSameFile(output.path, source.path)) return kept('is-the-output')
    if (wish === 'trash') {
      await ports.trash.put(source.path)
      return nothing
    }
    const folder = join(dirname(source.path), ports.settings().archiveFolder)
    await mkdir(folder, { recursive: true })
    return { notes: [], archivedTo: await moveInto(source.path, folder) }
  } catch (error) {
    return kept('failed', error instanceof Error ? error.message : String(error))
  }
}

function kept(because: (typeof keptCodes)[number], reason?: string): Aftermath {
  return { notes: [{ what: 'source-kept', because, ...(reason !== undefined && { reason }) }], archivedTo: null }
}
