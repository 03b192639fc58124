/**
 * Looking through a watched folder, one step at a time: single names and subfolders that were hinted at, and, now and then, all of
 * it. What is not there any more is said to be gone only once the folder itself has been found to be the right one.
 */
import { codeOf } from '../engine/place.ts'
import type { Line } from '../store/ledger.ts'
import type { Sight } from './decide.ts'
import { dirPath, type LedgerPorts } from './ground.ts'
import type { Hint } from './hints.ts'
import { list, look, type Entry, type Listing } from './listing.ts'
import { isClosedFolder } from './names.ts'
import { survey, type Survey } from './survey.ts'
import { sweep } from './sweep.ts'

export interface LooksPorts {
  readonly ledger: LedgerPorts
  readonly sight: () => Sight
  /** How many files are looked at at once. */
  readonly together: () => number
  /** Whether the folder is still the one that is watched: asked before files are said to be gone. */
  readonly isBelievable: () => Promise<boolean>
  readonly onSurvey: (survey: Survey, dir: string) => Promise<void>
  readonly onGone: (lines: readonly Line[]) => Promise<void>
  readonly signal: AbortSignal
}

export interface Looks {
  hint(hint: Hint): void
  /** All of it, from the beginning. */
  begin(): void
  /** The next piece; `finished` with the last piece of a look through all of it. */
  step(): Promise<'idle' | 'more' | 'finished'>
  isBusy(): boolean
  /** What was hinted at and begun is dropped. */
  drop(): void
}

/** More names than that in one folder are looked at by reading the folder. */
const namesAtOnce = 500

interface Visit {
  readonly dir: string
  readonly depth: 'alone' | 'and below'
}

interface Whole {
  readonly visited: Set<string>
  /** Folders that could not be read: what is in them is as it was. */
  readonly closed: string[]
  readonly missing: Line[]
}

export function createLooks(ports: LooksPorts): Looks {
  const { ledger, signal } = ports
  let names = new Map<string, Set<string>>()
  /** Last first. */
  let folders: Visit[] = []
  let whole: Whole | null = null

  const isOutside = (dir: string, { ground }: Sight): boolean => {
    if (dir === '') return false
    return !ground.folder.rule.recursive || dir.split('/').some((part) => isClosedFolder(part) || ground.closed.includes(part))
  }
  const reportGone = async (lines: readonly Line[], sight: Sight) => {
    const gone: Line[] = []
    for (const line of lines) {
      // It may have been followed to another place meanwhile, or be there after all.
      const now = ledger.sightings.get(line.id)
      if (now === null || now.goneAtMs !== null || now.dir !== line.dir || now.name !== line.name) continue
      if ((await look(dirPath(sight.ground, line.dir), line.name)) === null) gone.push(now)
    }
    if (gone.length > 0 && (await ports.isBelievable())) await ports.onGone(gone)
  }
  const lookAtNames = async (dir: string, wanted: ReadonlySet<string>) => {
    const sight = ports.sight()
    if (isOutside(dir, sight)) return
    const folder = dirPath(sight.ground, dir)
    const seen = (await Promise.all([...wanted].map(async (name) => await look(folder, name)))).filter((entry) => entry !== null)
    const lines = [...wanted]
      .map((name) => ledger.sightings.at(sight.ground.folder.id, dir, name))
      .filter((line) => line !== null)
    await take(dir, seen, lines, sight)
  }
  const lookAtFolder = async ({ dir, depth }: Visit) => {
    const sight = ports.sight()
    const { folder } = sight.ground
    if (isOutside(dir, sight)) return
    whole?.visited.add(dir)
    const listing = await listed(dir, sight)
    if (listing === null) return
    await take(dir, listing.files, ledger.sightings.inDir(folder.id, dir), sight)
    await sweep(dirPath(sight.ground, dir), listing.temps, ledger)
    if (!folder.rule.recursive || depth === 'alone') return
    for (const name of listing.folders.toReversed()) folders.push({ dir: dir === '' ? name : `${dir}/${name}`, depth })
  }
  const listed = async (dir: string, sight: Sight): Promise<Listing | null> => {
    try {
      return await list(dirPath(sight.ground, dir), sight.ground.closed, ports.together(), signal)
    } catch (error) {
      signal.throwIfAborted()
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') {
        ledger.log.warn('a folder cannot be looked into', { path: dirPath(sight.ground, dir), error: String(error) })
        whole?.closed.push(dir)
      } else if (whole === null) {
        await reportGone(linesBelow(dir, sight), sight)
      }
      return null
    }
  }
  const take = async (dir: string, seen: readonly Entry[], lines: readonly Line[], sight: Sight) => {
    const surveyed = await survey(dir, seen, lines, sight, ledger, signal)
    await ports.onSurvey(surveyed, dir)
    if (whole !== null) whole.missing.push(...surveyed.missing)
    else await reportGone(surveyed.missing, sight)
  }
  const linesBelow = (dir: string, { ground }: Sight): readonly Line[] =>
    ledger.sightings
      .dirs(ground.folder.id)
      .filter((other) => isIn(other, dir))
      .flatMap((other) => ledger.sightings.inDir(ground.folder.id, other))
  const finish = async ({ visited, closed, missing }: Whole) => {
    const sight = ports.sight()
    const unseen = ledger.sightings
      .dirs(sight.ground.folder.id)
      .filter((dir) => !visited.has(dir) && !closed.some((shut) => isIn(dir, shut)))
    await reportGone([...missing, ...unseen.flatMap((dir) => ledger.sightings.inDir(sight.ground.folder.id, dir))], sight)
  }

  return {
    hint: ({ dir, name }) => {
      if (name === null) {
        if (!folders.some((visit) => visit.dir === dir)) folders.push({ dir, depth: 'and below' })
        return
      }
      const wanted = names.get(dir) ?? new Set()
      wanted.add(name)
      names.set(dir, wanted)
    },
    begin: () => {
      whole = { visited: new Set(), closed: [], missing: [] }
      names = new Map()
      folders = [{ dir: '', depth: 'and below' }]
    },
    step: async () => {
      const [hinted] = names
      if (hinted !== undefined) {
        const [dir, wanted] = hinted
        names.delete(dir)
        if (wanted.size > namesAtOnce) await lookAtFolder({ dir, depth: 'alone' })
        else await lookAtNames(dir, wanted)
        return 'more'
      }
      const visit = folders.pop()
      if (visit !== undefined) {
        await lookAtFolder(visit)
        return 'more'
      }
      if (whole === null) return 'idle'
      const ended = whole
      whole = null
      await finish(ended)
      return 'finished'
    },
    isBusy: () => names.size > 0 || folders.length > 0 || whole !== null,
    drop: () => {
      names = new Map()
      folders = []
      whole = null
    },
  }
}

function isIn(dir: string, folder: string): boolean {
  return folder === '' || dir === folder || dir.startsWith(`${folder}/`)
}
