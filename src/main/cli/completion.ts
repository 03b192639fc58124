/**
 * `beside completion`: small scripts for the shells, and the candidates that they ask for at each Tab, read from the very commands and
 * options that the program has. The scripts pass what was typed on as it is; nothing of it is evaluated.
 */
import { access } from 'node:fs/promises'
import { Argument, type Command, type Option } from 'commander'
import { formatIds, factsOf, inTableOrder, type FormatId } from '../../shared/formats.ts'
import { optionNames, optionTable } from '../../shared/options.ts'
import { isSuppliedPreset, suppliedPreset, suppliedPresetIds } from '../../shared/presets.ts'
import english from '../../shared/text/en.json' with { type: 'json' }
import type { Client } from '../../shared/wire/client.ts'
import { homePath } from '../home.ts'
import { withSession, type CliContext, type Start } from './context.ts'
import { exit, type ExitStatus } from './exit.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function defineCompletion(program: Command, start: Start): void {
  program
    .command('completion')
    .summary('set up completion for your shell')
    .description('Prints a script that lets your shell complete the commands, options and formats of Beside.')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  bash   echo 'source <(beside completion bash)' >> ~/.bashrc
  zsh    echo 'source <(beside completion zsh)' >> ~/.zshrc      (after compinit)
  fish   beside completion fish > ~/.config/fish/completions/beside.fish`,
    )
    .action(async (shell: Shell) => await start(async (context) => completion(shell, context)))
  program
    .command('complete', { hidden: true })
    .argument('[word...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (typed: readonly string[]) => await start(async (context) => complete(program, typed, context)))
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_beside() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  # Bash takes --to=mp3 apart: "--to", "=", "mp3".
  [[ $word == '=' ]] && word=''
  COMPREPLY=($(compgen -W "$(beside complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)" -- "$word"))
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _beside beside`,
  zsh: `#compdef beside
_beside() {
  local -a lines
  local line
  for line in "\${(@f)$(beside complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && lines+=("\${\${\${line//:/\\:}/$'\\t'/:}%:}")
  done
  if (( \${#lines} )); then _describe 'beside' lines; else _files; fi
}
compdef _beside beside`,
  fish: `function __beside_complete
  set -l words (commandline -opc) (commandline -ct)
  beside complete -- $words[2..-1] 2>/dev/null
end
complete -c beside -a '(__beside_complete)'`,
}

async function completion(shell: Shell, { screen }: CliContext): Promise<ExitStatus> {
  await screen.write(`${scripts[shell]}\n`)
  return exit.done
}

/** One candidate a line, its meaning after a tab. None: a file name is as good as anything. */
async function complete(program: Command, typed: readonly string[], context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const found = await candidates(program, typed, context)
  if (found.length > 0) await screen.write(`${found.map(({ word, meaning }) => `${word}\t${meaning}`).join('\n')}\n`)
  return exit.done
}

interface Candidate {
  readonly word: string
  readonly meaning: string
}

/** For the last of the words, which may be empty. */
async function candidates(program: Command, args: readonly string[], context: CliContext): Promise<readonly Candidate[]> {
  const typed = args.at(-1) === '=' ? '' : (args.at(-1) ?? '')
  let command = program
  let awaits: Option | null = null
  for (const word of args.slice(0, -1)) {
    if (word === '--') return []
    if (word === '=') continue
    if (awaits !== null) awaits = null
    else if (word.startsWith('-')) awaits = takesValue(command, word)
    else command = command.commands.find((each) => each.name() === word) ?? command
  }
  const fits = ({ word }: Candidate) => word.startsWith(typed)
  if (awaits !== null) return (await valuesOf(awaits, typed, context)).filter(fits)
  const equals = typed.indexOf('=')
  if (typed.startsWith('--') && equals > 0) {
    const option = takesValue(command, typed.slice(0, equals))
    return option === null
      ? []
      : (await valuesOf(option, typed.slice(equals + 1), context))
          .map(({ word, meaning }) => ({ word: `${typed.slice(0, equals + 1)}${word}`, meaning }))
          .filter(fits)
  }
  const help = command.createHelp()
  if (typed.startsWith('-')) {
    return help
      .visibleOptions(command)
      .map((option) => ({ word: option.long ?? option.short ?? '', meaning: option.description }))
      .filter(fits)
  }
  const commands = help
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), meaning: each.summary() || each.description() }))
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []).map((word) => ({ word, meaning: '' }))
  const takesFormat = command.registeredArguments.some((argument) => argument.name() === 'format')
  return [...commands, ...choices, ...(takesFormat ? await formatsKnown(context) : [])].filter(fits)
}

function takesValue(command: Command, flag: string): Option | null {
  const option = command.options.find(({ long, short }) => flag === long || flag === short)
  return option !== undefined && (option.required || option.optional) ? option : null
}

async function valuesOf({ argChoices, long }: Option, typed: string, context: CliContext): Promise<readonly Candidate[]> {
  if (argChoices !== undefined) return argChoices.map((word) => ({ word, meaning: '' }))
  if (long === '--to' && typed.includes(':')) return optionsBehind(typed)
  if (long === '--to' || long === '--from') return await formatsKnown(context)
  if (long === '--preset') return await presetsKnown(context)
  return long === '--set' ? optionNames.map((name) => ({ word: `${name}=`, meaning: optionTable[name].meaning })) : []
}

/** `mp4:maxHeight=`, for the piece that is being typed. */
function optionsBehind(typed: string): readonly Candidate[] {
  const before = typed.slice(0, Math.max(typed.indexOf(':'), typed.lastIndexOf(',')) + 1)
  return optionNames.map((name) => ({ word: `${before}${name}=`, meaning: optionTable[name].meaning }))
}

/** With the kind, since there are more than a hundred. */
function formatMeaning(id: FormatId): string {
  const { title, family } = factsOf(id)
  return `${title} (${english.labels.family[family].toLowerCase()})`
}

/** Nobody waits longer at a Tab for what a service has. */
const catalogueMs = 1500

/** With those that only a provider's catalogue has, where it is at hand. */
async function formatsKnown(context: CliContext): Promise<readonly Candidate[]> {
  const listed = await ifUsed(context, async (client) => {
    const pairings = await client.formats(undefined, { signal: AbortSignal.timeout(catalogueMs) })
    return pairings.flatMap(({ from, to }) => [...from, ...to])
  })
  return inTableOrder([...formatIds, ...(listed ?? [])]).map((word) => ({ word, meaning: formatMeaning(word) }))
}

async function presetsKnown(context: CliContext): Promise<readonly Candidate[]> {
  const listed = await ifUsed(context, async (client) => await client.presets.list())
  return (listed ?? suppliedPresetIds.map(suppliedPreset)).map(({ name, group, target }) => ({
    word: name,
    meaning: group === 'own' || !isSuppliedPreset(name) ? factsOf(target).title : english.labels.preset[name].title,
  }))
}

/** Null where the data folder is not to be had, or not there yet: it is not made for a Tab. */
async function ifUsed<T>(context: CliContext, asked: (client: Client) => Promise<T>): Promise<T | null> {
  const isUsed = await access(homePath(context.env, context.cwd)).then(
    () => true,
    () => false,
  )
  return isUsed ? await withSession(context, 'look', async ({ client }) => await asked(client)).catch(() => null) : null
}
