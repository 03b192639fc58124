/** `beside watch`: its commands, and those of them that change what is watched. */
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Option, type Command } from 'commander'
import { sightingStates, type ExistingChoice, type Folder, type Rule, type SightingState } from '../../../shared/folders.ts'
import type { FormatId } from '../../../shared/formats.ts'
import type { Client } from '../../../shared/wire/client.ts'
import {
  parseAmount,
  parseBytes,
  parseCount,
  parseDuration,
  parseHours,
  parseKinds,
  parseOptionSettings,
  orNone,
  orNothing,
  policies,
  providerChoices,
  parseRuleName,
  parseTexts,
} from '../arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from '../context.ts'
import { refuseNoTarget } from '../convert/command.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { refuseUnknown } from '../program.ts'
import { line } from '../report/json.ts'
import { counted, numberText, shortPath } from '../terminal/text.ts'
import { explain, listFiles, rehearse, type FilesArgs, type RehearseArgs } from './files.ts'
import { parseTargets } from '../targets.ts'
import { healthText, newRule, ruleFrom, sharedArgs, ruleText, withFolder, type RuleArgs } from './rule.ts'
import { run } from './run.ts'
import { refuseUnlisted } from '../open-formats.ts'

export function defineWatch(program: Command, start: Start): void {
  const watch = program
    .command('watch')
    .summary('watch folders and convert what arrives')
    .description('Watches folders: every file that arrives is converted once, as soon as it is complete.')
    .addHelpText(
      'after',
      `
Examples:
  beside watch add ~/Podcasts --to mp3 --set bitrate=128k --existing ignore
  beside watch add /srv/scans --to pdf --recursive --afterwards archive --hold 10min
  beside watch add ~/Takes --to mp3 --to flac --kind audio
  beside watch change 1 --may-spend none
  beside watch rehearse 1            show what the rule would do now, without doing it
  beside watch why ~/Podcasts/new.wav
  beside watch run                   watch until stopped; for servers
`,
    )
  watch
    .command('list', { isDefault: true })
    .description('list all watched folders with their status')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(watch, other)
      await start(async (context) => list(args, context))
    })
  withRuleOptions(watch.command('add').description('watch a folder').argument('<folder>'))
    .addOption(new Option('--existing <what>', 'what to do with files that are already there').choices(['convert', 'ignore']))
    .option('--off', 'save the rule without watching yet')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, args: AddArgs, command: Command) => {
      refuseNoTarget(args, command)
      await start(async (context) => add(folder, args, context))
    })
  withRuleOptions(
    watch
      .command('change')
      .description('change the rule of a folder; everything else stays')
      .argument('<folder>', 'its number or path'),
  )
    .addOption(
      new Option('--old-files <what>', 'what to do with files handled before').choices(['keep', 'again']).default('keep'),
    )
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, args: ChangeArgs) => {
      await start(async (context) => change(folder, args, context))
    })
  for (const to of ['on', 'off'] as const) {
    const command = watch
      .command(to)
      .description(to === 'on' ? 'resume watching a folder' : 'stop watching a folder and keep its rule')
      .argument('<folder>', 'its number or path')
      .option('--json', 'print the result as JSON')
    if (to === 'on')
      command.addOption(
        new Option('--existing <what>', 'what to do with files that are already there').choices(['convert', 'ignore']),
      )
    command.action(async (folder: string, args: SwitchArgs) => {
      await start(async (context) => turn(folder, to, args, context))
    })
  }
  watch
    .command('remove')
    .description('remove a folder; its files and results are kept')
    .argument('<folder>', 'its number or path')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, args: JsonArgs) => {
      await start(async (context) => remove(folder, args, context))
    })
  watch
    .command('accept')
    .description('confirm that a folder that is offline because it looks different is the right one')
    .argument('<folder>', 'its number or path')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, args: JsonArgs) => {
      await start(async (context) => accept(folder, args, context))
    })
  withRuleOptions(
    watch
      .command('rehearse')
      .description('show what a rule would do now, without doing it; options given here are tried and not saved')
      .argument('<folder>', 'its number or path'),
  )
    .option('--limit <number>', 'maximum number of files to list', parseCount, 20)
    .option('--json', 'print JSON, one object per line')
    .action(async (folder: string, args: RehearseArgs) => {
      await start(async (context) => rehearse(folder, args, context))
    })
  watch
    .command('why')
    .description('explain why a file was or was not converted')
    .argument('<file>')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, args: JsonArgs) => {
      await start(async (context) => explain(file, args, context))
    })
  watch
    .command('files')
    .description('list the files seen in a folder, most recently changed first')
    .argument('<folder>', 'its number or path')
    .addOption(new Option('--state <state...>', 'only files in these states').choices(sightingStates))
    .option('--find <text>', 'only files whose path contains this')
    .option('--limit <number>', 'maximum number of files', parseCount, 50)
    .option('--json', 'print JSON, one object per line')
    .action(async (folder: string, args: FilesArgs & { state?: SightingState[] }) => {
      await start(async (context) => listFiles(folder, args, context))
    })
  watch
    .command('again')
    .description('convert files again, or after all')
    .argument('<file...>')
    .option('--json', 'print the result as JSON')
    .action(async (paths: readonly string[], args: JsonArgs) => {
      await start(async (context) => again(paths, args, context))
    })
  watch
    .command('run')
    .description('watch until stopped and report what happens')
    .option('--json', 'print JSON, one object per line')
    .action(async (args: JsonArgs) => {
      await start(async (context) => run(args, context))
    })
}

