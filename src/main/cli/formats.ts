/**
 * `beside formats`: what this machine converts, from data alone, with no engine, database or schema loaded; for a provider that is named, this
 * machine or an online one, the engine answers what can be had now.
 */
import { Option, type Command } from 'commander'
import { describe } from '../../shared/describe.ts'
import { failure, JobError } from '../../shared/failure.ts'
import { families, formatIds, inTableOrder, isKnown, type FormatId, factsOf } from '../../shared/formats.ts'
import type { ProviderId } from '../../shared/job.ts'
import { defaultOf, ownDefaults, type SettledDefault } from '../../shared/option-defaults.ts'
import { allowedValues, optionTable, ownOptions, type OptionName } from '../../shared/options.ts'
import { isOnlineProvider, guessingProviders } from '../../shared/providers.ts'
import englishTitles from '../../shared/text/en.json' with { type: 'json' }
import { installLine } from '../files/install-line.ts'
import { isOnPath } from '../files/on-path.ts'
import type { localEngines } from '../providers/local/pairings.ts'
import type { Pairing } from '../providers/provider.ts'
import { didYouMean, parseFormat, providers } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'

export function defineFormats(program: Command, start: Start): void {
  program
    .command('formats')
    .summary('list formats and conversions')
    .description('Lists the formats that Beside reads and writes, or what a format can be converted to and with which options.')
    .argument('[format]', 'the same as --from', parseFormat)
    .option('--from <format>', 'show what this format can be converted to', parseFormat)
    .addOption(new Option('--with <provider>', 'only by this provider').choices(providers))
    .option('--json', 'print JSON, one object per line')
    .addHelpText(
      'after',
      '\nExamples:\n  beside formats\n  beside formats flac\n  beside formats --from docx --with converter-app\n  beside formats --from heic --json',
    )
    .action(async (format: FormatId | undefined, given: FormatsArgs) => {
      const args = format === undefined ? given : { ...given, from: format }
      await start(async (context) => {
        if (args.with === undefined) return await localFormats(args, context)
        return await statedFormats({ ...args, with: args.with }, context)
      })
    })
}

type Engines = typeof localEngines

interface FormatsArgs extends JsonArgs {
  readonly from?: FormatId
  readonly with?: ProviderId
}

const familyTitles = englishTitles.labels.family

async function localFormats(args: FormatsArgs, { screen, env }: CliContext): Promise<ExitStatus> {
  const { localEngines: engines, localPairings } = await import('../providers/local/pairings.ts')
  if (args.from !== undefined) return targetsOf(args.from, engines, args, { screen, env })
  const reads = new Set(localPairings.flatMap(({ from, packs }) => (packs === true ? [] : from)))
  const writes = new Set(localPairings.flatMap(({ to }) => to))
  const known = inTableOrder([...reads, ...writes])
  const idWidth = Math.max(...known.map((id) => id.length))
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
        `  ${id.padEnd(idWidth)}  ${factsOf(id).title.padEnd(titleWidth)}  ${ways}  ${factsOf(id)
          .extensions.map((ending) => `.${ending}`)
          .join(' ')}`,
      )
    }
  }
  screen.print(screen.paint('dim', '`beside formats FORMAT` shows what a format can be converted to, and with which options.'))
  return exit.done
}

function targetsOf(
  from: FormatId,
  engines: Engines,
  args: FormatsArgs,
  { screen, env }: Pick<CliContext, 'screen' | 'env'>,
): ExitStatus {
  const able = engines.map((engine) => ({ ...engine, pairings: engine.pairings.filter((each) => each.from.includes(from)) }))
  const targets = inTableOrder(able.flatMap(({ pairings }) => pairings.flatMap(({ to }) => to))).flatMap((to) => {
    const makers = able.filter(({ pairings }) => pairings.some((each) => each.to.includes(to)))
    const pairing = makers[0]?.pairings.find((each) => each.to.includes(to))
    return pairing === undefined ? [] : [{ to, pairing, makers }]
  })
  if (args.json === true) {
    for (const { to, pairing, makers } of targets) {
      const by = makers.map(({ id, title, needs }) => ({
        engine: id,
        title,
        needs: needs?.program ?? null,
        ...lackOf(needs, env),
      }))
      screen.print(JSON.stringify({ type: 'pair', from, to, provider: 'local', by, options: optionsOf(pairing) }))
    }
    return exit.done
  }
  if (targets.length === 0 && !isKnown(from)) refuseName(from)
  if (targets.length === 0) {
    screen.print(`${factsOf(from).title} cannot be read on this machine. \`--with PROVIDER\` asks an online provider.`)
    return exit.done
  }
  screen.print(`${screen.paint('bold', factsOf(from).title)} can be converted on this machine to:`)
  const [idWidth, byWidth] = [
    Math.max(...targets.map(({ to }) => to.length)),
    Math.max(...targets.map((each) => byText(each).length)),
  ]
  for (const each of targets) {
    screen.print(
      `  ${each.to.padEnd(idWidth)}  ${byText(each).padEnd(byWidth)}  ${screen.paint('dim', each.pairing.options.join(' '))}`,
    )
  }
  const lacking = new Map(
    targets.flatMap(({ makers }) =>
      makers.flatMap(({ needs }) => {
        const lack = lackOf(needs, env)
        return needs === null || lack.onPath !== false ? [] : [[needs.title, lack] as const]
      }),
    ),
  )
  if (lacking.size > 0) screen.print('Programs that are not on your PATH:')
  for (const [title, { install }] of lacking) screen.print(`  ${title.padEnd(16)}  ${install ?? ''}`.trimEnd())
  const options = new Set([...targets.flatMap(({ pairing }) => pairing.options), ...ownOptions])
  screen.print('Options for --set:')
  for (const name of options) screen.print(`  ${name.padEnd(16)}  ${optionTable[name].meaning}: ${allowedValues(name)}`)
  return exit.done
}

