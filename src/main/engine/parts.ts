/** The place step over all parts of a job: each gets its final name once, however often the step is begun. */
import { mkdir, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { extensionOf } from '../../shared/formats.ts'
import { JobError } from '../../shared/failure.ts'
import type { Note, Output, Part, Work } from '../../shared/job.ts'
import { legalName } from '../../shared/naming.ts'
import { flush, flushFolder, inodeOf, place, type Wish } from './place.ts'
import { clashOf, folderTrouble } from './prepare.ts'
import { neighbours, type Hand } from './hand.ts'

type PlaceWork = Extract<Work, { step: 'place' }>

/** Whether all temporary files are still there as they were left. */
export async function partsAreThere(parts: readonly Part[]): Promise<boolean> {
  for (const part of parts) {
    const stats = await stat(part.temp).catch(() => null)
    if (stats === null || stats.size !== part.bytes) return false
  }
  return true
}

export async function placeParts(hand: Hand, work: PlaceWork): Promise<Work> {
  const { job } = hand
  const outputs: Output[] = []
  const notes: Note[] = []
  const places = [...work.places]
  try {
    for (const [index, part] of work.parts.entries()) {
      const saved = places[index]
      const inode = await inodeOf(part.temp)
      if (saved !== undefined && (await inodeOf(saved.path)) === saved.inode) {
        // A crash came between the final name and the end of the step.
        if (inode !== null) await unlink(part.temp)
        outputs.push(await outputAt(saved.path))
        continue
      }
      if (inode === null) throw new JobError('output-bad', { reason: 'the temporary file is gone' })
      notes.push(...(await keepDates(hand, part)))
      await flush(part.temp)
      const path = await place(await wishFor(hand, work, index, part), (candidate) => {
        places[index] = { path: candidate, inode }
        hand.shop.store.jobs.registerOutputs(job.id, [candidate])
        hand.keep({ ...work, places: [...places] })
      })
      outputs.push(await outputAt(path))
    }
  } catch (error) {
    // Several results of one job belong together: half of them would look like all of them.
    for (const output of outputs) await unlink(output.path).catch(() => undefined)
    throw folderTrouble(error, job.order.folder)
  }
  await flushFolder(job.order.folder)
  return { step: 'afterwards', outputs, notes }
}

async function wishFor(hand: Hand, work: PlaceWork, index: number, part: Part): Promise<Wish> {
  const { order } = hand.job
  const extension = extensionOf(part.format)
  if (work.parts.length === 1) {
    const clash = await clashOf(hand.job, work.base, neighbours(hand))
    if (clash.kind === 'refuse') throw JobError.from(clash.why)
    if (clash.kind === 'skip') throw JobError.from(clash.why)
    // Someone took the name since the user was last asked: a number harms nobody.
    return { temp: part.temp, folder: order.folder, base: work.base, extension, clash: clash.kind === 'go' ? clash.as : 'number' }
  }
  const clash = order.ifExists === 'overwrite' || order.ifExists === 'skip' ? order.ifExists : 'number'
  if (part.name === null) return { temp: part.temp, folder: order.folder, base: `${work.base}.${index + 1}`, extension, clash }
  const folder = join(order.folder, work.base)
  await mkdir(folder, { recursive: true })
  return { temp: part.temp, folder, base: legalName(part.name), extension, clash }
}

/** On the temporary file, so that the output never shows another date. */
async function keepDates(hand: Hand, part: Part): Promise<readonly Note[]> {
  const { order } = hand.job
  if (!order.keepDates || order.source.kind === 'url') return []
  const { mtimeMs, accessedMs } = await hand.studied()
  try {
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
