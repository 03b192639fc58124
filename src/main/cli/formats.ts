/** `beside formats`: what this machine converts, from data alone, with no engine, database or schema loaded; for an online provider the engine answers. */
import { Option, type Command } from 'commander'
import { describe } from '../../shared/describe.ts'
import { failure, JobError } from '../../shared/failure.ts'
import { families, formatIds, type FormatId, factsOf } from '../../shared/formats.ts'
import type { ProviderId } from '../../shared/job.ts'
import { defaultOf, type SettledDefault } from '../../shared/option-defaults.ts'
import { allowedValues, optionTable, type OptionName } from '../../shared/options.ts'
import englishTitles from '../../shared/text/en.json' with { type: 'json' }
import type { Pairing } from '../providers/provider.ts'
import { parseFormat, providers } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, type ExitStatus } from './exit.ts'
import type { Screen } from './terminal/screen.ts'

export function defineFormats(program: Command, start: Start): void {
  program
    .command('formats')
    .summary('list formats and conversions')
    .description('Lists the formats that Beside reads and writes, or what a format can be converted to and with which options.')
    .option('--from <format>', 'show what this format can be converted to', parseFormat)
    .addOption(new Option('--with <provider>', 'only by this provider').choices(providers))
    .option('--json', 'print JSON, one object per line')
    .addHelpText('after', '\nExamples:\n  beside formats\n  beside formats --from flac\n  beside formats --from heic --json')
    .action(async (args: FormatsArgs) => {
      await start(async (context) => {
        if (args.with === undefined || args.with === 'local') return await localFormats(args, context)
        return await onlineFormats({ ...args, with: args.with }, context)
      })
    })
}

interface FormatsArgs extends JsonArgs {
  readonly from?: FormatId
  readonly with?: ProviderId
}

const familyTitles = englishTitles.labels.family

async function localFormats(args: FormatsArgs, { screen }: CliContext): Promise<ExitStatus> {
  const { localPairings } = await import('../providers/local/pairings.ts')
  if (args.from !== undefined) return targetsOf(args.from, localPairings, args, screen)
  const reads = new Set(localPairings.flatMap(({ from }) => from))
  const writes = new Set(localPairings.flatMap(({ to }) => to))
  const known = formatIds.filter((id) => reads.has(id) || writes.has(id))
  if (args.json === true) {
    for (const id of known) {
      const { title, family, extensions } = factsOf(id)
      screen.print(
        JSON.stringify({ type: 'format', id, title, family, extensions, reads: reads.has(id), writes: writes.has(id) }),
      )
    }
    return exit.done
  }
  const titleWidth = Math.max(...known.map((id) => factsOf(id).title.length))
  for (const family of families) {
    const ids = known.filter((id) => factsOf(id).family === family)
    if (ids.length === 0) continue
    screen.print(screen.paint('bold', familyTitles[family]))
    for (const id of ids) {
      const ways = reads.has(id) ? (writes.has(id) ? 'reads and writes' : 'reads           ') : '          writes'
      screen.print(
        `  ${id.padEnd(6)}  ${factsOf(id).title.padEnd(titleWidth)}  ${ways}  ${factsOf(id)
          .extensions.map((ending) => `.${ending}`)
          .join(' ')}`,
      )
    }
  }
  screen.print(
    screen.paint('dim', '`beside formats --from FORMAT` shows what a format can be converted to, and with which options.'),
  )
  return exit.done
}

function targetsOf(from: FormatId, all: readonly Pairing[], args: FormatsArgs, screen: Screen): ExitStatus {
  const pairings = all.filter((pairing) => pairing.from.includes(from))
  const targets = formatIds.flatMap((to) => {
    const pairing = pairings.find((each) => each.to.includes(to))
    return pairing === undefined ? [] : [{ to, pairing }]
  })
  if (args.json === true) {
    for (const { to, pairing } of targets) {
      screen.print(JSON.stringify({ type: 'pair', from, to, provider: 'local', options: optionsOf(pairing) }))
    }
    return exit.done
  }
  if (targets.length === 0) {
    screen.print(`${factsOf(from).title} can be written but not read.`)
    return exit.done
  }
  screen.print(`${screen.paint('bold', factsOf(from).title)} can be converted on this machine to:`)
  for (const { to, pairing } of targets) screen.print(`  ${to.padEnd(5)}  ${screen.paint('dim', pairing.options.join(' '))}`)
  const options = new Set(targets.flatMap(({ pairing }) => pairing.options))
  screen.print('Options for --set:')
  for (const name of options) screen.print(`  ${name.padEnd(16)}  ${optionTable[name].meaning}: ${allowedValues(name)}`)
  return exit.done
}

interface OptionLine {
  readonly name: OptionName
  /** Where they are fewer than the vocabulary's. */
  readonly values?: readonly unknown[]
  /** What it is where nobody sets it. */
  readonly default: SettledDefault | null
}

function optionsOf({ options, values, defaults = {} }: Pairing): readonly OptionLine[] {
  return options.map((name) => ({
    name,
    ...(values?.[name] === undefined ? {} : { values: values[name] }),
    default: defaultOf(defaults, name, {}),
  }))
}

async function onlineFormats(args: FormatsArgs & { readonly with: ProviderId }, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const { status, pairings } = await withSession(context, 'look', async ({ ask }) => ({
    status: (await ask((client) => client.providers.list())).find(({ id }) => id === args.with),
    pairings: (await ask((client) => client.formats())).filter(({ provider }) => provider === args.with),
  }))
  if (status?.unready) throw JobError.from(status.unready)
  const wanted = pairings.filter(({ from }) => args.from === undefined || from.includes(args.from))
  for (const { from, to, options } of wanted) {
    if (args.json !== true) {
      screen.print(`${(args.from === undefined ? from : [args.from]).join(' ')} → ${to.join(' ')}`)
      if (options.length > 0) screen.print(screen.paint('dim', `  ${options.join(' ')}`))
      continue
    }
    for (const source of args.from === undefined ? from : [args.from]) {
      for (const target of to) {
        screen.print(
          JSON.stringify({
            type: 'pair',
            from: source,
            to: target,
            provider: args.with,
            options: options.map((name) => ({ name })),
          }),
        )
      }
    }
  }
  if (wanted.length === 0 && args.json !== true) {
    screen.print(
      describe(failure('pair-unsupported', { from: args.from ?? 'Nothing', target: 'anything', provider: status?.title ?? '' }))
        .message,
    )
  }
  return exit.done
}
