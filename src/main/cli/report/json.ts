/** One JSON object a line on standard output, for programs. Everything else goes to standard error. */
import { describe, noteText } from '../../../shared/describe.ts'
import type { Failure } from '../../../shared/failure.ts'
import { workOf, type Job } from '../../../shared/job.ts'
import { bytesOf, locationOf, sourcesOf } from '../../../shared/job-sources.ts'
import type { Progress } from '../../../shared/wire/contract.ts'
import type { Screen } from '../terminal/screen.ts'
import type { Sum } from './tally.ts'
import { shown } from '../terminal/text.ts'
import { afterword, type JobReporter } from './report.ts'
import { cancelledWhy } from '../labels.ts'

export function jsonReport(screen: Screen): JobReporter {
  /** Of jobs that run: not everything that changes in a job is reported. */
  const reported = new Map<number, string>()
  const report = (job: Job, progress: Progress | null) => {
    const text = jobLine(job, progress)
    if (reported.get(job.id) === text) return
    if (job.state.phase === 'running') reported.set(job.id, text)
    else reported.delete(job.id)
    screen.print(text)
  }
  return {
    job: report,
    progress: ({ job, progress }) => report(job, progress),
    refused: (source, why) => screen.print(line('refused', { source, failure: failureObject(why) })),
    notice: (text) => screen.warn(shown(text)),
    changed: () => {},
    stop: () => {},
    end: (ending) => {
      const last = afterword(ending)
      if (last !== null) screen.warn(last)
      screen.print(summaryLine(ending.tally.sum()))
    },
  }
}

export function line(type: string, facts: Readonly<Record<string, unknown>>): string {
  return jsonText({ type, ...facts })
}

/** JSON leaves some control characters as they are, and a name may bring them to a terminal. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f]/g, (raw) => `\\u00${raw.charCodeAt(0).toString(16)}`)
}

export function summaryLine({ done, skipped, failed, waiting }: Sum): string {
  return line('summary', { done, skipped, failed, waiting })
}

export function jobLine(job: Job, progress: Progress | null): string {
  const { order, state } = job
  const outputs = state.phase === 'done' ? state.outputs : []
  return line('job', {
    id: job.id,
    batch: job.batchId,
    source: locationOf(order.source),
    // Only where several became one.
    ...(order.others !== undefined && { sources: sourcesOf(order).map(locationOf) }),
    sourceBytes: bytesOf(order),
    from: order.from,
    target: order.target,
    provider: job.provider,
    phase: state.phase,
    step: workOf(state)?.step ?? null,
    progress: state.phase === 'done' ? 1 : (progress?.progress ?? null),
    leftMs: progress?.leftMs ?? null,
    speed: progress?.speed ?? null,
    outputs: outputs.map(({ path }) => path),
    outputBytes: state.phase === 'done' ? outputs.reduce((sum, { bytes }) => sum + bytes, 0) : null,
    failure: failureOf(job),
    notes: state.phase === 'done' ? state.notes.map((note) => ({ ...note, text: noteText(note) })) : [],
    attempt: job.attempt,
  })
}

/** Why a job failed, was skipped or waits. */
function failureOf(job: Job): object | null {
  const { state } = job
  if ('why' in state) return failureObject(state.why)
  if (state.phase === 'queued' && state.last !== null) return failureObject(state.last)
  const cancelled = cancelledWhy(job)
  return cancelled === null ? null : failureObject(cancelled)
}

export function failureObject(failure: Failure): { code: string; message: string; action: string } {
  return { code: failure.code, ...describe(failure) }
}
