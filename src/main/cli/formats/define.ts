/** `beside formats` as the command line knows it. */
import { Option, type Command } from 'commander'
import { format } from '../arguments.ts'
import type { Go } from '../go.ts'
import type { FormatsWords } from './formats.ts'

export function defineFormats(program: Command, go: Go): void {
  program
    .command('formats')
    .summary('what can become what')
    .description('Lists the formats that Beside reads and writes, or what one of them can become and with which options.')
    .option('--from <format>', 'what this can become', format)
    .addOption(
      new Option('--with <provider>', 'only by this provider').choices([
        'local',
        'xconvert',
        'musicgpt',
        'converter-app',
        'converso',
      ] as const),
    )
    .option('--json', 'as JSON, one object a line')
    .addHelpText('after', '\nExamples:\n  beside formats\n  beside formats --from flac\n  beside formats --from heic --json')
    .action(async (words: FormatsWords) => {
      await go(async (around) => {
        if (words.with === undefined || words.with === 'local') return (await import('./formats.ts')).formats(words, around)
        return (await import('./online.ts')).onlineFormats({ ...words, with: words.with }, around)
      })
    })
}
