/** `beside fleet`: the machines that convert for this queue; setting a fleet up, and leading machines out of it. */
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { describe } from '../../../shared/describe.ts'
import type { FleetStatus } from '../../../shared/fleet.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { refuseUnknown } from '../program.ts'
import { shown } from '../terminal/text.ts'
import { defineLend } from './lend.ts'
import { checkText, statusLines } from './texts.ts'

export function defineFleet(program: Command, start: Start): void {
  const fleet = program
    .command('fleet')
    .summary('more machines that convert for this queue')
    .description(
      'A fleet shares the work: this Beside keeps the queue, names and places the results; other machines that see the same storage render them.',
    )
    .addHelpText(
      'after',
      `
Examples:
  beside fleet start --storage /volume1/media --trial     try it on one machine: Beside starts a PostgreSQL of its own
  beside fleet start --storage /volume1/media --queue postgres://beside:password@nas/beside
  beside worker --join 'beside://…' --storage /mnt/media  on each machine, with the line that start printed
  beside convert /volume1/media/A001 --to mp4 --with fleet
  beside fleet                                            what the machines do
  beside fleet drain render-02                            it ends what it has and takes no more
  beside fleet lend --join 'beside://…' --storage /media  this computer joins whenever Beside is open

Whoever has the line can have files of the storage read and parts written there: keep it to yourself.
`,
    )
  fleet
    .command('status', { isDefault: true })
    .description('show the machines and what they do')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(fleet, other)
      await start(async (context) => await status(args, context))
    })
  fleet
    .command('start')
    .description('set the fleet up, print the line for joining it, and convert until interrupted')
    .option('--storage <folder...>', 'folder that the machines see as well; more than one may be named', [])
    .addOption(
      new Option('--queue <address>', 'PostgreSQL that carries the work: postgres://user:password@host/database').conflicts(
        'trial',
      ),
    )
    .option('--trial', 'start a PostgreSQL of its own in the data folder, for trying it out on this machine')
    .option('--set-up-only', 'end once it is set up; the next Beside that runs goes on with it')
    .option('--json', 'print JSON, one object per line')
    .action(async (args: StartArgs) => await start(async (context) => await begin(args, context)))
  fleet
    .command('check')
    .description('show what each machine has proved before its first order')
    .argument('[machine]', 'name of the machine; all by default')
    .option('--json', 'print JSON, one object per line')
    .action(
      async (machine: string | undefined, args: JsonArgs) => await start(async (context) => await check(machine, args, context)),
    )
  const verbs = [
    ['drain', 'let a machine end what it has and take no more'],
    ['resume', 'let a drained machine take work again'],
    ['forget', 'remove a machine that is gone from the list'],
  ] as const
  for (const [verb, description] of verbs)
    fleet
      .command(verb)
      .description(description)
      .argument('<machine>', 'name of the machine')
      .action(async (machine: string) => await start(async (context) => await tell(verb, machine, context)))
  fleet
    .command('leave')
    .description('use the fleet no more; machines that joined it find nothing to do')
    .action(async () => await start(leave))
  defineLend(fleet, start)
}

interface StartArgs extends JsonArgs {
  readonly storage: readonly string[]
  readonly queue?: string
  readonly trial?: true
  readonly setUpOnly?: true
}

/** A connection that was just made, or a head that begins, has not heard of its machines yet. */
async function settled(client: Client): Promise<FleetStatus> {
  for (let tries = 0; ; tries += 1) {
    const now = await client.fleet.status()
    if (now.state.kind !== 'connecting' || now.state.why !== null || tries > 100) return now
    await new Promise((resolve_) => setTimeout(resolve_, 50))
  }
}

async function status({ json }: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const now = await withSession(context, 'look', async ({ client }) => await settled(client))
  if (json === true) {
    screen.print(JSON.stringify({ type: 'fleet', ...now }))
    return exit.done
  }
  for (const each of statusLines(now, Date.now(), screen)) screen.print(each)
  return exit.done
}

