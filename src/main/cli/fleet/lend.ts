/** `beside fleet lend`: this computer works for a fleet while Beside is open. What is not said stays as it is. Apart, as a command. */
import type { Command } from 'commander'
import type { LendingStatus, LendRequest } from '../../../shared/lending.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { withSession, type CliContext, type Start } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { addMachineOptions, storagePaths, type MachineArgs } from './machine-arguments.ts'
import { lendingLines } from './texts.ts'

export function defineLend(fleet: Command, start: Start): void {
  const command = fleet
    .command('lend')
    .description('lend this computer to a fleet while Beside is open, or show how it is lent')
    .option('--join <line>', 'the line that `beside fleet start` printed there; BESIDE_JOIN has it as well')
  addMachineOptions(command)
    .option('--no-on-mains', 'on battery as well')
    .option('--when-idle', 'only when nobody is at it')
    .option('--no-when-idle', 'also while somebody is at it')
    .option('--stop', 'lend it no more; what it has is given back')
    .addHelpText(
      'after',
      `
Its own queue comes first: while that converts, nothing is taken. What it has begun is ended at low priority.

Examples:
  beside fleet lend --join 'beside://…' --storage /mnt/media --hours 'mon-fri 18:00-8:00' --on-mains
  beside fleet lend --hours ''                            at any time from now on
  beside fleet lend                                       what it does
  beside fleet lend --stop
`,
    )
    .action(async (args: LendArgs) => await start(async (context) => await lend(args, context)))
}

interface LendArgs extends MachineArgs {
  readonly join?: string
  readonly whenIdle?: boolean
  readonly stop?: true
}

async function lend(args: LendArgs, context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client }) => {
    if (args.stop === true) {
      await client.fleet.endLending()
      if (args.json !== true) context.screen.print('This computer is lent no more. What it had is given back.')
    } else if (changes(args)) await client.fleet.lend(requestOf(args, await client.fleet.lending(), context))
    await show(args, client, context)
    return exit.done
  })
}

function changes({ join, storage, name, hours, onMains, whenIdle }: LendArgs): boolean {
  return storage.length > 0 || [join, name, hours, onMains, whenIdle].some((given) => given !== undefined)
}

function requestOf(args: LendArgs, { settings, hostName }: LendingStatus, { cwd, env }: CliContext): LendRequest {
  const { join, name, hours, onMains, whenIdle } = args
  const joinLine = join ?? (settings === null ? env['BESIDE_JOIN'] : undefined)
  if (joinLine === undefined && settings === null)
    throw new UsageError('This computer is not lent yet.', 'Give the line that the other Beside printed: --join LINE.')
  const storage = storagePaths(args, cwd)
  if (storage.length === 0 && settings === null)
    throw new UsageError('A machine needs to see the shared storage.', 'Say where it is on this computer: --storage /mnt/media.')
  return {
    joinLine: joinLine ?? null,
    storage: storage.length > 0 ? storage : (settings?.storage ?? []),
    name: name ?? settings?.name ?? hostName,
    hours: [...(hours ?? settings?.hours ?? [])],
    onMains: onMains ?? settings?.onMains ?? false,
    whenIdle: whenIdle ?? settings?.whenIdle ?? false,
  }
}

async function show({ json, stop }: LendArgs, client: Client, { screen }: CliContext): Promise<void> {
  const now = await client.fleet.lending()
  if (json === true) screen.print(JSON.stringify({ type: 'lending', ...now }))
  else if (stop !== true) for (const each of lendingLines(now)) screen.print(each)
}
