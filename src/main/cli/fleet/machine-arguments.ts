/** What a machine of a fleet is told on the command line, be it started by itself or lent: where the storage is, its name, when it works. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Hours } from '../../../shared/hours.ts'
import { orNothing, parseHours } from '../arguments.ts'
import type { JsonArgs } from '../context.ts'

export interface MachineArgs extends JsonArgs {
  readonly storage: readonly string[]
  readonly name?: string
  readonly hours?: readonly Hours[]
  readonly onMains?: boolean
}

export function addMachineOptions(command: Command): Command {
  return command
    .option('--storage <folder...>', 'where the shared storage is on this machine', [])
    .option('--name <name>', 'what the machine is called; its host name by default')
    .option(
      '--hours <hours>',
      'when it works, like "mon-fri 22:00-06:00"; can be repeated; "" for any time',
      orNothing(parseHours),
    )
    .option('--on-mains', 'only while it is plugged in')
    .option('--json', 'print JSON, one object per line')
}

export function storagePaths({ storage }: MachineArgs, cwd: string): string[] {
  return storage.map((path) => resolve(cwd, path))
}