async function begin({ storage, queue, trial, setUpOnly, json }: StartArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  return await withSession(context, setUpOnly === true ? 'look' : 'watch', async ({ client }) => {
    const before = (await client.fleet.status()).settings
    const isNew = storage.length > 0 || queue !== undefined || trial === true
    if (!isNew && before === null)
      throw new UsageError(
        'No fleet is set up here yet.',
        'Name the storage and the queue: `beside fleet start --storage /media --trial`.',
      )
    if (isNew && queue === undefined && trial !== true && before === null)
      throw new UsageError('A fleet needs a PostgreSQL.', 'Name it with --queue, or use --trial to try it out on this machine.')
    const { joinLine } = isNew
      ? await client.fleet.setUp({
          storage: (storage.length > 0 ? storage : (before?.storage ?? [])).map((path) => resolve(cwd, path)),
          // More storage for the queue that there is.
          queue: queue ?? (trial === true || before === null || before.isTrial ? null : before.queue),
        })
      : await client.fleet.joinLine()
    const now = await settled(client)
    if (json === true) screen.print(JSON.stringify({ type: 'joined', joinLine, storage: now.settings?.storage ?? [] }))
    else {
      for (const path of now.settings?.storage ?? []) screen.print(`✓ ${shown(path)} is marked as shared storage`)
      if (now.state.kind === 'connecting') screen.warn(now.state.why === null ? 'Connecting …' : describe(now.state.why).message)
      else screen.print(`✓ PostgreSQL${now.settings?.isTrial === true ? ' of this Beside' : ''} carries the work`)
      screen.print('✓ watching, naming and placing happen here')
      screen.print('')
      screen.print('On each machine that sees the storage, with its path there:')
      screen.print(`  beside worker --join '${joinLine}' --storage ${now.settings?.storage[0] ?? '/media'}`)
    }
    if (setUpOnly === true) return exit.done
    if (json !== true && screen.isLive) screen.warn('Press Ctrl-C to stop. What is left then stays in the queue.')
    await interrupted(context.interruption)
    return exit.done
  })
}

async function check(machine: string | undefined, { json }: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const now = await withSession(context, 'look', async ({ client }) => await settled(client))
  const some = now.machines.filter(({ name }) => machine === undefined || name === machine)
  if (some.length === 0) {
    throw new UsageError(
      machine === undefined ? 'No machine has joined the fleet.' : `No machine is called “${shown(machine)}”.`,
      machine === undefined
        ? 'Run `beside worker` on one, with the line that `beside fleet start` prints.'
        : 'See `beside fleet`.',
    )
  }
  for (const { name, checks, state } of some) {
    if (json === true) {
      for (const each of checks) context.screen.print(JSON.stringify({ type: 'check', machine: name, ...each }))
      continue
    }
    context.screen.print(`${shown(name)} (${state})`)
    for (const each of checks) context.screen.print(`  ${checkText(each)}`)
  }
  return some.every(({ checks }) => checks.every(({ state }) => state !== 'trouble')) ? exit.done : exit.failed
}

async function tell(verb: 'drain' | 'resume' | 'forget', machine: string, context: CliContext): Promise<ExitStatus> {
  const { isKnown } = await withSession(context, 'look', async ({ client }) => {
    await settled(client)
    return await client.fleet[verb]({ machine })
  })
  if (!isKnown) throw new UsageError(`No machine is called “${shown(machine)}”.`, 'See `beside fleet`.')
  const done = { drain: 'ends what it has and takes no more.', resume: 'takes work again.', forget: 'is no longer listed.' }
  context.screen.print(`${shown(machine)} ${done[verb]}`)
  return exit.done
}

async function leave(context: CliContext): Promise<ExitStatus> {
  await withSession(context, 'look', async ({ client }) => await client.fleet.leave())
  context.screen.print('The fleet is used no more. Jobs that wait for it stay in the queue; `beside queue` shows them.')
  return exit.done
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve_) => {
    if (signal.aborted) resolve_()
    else signal.addEventListener('abort', () => resolve_(), { once: true })
  })
}
