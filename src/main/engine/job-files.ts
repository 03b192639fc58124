/** Which files of a job somebody may look into, and how it is known that one has changed since it was looked at. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import type { FileRef } from '../../shared/views.ts'

export interface JobFiles {
  readonly jobOf: (id: number) => Job | null
  /** What a trial of a job has made, for as long as somebody looks at it. */
  readonly trialOf?: (jobId: number, index: number) => string | null
}

/** @throws JobError `not-found` where there is no such job or result, `source-not-local` where the source is an address. */
export function pathOf({ jobId, of, index = 0 }: FileRef, { jobOf, trialOf = () => null }: JobFiles): string {
  const job = jobOf(jobId)
  if (job === null) throw new JobError('not-found', { because: 'job', id: String(jobId) })
  const { order, state } = job
  if (of === 'trial') {
    const path = trialOf(jobId, index)
    if (path === null) throw new JobError('not-found', { because: 'result', id: String(jobId) })
    return path
  }
  if (of === 'output') {
    const output = state.phase === 'done' ? state.outputs[index] : undefined
    if (output === undefined) throw new JobError('not-found', { because: 'result', id: String(jobId) })
    return output.path
  }
  if (order.source.kind === 'url') throw new JobError('source-not-local')
  return (state.phase === 'done' ? state.archivedTo : null) ?? order.source.path
}

/** Changes when the file does. @throws JobError `source-missing` */
export async function versionOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null)
  if (stats?.isFile() !== true) throw new JobError('source-missing', { path })
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`
}
