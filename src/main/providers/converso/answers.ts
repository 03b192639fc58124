/** What Converso answers, read tolerantly: unknown fields are passed over, optional ones may be missing or of another kind. */
import * as z from 'zod'
import { opaqueId, optionalNumber, optionalText } from '../http/answers.ts'
import type { CallsBack } from '../provider.ts'

/** queued, processing, completed and failed are documented, the others assumed. Whatever is not named here still runs. */
const statuses: ReadonlyMap<string, 'done' | 'failed'> = new Map([
  ['completed', 'done'],
  ['complete', 'done'],
  ['failed', 'failed'],
  ['error', 'failed'],
  ['cancelled', 'failed'],
  ['canceled', 'failed'],
])

/** A step longer than this is none. */
const maxStepLength = 80

/** The code of a job that is still at work, also from the download, with 202. */
export const notCompleted = 'JOB_NOT_COMPLETED'

const envelopeSchema = z.object({ success: z.boolean().nullish().catch(null), error: z.unknown().optional() })
const coded = z.object({ code: z.string() })

/** The code of what an answer complains of, whatever its HTTP status; empty where it has none; null where the answer is a good one. */
export function readComplaint(body: unknown): string | null {
  const { success, error } = envelopeSchema.safeParse(body).data ?? {}
  if (success === true || (success !== false && (error === undefined || error === null))) return null
  return coded.safeParse(error).data?.code ?? ''
}

/** The id of the job that a create call made, or null where the answer names none. */
export function readAccepted(body: unknown): string | null {
  const read = z.object({ data: z.object({ jobId: opaqueId }) }).safeParse(body)
  return read.success ? read.data.data.jobId : null
}

/** What came of one job of several. */
export interface OneOfSeveral {
  readonly job: string | null
  /** What is complained of about it, in an envelope of its own; null where nothing is. */
  readonly complaint: unknown
}

/** Assumed: the list is in `data` as everything does, in the order of the jobs in the call, and complains as everything does. */
const several = z.object({
  data: z.object({
    jobs: z.array(
      z.object({ jobId: opaqueId.nullish().catch(null), success: z.unknown().optional(), error: z.unknown().optional() }),
    ),
  }),
})

/** What came of each of several jobs, or null where the answer does not say. */
export function readSeveral(body: unknown): readonly OneOfSeveral[] | null {
  const read = several.safeParse(body)
  if (!read.success) return null
  return read.data.data.jobs.map(({ jobId = null, success, error }) => {
    const envelope = { success, error }
    return { job: jobId, complaint: readComplaint(envelope) === null ? null : envelope }
  })
}

const statusSchema = z.object({
  data: z.object({
    status: optionalText,
    progress: optionalNumber,
    currentStep: optionalText,
    estimatedTimeRemaining: optionalNumber,
    error: z.unknown().optional(),
  }),
})

export type ConversoStatus =
  | {
      readonly kind: 'running'
      readonly stage: 'queued' | 'processing'
      readonly done: number | null
      /** What it does within its status, where it says so. */
      readonly step: string | null
      readonly leftMs: number | null
    }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'done' }

/** The status of a job, or null where the answer does not say. */
export function readStatus(body: unknown): ConversoStatus | null {
  const read = statusSchema.safeParse(body)
  const data = read.data?.data
  const status = data?.status?.trim().toLowerCase() ?? ''
  if (data === undefined || status === '') return null
  const kind = statuses.get(status) ?? 'running'
  if (kind === 'done') return { kind }
  // Assumed: why it failed is given beside the status.
  if (kind === 'failed') return { kind, error: data.error }
  const { progress, currentStep, estimatedTimeRemaining: seconds } = data
  return {
    kind,
    stage: status === 'queued' ? 'queued' : 'processing',
    done: typeof progress === 'number' ? Math.min(1, Math.max(0, progress / 100)) : null,
    step: currentStep ?? status,
    leftMs: typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : null,
  }
}

/** The step for a person to see, where it says more than the stage. @param step of which nothing must be cut out any more. */
export function stepShown(step: string): { readonly serviceStatus?: string } {
  const serviceStatus = step.trim().slice(0, maxStepLength)
  return ['', 'queued', 'processing'].includes(serviceStatus.toLowerCase()) ? {} : { serviceStatus }
}

const payload = z.object({ jobId: z.string().min(1).max(200) })

/** What Converso's calls back name; they are not signed. */
export const callsBack: CallsBack = {
  idsIn: (body) => {
    const read = payload.safeParse(body)
    return read.success ? { job: read.data.jobId } : {}
  },
}
