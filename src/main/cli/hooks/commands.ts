/** `beside hooks`: what runs, or is called, after a job, a batch, or a watched folder that has come to rest. */
import { isAbsolute, resolve, sep } from 'node:path'
import { Option, type Command } from 'commander'
import {
  deliveryPhases,
  hookDraftSchema,
  hookLimits,
  hookMoments,
  hookOutcomes,
  type DeliveryPhase,
  type Hook,
  type HookAction,
  type HookDraft,
  type HookMoment,
  type HookStatus,
  type HookTest,
} from '../../../shared/hooks.ts'
import type { HookOutcome } from '../../../shared/hook-events.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { didYouMean, parseCount, parseDuration } from '../arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { refuseUnknown } from '../program.ts'
import { failureObject, line } from '../report/json.ts'
import { counted, durationText, shown } from '../terminal/text.ts'
import { deliveryTable, hookTable, hookText, testText } from './texts.ts'

export function defineHooks(program: Command, start: Start): void {
  const hooks = program
    .command('hooks')
    .summary('run a program or call an address after conversions')
    .description(
      'A hook runs a program, or calls an address, after a job, a batch, or a watched folder that has come to rest. docs/HOOKS.md says what it is told.',
    )
    .addHelpText(
      'after',
      `
Examples:
  beside hooks add publish --after job --outcome done --run /usr/local/bin/publish --quiet
  beside hooks add tell --after batch --url https://example.org/beside
  beside hooks add sync --after folder --folder ~/Podcasts --timeout 10min --run rclone sync /srv/out remote:out
  beside hooks test tell          send a sample now and show the answer
  beside hooks log tell           what was delivered, and what was not
  beside hooks again tell         send what was given up once more
`,
    )
  hooks
    .command('list', { isDefault: true })
    .description('list all hooks')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(hooks, other)
      await start(async (context) => list(args, context))
    })
  defineAdd(hooks, start)
  for (const to of ['on', 'off'] as const) {
    hooks
      .command(to)
      .description(to === 'on' ? 'turn a hook on again' : 'turn a hook off; what is due waits')
      .argument('<name>')
      .action(async (name: string) => await start(async (context) => turn(name, to, context)))
  }
  hooks
    .command('remove')
    .description('remove hooks with what is due of them')
    .argument('<name...>')
    .action(async (names: readonly string[]) => await start(async (context) => remove(names, context)))
  hooks
    .command('test')
    .description('send a sample now and show the answer')
    .argument('<name>')
    .option('--json', 'print the result as JSON')
    .action(async (name: string, args: JsonArgs) => await start(async (context) => test(name, args, context)))
  hooks
    .command('log')
    .description('list deliveries, newest first')
    .argument('[name]', 'only those of this hook')
    .addOption(new Option('--state <state...>', 'only deliveries in these states').choices(deliveryPhases))
    .option('--limit <number>', 'maximum number of deliveries', parseCount, 20)
    .option('--output', 'what the program printed, or the server answered, instead')
    .option('--json', 'print JSON, one object per line')
    .action(async (name: string | undefined, args: LogArgs) => await start(async (context) => log(name, args, context)))
  hooks
    .command('again')
    .description('send what failed or was given up once more')
    .argument('<name>')
    .option('--json', 'print the result as JSON')
    .action(async (name: string, args: JsonArgs) => await start(async (context) => again(name, args, context)))
  hooks
    .command('secret')
    .description('make a new secret for signing, in place of the one before, and print it')
    .argument('<name>')
    .action(async (name: string) => await start(async (context) => secret(name, context)))
}

function defineAdd(hooks: Command, start: Start): void {
  const add = hooks
    .command('add')
    .description(
      'add a hook; one with the same name is replaced. What follows --run is the program with its arguments, so it comes last',
    )
    .argument('<name>')
    .argument('[arg...]', 'arguments of the program')
    .usage('<name> [options] (--run PROGRAM ARG… | --url URL)')
    .addOption(new Option('--after <what>', 'what it is for').choices(hookMoments).makeOptionMandatory())
    .addOption(new Option('--outcome <outcome...>', 'only for these outcomes').choices(hookOutcomes))
    .option('--folder <folder>', 'only for what comes of this watched folder; its number or path')
    .option('--preset <name>', 'only for jobs by this preset')
    .option('--timeout <time>', 'how long the program or the answer may take, like 60s or 5min', parseDuration)
    .option('--json', 'print the result as JSON')
    .option('--url <url>', 'address to call: a signed POST with a JSON body')
    .option('--run <program>', 'program to run, never through a shell')
    .action(async (name: string, rest: readonly string[], args: AddArgs) => {
      await start(async (context) => save(name, rest, args, context))
    })
  const parse = add.parseOptions.bind(add)
  add.parseOptions = (args) => parse([...withProgramApart(args)])
}

