/** `beside watch` as the command line knows it. */
import { Option, type Command } from 'commander'
import { sightingStates, type SightingState } from '../../../shared/folders.ts'
import type { FormatId } from '../../../shared/formats.ts'
import { count, format, settings, texts } from '../arguments.ts'
import { policies, providers } from '../convert/define.ts'
import type { Go } from '../go.ts'
import { refuseUnknown } from '../unknown.ts'
import { amount, bytes, duration, hours, kinds, orNone, orNothing, ruleName } from './values.ts'
import type { RehearseWords } from './rehearse.ts'
import type { AddWords, ChangeWords, SwitchWords } from './verbs.ts'
import type { FilesWords } from './why.ts'

export function defineWatch(program: Command, go: Go): void {
  const watch = program
    .command('watch')
    .summary('watched folders: what arrives is converted')
    .description('Folders that are watched: every file that arrives is converted once, when it is complete.')
    .addHelpText(
      'after',
      `
Examples:
  beside watch add ~/Podcasts --to mp3 --set bitrate=128k --existing ignore
  beside watch add /srv/scans --to pdf --recursive --afterwards archive --hold 10min
  beside watch add ~/Takes --to mp3 --to flac --kind audio
  beside watch change 1 --may-spend none
  beside watch rehearse 1            what the rule would do now, with nothing done
  beside watch why ~/Podcasts/new.wav
  beside watch run                   watches until it is stopped; for a machine without a screen
`,
    )
  watch
    .command('list', { isDefault: true })
    .description('all watched folders and how they are doing')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'as JSON, one object a line')
    .action(async (other: readonly string[], words: { json?: true }) => {
      refuseUnknown(watch, other)
      await go(async (around) => (await import('./verbs.ts')).list(words, around))
    })
  rule(watch.command('add').description('watch a folder').argument('<folder>'))
    .addOption(new Option('--existing <what>', 'files that are there already').choices(['convert', 'ignore']))
    .option('--off', 'store the rule and do not watch yet')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, words: AddWords, command: Command) => {
      if (words.to === undefined && words.preset === undefined) {
        command.error('error: say what to convert to: --to FORMAT or --preset NAME (see `beside formats`)')
      }
      await go(async (around) => (await import('./verbs.ts')).add(folder, words, around))
    })
  rule(
    watch
      .command('change')
      .description('change the rule of a folder; what is not said stays')
      .argument('<folder>', 'its number or its path'),
  )
    .addOption(new Option('--old-files <what>', 'files that were dealt with before').choices(['keep', 'again']).default('keep'))
    .option('--json', 'answer as JSON')
    .action(async (folder: string, words: ChangeWords) => {
      await go(async (around) => (await import('./verbs.ts')).change(folder, words, around))
    })
  for (const to of ['on', 'off'] as const) {
    const command = watch
      .command(to)
      .description(to === 'on' ? 'watch a folder again' : 'watch a folder no longer, and keep its rule')
      .argument('<folder>', 'its number or its path')
      .option('--json', 'answer as JSON')
    if (to === 'on') command.addOption(new Option('--existing <what>', 'files that are there now').choices(['convert', 'ignore']))
    command.action(async (folder: string, words: SwitchWords) => {
      await go(async (around) => (await import('./verbs.ts')).turn(folder, to, words, around))
    })
  }
  watch
    .command('remove')
    .description('forget a folder; its files and results stay')
    .argument('<folder>', 'its number or its path')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, words: { json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).remove(folder, words, around))
    })
  watch
    .command('accept')
    .description('the folder that is offline because it looks like another one is the right one')
    .argument('<folder>', 'its number or its path')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, words: { json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).accept(folder, words, around))
    })
  rule(
    watch
      .command('rehearse')
      .description('what a rule would do now, with nothing done; other options are tried and not kept')
      .argument('<folder>', 'its number or its path'),
  )
    .option('--limit <number>', 'list at most so many files', count, 20)
    .option('--json', 'as JSON, one object a line')
    .action(async (folder: string, words: RehearseWords) => {
      await go(async (around) => (await import('./rehearse.ts')).rehearse(folder, words, around))
    })
  watch
    .command('why')
    .description('why a file was converted, or was not')
    .argument('<file>')
    .option('--json', 'answer as JSON')
    .action(async (file: string, words: { json?: true }) => {
      await go(async (around) => (await import('./why.ts')).why(file, words, around))
    })
  watch
    .command('files')
    .description('the files that a folder has seen, last changed first')
    .argument('<folder>', 'its number or its path')
    .addOption(new Option('--state <state...>', 'only these').choices(sightingStates))
    .option('--find <text>', 'only those with this in their path')
    .option('--limit <number>', 'at most so many', count, 50)
    .option('--json', 'as JSON, one object a line')
    .action(async (folder: string, words: FilesWords & { state?: SightingState[] }) => {
      await go(async (around) => (await import('./why.ts')).files(folder, words, around))
    })
  watch
    .command('again')
    .description('convert files once more, or after all')
    .argument('<file...>')
    .option('--json', 'answer as JSON')
    .action(async (files: readonly string[], words: { json?: true }) => {
      await go(async (around) => (await import('./verbs.ts')).again(files, words, around))
    })
  watch
    .command('run')
    .description('watch until stopped, and tell what happens')
    .option('--json', 'as JSON, one object a line')
    .action(async (words: { json?: true }) => {
      await go(async (around) => (await import('./run.ts')).run(words, around))
    })
}

