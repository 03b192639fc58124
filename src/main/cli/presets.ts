/** `beside presets`: list, show, save, remove; and to and from a file, so that they can be kept with a project or given to somebody. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { JobError } from '../../shared/failure.ts'
import { factsOf } from '../../shared/formats.ts'
import type { ProviderChoice } from '../../shared/job.ts'
import { presetSchema, type ListedPreset, type Preset } from '../../shared/model.ts'
import { optionTexts, parseOptions } from '../../shared/options.ts'
import { isSuppliedPreset, presetIsFixed } from '../../shared/presets.ts'
import english from '../../shared/text/en.json' with { type: 'json' }
import { refuseUnlisted } from './open-formats.ts'
import { didYouMean, parseNameTemplate, parseOptionSettings, providerChoices, type OptionSetting } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { refuseUnknown } from './program.ts'
import { line } from './report/json.ts'
import { optionsFrom, shareOptions, parseTargets, type Target } from './targets.ts'
import { table } from './terminal/table.ts'
import { counted, shown } from './terminal/text.ts'

export function definePresets(program: Command, start: Start): void {
  const presets = program
    .command('presets')
    .summary('save and reuse formats with options')
    .description(
      'A preset is a named format with its options, for `beside convert --preset`. Some come with Beside; copy one to change it.',
    )
    .addHelpText(
      'after',
      `
Examples:
  beside convert *.wav --preset podcast
  beside presets copy podcast interviews --set bitrate=128k
  beside presets save small --to webp --set width=800
  beside presets save publish --to mp4:maxHeight=1080 --to mp4:maxHeight=720 --to mp3
  beside presets export > presets.json
  beside presets import presets.json
`,
    )
  presets
    .command('list', { isDefault: true })
    .description('list all presets')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(presets, other)
      await start(async (context) => list(args, context))
    })
  presets
    .command('show')
    .description('show a preset')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, args: JsonArgs) => {
      await start(async (context) => show(name, args, context))
    })
  presets
    .command('save')
    .description('save a preset; one with the same name is replaced')
    .argument('<name>')
    .requiredOption('--to <format>', 'format to convert to; repeat it for several results of each source', parseTargets)
    .addOption(new Option('--with <provider>', 'provider that converts').choices(providerChoices))
    .option('--set <option=value>', 'conversion option; can be repeated', parseOptionSettings)
    .option('--name <template>', 'name of results', parseNameTemplate)
    .option('--local-only', 'never send anything to an online provider')
    .action(async (name: string, args: SaveArgs) => {
      await start(async (context) => save(name, args, context))
    })
  presets
    .command('copy')
    .description('save a copy of a preset under a name of your own; one with the same name is replaced')
    .argument('<name>')
    .argument('<as>', 'name of the copy')
    .option('--set <option=value>', 'what the copy does differently; can be repeated', parseOptionSettings)
    .action(async (name: string, as: string, args: Pick<SaveArgs, 'set'>) => {
      await start(async (context) => copy(name, as, args, context))
    })
  presets
    .command('remove')
    .description('remove presets')
    .argument('<name...>')
    .action(async (names: readonly string[]) => await start(async (context) => remove(names, context)))
  presets
    .command('import')
    .description('import presets from a file; those with the same name are replaced')
    .argument('<file>', 'file written by export, or - for standard input')
    .action(async (file: string) => await start(async (context) => importPresets(file, context)))
  presets
    .command('export')
    .description('write your own presets to standard output')
    .argument('[name...]', 'only these presets')
    .action(async (names: readonly string[]) => await start(async (context) => exportPresets(names, context)))
}

interface SaveArgs {
  readonly to: readonly Target[]
  readonly with?: ProviderChoice
  readonly set?: readonly OptionSetting[]
  readonly name?: string
  readonly localOnly?: true
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const presets = await all(context)
  if (args.json === true) for (const preset of presets) screen.print(line('preset', { ...preset }))
  else {
    const columns = [
      { title: 'GROUP' },
      { title: 'NAME' },
      { title: 'TO' },
      { title: 'WHAT IT DOES', yields: 'at the end' },
    ] as const
    screen.print(table(columns, presets.map(row), screen))
    if (!presets.some(({ group }) => group === 'own'))
      screen.print('\nNone of your own yet. `beside presets save NAME --to FORMAT` and `beside presets copy NAME AS` create one.')
  }
  return exit.done
}

async function show(name: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const preset = found(name, await all(context))
  const { screen } = context
  if (args.json === true) {
    screen.print(line('preset', { ...preset }))
    return exit.done
  }
  const facts: readonly (readonly [string, string])[] = [
    ['name', shown(preset.name)],
    ...(preset.group === 'own' ? [] : [['does', doing(preset)] as const]),
    ...[preset, ...(preset.further ?? [])].flatMap(({ target, options }) => [
      ['to', `${target} (${factsOf(target).title})`] as const,
      ...optionTexts(options).map(([option, value]) => [option, shown(value)] as const),
    ]),
    ...(preset.with === undefined ? [] : [['with', preset.with] as const]),
    ...(preset.nameTemplate === undefined ? [] : [['results named', shown(preset.nameTemplate)] as const]),
    ...(preset.localOnly === true ? [['local only', 'yes'] as const] : []),
  ]
  const widest = Math.max(...facts.map(([fact]) => fact.length))
  for (const [fact, value] of facts) screen.print(`${fact.padEnd(widest)}  ${value}`)
  return exit.done
}

async function save(name: string, args: SaveArgs, context: CliContext): Promise<ExitStatus> {
  const called = legalName(name)
  const nameTemplate = args.name === undefined ? {} : { nameTemplate: args.name }
  await withSession(context, 'look', async ({ ask, client }) => {
    await refuseUnlisted(
      args.to.map(({ format }) => format),
      args.with,
      client,
    )
    const targets = await shareOptions(args.to, args.set, client)
    const outputs = targets.map(({ format, set }) => ({ target: format, options: optionsFrom(set), ...nameTemplate }))
    const [first, ...further] = outputs
    if (first === undefined) return
    const preset: Preset = {
      name: called,
      ...first,
      ...(args.with === undefined ? {} : { with: args.with }),
      ...(args.localOnly === undefined ? {} : { localOnly: args.localOnly }),
      ...(further.length > 0 && { further }),
    }
    await ask((known) => known.presets.save(preset))
  })
  return saved(name, context)
}

/** With what `--set` says instead of what the other one has. */
async function copy(name: string, as: string, { set = [] }: Pick<SaveArgs, 'set'>, context: CliContext): Promise<ExitStatus> {
  await withSession(context, 'look', async ({ ask }) => {
    const preset = found(name, await ask((client) => client.presets.list()))
    if (set.length > 0 && (preset.further ?? []).length > 0)
      throw new UsageError(
        `The preset “${shown(name)}” has several results, each with options of its own.`,
        'Save another one: beside presets save NAME --to FORMAT:option=value --to …',
      )
    const options = parseOptions({ ...preset.options, ...Object.fromEntries(set) })
    if (!options.ok) throw JobError.from(options.failure)
    await ask((client) => client.presets.save({ ...ownPart(preset), name: legalName(as), options: options.value }))
  })
  return saved(as, context)
}