/** Who makes it, the first choice first; a program is one that somebody installs. */
function byText({ makers }: { readonly makers: Engines }): string {
  return makers.map(({ title, needs }) => (needs === null ? title : `${title} (program)`)).join(', ')
}

/** Of a program that is not on the PATH; `install` where it is known. */
function lackOf(needs: Engines[number]['needs'], env: CliContext['env']): { readonly onPath?: false; readonly install?: string } {
  if (needs === null || isOnPath(needs.program, env)) return {}
  const install = installLine(needs.packages, process.platform)
  return { onPath: false, ...(install !== null && { install }) }
}

function refuseName(name: string): never {
  const { message, action } = describe(failure('target-unknown', { target: name }))
  throw new UsageError(message, `${action} ${didYouMean(name, formatIds)}`.trim())
}

interface OptionLine {
  readonly name: OptionName
  /** Where they are fewer than the vocabulary's. */
  readonly values?: readonly unknown[]
  /** What it is where nobody sets it. */
  readonly default: SettledDefault | null
}

function optionsOf({ options, values, defaults = {} }: Pairing): readonly OptionLine[] {
  return [...options, ...ownOptions].map((name) => ({
    name,
    ...(values?.[name] === undefined ? {} : { values: values[name] }),
    default: defaultOf({ ...ownDefaults, ...defaults }, name, {}),
  }))
}

/** What a provider has at this moment, with what a program that is missing would make. */
async function statedFormats(args: FormatsArgs & { readonly with: ProviderId }, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const { status, pairings } = await withSession(context, 'look', async ({ ask }) => {
    const found = (await ask((client) => client.providers.list())).find(({ id }) => id === args.with)
    if (found?.unready) throw JobError.from(found.unready)
    const stated = (await ask((client) => client.formats())).filter(({ provider }) => provider === args.with)
    const id = args.with
    // A catalogue that could not be had is no empty one: asking for the account says why.
    if (stated.length === 0 && isOnlineProvider(id)) await ask((client) => client.providers.check({ id }))
    return { status: found, pairings: stated }
  })
  const wanted = pairings.filter(({ from }) => args.from === undefined || from.includes(args.from))
  const sourcesOf = ({ from }: (typeof wanted)[number]) => (args.from === undefined ? from : [args.from])
  if (args.json === true) {
    for (const pairing of wanted) {
      const { to, options, by, missing } = pairing
      for (const source of sourcesOf(pairing)) {
        for (const target of to) {
          const pair = { type: 'pair', from: source, to: target, provider: args.with, options: options.map((name) => ({ name })) }
          screen.print(JSON.stringify({ ...pair, ...(by !== undefined && { by }), ...(missing !== undefined && { missing }) }))
        }
      }
    }
    return exit.done
  }
  const staleSinceMs = wanted.find((each) => each.staleSinceMs !== undefined)?.staleSinceMs
  if (staleSinceMs !== undefined) {
    const time = new Date(staleSinceMs).toISOString().slice(0, 16).replace('T', ' ')
    screen.warn(`${status?.title ?? args.with} cannot be reached. This is what it had at ${time} UTC.`)
  }
  for (const family of families) {
    const own = wanted.filter((pairing) => sourcesOf(pairing).some((id) => factsOf(id).family === family))
    if (own.length === 0) continue
    if (args.from === undefined) screen.print(screen.paint('bold', familyTitles[family]))
    for (const pairing of own) {
      const sources = sourcesOf(pairing).filter((id) => factsOf(id).family === family)
      const by = pairing.by === undefined ? '' : `  ${screen.paint('dim', `(${pairing.by})`)}`
      screen.print(`${args.from === undefined ? '  ' : ''}${sources.join(' ')} → ${pairing.to.join(' ')}${by}`)
      if (pairing.options.length > 0) screen.print(screen.paint('dim', `    ${pairing.options.join(' ')}`))
      if (pairing.missing !== undefined) screen.print(screen.paint('dim', `    ${missingText(pairing.missing)}`))
    }
  }
  if (guessingProviders.has(args.with))
    screen.print(screen.paint('dim', 'Other pairs are tried where you name it; nobody can ask it which it has.'))
  else if (wanted.length === 0)
    screen.print(
      `${status?.title ?? args.with} converts ${args.from === undefined ? 'nothing' : `no ${factsOf(args.from).title} files`}.`,
    )
  return exit.done
}

function missingText({ program, install }: { readonly program: string; readonly install?: string | undefined }): string {
  return `needs ${program}${install === undefined ? '' : `: ${install}`}`
}
