/**
 * Completion: small scripts for the shells, and the candidates, read from the very commands and options that the program has. The
 * scripts hand the words over as they are; nothing that was typed is evaluated.
 */
import type { Command, Option } from 'commander'
import { formatIds, formats } from '../../../shared/formats.ts'
import { optionNames, optionTable } from '../../../shared/options.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import type { Shell } from './define.ts'

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

export async function completion(shell: Shell, { screen }: Around): Promise<ExitStatus> {
  await screen.write(`${scripts[shell]}\n`)
  return exit.done
}

/** One candidate a line, its meaning after a tab. None: a file name is as good as anything. */
export async function complete(program: Command, words: readonly string[], { screen }: Around): Promise<ExitStatus> {
  const found = candidates(program, words)
  if (found.length > 0) await screen.write(`${found.map(({ word, meaning }) => `${word}\t${meaning}`).join('\n')}\n`)
  return exit.done
}

interface Candidate {
  readonly word: string
  readonly meaning: string
}

/** For the last of the words, which may be empty. */
function candidates(program: Command, words: readonly string[]): readonly Candidate[] {
  const typed = words.at(-1) === '=' ? '' : (words.at(-1) ?? '')
  let command = program
  let awaits: Option | null = null
  for (const word of words.slice(0, -1)) {
    if (word === '--') return []
    if (word === '=') continue
    if (awaits !== null) awaits = null
    else if (word.startsWith('-')) awaits = takesValue(command, word)
    else command = command.commands.find((each) => each.name() === word) ?? command
  }
  const fits = ({ word }: Candidate) => word.startsWith(typed)
  if (awaits !== null) return valuesOf(awaits).filter(fits)
  const equals = typed.indexOf('=')
  if (typed.startsWith('--') && equals > 0) {
    const option = takesValue(command, typed.slice(0, equals))
    return option === null
      ? []
      : valuesOf(option)
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
  return [...commands, ...choices].filter(fits)
}

function takesValue(command: Command, flag: string): Option | null {
  const option = command.options.find(({ long, short }) => flag === long || flag === short)
  return option !== undefined && (option.required || option.optional) ? option : null
}

function valuesOf({ argChoices, long }: Option): readonly Candidate[] {
  if (argChoices !== undefined) return argChoices.map((word) => ({ word, meaning: '' }))
  if (long === '--to' || long === '--from') return formatIds.map((word) => ({ word, meaning: formats[word].title }))
  return long === '--set' ? optionNames.map((name) => ({ word: `${name}=`, meaning: optionTable[name].meaning })) : []
}