function targets(text: string, before: readonly FormatId[] = []): readonly FormatId[] {
  return [...before, format(text)]
}

/** What a rule says; the same words add, change and try it. Whatever was said can be taken back. */
function rule(command: Command): Command {
  return command
    .option('--to <format>', 'format to convert to; given again, each is a result of its own', targets)
    .option('--preset <name>', 'a stored preset; may be given again', texts)
    .option('--set <option=value>', 'a conversion option, for all results; may be given again', settings)
    .option('--recursive', 'the folders below, too')
    .option('--no-recursive', 'this folder alone')
    .option('--include <glob>', 'take only these; may be given again; "" for all', orNothing(texts))
    .option('--exclude <glob>', 'leave these out; may be given again; "" for none', orNothing(texts))
    .option(
      '--kind <kind>',
      'take only audio, video, image, document or a format; may be given again; "" for all',
      orNothing(kinds),
    )
    .option('--larger <size>', 'take only files from this size, like 500k; or none', orNone(bytes))
    .option('--smaller <size>', 'take only files up to this size; or none', orNone(bytes))
    .option('--older <time>', 'take a file when it has been like that for so long, like 10min; or none', orNone(duration))
    .option('--newer <time>', 'leave files that were last changed longer ago, like 7d; or none', orNone(duration))
    .addOption(new Option('--with <provider>', 'who converts').choices(providers))
    .option('--local-only', 'nothing leaves this machine')
    .option('--no-local-only', 'files may leave it where --may-spend allows')
    .option('--may-spend <amount>', 'may use online providers, up to so much in their own unit; or none', orNone(amount))
    .addOption(new Option('--per <time>', 'what the amount is for').choices(['day', 'month']))
    .option('--out <folder>', 'put results there, in the same tree of folders; "" for beside the sources')
    .option('--name <template>', 'name of results, like {name}-{date}; "" for as the settings say', ruleName)
    .addOption(new Option('--if-exists <what>', 'when the name is taken').choices([...policies, 'settings']))
    .addOption(
      new Option('--afterwards <what>', 'what becomes of a converted source').choices(['keep', 'archive', 'trash', 'settings']),
    )
    .addOption(new Option('--when-changed <what>', 'a converted file that has other contents later').choices(['again', 'keep']))
    .option('--hold <time>', 'let a complete file rest for so long', duration)
    .option(
      '--hours <hours>',
      'convert only then, like "mon-fri 22:00-06:00"; may be given again; "" for at any time',
      orNothing(hours),
    )
    .option('--polling', 'look through the folder now and then instead of listening to the system')
    .option('--no-polling', 'listen where the system tells')
}