/** What stands behind the program is its own, whatever it looks like. */
export function withProgramApart(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => arg === '--run' || arg.startsWith('--run='))
  if (at < 0 || args.slice(0, at).includes('--')) return args
  const behind = at + (args[at] === '--run' ? 2 : 1)
  return [...args.slice(0, behind), '--', ...args.slice(behind)]
}

interface AddArgs extends JsonArgs {
  readonly after: HookMoment
  readonly outcome?: readonly HookOutcome[]
  readonly folder?: string
  readonly preset?: string
  readonly timeout?: number
  readonly url?: string
  readonly run?: string
}
interface LogArgs extends JsonArgs {
  readonly state?: DeliveryPhase[]
  readonly limit: number
  readonly output?: true
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const hooks = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.hooks.list()))
  if (args.json === true) for (const status of hooks) screen.print(hookLine(status))
  else if (hooks.length === 0) screen.print('There are no hooks. `beside hooks add NAME --after job --run PROGRAM` adds one.')
  else screen.print(hookTable(hooks, screen))
  return exit.done
}

async function save(name: string, rest: readonly string[], args: AddArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  const action = actionOf(args, rest, cwd)
  return await withSession(context, 'look', async ({ client }) => {
    const draft = draftOf(name, action, args, args.folder === undefined ? null : await folderId(args.folder, client, cwd))
    const { status, secret: made } = await client.hooks.save(draft)
    if (args.json === true) {
      screen.print(hookLine(status, made === null ? {} : { secret: made }))
      return exit.done
    }
    screen.print(`${hookText(status.hook)}\n`)
    if (made !== null) screen.print(secretText(made))
    screen.print(`Try it with \`beside hooks test ${quoted(status.hook.name)}\`.`)
    return exit.done
  })
}

function draftOf(name: string, action: HookAction, args: AddArgs, folder: number | null): HookDraft {
  const parsed = hookDraftSchema.safeParse({
    name,
    after: args.after,
    outcomes: [...new Set(args.outcome ?? hookOutcomes)],
    folderId: folder,
    preset: args.preset ?? null,
    action,
    timeoutMs: args.timeout ?? hookLimits.timeoutMs.usual,
  })
  if (parsed.success) return parsed.data
  const field = String(parsed.error.issues[0]?.path[0] ?? '')
  const { min, max } = hookLimits.timeoutMs
  if (field === 'timeoutMs')
    throw new UsageError(`A time limit is from ${durationText(min)} to ${durationText(max)}.`, 'Use --timeout 60s, for example.')
  if (field === 'name') throw new UsageError('The name of a hook has 1 to 80 characters.')
  throw new UsageError(
    'The program, its arguments or the address cannot be used.',
    `There may be ${hookLimits.maxArgs} arguments of 8192 characters.`,
  )
}

function actionOf({ run, url }: AddArgs, rest: readonly string[], cwd: string): HookAction {
  if ((run === undefined) === (url === undefined))
    throw new UsageError('A hook runs a program or calls an address.', 'Use --run PROGRAM ARG… or --url URL.')
  if (run === undefined) {
    if (rest.length > 0) throw new UsageError(`“${shown(rest[0] ?? '')}” is not expected.`, 'Only a program has arguments.')
    return { kind: 'url', url: url ?? '' }
  }
  // A plain name is looked for on PATH when it runs, as a shell does.
  const program = run.includes('/') || run.includes(sep) || isAbsolute(run) ? resolve(cwd, run) : run
  return { kind: 'program', program, args: [...rest] }
}

async function folderId(given: string, client: Client, cwd: string): Promise<number> {
  const folders = await client.folders.list()
  const found = folders.find(({ id, rule }) => String(id) === given.replace('#', '') || rule.path === resolve(cwd, given))
  if (found === undefined)
    throw new UsageError(`“${shown(given)}” is not a watched folder.`, '`beside watch` lists them with their numbers.')
  return found.id
}

