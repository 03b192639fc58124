/** The place step over all parts of a job: each gets its final name once, however often the step is begun. */
import { mkdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { extensionOf } from '../../shared/formats.ts'
import { JobError } from '../../shared/failure.ts'
import type { Note, Output, Part, Work } from '../../shared/job.ts'
import { legalName } from '../../shared/naming.ts'
import { flush, flushFolder, inodeOf, isAbsence, place, type Wish } from './place.ts'
import { removeTemps } from './temp.ts'
import { clashOf, folderTrouble, unknownSource } from './prepare.ts'
import { neighbours, type Hand } from './hand.ts'
import { wasSent } from './recover.ts'

type PlaceWork = Extract<Work, { step: 'place' }>

/**
 * Whether all temporary files are still there as they were left.
 * @throws where that cannot be told: their folder is away, or their disk fails.
 */
export async function partsAreThere(parts: readonly Part[], folder: string): Promise<boolean> {
  for (const part of parts) {
    const bytes = await bytesOf(part.temp).catch((error: unknown) => {
      throw folderTrouble(error, folder)
    })
    if (bytes === null) await requireFolder(folder)
    if (bytes !== part.bytes) return false
  }
  return true
}

async function bytesOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}

/** A file whose folder is away is not gone. */
async function requireFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch((error: unknown) => {
    throw folderTrouble(error, folder)
  })
  if (!stats.isDirectory()) throw new JobError('folder-missing', { path: folder, reason: 'a file of that name is there' })
}

export async function placeParts(hand: Hand, work: PlaceWork): Promise<Work> {
  const { job } = hand
  const outputs: Output[] = []
  const placed: { readonly temp: string; readonly path: string }[] = []
  const notes: Note[] = []
  const places = [...work.places]
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
        await requireFolder(job.order.folder)
        if (work.ticket === null) throw new JobError('output-bad', { reason: 'the temporary file is gone' })
        await removeTemps(job, hand.shop.store.tag, work)
        return { step: 'fetch', ticket: work.ticket }
      }
      notes.push(...(await keepDates(hand, part)))
      await flush(part.temp)
      const path = await place(await wishFor(hand, work, index, part), (candidate) => {
        places[index] = { path: candidate, inode }
        hand.shop.store.jobs.registerOutputs(job.id, [candidate])
        hand.keep({ ...work, places: [...places] })
      })
      placed.push({ temp: part.temp, path })
      outputs.push(await outputAt(path))
    }
  } catch (error) {
    // Several results of one job belong together: half of them would look like all of them. They may be all that there is of them.
    for (const { temp, path } of placed) await rename(path, temp).catch(() => undefined)
    throw folderTrouble(error, job.order.folder)
  }
  await flushFolder(job.order.folder)
  return { step: 'afterwards', outputs, notes }
}

async function wishFor(hand: Hand, work: PlaceWork, index: number, part: Part): Promise<Wish> {
  const { order } = hand.job
  // What is paid for is not thrown away because of a name.
  const isPaid = wasSent(work, hand.provider.about.resubmit)
  const extension = extensionOf(part.format)
  if (work.parts.length === 1) {
    const clash = await clashOf(hand.job, work.base, neighbours(hand))
    if ((clash.kind === 'refuse' || clash.kind === 'skip') && !isPaid) throw JobError.from(clash.why)
    // Someone took the name since the user was last asked: a number harms nobody.
    return {
      temp: part.temp,
      folder: order.folder,
      base: work.base,
      extension,
      clash: clash.kind !== 'go' || (clash.as === 'skip' && isPaid) ? 'number' : clash.as,
    }
  }
  const clash = order.ifExists === 'overwrite' || (order.ifExists === 'skip' && !isPaid) ? order.ifExists : 'number'
  if (part.name === null) return { temp: part.temp, folder: order.folder, base: `${work.base}.${index + 1}`, extension, clash }
  const folder = join(order.folder, work.base)
  await mkdir(folder, { recursive: true })
  return { temp: part.temp, folder, base: legalName(part.name), extension, clash }
}

/** On the temporary file, so that the output never shows another date. */
async function keepDates(hand: Hand, part: Part): Promise<readonly Note[]> {
  const { order } = hand.job
  if (!order.keepDates || order.source.kind === 'url') return []
  try {
    const studied = await hand.studied()
    // The dates of what cannot be looked at any more are those that the job was made with.
    const { mtimeMs, accessedMs } = studied === unknownSource ? { ...order.source, accessedMs: order.source.mtimeMs } : studied
    await utimes(part.temp, accessedMs / 1000, mtimeMs / 1000)
    return []
  } catch (error) {
    return [{ what: 'dates', reason: String(error) }]
  }
}

async function outputAt(path: string): Promise<Output> {
  const { size, mtimeMs } = await stat(path)
  return { path, bytes: size, mtimeMs }
}
