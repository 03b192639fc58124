import type { Command } from 'commander'
import { didYouMean } from './near.ts'
import { shown } from './text.ts'

/** A word where a group of commands was asked for none that it has. */
export function refuseUnknown(group: Command, words: readonly string[]): void {
  const [word] = words
  if (word === undefined) return
  const hint = didYouMean(
    word,
    group.commands.map((command) => command.name()),
  )
  group.error(
    `error: beside ${group.name()} has no command '${shown(word)}'${hint === '' ? '' : `\n${hint}`}\nSee \`beside ${group.name()} --help\`.`,
  )
}