/** What a rule says; the same options add, change and rehearse it. Whatever was set can be removed. */
function withRuleOptions(command: Command): Command {
  return command
    .option('--to <format>', 'format to convert to; repeat it for several results', parseTargets)
    .option('--preset <name>', 'use a preset (see `beside presets`); can be repeated', parseTexts)
    .option('--set <option=value>', 'conversion option for all results; can be repeated', parseOptionSettings)
    .option('--recursive', 'include subfolders')
    .option('--no-recursive', 'only this folder')
    .option('--include <glob>', 'only convert matching files; can be repeated; "" for all', orNothing(parseTexts))
    .option('--exclude <glob>', 'skip matching files; can be repeated; "" for none', orNothing(parseTexts))
    .option(
      '--kind <kind>',
      'only convert audio, video, image, document or a format; can be repeated; "" for all',
      orNothing(parseKinds),
    )
    .option('--larger <size>', 'minimum file size, like 500k; or none', orNone(parseBytes))
    .option('--smaller <size>', 'maximum file size; or none', orNone(parseBytes))
    .option('--older <time>', 'wait until a file has been unchanged for this long, like 10min; or none', orNone(parseDuration))
    .option('--newer <time>', 'skip files last changed longer ago than this, like 7d; or none', orNone(parseDuration))
    .addOption(new Option('--with <provider>', 'provider that converts').choices(providerChoices))
    .option('--local-only', 'never send anything to an online provider')
    .option('--no-local-only', 'allow online providers as far as --may-spend does')
    .option(
      '--may-spend <amount>',
      'let online providers spend up to this much without asking, in their own unit; or none',
      orNone(parseAmount),
    )
    .addOption(new Option('--per <time>', 'period of the amount').choices(['day', 'month']))
    .option('--out <folder>', 'folder for results; subfolders are recreated there; "" for beside the sources')
    .option('--name <template>', 'name of results, like {name}-{date}; "" for the setting', parseRuleName)
    .addOption(new Option('--if-exists <action>', 'if the name is taken').choices([...policies, 'settings']))
    .addOption(
      new Option('--afterwards <what>', 'what to do with a converted source').choices(['keep', 'archive', 'trash', 'settings']),
    )
    .addOption(
      new Option('--when-changed <what>', 'what to do with a converted file that changes later').choices(['again', 'keep']),
    )
    .option('--hold <time>', 'wait this long after a file is complete', parseDuration)
    .option(
      '--hours <hours>',
      'only convert in these hours, like "mon-fri 22:00-06:00"; can be repeated; "" for any time',
      orNothing(parseHours),
    )
    .option('--polling', 'scan the folder periodically instead of relying on change events')
    .option('--no-polling', 'rely on change events where the system reports them')
}

interface AddArgs extends RuleArgs, JsonArgs {
  readonly existing?: ExistingChoice
  readonly off?: true
}
interface ChangeArgs extends RuleArgs, JsonArgs {
  readonly oldFiles: 'again' | 'keep'
}
interface SwitchArgs extends JsonArgs {
  readonly existing?: ExistingChoice
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const folders = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.folders.list()))
  if (args.json === true) for (const folder of folders) screen.print(line('folder', { ...folder }))
  else if (folders.length === 0) screen.print('No folders are watched. `beside watch add FOLDER --to FORMAT` adds one.')
  else screen.print(folders.map((folder) => card(folder, context)).join('\n\n'))
  return exit.done
}

