/** `beside queue` as the command line knows it. */
import { Option, type Command } from 'commander'
import type { Retryable } from '../../../shared/selection.ts'
import { count, id, ids } from '../arguments.ts'
import type { Go } from '../go.ts'
import { exitHelp } from '../exit.ts'
import { refuseUnknown } from '../unknown.ts'
import type { ListWords } from './list.ts'
import type { RunWords } from './run.ts'
import type { Resolution, RetryWords, SelectWords } from './verbs.ts'

const resolutions = ['done', 'again', 'forget', 'number', 'skip', 'overwrite'] as const satisfies readonly Resolution[]
const outcomes = ['failed', 'cancelled', 'skipped'] as const satisfies readonly Retryable[]
const priorities = ['low', 'normal', 'high'] as const

export function defineQueue(program: Command, go: Go): void {
  const queue = program
    .command('queue')
    .summary('what waits and runs; pause, cancel, retry, order, run')
    .description('Shows the queue and changes it. It is one queue for all: the commands, and the window.')
    .addHelpText(
      'after',
      `
Examples:
  beside queue                        what is in it
  beside queue run                    work until it is empty, as after Ctrl-C
  beside queue pause                  begin nothing new; \`beside queue resume\` goes on
  beside queue cancel --batch 7       take a whole batch out
  beside queue retry 12 13            failed, cancelled or skipped jobs once more
  beside queue retry --all            all that failed; --outcome cancelled: all that were cancelled
  beside queue resolve 14 --as again  a job of which nobody knows whether the provider took it
  beside queue move 20 --before 15    convert it earlier
`,
    )

  const selective = (name: string, summary: string) =>
    queue
      .command(name)
      .description(summary)
      .argument('[id...]', 'numbers of jobs', ids, [])
      .option('--batch <number>', 'all jobs of a batch', id)
      .option('--all', 'all jobs')
      .option('--json', 'answer as JSON')

  queue
    .command('list', { isDefault: true })
    .description('what waits, what runs, what is held and why')
    .argument('[other...]')
    .usage('[options]')
    .option('--batch <number>', 'only one batch', id)
    .option('--limit <number>', 'at most so many', count)
    .option('--json', 'as JSON, one object a line')
    .action(async (other: readonly string[], words: ListWords) => {
      refuseUnknown(queue, other)
      await go(async (around) => (await import('./list.ts')).list(words, around))
    })
  queue
    .command('run')
    .description('work until the queue is empty')
    .option('--json', 'tell what happens as JSON, one object a line')
    .addOption(new Option('--background').hideHelp())
    .addHelpText('after', exitHelp)
    .action(async (words: RunWords) => await go(async (around) => (await import('./run.ts')).run(words, around)))
  selective('pause', 'begin nothing new; with numbers, hold these jobs').action(
    async (jobs: readonly number[], words: SelectWords) => {
      await go(async (around) => (await import('./verbs.ts')).pause(jobs, words, around))
    },
  )
  selective('resume', 'go on; with numbers, with these jobs').action(async (jobs: readonly number[], words: SelectWords) => {
    await go(async (around) => (await import('./verbs.ts')).resume(jobs, words, around))
  })
  selective('cancel', 'take jobs out; what a provider has already may go on there, and may cost').action(
    async (jobs: readonly number[], words: SelectWords) => {
      await go(async (around) => (await import('./verbs.ts')).cancel(jobs, words, around))
    },
  )
  selective('retry', 'failed, cancelled or skipped jobs once more; with --all, the failed ones')
    .addOption(new Option('--outcome <outcome...>', 'only jobs that ended so').choices(outcomes))
    .action(async (jobs: readonly number[], words: RetryWords) => {
      await go(async (around) => (await import('./verbs.ts')).retry(jobs, words, around))
    })
  selective('approve', 'let jobs go on that wait because they cost money').action(
    async (jobs: readonly number[], words: SelectWords) => {
      await go(async (around) => (await import('./verbs.ts')).approve(jobs, words, around))
    },
  )
  queue
    .command('resolve')
    .description('decide about jobs that wait for you')
    .argument('<id...>', 'numbers of jobs', ids)
    .addOption(
      new Option(
        '--as <decision>',
        'of uncertain jobs: done, again or forget; where the name is taken: number, skip or overwrite',
      )
        .choices(resolutions)
        .makeOptionMandatory(),
    )
    .option('--json', 'answer as JSON')
    .action(async (jobs: readonly number[], words: { as: Resolution; json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).resolve(jobs, words, around))
    })
  queue
    .command('priority')
    .description('convert jobs before or after all others')
    .argument('<id...>', 'numbers of jobs', ids)
    .addOption(new Option('--as <priority>', 'their place').choices(priorities).makeOptionMandatory())
    .option('--json', 'answer as JSON')
    .action(async (jobs: readonly number[], words: { as: (typeof priorities)[number]; json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).prioritise(jobs, words, around))
    })
  queue
    .command('move')
    .description('change the order of the queue; without --before, to its end')
    .argument('<id...>', 'numbers of jobs; among themselves they keep their order', ids)
    .option('--before <id>', 'the job to put them before', id)
    .option('--json', 'answer as JSON')
    .action(async (jobs: readonly number[], words: { before?: number; json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).move(jobs, words, around))
    })
}
