/** Finished jobs to standard output, as they come, so that a million rows need no memory. */
import { describe } from '../../../shared/describe.ts'
import type { Job } from '../../../shared/job.ts'
import type { Screen } from '../screen.ts'
import { jobLine } from '../report/json.ts'

/** A write a row would cost more than the row. */
const rowsAtOnce = 200

export async function exportRows(jobs: AsyncIterable<Job>, as: 'csv' | 'json', screen: Screen): Promise<void> {
  let waiting: string[] = []
  let rows = 0
  const flush = async () => {
    await screen.write(waiting.join(''))
    waiting = []
  }
  await screen.write(as === 'csv' ? `${csvColumns.join(',')}\r\n` : '[')
  for await (const job of jobs) {
    waiting.push(as === 'csv' ? `${csvRow(job)}\r\n` : `${rows === 0 ? '' : ','}\n${jobLine(job, null)}`)
    rows += 1
    if (waiting.length >= rowsAtOnce) await flush()
  }
  await flush()
  if (as === 'json') await screen.write(rows === 0 ? ']\n' : '\n]\n')
}

const csvColumns = [
  'id',
  'batch',
  'source',
  'source_bytes',
  'from',
  'to',
  'provider',
  'outcome',
  'finished',
  'outputs',
  'output_bytes',
  'failure',
  'message',
] as const

function csvRow(job: Job): string {
  const { order, state } = job
  const outputs = state.phase === 'done' ? state.outputs : []
  const why = 'why' in state ? state.why : null
  const cells = [
    job.id,
    job.batchId,
    order.source.kind === 'file' ? order.source.path : order.source.url,
    order.source.kind === 'file' ? order.source.bytes : '',
    order.from ?? '',
    order.target,
    job.provider,
    state.phase,
    'finishedAtMs' in state ? new Date(state.finishedAtMs).toISOString() : '',
    outputs.map(({ path }) => path).join('\n'),
    state.phase === 'done' ? outputs.reduce((sum, { bytes }) => sum + bytes, 0) : '',
    why?.code ?? '',
    why === null ? '' : describe(why).message,
  ]
  return cells.map((cell) => quoted(String(cell))).join(',')
}

/** As RFC 4180 has it. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
