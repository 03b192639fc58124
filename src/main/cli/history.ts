/** `beside history`: finished jobs as a list, as JSON lines, or exported whole; and `beside undo`. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { leftCount } from '../../shared/content-texts.ts'
import { describe, noteText } from '../../shared/describe.ts'
import type { FormatId } from '../../shared/formats.ts'
import { isFinished, type Job, type Phase, type ProviderId } from '../../shared/job.ts'
import { bytesOf, locationOf, sourcesOf } from '../../shared/job-sources.ts'
import { historyOrders, type HistoryOrder, type HistoryQuery } from '../../shared/model.ts'
import type { Session } from '../api/session.ts'
import { parseCount, parseFormat, parseId, parseIds, parseMoment, providers } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, type ExitStatus } from './exit.ts'
import { showJob } from './history-show.ts'
import { providerTitles, timestampText } from './labels.ts'
import { failureObject, jobLine, line, summaryLine } from './report/json.ts'
import { nameOf } from './report/live.ts'
import type { Screen } from './terminal/screen.ts'
import { table } from './terminal/table.ts'
import { bytesText, counted, numberText, shortPath, shown } from './terminal/text.ts'

const outcomes = ['done', 'skipped', 'failed', 'cancelled'] as const satisfies readonly Phase[]

export function defineHistory(program: Command, start: Start): void {
  const history = program
    .command('history')
    .summary('show, search and export finished jobs')
    .description(
      'Lists finished jobs, newest first. Searches names, folders, formats and errors for words that begin with what you type.',
    )
    .argument('[query...]', 'words that must all occur')
    .addOption(new Option('--outcome <outcome...>', 'only these outcomes').choices(outcomes))
    .addOption(new Option('--provider <provider...>', 'only these providers').choices(providers))
    .option('--to <format>', 'only conversions to this format', parseFormat)
    .option('--batch <number>', 'only this batch', parseId)
    .option('--left', 'only conversions that left something behind')
    .option('--since <date>', 'finished on or after this date, like 2026-11-21', parseMoment)
    .option('--before <date>', 'finished before this date', parseMoment)
    .addOption(new Option('--sort <order>', 'sort order; newest first by default').choices(historyOrders))
    .option('--limit <number>', 'maximum number of jobs (20; an export has no limit)', parseCount)
    .addOption(new Option('--export <format>', 'write everything found to standard output').choices(['csv', 'json'] as const))
    .option('--json', 'print JSON, one object per line')
    .addHelpText(
      'after',
      `
Examples:
  beside history                              the last twenty jobs
  beside history holiday --outcome failed     failed conversions of the holiday pictures
  beside history --sort saved --to webp       the conversions that saved the most space
  beside history --since 2026-11-01 --export csv > november.csv
  beside history show 12                      everything about one job, and what its result does not hold
  beside history forget 12 13                 remove jobs from the history; the files are kept
  beside history forget all
  beside undo 7                               undo batch 7
`,
    )
    .action(async (query: readonly string[], args: HistoryArgs) => {
      await start(async (context) => await showHistory(query, args, context))
    })
  history
    .command('show')
    .description('show everything about one job: its files, why it failed, what its result does not hold')
    .argument('<id>', 'job number', parseId)
    .option('--json', 'print the job as JSON')
    .action(async (job: number, args: JsonArgs) => {
      await start(async (context) => await showJob(job, args, context))
    })
  history
    .command('forget')
    .description('remove jobs from the history; the files are kept')
    .argument('<id...>', 'job numbers, or all', forgettable)
    .option('--json', 'print the result as JSON')
    .action(async (jobs: readonly number[] | 'all', args: JsonArgs) => {
      await start(async (context) => forget(jobs, args, context))
    })
}

export function defineUndo(program: Command, start: Start): void {
  program
    .command('undo')
    .summary('undo a batch')
    .description('Removes the results of a batch and puts archived sources back. Results that have changed since are kept.')
    .argument('<batch>', 'batch number, as shown by `beside convert` and `beside history`', parseId)
    .option('--json', 'print the result as JSON')
    .action(async (batch: number, args: JsonArgs) => {
      await start(async (context) => undo(batch, args, context))
    })
}

function forgettable(text: string, before: readonly number[] | 'all' = []): readonly number[] | 'all' {
  if (text === 'all' && before.length === 0) return 'all'
  if (before === 'all') throw new InvalidArgumentError('Use either all or job numbers.')
  return parseIds(text, before)
}

interface HistoryArgs extends JsonArgs {
  readonly outcome?: HistoryQuery['outcomes']
  readonly provider?: readonly ProviderId[]
  readonly to?: FormatId
  readonly batch?: number
  readonly left?: true
  readonly since?: number
  readonly before?: number
  readonly sort?: HistoryOrder
  readonly limit?: number
  readonly export?: 'csv' | 'json'
}

const pageSize = 500
const maxListed = 20

async function showHistory(words: readonly string[], args: HistoryArgs, context: CliContext): Promise<ExitStatus> {
  const query = queryOf(words, args)
  const { sort = 'newest' } = args
  return await withSession(context, 'look', async (session) => {
    if (args.export !== undefined) {
      await exportRows(jobsOf(session, { query, sort }, args.limit ?? Infinity), args.export, context.screen)
      return exit.done
    }
    const limit = args.limit ?? (args.json === true ? Infinity : maxListed)
    if (args.json === true) return await printLines(session, { query, sort }, limit, context)
    return await printTable(session, { query, sort }, limit, context)
  })
}

interface Asked {
  readonly query: HistoryQuery
  readonly sort: HistoryOrder
}

async function* jobsOf({ client, ask }: Session, asked: Asked, limit: number): AsyncGenerator<Job> {
  let after: string | null = null
  let listed = 0
  do {
    const wanted = { ...asked, after, limit: Math.min(pageSize, limit - listed) }
    const page: { jobs: Job[]; next: string | null } = await ask(() => client.history.page(wanted))
    yield* page.jobs
    listed += page.jobs.length
    after = page.next
  } while (after !== null && listed < limit)
}

async function printLines(session: Session, asked: Asked, limit: number, { screen }: CliContext): Promise<ExitStatus> {
  const sum = { done: 0, skipped: 0, failed: 0, cancelled: 0 }
  for await (const job of jobsOf(session, asked, limit)) {
    if (isFinished(job.state)) sum[job.state.phase as keyof typeof sum] += 1
    await screen.write(`${jobLine(job, null)}\n`)
  }
  screen.print(summaryLine({ done: sum.done, skipped: sum.skipped, failed: sum.failed + sum.cancelled, waiting: 0 }))
  return exit.done
}

async function printTable(session: Session, asked: Asked, limit: number, { screen, cwd }: CliContext): Promise<ExitStatus> {
  const { query, sort } = asked
  const jobs = await Array.fromAsync(jobsOf(session, asked, limit))
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
  const more = sums.jobs > jobs.length ? `, ${numberText(jobs.length)} shown (${orderLabels[sort]})` : ''
  const size = sums.done > 0 ? `; ${bytesText(sums.sourceBytes)} → ${bytesText(sums.outputBytes)}` : ''
  screen.print(
    `${numberText(sums.jobs)} in total${more}: ${numberText(sums.done)} done, ${numberText(sums.failed)} failed${size}`,
  )
  return exit.done
}

function queryOf(words: readonly string[], args: HistoryArgs): HistoryQuery {
  return {
    ...(words.length === 0 ? {} : { text: words.join(' ') }),
    ...(args.outcome === undefined ? {} : { outcomes: args.outcome }),
    ...(args.provider === undefined ? {} : { providers: [...args.provider] }),
    ...(args.to === undefined ? {} : { targets: [args.to] }),
    ...(args.batch === undefined ? {} : { batchId: args.batch }),
    ...(args.left === undefined ? {} : { left: args.left }),
    ...(args.since === undefined ? {} : { fromMs: args.since }),
    ...(args.before === undefined ? {} : { beforeMs: args.before }),
  }
}

const orderLabels: Readonly<Record<HistoryOrder, string>> = {
  newest: 'newest first',
  oldest: 'oldest first',
  name: 'by name',
  size: 'largest first',
  saved: 'most space saved first',
  duration: 'slowest first',
}

const columns = [
  { title: 'ID', align: 'right' },
  { title: 'BATCH', align: 'right' },
  { title: 'WHEN' },
  { title: 'FILE', yields: 'in the middle' },
  { title: 'TO' },
  { title: 'SIZE', align: 'right' },
  { title: 'WITH', yields: 'at the end' },
  { title: 'OUTCOME', yields: 'at the end' },
] as const

function row(job: Job, cwd: string): string[] {
  const { state, order } = job
  const finishedAtMs = 'finishedAtMs' in state ? state.finishedAtMs : job.createdAtMs
  const sourceBytes = bytesOf(order)
  const before = sourceBytes === null ? '' : bytesText(sourceBytes)
  const size =
    state.phase === 'done' ? `${before} → ${bytesText(state.outputs.reduce((sum, { bytes }) => sum + bytes, 0))}` : before
  return [
    String(job.id),
    String(job.batchId),
    timestampText(finishedAtMs),
    nameOf(job, cwd),
    order.target,
    size,
    providerTitles[job.provider],
    outcomeText(job),
  ]
}

function outcomeText({ state }: Job): string {
  if ('why' in state) return `${state.phase}: ${shown(describe(state.why).message)}`
  const left = state.phase === 'done' ? leftCount(state.notes) : 0
  return left === 0 ? state.phase : `${state.phase}, ${numberText(left)} left behind`
}

/** A write a row would cost more than the row. */
const rowsPerWrite = 200

