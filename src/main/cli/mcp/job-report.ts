/** What became of jobs, as assistants get it: as data, and in a line of text for each. All of it has bounds, however much a job has to say. */
import * as z from 'zod'
import { leftText } from '../../../shared/content-texts.ts'
import { englishTexts, noteText } from '../../../shared/describe.ts'
import { phases, type Job, type Phase } from '../../../shared/job.ts'
import { locationOf, sourcesOf } from '../../../shared/job-sources.ts'
import type { Note } from '../../../shared/notes.ts'
import { cancelledWhy } from '../labels.ts'
import { bytesText, shown } from '../terminal/text.ts'
import { clipped, refusalOf, refusalSchema, refusalText } from './refusal.ts'

export const jobReportSchema = z.object({
  job: z.number().int(),
  batch: z.number().int(),
  source: z.string(),
  target: z.string().describe('format'),
  state: z.enum(phases).describe('waiting and uncertain: the user has to decide something in Beside'),
  outputs: z.array(z.object({ path: z.string(), bytes: z.number() })),
  moreOutputs: z.number().int().describe('results that are not listed'),
  left: z.array(z.string()).describe('what the source holds and the result does not'),
  notes: z.array(z.string()),
  failure: refusalSchema.optional(),
  finished: z.string().optional().describe('ISO 8601'),
})
export type JobReport = z.infer<typeof jobReportSchema>

const maxOutputs = 20
const maxNotes = 20
const maxNoteLength = 300

export function jobReport(job: Job): JobReport {
  const { order, state } = job
  const outputs = state.phase === 'done' ? state.outputs : []
  const notes = state.phase === 'done' ? state.notes : []
  const others = (order.others ?? []).length
  const why = whyOf(job)
  return {
    job: job.id,
    batch: job.batchId,
    source: `${locationOf(order.source)}${others === 0 ? '' : ` and ${sourcesOf(order).length - 1} more`}`,
    target: order.target,
    state: state.phase,
    outputs: outputs.slice(0, maxOutputs).map(({ path, bytes }) => ({ path, bytes })),
    moreOutputs: Math.max(0, outputs.length - maxOutputs),
    left: texts(notes, (note) => (note.what === 'left' ? leftText(note, englishTexts) : null)),
    notes: texts(notes, (note) => (note.what === 'left' ? null : noteText(note))),
    ...(why !== null && { failure: why }),
    ...('finishedAtMs' in state && { finished: new Date(state.finishedAtMs).toISOString() }),
  }
}

function whyOf(job: Job) {
  const { state } = job
  if ('why' in state) return refusalOf(state.why)
  if (state.phase === 'queued' && state.last !== null) return refusalOf(state.last)
  const cancelled = cancelledWhy(job)
  return cancelled === null ? null : refusalOf(cancelled)
}

function texts(notes: readonly Note[], textOf: (note: Note) => string | null): string[] {
  const all = notes.map(textOf).filter((text) => text !== null)
  return all.slice(0, maxNotes).map((text) => clipped(shown(text), maxNoteLength))
}

export function jobReportText({ source, state, outputs, moreOutputs, left, notes, failure, job }: JobReport): string {
  const results = outputs.map(({ path, bytes }) => `${shown(path)} (${bytesText(bytes)})`)
  const more = moreOutputs === 0 ? [] : [`and ${moreOutputs} more`]
  const to = results.length === 0 ? '' : ` → ${[...results, ...more].join(', ')}`
  const lines = [
    `${state}: ${shown(source)}${to} [job ${job}]`,
    ...(failure === undefined ? [] : [`  ${refusalText(failure)}`]),
    ...(left.length === 0 ? [] : [`  Not in the result: ${left.join('; ')}`]),
    ...notes.map((note) => `  ${note}`),
  ]
  return lines.join('\n')
}

export const countsSchema = z.partialRecord(z.enum(phases), z.number().int())
export type Counts = z.infer<typeof countsSchema>

/** Only phases that have jobs. */
export function countsOf(totals: Readonly<Partial<Record<Phase, number>>>): Counts {
  return Object.fromEntries(Object.entries(totals).filter(([, jobs]) => jobs > 0))
}

export function countsText(counts: Counts): string {
  const parts = Object.entries(counts).map(([phase, jobs]) => `${jobs} ${phase}`)
  return parts.length === 0 ? 'no jobs' : parts.join(', ')
}
