/** The folder that an argument means, its rule from the arguments of the command line, and both in one line for people. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Family, type FormatId, factsOf } from '../../../shared/formats.ts'
import { describeWhy } from '../../../shared/describe-why.ts'
import { plainRule, type Folder, type FolderOutput, type FolderHealth, type Rule } from '../../../shared/folders.ts'
import type { Hours } from '../../../shared/hours.ts'
import type { ConflictPolicy, ProviderChoice, SourceAftermath } from '../../../shared/job.ts'
import { optionTexts } from '../../../shared/options.ts'
import type { Client } from '../../../shared/wire/client.ts'
import type { OptionSetting } from '../arguments.ts'
import { withSession, type CliContext } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { optionsFrom, outputOf, shareOptions, type Target } from '../targets.ts'
import { bytesText, shown } from '../terminal/text.ts'

/** Whatever is set can be removed: by `none` or `settings`, a list, a name or a folder by an empty one. */
export interface RuleArgs {
  readonly to?: readonly Target[]
  readonly preset?: readonly string[]
  readonly set?: readonly OptionSetting[]
  readonly recursive?: boolean
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly kind?: readonly (Family | FormatId)[]
  readonly larger?: number | 'none'
  readonly smaller?: number | 'none'
  readonly older?: number | 'none'
  readonly newer?: number | 'none'
  readonly with?: ProviderChoice
  readonly localOnly?: boolean
  readonly maySpend?: number | 'none'
  readonly per?: 'day' | 'month'
  readonly out?: string
  readonly name?: string
  readonly ifExists?: ConflictPolicy | 'settings'
  readonly afterwards?: SourceAftermath | 'settings'
  readonly whenChanged?: Rule['whenChanged']
  readonly hold?: number
  readonly hours?: readonly Hours[]
  readonly polling?: boolean
}

/** A whole rule from what was given; what was not stays as it is in `before`. */
export function ruleFrom(args: RuleArgs, before: Rule, cwd: string): Rule {
  return {
    ...before,
    outputs: outputsFrom(args, before),
    recursive: args.recursive ?? before.recursive,
    include: [...(args.include ?? before.include)],
    exclude: [...(args.exclude ?? before.exclude)],
    kinds: [...(args.kind ?? before.kinds)],
    size: { minBytes: valueOr(args.larger, before.size.minBytes), maxBytes: valueOr(args.smaller, before.size.maxBytes) },
    age: { minMs: valueOr(args.older, before.age.minMs), maxMs: valueOr(args.newer, before.age.maxMs) },
    with: args.with ?? before.with,
    localOnly: args.localOnly ?? before.localOnly,
    spend: spendFrom(args, before),
    out: args.out === undefined ? before.out : args.out === '' ? null : resolve(cwd, args.out),
    nameTemplate: args.name === '' ? null : (args.name ?? before.nameTemplate),
    ifExists: valueOr(args.ifExists, before.ifExists),
    afterwards: valueOr(args.afterwards, before.afterwards),
    whenChanged: args.whenChanged ?? before.whenChanged,
    holdMs: args.hold ?? before.holdMs,
    schedule: [...(args.hours ?? before.schedule)],
    seeing: args.polling === undefined ? before.seeing : args.polling ? 'polling' : 'auto',
  }
}

export function newRule(folder: string, args: RuleArgs, cwd: string): Rule {
  return ruleFrom(args, plainRule(resolve(cwd, folder), []), cwd)
}

function valueOr<T>(now: T | 'none' | 'settings' | undefined, before: T | null): T | null {
  if (now === undefined) return before
  return now === 'none' || now === 'settings' ? null : now
}

/** The standing permission to spend. */
function spendFrom({ maySpend, per }: RuleArgs, before: Rule): Rule['spend'] {
  const cap = valueOr(maySpend, before.spend?.cap ?? null)
  if (cap !== null) return { cap, per: per ?? before.spend?.per ?? 'day' }
  if (per === undefined) return null
  throw new UsageError('--per needs an amount.', 'Add --may-spend AMOUNT.')
}

/** Each format and each preset is a result of its own, or several. */
function outputsFrom({ to, preset, set }: RuleArgs, before: Rule): FolderOutput[] {
  const options = optionsFrom(set)
  if (to === undefined && preset === undefined)
    return set === undefined ? before.outputs : before.outputs.map((output) => ({ ...output, options }))
  return [...(to ?? []).map(outputOf), ...(preset ?? []).map((name) => ({ target: null, preset: name, options }))]
}