function legalName(name: string): string {
  if (name.trim() === '' || name.length > 80) throw new UsageError('The name of a preset must have 1 to 80 characters.')
  return name
}

function saved(name: string, context: CliContext): ExitStatus {
  context.screen.print(`Saved. Use it with \`beside convert … --preset ${/^[\w.-]+$/.test(name) ? name : `'${shown(name)}'`}\`.`)
  return exit.done
}

async function remove(names: readonly string[], context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client, ask }) => {
    const presets = await ask(() => client.presets.list())
    for (const name of names) if (found(name, presets).group !== 'own') throw presetIsFixed(name)
    for (const name of names) await ask(() => client.presets.remove({ name }))
    context.screen.print(names.length === 1 ? 'Preset removed.' : `${names.length} presets removed.`)
    return exit.done
  })
}

async function all(context: CliContext): Promise<readonly ListedPreset[]> {
  return await withSession(context, 'look', async ({ ask }) => await ask((client) => client.presets.list()))
}

function found(name: string, presets: readonly ListedPreset[]): ListedPreset {
  const preset = presets.find((each) => each.name === name)
  if (preset !== undefined) return preset
  const hint = didYouMean(
    name,
    presets.map((each) => each.name),
  )
  throw new JobError('preset-unknown', { preset: shown(name), ...(hint === '' ? {} : { hint }) })
}

