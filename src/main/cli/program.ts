/** The commands of `beside`. Only what they are called and take is here; what they do is loaded when one is asked for. */
import { Command } from 'commander'
import { exitHelp } from './exit.ts'
import type { Go } from './go.ts'

type Define = (program: Command, go: Go) => void

const definitions: Readonly<Record<string, () => Promise<Define>>> = {
  convert: async () => (await import('./convert/define.ts')).defineConvert,
  queue: async () => (await import('./queue/define.ts')).defineQueue,
  history: async () => (await import('./history/define.ts')).defineHistory,
  undo: async () => (await import('./history/define.ts')).defineUndo,
  watch: async () => (await import('./watch/define.ts')).defineWatch,
  presets: async () => (await import('./presets/define.ts')).definePresets,
  providers: async () => (await import('./providers/define.ts')).defineProviders,
  settings: async () => (await import('./settings/define.ts')).defineSettings,
  formats: async () => (await import('./formats/define.ts')).defineFormats,
  serve: async () => (await import('./serve/define.ts')).defineServe,
  doctor: async () => (await import('./doctor/define.ts')).defineDoctor,
  completion: async () => (await import('./completion/define.ts')).defineCompletion,
}

/** Where the first of the words names a command, only that one is put in. */
export async function createProgram(words: readonly string[], version: string, go: Go): Promise<Command> {
  const program = new Command('beside')
    .description('Converts files: the result appears beside the original, with nothing lost and nothing overwritten.')
    .version(version, '-V, --version', 'the version of Beside')
    .helpOption('-h, --help', 'help, also for one command')
    .helpCommand('help [command]', 'help for one command')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  beside convert song.wav --to mp3
  beside convert ~/Photos --to webp --recursive
  beside formats --from flac
  beside convert --help

BESIDE_HOME is the folder for the queue, the history and the settings.
${exitHelp}`,
    )
  const [first = ''] = words
  const wanted = Object.hasOwn(definitions, first) ? [first] : Object.keys(definitions)
  for (const name of wanted) (await definitions[name]?.())?.(program, go)
  return program
}
