/** `beside presets` as the command line knows it. */
import { Option, type Command } from 'commander'
import { format, nameTemplate, settings } from '../arguments.ts'
import { providers } from '../convert/define.ts'
import type { Go } from '../go.ts'
import { refuseUnknown } from '../unknown.ts'
import type { SaveWords } from './presets.ts'

export function definePresets(program: Command, go: Go): void {
  const presets = program
    .command('presets')
    .summary('targets with their options, under a name')
    .description('A preset is a format with its options under a name, for `beside convert --preset`.')
    .addHelpText(
      'after',
      `
Examples:
  beside presets save podcast --to mp3 --set bitrate=128k --set channels=1 --set normalize=yes
  beside convert *.wav --preset podcast
  beside presets export > presets.json
  beside presets import presets.json
`,
    )
  presets
    .command('list', { isDefault: true })
    .description('all presets')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'as JSON, one object a line')
    .action(async (other: readonly string[], words: { json?: true }) => {
      refuseUnknown(presets, other)
      await go(async (around) => (await import('./presets.ts')).list(words, around))
    })
  presets
    .command('show')
    .description('one preset with all it says')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action(async (name: string, words: { json?: true }) => {
      await go(async (around) => (await import('./presets.ts')).show(name, words, around))
    })
  presets
    .command('save')
    .description('store a preset; one of the same name is replaced')
    .argument('<name>')
    .requiredOption('--to <format>', 'format to convert to', format)
    .addOption(new Option('--with <provider>', 'who converts').choices(providers))
    .option('--set <option=value>', 'a conversion option; may be given again', settings)
    .option('--name <template>', 'name of results', nameTemplate)
    .option('--local-only', 'nothing leaves this machine')
    .action(async (name: string, words: SaveWords) => {
      await go(async (around) => (await import('./presets.ts')).save(name, words, around))
    })
  presets
    .command('remove')
    .description('remove presets')
    .argument('<name...>')
    .action(async (names: readonly string[]) => await go(async (around) => (await import('./presets.ts')).remove(names, around)))
  presets
    .command('import')
    .description('store the presets of a file; those of the same name are replaced')
    .argument('<file>', 'a file that export has written, or - for standard input')
    .action(async (file: string) => await go(async (around) => (await import('./transfer.ts')).importPresets(file, around)))
  presets
    .command('export')
    .description('write presets to standard output')
    .argument('[name...]', 'only these')
    .action(
      async (names: readonly string[]) =>
        await go(async (around) => (await import('./transfer.ts')).exportPresets(names, around)),
    )
}
