/** What an action of a row asks to be shown beside the view: the details of a job, or how it should be converted this time. */
import type { Job } from '../../shared/job.ts'
import { createOpener } from './opener.ts'

export const details = createOpener<Job>()
export const changes = createOpener<Job>()
export const compared = createOpener<Job>()
