/** Temporary results that nobody comes back to: their folder was away, or had another name, when their job ended. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isFinished } from '../../shared/job.ts'
import { jobOfTemp } from '../engine/temp.ts'
import type { LedgerPorts } from './ground.ts'

export async function sweep(folder: string, temps: readonly string[], { tag, jobOf }: LedgerPorts): Promise<void> {
  for (const name of temps) {
    const id = jobOfTemp(name, tag)
    const job = id === null ? null : jobOf(id)
    const isOver = job === null || isFinished(job.state)
    if (id !== null && isOver) await rm(join(folder, name), { force: true }).catch(() => undefined)
  }
}