async function exportRows(jobs: AsyncIterable<Job>, as: 'csv' | 'json', screen: Screen): Promise<void> {
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
    if (waiting.length >= rowsPerWrite) await flush()
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
  'notes',
] as const

function csvRow(job: Job): string {
  const { order, state } = job
  const outputs = state.phase === 'done' ? state.outputs : []
  const why = 'why' in state ? state.why : null
  const cells = [
    job.id,
    job.batchId,
    sourcesOf(order).map(locationOf).join('\n'),
    bytesOf(order) ?? '',
    order.from ?? '',
    order.target,
    job.provider,
    state.phase,
    'finishedAtMs' in state ? new Date(state.finishedAtMs).toISOString() : '',
    outputs.map(({ path }) => path).join('\n'),
    state.phase === 'done' ? outputs.reduce((sum, { bytes }) => sum + bytes, 0) : '',
    why?.code ?? '',
    why === null ? '' : describe(why).message,
    state.phase === 'done' ? state.notes.map((note) => noteText(note)).join('\n') : '',
  ]
  return cells.map((cell) => quoted(String(cell))).join(',')
}

/** As RFC 4180 has it. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

async function forget(jobs: readonly number[] | 'all', args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const ids = jobs === 'all' ? jobs : [...jobs]
  const { forgotten } = await withSession(
    context,
    'look',
    async ({ ask }) => await ask((client) => client.history.forget({ ids })),
  )
  context.screen.print(
    args.json === true
      ? line('forgotten', { jobs: forgotten })
      : `${counted(forgotten, 'job')} removed from the history. The files are kept.`,
  )
  return exit.done
}

async function undo(id: number, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  const { removed, kept } = await withSession(context, 'look', async ({ client }) => await client.batches.undo({ id }))
  if (args.json === true) {
    for (const path of removed) screen.print(line('removed', { path }))
    for (const { path, why } of kept) screen.print(line('kept', { path, failure: failureObject(why) }))
  } else {
    for (const { path, why } of kept) {
      const { message, action } = describe(why)
      screen.warn(`${screen.paintWarning('yellow', 'kept:')} ${shortPath(path, cwd)}: ${shown(message)}\n    ${shown(action)}`)
    }
    screen.print(
      `${counted(removed.length, 'result')} of batch ${id} removed${kept.length === 0 ? '' : `, ${kept.length} kept`}.`,
    )
  }
  return kept.length === 0 ? exit.done : exit.failed
}
