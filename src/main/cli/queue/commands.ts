/** `beside queue`: its commands, and those of them that change jobs. */
import { Option, type Command } from 'commander'
import { JobError } from '../../../shared/failure.ts'
import type { Retryable, SelectionRequest } from '../../../shared/selection.ts'
import type { Client } from '../../../shared/wire/client.ts'
import {
  parseCount,
  parseFormat,
  parseId,
  parseIds,
  parseOptionNames,
  parseOptionSettings,
  providerChoices,
} from '../arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from '../context.ts'
import { exit, exitHelp, UsageError, type ExitStatus } from '../exit.ts'
import { refuseUnknown } from '../program.ts'
import { line } from '../report/json.ts'
import { counted } from '../terminal/text.ts'
import { change, priorityNames, priorityOf, type ChangeArgs, type PriorityName } from './change.ts'
import { list, type ListArgs } from './list.ts'
import { run, type RunArgs } from './run.ts'

const resolutions = ['done', 'again', 'forget', 'number', 'skip', 'overwrite'] as const satisfies readonly Resolution[]
const retryable = ['failed', 'cancelled', 'skipped'] as const satisfies readonly Retryable[]

export function defineQueue(program: Command, start: Start): void {
  const queue = program
    .command('queue')
    .summary('show and control the queue')
    .description('Shows and controls the queue, which the command line shares with the app.')
    .addHelpText(
      'after',
      `
Examples:
  beside queue                        show the queue
  beside queue run                    convert until it is empty, for example after Ctrl-C
  beside queue pause                  start nothing new; \`beside queue resume\` continues
  beside queue cancel --batch 7       cancel a whole batch
  beside queue retry 12 13            retry failed, cancelled or skipped jobs
  beside queue retry --all            retry all failed jobs; with --outcome cancelled, all cancelled ones
  beside queue resolve 14 --as again  convert a job again whose outcome at the provider is unknown
  beside queue move 20 --before 15    convert it before another job
  beside queue change 12 13 --to mp4  convert jobs that have not begun to another format
`,
    )

  const selective = (name: string, summary: string) =>
    queue
      .command(name)
      .description(summary)
      .argument('[id...]', 'job numbers', parseIds, [])
      .option('--batch <number>', 'all jobs of a batch', parseId)
      .option('--all', 'all jobs')
      .option('--json', 'print the result as JSON')

  queue
    .command('list', { isDefault: true })
    .description('list waiting, running and held jobs, and why they are held')
    .argument('[other...]')
    .usage('[options]')
    .option('--batch <number>', 'only jobs of this batch', parseId)
    .option('--limit <number>', 'maximum number of jobs', parseCount)
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: ListArgs) => {
      refuseUnknown(queue, other)
      await start(async (context) => list(args, context))
    })
  queue
    .command('run')
    .description('convert until the queue is empty')
    .option('--json', 'report progress as JSON, one object per line')
    .addOption(new Option('--background').hideHelp())
    .addHelpText('after', exitHelp)
    .action(async (args: RunArgs) => await start(async (context) => run(args, context)))
  selective('pause', 'start nothing new; with job numbers, pause those jobs').action(
    async (jobs: readonly number[], args: SelectArgs) => {
      await start(async (context) => pause(jobs, args, context))
    },
  )
  selective('resume', 'continue; with job numbers, continue those jobs').action(
    async (jobs: readonly number[], args: SelectArgs) => {
      await start(async (context) => resume(jobs, args, context))
    },
  )
  selective('cancel', 'cancel jobs; a provider may still process and charge for what it already has').action(
    async (jobs: readonly number[], args: SelectArgs) => {
      await start(async (context) => cancel(jobs, args, context))
    },
  )
  selective('retry', 'retry failed, cancelled or skipped jobs; with --all, all failed ones')
    .addOption(new Option('--outcome <outcome...>', 'only jobs with this outcome').choices(retryable))
    .action(async (jobs: readonly number[], args: RetryArgs) => {
      await start(async (context) => retry(jobs, args, context))
    })
  selective('approve', 'approve jobs that wait because they cost money').action(
    async (jobs: readonly number[], args: SelectArgs) => {
      await start(async (context) => approve(jobs, args, context))
    },
  )
  queue
    .command('resolve')
    .description('decide what to do with jobs that need attention')
    .argument('<id...>', 'job numbers', parseIds)
    .addOption(
      new Option('--as <decision>', 'for uncertain jobs: done, again or forget; for taken names: number, skip or overwrite')
        .choices(resolutions)
        .makeOptionMandatory(),
    )
    .option('--json', 'print the result as JSON')
    .action(async (jobs: readonly number[], args: ResolveArgs) => {
      await start(async (context) => resolve(jobs, args, context))
    })
  selective('change', 'change the format, options, provider or priority of jobs that have not begun')
    .option('--to <format>', 'format to convert to', parseFormat)
    .option('--set <option=value>', 'conversion option, like bitrate=192k; can be repeated', parseOptionSettings)
    .option('--unset <option>', 'take an option back to its default; can be repeated', parseOptionNames)
    .option('--defaults', 'take all options back to their defaults, before --set')
    .addOption(new Option('--with <provider>', 'provider that converts').choices(providerChoices))
    .addOption(new Option('--priority <priority>', 'the new priority').choices(priorityNames))
    .option('--dry-run', 'only say what would be changed, and what not and why')
    .action(async (jobs: readonly number[], args: SelectArgs & ChangeArgs) => {
      await start(async (context) => change(selectionOf(jobs, args), args, context))
    })
  queue
    .command('priority')
    .description('convert jobs before or after all others')
    .argument('<id...>', 'job numbers', parseIds)
    .addOption(new Option('--as <priority>', 'the new priority').choices(priorityNames).makeOptionMandatory())
    .option('--json', 'print the result as JSON')
    .action(async (jobs: readonly number[], args: PriorityArgs) => {
      await start(async (context) => prioritise(jobs, args, context))
    })
  queue
    .command('move')
    .description('move jobs before another one, or to the end of the queue')
    .argument('<id...>', 'job numbers; the jobs keep their order', parseIds)
    .option('--before <id>', 'the job to move them before', parseId)
    .option('--json', 'print the result as JSON')
    .action(async (jobs: readonly number[], args: MoveArgs) => {
      await start(async (context) => move(jobs, args, context))
    })
}

