/**
 * The folders that an assistant may use, and the one rule by which a path lies in them or not. It is asked for sources, for the folder of results
 * and for every job that is shown; the engine asks the same of a job at each of its steps (`files/confinement.ts`).
 */
import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failure, JobError } from '../../../shared/failure.ts'
import type { Confinement, Job } from '../../../shared/job.ts'
import { sourcesOf } from '../../../shared/job-sources.ts'
import { placeWithin } from '../../files/confinement.ts'
import { isTaken } from '../../files/identity.ts'
import { UsageError } from '../exit.ts'

export interface Allowed {
  readonly confinement: Confinement
  /** As the user named them; they were not there at the start. */
  readonly missing: readonly string[]
  /** Absolute paths that a name stands for; a relative one is looked for in each folder. @throws JobError for what is no path. */
  pathsOf(name: string): readonly string[]
  /** The real path, where it may be used; null: it may not, whether anything is there or not. */
  place(path: string): Promise<string | null>
  /** The same for a name: of what it stands for the first that is there, else the first that may be used. @throws JobError */
  named(name: string): Promise<Named | null>
  /** Whether everything that a job has to do with lies in the folders. */
  shows(job: Job): Promise<boolean>
  /** The folders in words. */
  readonly text: string
}

export interface Named {
  readonly path: string
  readonly isThere: boolean
}

interface Given {
  readonly cwd: string
  /** Real path of Beside's own folder, which holds keys: nobody may use it, whatever else is allowed. */
  readonly home: string
}

/** As the contract takes them. */
const maxFolders = 100

/**
 * Links in the names of the folders are followed once, at the start: what they lead to later is not what the user allowed.
 * @throws UsageError for what is not a folder.
 */
export async function allowedFolders(names: readonly string[], { cwd, home }: Given): Promise<Allowed> {
  const folders: string[] = []
  const missing: string[] = []
  for (const name of names) {
    if (name.trim() === '') throw new UsageError('The name of an allowed folder is empty.', 'Use --allow FOLDER.')
    const path = resolve(cwd, withoutTilde(name))
    const real = await realpath(path).catch(() => null)
    if (real === null) missing.push(path)
    else if (!(await stat(real)).isDirectory())
      throw new UsageError(`${path} is not a folder.`, 'Allow the folder that it lies in.')
    else if (!folders.includes(real)) folders.push(real)
  }
  if (folders.length > maxFolders)
    throw new UsageError(`More than ${maxFolders} folders are allowed.`, 'Allow a folder that holds several of them.')
  const confinement = { folders, except: [home] }
  const place = async (path: string) => await placeWithin(path, confinement)
  const pathsOf = (name: string) => {
    const path = pathIn(name)
    return isAbsolute(path) ? [resolve(path)] : folders.map((folder) => resolve(folder, path))
  }
  return {
    confinement,
    missing,
    place,
    pathsOf,
    named: async (name) => {
      let first: Named | null = null
      for (const candidate of pathsOf(name)) {
        const path = await place(candidate)
        if (path === null) continue
        if (await isTaken(path).catch(() => true)) return { path, isThere: true }
        first ??= { path, isThere: false }
      }
      return first
    },
    shows: async (job) => {
      for (const path of pathsAbout(job)) if (path === null || (await place(path)) === null) return false
      return true
    },
    text: [...folders, ...missing.map((folder) => `${folder} (was not there when Beside was started)`)].join(', '),
  }
}

/** Null stands for what is no path at all. */
function pathsAbout({ order, state }: Job): readonly (string | null)[] {
  const sources = sourcesOf(order).map((source) => (source.kind === 'file' ? source.path : null))
  const results = state.phase === 'done' ? state.outputs.map(({ path }) => path) : []
  const archive = state.phase === 'done' && state.archivedTo !== null ? [dirname(state.archivedTo), state.archivedTo] : []
  return [...sources, order.folder, ...results, ...archive]
}

/** Settings of assistants' programs are read by no shell. */
function withoutTilde(name: string): string {
  return name === '~' || /^~[\\/]/.test(name) ? join(homedir(), name.slice(1)) : name
}

function pathIn(name: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return withoutTilde(name)
  if (!/^file:\/\//i.test(name) || !URL.canParse(name)) throw new JobError('source-not-local')
  try {
    return fileURLToPath(name)
  } catch {
    throw new JobError('source-missing', { path: name })
  }
}

/** Says where an assistant may look instead. */
export function outside(name: string, { text }: Allowed): JobError {
  return JobError.from(failure('outside-allowed', { path: name, folders: text }))
}
