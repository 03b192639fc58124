/** The history as a file: every match, page by page, in a form that spreadsheets and scripts read. Apart, since nothing of it is drawn. */
import type { Job } from '../../shared/job.ts'
import { bytesOf, locationOf, sourcesOf } from '../../shared/job-sources.ts'
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'
import { describeNote } from '../app/outcomes.ts'
import type { Calls } from '../wire/live.ts'

const columns = [
  'id',
  'source',
  'from',
  'target',
  'provider',
  'outcome',
  'finished',
  'sourceBytes',
  'outputBytes',
  'outputs',
  'failure',
  'notes',
] as const
type ExportRow = Readonly<Record<(typeof columns)[number], string | number>>

export async function historyFile(
  calls: Calls,
  asked: { readonly query: HistoryQuery; readonly sort: HistoryOrder },
  kind: 'csv' | 'json',
  report: (count: number) => void,
): Promise<Blob> {
  const parts: string[] = [kind === 'csv' ? `${columns.join(',')}\r\n` : '[']
  let count = 0
  let after: string | null = null
  do {
    const page: { readonly jobs: readonly Job[]; readonly next: string | null } = await calls.history.page({
      ...asked,
      after,
      limit: 1000,
    })
    parts.push(
      page.jobs
        .map((job, index) =>
          kind === 'csv' ? csvLine(lineOf(job)) : `${count + index === 0 ? '\n' : ',\n'}${JSON.stringify(lineOf(job))}`,
        )
        .join(''),
    )
    count += page.jobs.length
    after = page.next
    report(count)
  } while (after !== null)
  if (kind === 'json') parts.push('\n]\n')
  return new Blob(parts, { type: kind === 'csv' ? 'text/csv;charset=utf-8' : 'application/json' })
}

function lineOf({ id, order, provider, state }: Job): ExportRow {
  const outputs = state.phase === 'done' ? state.outputs : []
  return {
    id,
    source: sourcesOf(order).map(locationOf).join('; '),
    from: order.from ?? '',
    target: order.target,
    provider,
    outcome: state.phase,
    finished: 'finishedAtMs' in state ? new Date(state.finishedAtMs).toISOString() : '',
    sourceBytes: bytesOf(order) ?? '',
    outputBytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    outputs: outputs.map(({ path }) => path).join('; '),
    failure: 'why' in state ? state.why.code : '',
    notes: state.phase === 'done' ? state.notes.map(describeNote).join('; ') : '',
  }
}

export function csvLine(line: ExportRow): string {
  return `${columns.map((column) => csvField(line[column])).join(',')}\r\n`
}

/** A spreadsheet takes what begins like a formula for one, and file names are other people's. */
function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