interface SelectArgs extends JsonArgs {
  readonly batch?: number
  readonly all?: true
}

async function pause(ids: readonly number[], args: SelectArgs, context: CliContext): Promise<ExitStatus> {
  if (!isSelective(ids, args)) return await pauseQueue('pause', args, context)
  return await moveSome(ids, args, context, 'paused', (client, selection) => client.jobs.pause(selection))
}

async function resume(ids: readonly number[], args: SelectArgs, context: CliContext): Promise<ExitStatus> {
  if (!isSelective(ids, args)) return await pauseQueue('resume', args, context)
  return await moveSome(ids, args, context, 'queued again', (client, selection) => client.jobs.resume(selection))
}

async function cancel(ids: readonly number[], args: SelectArgs, context: CliContext): Promise<ExitStatus> {
  let sent = 0
  const status = await moveSome(ids, args, context, 'cancelled', async (client, selection) => {
    const answer = await client.jobs.cancel(selection)
    sent = answer.sent
    return answer
  })
  if (sent > 0)
    context.screen.warn(`${counted(sent, 'job')} had already been sent to a provider, which may still process and charge for it.`)
  return status
}

interface RetryArgs extends SelectArgs {
  readonly outcome?: Retryable[]
}

async function retry(ids: readonly number[], args: RetryArgs, context: CliContext): Promise<ExitStatus> {
  // Of the whole queue, what somebody cancelled or skipped stays so unless it is asked for.
  const outcomes = args.outcome ?? (args.all === true ? ['failed' as const] : undefined)
  const which = outcomes === undefined ? {} : { outcomes }
  return await moveSome(ids, args, context, 'queued again', (client, selection) => client.jobs.retry({ ...selection, ...which }))
}

async function approve(ids: readonly number[], args: SelectArgs, context: CliContext): Promise<ExitStatus> {
  return await moveSome(ids, args, context, 'approved', (client, selection) => client.jobs.approve(selection))
}

type Resolution = 'done' | 'again' | 'forget' | 'number' | 'skip' | 'overwrite'

