/** `beside convert` as the command line knows it. Loaded at every start: what it does is loaded when it is asked for. */
import { Option, type Command } from 'commander'
import type { ClashPolicy, ProviderChoice } from '../../../shared/job.ts'
import { optionTable } from '../../../shared/options.ts'
import { format, nameTemplate, settings, texts } from '../arguments.ts'
import { exitHelp } from '../exit.ts'
import type { Go } from '../go.ts'
import type { ConvertWords } from './convert.ts'

export const providers = [
  'auto',
  'local',
  'xconvert',
  'musicgpt',
  'converter-app',
  'converso',
] as const satisfies readonly ProviderChoice[]
export const policies = ['number', 'skip', 'overwrite'] as const satisfies readonly ClashPolicy[]

const widest = Math.max(...Object.keys(optionTable).map((name) => name.length))
const optionHelp = Object.entries(optionTable)
  .map(([name, { meaning }]) => `  ${name.padEnd(widest)}  ${meaning}`)
  .join('\n')

export function defineConvert(program: Command, go: Go): void {
  program
    .command('convert')
    .summary('convert files; the results appear beside them')
    .description(
      'Converts files, folders and addresses. Each result appears beside its source, under the same name with the new ending;\nnothing is overwritten unless you say so. Waits until all of it is through.',
    )
    .argument('<source...>', "files, folders, http addresses, patterns like '*.wav', or - for names from standard input")
    .option('--to <format>', 'format to convert to, like mp3 or webp (see `beside formats`)', format)
    .addOption(new Option('--with <provider>', 'who converts').choices(providers))
    .option('--preset <name>', 'a stored preset; what you say beside it wins')
    .option('--set <option=value>', 'a conversion option, like bitrate=192k; may be given again', settings)
    .option('--out <folder>', 'put results there, in the same tree of folders')
    .option('--name <template>', 'name of results, like {name}-{date}', nameTemplate)
    .addOption(
      new Option('--if-exists <what>', 'when the name is taken: number the new file, skip it, or overwrite').choices(policies),
    )
    .option('--recursive', 'look into the folders of folders, too')
    .option('--include <glob>', 'take only these files of folders; may be given again', texts)
    .option('--exclude <glob>', 'leave these files of folders out; may be given again', texts)
    .option('--local-only', 'nothing leaves this machine')
    .option('-0, --null', 'names from standard input end in NUL')
    .option('--detach', 'only queue; the work goes on in the background')
    .option('--json', 'tell what happens as JSON, one object a line')
    .addHelpText(
      'after',
      `
Options for --set:
${optionHelp}

Fields of a name: {name} {ext} {parent} {date} {time} {counter} {preset} {provider} {width} {height} {bitrate}

Examples:
  beside convert song.wav --to mp3                     song.mp3 appears beside it
  beside convert *.wav --to mp3 --set bitrate=192k
  beside convert ~/Music --to opus --recursive --out ~/Phone
  beside convert photo.heic --to jpeg --set imageQuality=90 --set width=1600
  beside convert clip.mov --to mp3 --set trimStart=1:30 --set trimEnd=2:00
  beside convert --to mp3 -- -take-1.wav               a name that begins with a dash
  find . -name '*.flac' -print0 | beside convert - -0 --to m4a --json

Ctrl-C stops cleanly: what is left stays in the queue, and \`beside queue run\` goes on with it.
${exitHelp}`,
    )
    .action(async (sources: readonly string[], words: ConvertWords, command: Command) => {
      if (words.to === undefined && words.preset === undefined) {
        command.error('error: say what to convert to: --to FORMAT or --preset NAME (see `beside formats`)')
      }
      await go(async (around) => (await import('./convert.ts')).convert(sources, words, around))
    })
}