async function turn(name: string, to: 'on' | 'off', context: CliContext): Promise<ExitStatus> {
  return await withHook(name, context, async ({ hook }, client) => {
    await client.hooks.switch({ id: hook.id, on: to === 'on' })
    context.screen.print(to === 'on' ? 'The hook is on.' : 'The hook is off. What is due waits until it is on again.')
  })
}

async function remove(names: readonly string[], context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client }) => {
    const hooks = await client.hooks.list()
    const found = names.map((name) => hookNamed(name, hooks))
    for (const { hook } of found) await client.hooks.remove({ id: hook.id })
    context.screen.print(`${counted(found.length, 'hook')} removed.`)
    return exit.done
  })
}

async function test(name: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  let result: HookTest | null = null
  await withHook(name, context, async ({ hook }, client) => {
    result = await client.hooks.test({ id: hook.id }, { signal: context.interruption })
    const { answer, why, output } = result
    if (args.json === true)
      context.screen.print(line('test', { hook: hook.name, answer, failure: why === null ? null : failureObject(why), output }))
    else context.screen.print(testText(hook, result))
  })
  return (result as HookTest | null)?.why === null ? exit.done : exit.failed
}

/** As much of its log as anybody reads at once. */
const outputBytes = 64 * 1024

async function log(name: string | undefined, args: LogArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  return await withSession(context, 'look', async ({ client }) => {
    const hooks = await client.hooks.list()
    const one = name === undefined ? null : hookNamed(name, hooks)
    if (args.output === true) {
      if (one === null) throw new UsageError('Whose output?', 'Name the hook: beside hooks log NAME --output.')
      const { path, text } = await client.hooks.output({ id: one.hook.id, bytes: outputBytes })
      // Whatever it printed, it is for a terminal now.
      screen.print(
        text === '' ? `Nothing has been printed yet. Log file: ${shown(path)}` : text.split('\n').map(shown).join('\n').trimEnd(),
      )
      return exit.done
    }
    const query = { hookId: one?.hook.id ?? null, phases: args.state ?? [] }
    const { deliveries } = await client.hooks.deliveries({ query, after: null, limit: Math.min(args.limit, 1000) })
    if (args.json === true) for (const delivery of deliveries) screen.print(line('delivery', { ...delivery }))
    else if (deliveries.length === 0) screen.print('Nothing has been delivered, and nothing is due.')
    else screen.print(deliveryTable(deliveries, hooks, screen))
    return exit.done
  })
}

async function again(name: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await withHook(name, context, async ({ hook }, client) => {
    const { moved } = await client.hooks.again({ hookId: hook.id })
    if (args.json === true) context.screen.print(line('again', { moved }))
    else if (moved === 0) context.screen.print('There is nothing to send again.')
    else
      context.screen.print(
        `${counted(moved, 'delivery', 'deliveries')} due again; sent while Beside works, as with \`beside queue run\`.`,
      )
  })
}

async function secret(name: string, context: CliContext): Promise<ExitStatus> {
  return await withHook(name, context, async ({ hook }, client) => {
    const renewed = await client.hooks.renewSecret({ id: hook.id })
    context.screen.print(secretText(renewed.secret))
  })
}

function secretText(made: string): string {
  return `Secret for checking the signature, shown this once:\n  ${made}`
}

async function withHook(
  name: string,
  context: CliContext,
  use: (status: HookStatus, client: Client) => Promise<void>,
): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client }) => {
    await use(hookNamed(name, await client.hooks.list()), client)
    return exit.done
  })
}

function hookNamed(name: string, hooks: readonly HookStatus[]): HookStatus {
  const found = hooks.find(({ hook }) => hook.name === name)
  if (found !== undefined) return found
  const names = hooks.map(({ hook }) => hook.name)
  const hint = didYouMean(name, names) || '`beside hooks` lists them.'
  throw new UsageError(`There is no hook called “${shown(name)}”.`, hint)
}

function hookLine({ hook, counts, last }: HookStatus, more: Readonly<Record<string, unknown>> = {}): string {
  return line('hook', { ...hook, counts, last, ...more })
}

function quoted(name: Hook['name']): string {
  return /^[\w.-]+$/.test(name) ? name : `'${shown(name)}'`
}
