/** `beside history`: finished jobs as a list, as JSON lines, or exported whole. */
import { describe } from '../../../shared/describe.ts'
import type { FormatId } from '../../../shared/formats.ts'
import { isFinished, type Job, type ProviderId } from '../../../shared/job.ts'
import type { HistoryOrder, HistoryQuery } from '../../../shared/model.ts'
import type { Session } from '../../api/session.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { jobLine, summaryLine } from '../report/json.ts'
import { nameOf } from '../report/live.ts'
import { table } from '../table.ts'
import { bytesText, numberText, shown } from '../text.ts'
import { providerTitles } from '../words.ts'
import { exportRows } from './export.ts'

export interface HistoryWords {
  readonly outcome?: HistoryQuery['outcomes']
  readonly provider?: readonly ProviderId[]
  readonly to?: FormatId
  readonly batch?: number
  readonly since?: number
  readonly before?: number
  readonly sort?: HistoryOrder
  readonly limit?: number
  readonly export?: 'csv' | 'json'
  readonly json?: true
}

const pageSize = 500
const listedAtMost = 20

export async function history(words: readonly string[], options: HistoryWords, around: Around): Promise<ExitStatus> {
  const query = queryOf(words, options)
  const { sort = 'newest' } = options
  return await withSession(around, 'look', async (session) => {
    if (options.export !== undefined) {
      await exportRows(jobsOf(session, { query, sort }, options.limit ?? Infinity), options.export, around.screen)
      return exit.done
    }
    const most = options.limit ?? (options.json === true ? Infinity : listedAtMost)
    if (options.json === true) return await printLines(session, { query, sort }, most, around)
    return await printTable(session, { query, sort }, most, around)
  })
}

interface Asked {
  readonly query: HistoryQuery
  readonly sort: HistoryOrder
}

export async function* jobsOf({ client, ask }: Session, asked: Asked, most: number): AsyncGenerator<Job> {
  let after: string | null = null
  let listed = 0
  do {
    const wanted = { ...asked, after, limit: Math.min(pageSize, most - listed) }
    const page: { jobs: Job[]; next: string | null } = await ask(() => client.history.page(wanted))
    yield* page.jobs
    listed += page.jobs.length
    after = page.next
  } while (after !== null && listed < most)
}

async function printLines(session: Session, asked: Asked, most: number, { screen }: Around): Promise<ExitStatus> {
  const sum = { done: 0, skipped: 0, failed: 0, cancelled: 0 }
  for await (const job of jobsOf(session, asked, most)) {
    if (isFinished(job.state)) sum[job.state.phase as keyof typeof sum] += 1
    await screen.write(`${jobLine(job, null)}\n`)
  }
  screen.print(summaryLine({ done: sum.done, skipped: sum.skipped, failed: sum.failed + sum.cancelled, waiting: 0 }))
  return exit.done
}

async function printTable(session: Session, asked: Asked, most: number, { screen, cwd }: Around): Promise<ExitStatus> {
  const { query, sort } = asked
  const jobs = await Array.fromAsync(jobsOf(session, asked, most))
  if (jobs.length === 0) {
    screen.print(Object.keys(query).length === 0 ? 'Nothing has been converted yet.' : 'Nothing was found.')
    return exit.done
  }
  screen.print(
    table(
      columns,
      jobs.map((job) => row(job, cwd)),
      screen,
    ),
  )
  const sums = await session.ask((client) => client.history.sums(query))
  const more = sums.jobs > jobs.length ? `, ${firstWords[sort]} ${numberText(jobs.length)} shown` : ''
  const size = sums.done > 0 ? `; ${bytesText(sums.sourceBytes)} → ${bytesText(sums.outputBytes)}` : ''
  screen.print(`${numberText(sums.jobs)} in all${more}: ${numberText(sums.done)} done, ${numberText(sums.failed)} failed${size}`)
  return exit.done
}

function queryOf(words: readonly string[], options: HistoryWords): HistoryQuery {
  return {
    ...(words.length === 0 ? {} : { text: words.join(' ') }),
    ...(options.outcome === undefined ? {} : { outcomes: options.outcome }),
    ...(options.provider === undefined ? {} : { providers: [...options.provider] }),
    ...(options.to === undefined ? {} : { targets: [options.to] }),
    ...(options.batch === undefined ? {} : { batchId: options.batch }),
    ...(options.since === undefined ? {} : { fromMs: options.since }),
    ...(options.before === undefined ? {} : { beforeMs: options.before }),
  }
}

const firstWords: Readonly<Record<HistoryOrder, string>> = {
  newest: 'the newest',
  oldest: 'the oldest',
  name: 'by name the first',
  size: 'the largest',
  saved: 'by space saved the first',
  duration: 'the slowest',
}

const columns = [
  { title: 'ID', align: 'right' },
  { title: 'BATCH', align: 'right' },
  { title: 'WHEN' },
  { title: 'FILE', yields: 'in the middle' },
  { title: 'TO' },
  { title: 'SIZE', align: 'right' },
  { title: 'WITH' },
  { title: 'OUTCOME', yields: 'at the end' },
] as const

function row(job: Job, cwd: string): string[] {
  const { state, order } = job
  const finishedAtMs = 'finishedAtMs' in state ? state.finishedAtMs : job.createdAtMs
  const before = order.source.kind === 'file' ? bytesText(order.source.bytes) : ''
  const size =
    state.phase === 'done' ? `${before} → ${bytesText(state.outputs.reduce((sum, { bytes }) => sum + bytes, 0))}` : before
  const outcome = 'why' in state ? `${state.phase}: ${shown(describe(state.why).message)}` : state.phase
  return [
    String(job.id),
    String(job.batchId),
    whenText(finishedAtMs),
    nameOf(job, cwd),
    order.target,
    size,
    providerTitles[job.provider],
    outcome,
  ]
}

/** Local time, in an order that sorts. */
function whenText(ms: number): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