interface ResolveArgs extends JsonArgs {
  readonly as: Resolution
}

interface PriorityArgs extends JsonArgs {
  readonly as: PriorityName
}

interface MoveArgs extends JsonArgs {
  readonly before?: number
}

async function resolve(ids: readonly number[], args: ResolveArgs, context: CliContext): Promise<ExitStatus> {
  const { as } = args
  if (as === 'number' || as === 'skip' || as === 'overwrite') {
    return await moveSome(ids, args, context, 'resolved', (client, selection) => client.jobs.settleClash({ selection, as }))
  }
  return await withSession(context, 'look', async (session) => {
    for (const id of ids) await session.client.jobs.resolve({ id, as })
    return moved(ids.length, 'resolved', args, context)
  })
}

async function prioritise(ids: readonly number[], args: PriorityArgs, context: CliContext): Promise<ExitStatus> {
  const priority = priorityOf[args.as]
  return await moveSome(ids, args, context, `set to ${args.as} priority`, (client) =>
    client.jobs.setPriority({ ids: [...ids], priority }),
  )
}

async function move(ids: readonly number[], args: MoveArgs, context: CliContext): Promise<ExitStatus> {
  const before = args.before ?? null
  return await moveSome(ids, args, context, 'moved', (client) => client.jobs.moveBefore({ ids: [...ids], before }))
}

function isSelective(ids: readonly number[], args: SelectArgs): boolean {
  return ids.length > 0 || args.batch !== undefined || args.all === true
}

function selectionOf(ids: readonly number[], args: SelectArgs): SelectionRequest {
  const kinds = [ids.length > 0, args.batch !== undefined, args.all === true].filter(Boolean).length
  if (kinds !== 1)
    throw new UsageError('Specify which jobs: their numbers, --batch NUMBER, or --all.', '`beside queue` shows the numbers.')
  if (args.batch !== undefined) return { kind: 'batch', batchId: args.batch }
  return args.all === true ? { kind: 'all' } : { kind: 'ids', ids: [...ids] }
}

async function moveSome(
  ids: readonly number[],
  args: SelectArgs,
  context: CliContext,
  outcome: string,
  verb: (client: Client, selection: SelectionRequest) => Promise<{ moved: number }>,
): Promise<ExitStatus> {
  const selection = selectionOf(ids, args)
  return await withSession(context, 'look', async (session) => {
    const answer = await session.ask((client) => verb(client, selection))
    // Named outright, and not one of them could be moved: that was no success.
    if (answer.moved === 0 && ids.length > 0) throw new JobError(...(await whyNot(session.client, ids)))
    return moved(answer.moved, outcome, args, context)
  })
}

async function whyNot(client: Client, ids: readonly number[]): Promise<ConstructorParameters<typeof JobError>> {
  const [id = 0] = ids
  const job = await client.jobs.get({ id })
  return job === null
    ? ['not-found', { because: 'job', id: String(id) }]
    : ['not-possible', { because: 'job-in-phase', id: String(id), phase: job.state.phase }]
}

function moved(count: number, outcome: string, { json }: JsonArgs, { screen }: CliContext): ExitStatus {
  screen.print(json === true ? line('moved', { jobs: count }) : `${counted(count, 'job')} ${outcome}.`)
  return exit.done
}

async function pauseQueue(verb: 'pause' | 'resume', { json }: SelectArgs, context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async (session) => {
    await session.ask((client) => (verb === 'pause' ? client.queue.pause() : client.queue.resume()))
    const { totals } = await session.ask((client) => client.queue.totals())
    if (json === true)
      context.screen.print(line('queue', { paused: verb === 'pause', queued: totals.queued, running: totals.running }))
    else
      context.screen.print(
        verb === 'pause' ? 'Paused. No new job starts; running jobs are finished.' : resumedText(totals.queued, session.role()),
      )
    return exit.done
  })
}

function resumedText(queued: number, role: 'holder' | 'guest'): string {
  if (queued === 0) return 'Resumed. The queue is empty.'
  return role === 'guest'
    ? `Resumed: ${counted(queued, 'file')} in the queue.`
    : `Resumed: ${counted(queued, 'file')} in the queue. \`beside queue run\` converts them.`
}