async function add(folder: string, args: AddArgs, context: CliContext): Promise<ExitStatus> {
  const on = args.off !== true
  return await withSession(context, 'look', async ({ client }) => {
    await refuseUnlisted(formatsIn(args), undefined, client)
    const rule = newRule(folder, await sharedArgs(args, client), context.cwd)
    const existing = args.existing ?? (on ? await askExisting(rule, client, context) : null)
    report(await client.folders.add({ rule, on, existing }), args, context)
    return exit.done
  })
}

function formatsIn({ to = [] }: RuleArgs): readonly FormatId[] {
  return to.map(({ format }) => format)
}

async function change(given: string, args: ChangeArgs, context: CliContext): Promise<ExitStatus> {
  return await withFolder(given, context, async (folder, client) => {
    await refuseUnlisted(formatsIn(args), undefined, client)
    const rule = ruleFrom(await sharedArgs(args, client), folder.rule, context.cwd)
    report(await client.folders.change({ id: folder.id, rule, oldFiles: args.oldFiles }), args, context)
  })
}

async function turn(given: string, to: 'on' | 'off', args: SwitchArgs, context: CliContext): Promise<ExitStatus> {
  return await withFolder(given, context, async (folder, client) => {
    const isAsked = to === 'on' && folder.health.state === 'undecided'
    const existing = args.existing ?? (isAsked ? await askExisting(folder.rule, client, context) : null)
    report(await client.folders.switch({ id: folder.id, on: to === 'on', existing }), args, context)
  })
}

async function accept(given: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await withFolder(given, context, async ({ id }, client) => report(await client.folders.accept({ id }), args, context))
}

async function remove(given: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await withFolder(given, context, async ({ id, rule }, client) => {
    await client.folders.remove({ id })
    if (args.json === true) context.screen.print(line('removed', { id, path: rule.path }))
    else context.screen.print(`${shortPath(rule.path, context.cwd)} is no longer watched. Its files and results are kept.`)
  })
}

async function again(paths: readonly string[], args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client }) => {
    const ids: number[] = []
    for (const path of paths) {
      const reasons = await client.folders.why({ path: resolve(context.cwd, path) })
      const found = reasons.flatMap(({ sighting }) => (sighting === null || sighting.gone ? [] : [sighting.id]))
      if (found.length === 0)
        throw new UsageError(`${shortPath(resolve(context.cwd, path), context.cwd)} is not known in any watched folder.`)
      ids.push(...found)
    }
    const { moved } = await client.folders.again({ ids })
    if (args.json === true) context.screen.print(line('again', { moved }))
    else context.screen.print(`${counted(moved, 'file')} will be converted again.`)
    return exit.done
  })
}

/** On a terminal the question is asked; elsewhere the refusal says what to add. */
async function askExisting(
  rule: Rule,
  client: Client,
  { screen, input, interruption }: CliContext,
): Promise<ExistingChoice | null> {
  if (!screen.isLive || !input.isTTY) return null
  const { convert, later } = await client.folders.rehearse({ rule, id: null, limit: 1 })
  if (convert + later === 0) return null
  const prompt = createInterface({ input, output: process.stderr })
  try {
    for (;;) {
      const question = `The folder contains ${counted(convert + later, 'file')} to convert. Convert or ignore? [c/i] `
      const answer = (await prompt.question(question, { signal: interruption })).trim().toLowerCase()
      if (/^c(onvert)?$/.test(answer)) return 'convert'
      if (/^i(gnore)?$/.test(answer)) return 'ignore'
    }
  } finally {
    prompt.close()
  }
}

function report(folder: Folder, { json }: JsonArgs, context: CliContext): void {
  context.screen.print(json === true ? line('folder', { ...folder }) : card(folder, context))
}

function card(folder: Folder, { cwd, screen }: CliContext): string {
  const { id, rule, counts, today } = folder
  const figures = [
    ['waiting', counts.waiting],
    ['queued', counts.queued],
    ['converted', counts.done],
    ['failed', counts.failed],
    ['given up', counts.quarantined],
    ['skipped', counts.left],
  ] as const
  const files = figures.filter(([, count]) => count > 0).map(([word, count]) => `${numberText(count)} ${word}`)
  const now = today.done > 0 ? ` · ${numberText(today.done)} converted today` : ''
  return [
    screen.paint('bold', `${id}  ${shortPath(rule.path, cwd)}`),
    `   ${ruleText(rule)}`,
    `   ${healthText(folder)}`,
    `   ${files.length === 0 ? 'no files yet' : files.join(', ')}${now}`,
  ].join('\n')
}
