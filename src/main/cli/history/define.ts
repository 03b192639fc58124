/** `beside history` and `beside undo` as the command line knows them. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Phase, ProviderId } from '../../../shared/job.ts'
import { historyOrders } from '../../../shared/model.ts'
import { count, format, id, ids, moment } from '../arguments.ts'
import type { Go } from '../go.ts'
import type { HistoryWords } from './history.ts'

const outcomes = ['done', 'skipped', 'failed', 'cancelled'] as const satisfies readonly Phase[]
const providers = ['local', 'xconvert', 'musicgpt', 'converter-app', 'converso'] as const satisfies readonly ProviderId[]

export function defineHistory(program: Command, go: Go): void {
  const history = program
    .command('history')
    .summary('what was converted; search, export, forget')
    .description(
      'Lists finished jobs, newest first. Words are looked for in names, folders, formats and errors, each from its beginning.',
    )
    .argument('[query...]', 'words that must all be found')
    .addOption(new Option('--outcome <outcome...>', 'only these').choices(outcomes))
    .addOption(new Option('--provider <provider...>', 'only by these').choices(providers))
    .option('--to <format>', 'only what became this', format)
    .option('--batch <number>', 'only one batch', id)
    .option('--since <date>', 'finished then or later, like 2026-11-21', moment)
    .option('--before <date>', 'finished before then', moment)
    .addOption(new Option('--sort <order>', 'newest first, unless another order is asked for').choices(historyOrders))
    .option('--limit <number>', 'at most so many (20; an export has no limit)', count)
    .addOption(new Option('--export <format>', 'everything found, to standard output').choices(['csv', 'json'] as const))
    .option('--json', 'as JSON, one object a line')
    .addHelpText(
      'after',
      `
Examples:
  beside history                              the last twenty
  beside history holiday --outcome failed     what went wrong with the holiday pictures
  beside history --sort saved --to webp       where the most space was saved
  beside history --since 2026-11-01 --export csv > november.csv
  beside history forget 12 13                 take them out of the history; the files stay
  beside history forget all
  beside undo 7                               take the results of batch 7 back
`,
    )
    .action(async (query: readonly string[], words: HistoryWords) => {
      await go(async (around) => (await import('./history.ts')).history(query, words, around))
    })
  history
    .command('forget')
    .description('take jobs out of the history; the files stay')
    .argument('<id...>', 'numbers of jobs, or all', forgettable)
    .option('--json', 'answer as JSON')
    .action(async (jobs: readonly number[] | 'all', words: { json?: true }) => {
      await go(async (around) => (await import('./forget.ts')).forget(jobs, words, around))
    })
}

export function defineUndo(program: Command, go: Go): void {
  program
    .command('undo')
    .summary('take the results of a batch back')
    .description(
      'Removes what a batch has written, and puts archived sources back. A result that has changed since stays where it is.',
    )
    .argument('<batch>', 'its number, as `beside convert` and `beside history` show it', id)
    .option('--json', 'answer as JSON')
    .action(async (batch: number, words: { json?: true }) => {
      await go(async (around) => (await import('./undo.ts')).undo(batch, words, around))
    })
}

function forgettable(text: string, before: readonly number[] | 'all' = []): readonly number[] | 'all' {
  if (text === 'all' && before.length === 0) return 'all'
  if (before === 'all') throw new InvalidArgumentError('Nothing can be said beside all.')
  return ids(text, before)
}
