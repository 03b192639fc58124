/** `beside settings` as the command line knows it. */
import type { Command } from 'commander'
import type { Go } from '../go.ts'
import { refuseUnknown } from '../unknown.ts'

export function defineSettings(program: Command, go: Go): void {
  const settings = program
    .command('settings')
    .summary('what holds when a command says nothing')
    .description('What holds for every conversion that does not say otherwise.')
    .addHelpText(
      'after',
      `
Examples:
  beside settings                         all of them
  beside settings set ifExists skip
  beside settings set afterwards archive  converted sources go to a subfolder
  beside settings set hours 'mon-fri 22:00-06:00'   conversions begin at night only
  beside settings set lanes video=1
  beside settings set ffmpegPath /opt/ffmpeg/bin/ffmpeg
  beside settings set ffmpegPath ''       back to what it was
`,
    )
  settings
    .command('list', { isDefault: true })
    .description('all settings and what they mean')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'as one JSON object')
    .action(async (other: readonly string[], words: { json?: true }) => {
      refuseUnknown(settings, other)
      await go(async (around) => (await import('./settings.ts')).list(words, around))
    })
  settings
    .command('get')
    .description('one setting')
    .argument('<setting>')
    .action(async (name: string) => await go(async (around) => (await import('./settings.ts')).get(name, around)))
  settings
    .command('set')
    .description('change one setting')
    .argument('<setting>')
    .argument('<value>', 'text, a number, yes or no, or names with commas between them')
    .action(async (name: string, value: string) => {
      await go(async (around) => (await import('./settings.ts')).set(name, value, around))
    })
}