/** With the options of `--set` at each of the formats that have them. */
export async function sharedArgs<Args extends RuleArgs>(args: Args, client: Pick<Client, 'formats'>): Promise<Args> {
  return args.to === undefined ? args : { ...args, to: await shareOptions(args.to, args.set, client) }
}

/** `audio → MP3 (bitrate=192), including subfolders, then archive sources`. */
export function ruleText(rule: Rule): string {
  const what = rule.kinds.length === 0 ? 'files' : rule.kinds.join(', ')
  const results = rule.outputs.map(({ target, preset, options }) => {
    const settings = optionTexts(options).map(([name, text]) => `${name}=${text}`)
    const name = preset ?? (target === null ? '' : factsOf(target).title)
    return settings.length === 0 ? name : `${name} (${settings.join(', ')})`
  })
  const more = [
    rule.recursive ? 'including subfolders' : null,
    rule.include.length > 0 ? `only ${rule.include.join(' ')}` : null,
    rule.exclude.length > 0 ? `except ${rule.exclude.join(' ')}` : null,
    rule.size.minBytes === null ? null : `from ${bytesText(rule.size.minBytes)}`,
    rule.size.maxBytes === null ? null : `up to ${bytesText(rule.size.maxBytes)}`,
    rule.out === null ? null : `into ${rule.out}`,
    rule.with === 'auto' ? null : `with ${rule.with}`,
    rule.localOnly ? 'on this machine only' : null,
    rule.spend === null ? null : `may spend ${rule.spend.cap} per ${rule.spend.per}`,
    rule.afterwards === 'archive' ? 'then archive sources' : null,
    rule.afterwards === 'trash' ? 'then move sources to the trash' : null,
    rule.holdMs > 0 ? `${Math.round(rule.holdMs / 1000)} s after they are complete` : null,
    rule.schedule.length > 0 ? 'during set hours' : null,
  ]
  return shown([`${what} → ${results.join(' and ')}`, ...more.filter((part) => part !== null)].join(', '))
}

const healthLabels: Readonly<Record<FolderHealth['state'], string>> = {
  off: 'off',
  undecided: 'off',
  unwatched: 'on, but nothing is watching',
  starting: 'starting',
  watching: 'watching',
  offline: 'offline',
  trouble: 'problem',
}

export function healthText({ health, id }: Folder): string {
  const { state, how, why } = health
  const reason = why === null ? '' : ` (${shown(describeWhy(why))})`
  const polled = state === 'watching' && how === 'polling' ? ' (scanning periodically)' : ''
  return `${healthLabels[state]}${polled}${reason}${hint(health, id)}`
}

/** What to do about it. */
function hint({ state, why }: FolderHealth, id: number): string {
  if (state === 'unwatched') return ': start the app or `beside watch run`'
  if (state === 'undecided') return `: \`beside watch on ${id} --existing convert\`, or --existing ignore`
  if (why?.code === 'folder-other' || why?.code === 'folder-empty')
    return `; if it is the right one: \`beside watch accept ${id}\``
  return ''
}

export async function withFolder(
  given: string,
  context: CliContext,
  use: (folder: Folder, client: Client) => Promise<void>,
): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client, ask }) => {
    const folders = await ask(() => client.folders.list())
    await use(findFolder(given, folders, context.cwd), client)
    return exit.done
  })
}

/** The watched folder that is meant by its number or by its path. */
function findFolder(given: string, folders: readonly Folder[], cwd: string): Folder {
  const id = /^#?(\d{1,15})$/.exec(given)?.[1]
  const byId = folders.find((folder) => folder.id === Number(id))
  if (byId !== undefined) return byId
  const path = resolve(cwd, given)
  const here = folders.filter(({ rule }) => rule.path === path || rule.path === realPath(path))
  const [only] = here
  if (only !== undefined && here.length === 1) return only
  if (only === undefined) throw new UsageError(`“${shown(given)}” is not watched.`, 'See `beside watch list`.')
  const numbers = here.map((folder) => folder.id).join(', ')
  throw new UsageError(`“${shown(given)}” is watched by several rules.`, `Use one of their numbers: ${numbers}.`)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
