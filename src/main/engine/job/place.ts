/**
 * The placing of results. It is never half written and never over anything by surprise: the file is flushed, the row takes down the name,
 * and only then it is linked under it. Results of one batch never replace each other, whatever the policy.
 */
import { mkdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { JobError, toFailure } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import { isFinished, type Output, type Part, type Work } from '../../../shared/job.ts'
import type { Note } from '../../../shared/notes.ts'
import { fitted, legalName, numbered, resultNumber, type NameParts } from '../../../shared/naming.ts'
import { givenPath } from '../../files/names.ts'
import { codeOf, identityOf, isIdentity, isTaken, statExpected } from '../../files/identity.ts'
import { flush, flushFolder, maxNumber, replace, takeFreeName, takeReserved, type NameCalls } from '../../files/move.ts'
import { nothingKnown } from './check.ts'
import { requireWithin } from './confined.ts'
import { folderTrouble, neighboursOf, ownerOf, pathOnDisk, removeTemps, requireFolder } from './destination.ts'
import { isPaid } from './outcome.ts'
import type { JobRun } from './run.ts'

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
      const isThere = (await statExpected(part.temp)) !== null
      if (saved !== undefined && (await isIdentity(saved.path, saved.inode))) {
        // A crash came between the final name and the end of the step.
        if (isThere) await unlink(part.temp)
        placed.push({ temp: part.temp, path: saved.path })
        outputs.push(await outputAt(saved.path, part))
        continue
      }
      if (!isThere) {
        await requireFolder(folder)
        if (work.ticket === null) throw new JobError('output-bad', { because: 'temporary-gone' })
        await moveBack()
        await removeTemps(job, deps.store.tag, work)
        return { step: 'fetch', ticket: work.ticket }
      }
      notes.push(...(await keepDates(run, part)))
      await flush(part.temp)
      const path = await finalPath(run, work, index, part, (given) => {
        places[index] = given
        run.persist({ ...work, places: [...places] })
      })
      placed.push({ temp: part.temp, path })
      outputs.push(await outputAt(path, part))
    }
    for (const { path } of outputs) await requireWithin(job.order, path)
  } catch (error) {
    await moveBack()
    throw folderTrouble(error, folder)
  }
  await flushFolder(folder)
  return { step: 'afterwards', outputs, notes }
}

type Place = PlaceWork['places'][number]

async function finalPath(run: JobRun, work: PlaceWork, index: number, part: Part, note: (place: Place) => void): Promise<string> {
  const saved = work.places[index]
  const inode = (await identityOf(part.temp)) ?? ''
  // A crash left the empty file that reserved the name.
  if (saved?.reserved === true && (await takeReserved(part.temp, saved.path))) return saved.path
  return await place(await placementOf(run, work, index, part), {
    other: (path) => otherOfBatch(path, run),
    intend: (path) => note({ path, inode }),
    reserve: (path) => note({ path, inode, reserved: true }),
  })
}

/** Where a part is to go. */
export interface Placement {
  /** Absolute. */
  readonly temp: string
  readonly folder: string
  /** Name without extension. */
  readonly base: string
  /** What of the name tells it from the other results of its job. */
  readonly part?: string
  readonly extension: string
  readonly as: 'number' | 'skip' | 'overwrite'
}

async function placementOf(run: JobRun, work: PlaceWork, index: number, part: Part): Promise<Placement> {
  const to = { temp: part.temp, extension: extensionOf(part.format), ...(await namesOf(run, work, index, part)) }
  const asked = { ...run.job, isPaid: isPaid(work, run.provider.about.resubmit) }
  const path = join(to.folder, numbered(to.base, to.extension, 1, to))
  const name = await pathOnDisk(asked, path, neighboursOf(run), 'last-moment')
  if (name.kind !== 'go') throw JobError.from(name.why)
  return { ...to, as: name.as }
}

async function namesOf(
  { job: { order } }: JobRun,
  { parts, base }: PlaceWork,
  index: number,
  { name, format }: Part,
): Promise<Pick<Placement, 'folder' | 'base' | 'part'>> {
  if (parts.length === 1) return { folder: order.folder, base }
  if (name === null) {
    // One beginning for all of them, and numbers of one length.
    const part = resultNumber(index, parts.length)
    return { folder: order.folder, base: fitted(base, `${part}.${extensionOf(format)}`), part }
  }
  const folder = join(order.folder, base)
  await requireWithin(order, folder)
  await mkdir(folder, { recursive: true })
  return { folder, base: legalName(name) }
}

function otherOfBatch(path: string, { job, deps }: JobRun): 'working' | 'done' | null {
  const owner = ownerOf(path, deps.store)
  if (owner === null || owner.id === job.id || owner.batchId !== job.batchId) return null
  return isFinished(owner.state) ? 'done' : 'working'
}

export interface NameClaims {
  /** What another result of the same batch has to do with the name: it is about to get it, or has got it. */
  other(path: string): 'working' | 'done' | null
  /** Called with each candidate before it is tried, so that a crash in between can be told from a stranger's file. */
  intend(path: string): void
  /** The same, before an empty file is made under it. */
  reserve(path: string): void
}

/** What file systems allow in a name that allow less than nearly all do: eCryptfs. */
const shortNameBytes = 143

/**
 * Gives the temporary file its final name.
 * @returns the final path.
 * @throws JobError `output-exists` where the policy is skip and the name is taken.
 */
export async function place(to: Placement, claims: NameClaims, calls: Partial<NameCalls> = {}): Promise<string> {
  let { as } = to
  const short: NameParts = { ...to, maxBytes: shortNameBytes }
  let names: NameParts = to
  for (let n = 1; n <= maxNumber;) {
    const path = join(to.folder, numbered(to.base, to.extension, n, names))
    // Others may know it by another name.
    const given = as === 'overwrite' ? await givenPath(path) : path
    const before = claims.other(given)
    const isThere = await isTaken(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENAMETOOLONG' || names === short) throw error
      return null
    })
    if (isThere === null) {
      names = short
      continue
    }
    // From here to the claim of the name nothing is waited for: other jobs run beside this one.
    const other = claims.other(given)
    if (other !== before) continue
    n += 1
    if (other === 'working' || (other === 'done' && isThere)) {
      as = 'number'
      continue
    }
    if (as === 'overwrite') {
      claims.intend(path)
      await replace(to.temp, path, calls)
      return path
    }
    // A name that can be seen to be taken is not claimed: it belongs to whoever wrote that file.
    if (!isThere) {
      claims.intend(path)
      if (await takeFreeName(to.temp, path, calls, () => claims.reserve(path))) return path
    }
    if (as === 'skip') throw new JobError('output-exists', { path })
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

async function outputAt(path: string, { by, on }: Part): Promise<Output> {
  const { size, mtimeMs } = await stat(path)
  return { path, bytes: size, mtimeMs, ...(by !== undefined && { by }), ...(on !== undefined && { on }) }
}