function row(preset: ListedPreset): string[] {
  const { group, name, target, further = [] } = preset
  return [group, shown(name), [target, ...further.map((output) => output.target)].join(', '), shown(doing(preset))]
}

/** In a sentence where it comes with Beside, else by its options. */
function doing({ group, name, options, further = [], with: provider, nameTemplate, localOnly }: ListedPreset): string {
  if (group !== 'own' && isSuppliedPreset(name)) return english.labels.preset[name].line
  const parts = [
    ...[options, ...further.map((output) => output.options)].map((each) =>
      optionTexts(each)
        .map(([option, value]) => `${option}=${value}`)
        .join(' '),
    ),
    ...(provider === undefined ? [] : [`with ${provider}`]),
    ...(nameTemplate === undefined ? [] : [`named ${nameTemplate}`]),
    ...(localOnly === true ? ['local only'] : []),
  ]
  return parts.filter((part) => part !== '').join(further.length > 0 ? ' · ' : ' ')
}

/** What the file says it is, and in which form. */
const mark = { besidePresets: 1 }

async function exportPresets(names: readonly string[], context: CliContext): Promise<ExitStatus> {
  const presets = await all(context)
  const chosen = names.length === 0 ? presets.filter(({ group }) => group === 'own') : names.map((name) => found(name, presets))
  await context.screen.write(`${JSON.stringify({ ...mark, presets: chosen.map(ownPart) }, null, 2)}\n`)
  return exit.done
}

/** What of a listed preset is saved. */
function ownPart({ group: _, ...preset }: ListedPreset): Preset {
  return preset
}

/** All or none: a file with one wrong preset stores nothing. */
async function importPresets(file: string, context: CliContext): Promise<ExitStatus> {
  const presets = presetsIn(file === '-' ? await text(context.input) : await contentOf(resolve(context.cwd, file)), file)
  await withSession(context, 'look', async ({ client, ask }) => {
    const fixed = new Set((await ask(() => client.presets.list())).filter(({ group }) => group !== 'own').map(({ name }) => name))
    for (const { name } of presets) if (fixed.has(name)) throw presetIsFixed(name)
    for (const preset of presets) await ask(() => client.presets.save(preset))
  })
  context.screen.print(`${counted(presets.length, 'preset')} imported.`)
  return exit.done
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new JobError(code === 'ENOENT' ? 'source-missing' : 'source-unreadable', { path, reason: code }, { cause: error })
  }
}

function presetsIn(content: string, file: string): readonly Preset[] {
  const wrong = (why: string) =>
    new UsageError(
      `${file === '-' ? 'Standard input' : shown(file)} contains no presets: ${shown(why)}.`,
      '`beside presets export` writes such a file.',
    )
  let data: Partial<typeof mark & { presets: unknown }> | null
  try {
    data = JSON.parse(content)
  } catch {
    throw wrong('it is not JSON')
  }
  if (data?.besidePresets !== mark.besidePresets) throw wrong('it has a different structure')
  const parsed = presetSchema.array().safeParse(data.presets)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrong(issue === undefined ? 'it has a different structure' : `presets.${issue.path.join('.')}: ${issue.message}`)
}
