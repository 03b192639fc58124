/** The commands of `beside`. What a command is called and takes stands at the top of its own module; only the one that is asked for is loaded. */
import { Command } from 'commander'
import { didYouMean } from './arguments.ts'
import type { Start } from './context.ts'
import { exitHelp } from './exit.ts'
import type { Screen } from './terminal/screen.ts'
import { shown } from './terminal/text.ts'

type Define = (program: Command, start: Start) => void

const definitions: Readonly<Record<string, () => Promise<Define>>> = {
  convert: async () => (await import('./convert/command.ts')).defineConvert,
  queue: async () => (await import('./queue/commands.ts')).defineQueue,
  history: async () => (await import('./history.ts')).defineHistory,
  undo: async () => (await import('./history.ts')).defineUndo,
  watch: async () => (await import('./watch/commands.ts')).defineWatch,
  hooks: async () => (await import('./hooks/commands.ts')).defineHooks,
  presets: async () => (await import('./presets.ts')).definePresets,
  providers: async () => (await import('./providers.ts')).defineProviders,
  settings: async () => (await import('./settings.ts')).defineSettings,
  inspect: async () => (await import('./inspect.ts')).defineInspect,
  formats: async () => (await import('./formats.ts')).defineFormats,
  fleet: async () => (await import('./fleet/commands.ts')).defineFleet,
  worker: async () => (await import('./fleet/worker.ts')).defineWorker,
  serve: async () => (await import('./serve.ts')).defineServe,
  mcp: async () => (await import('./mcp/command.ts')).defineMcp,
  api: async () => (await import('./api.ts')).defineApi,
  menus: async () => (await import('./menus.ts')).defineMenus,
  doctor: async () => (await import('./doctor.ts')).defineDoctor,
  completion: async () => (await import('./completion.ts')).defineCompletion,
}

/** Where the first argument names a command, only that one is put in. */
export async function createProgram(args: readonly string[], version: string, screen: Screen, start: Start): Promise<Command> {
  const program = new Command('beside')
    .configureOutput({
      writeOut: (text) => screen.print(text.replace(/\n$/, '')),
      writeErr: (text) => screen.warn(text.replace(/\n$/, '')),
    })
    .description('Converts files. Results appear beside the originals; nothing is lost and nothing is overwritten.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
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
  beside inspect film.mkv
  beside convert --help

BESIDE_HOME is the folder for the queue, the history and the settings.
${exitHelp}`,
    )
  const [first = ''] = args
  const wanted = Object.hasOwn(definitions, first) ? [first] : Object.keys(definitions)
  for (const name of wanted) (await definitions[name]?.())?.(program, start)
  return program
}

/** An argument where a command of a group was expected that the group does not have. */
export function refuseUnknown(group: Command, args: readonly string[]): void {
  const [arg] = args
  if (arg === undefined) return
  const suggestion = didYouMean(
    arg,
    group.commands.map((command) => command.name()),
  )
  group.error(
    `error: unknown command '${shown(arg)}' for beside ${group.name()}${suggestion === '' ? '' : `\n${suggestion}`}\nSee \`beside ${group.name()} --help\`.`,
  )
}
