/** A machine of a fleet, put together over whatever renders here: by itself with `beside worker`, and as a computer that is lent. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Resting } from '../../shared/lending.ts'
import type { Check } from '../../shared/machine.ts'
import type { Clock, Inspect, Log, Random } from '../engine/ports.ts'
import { isOnPath } from '../files/on-path.ts'
import { openBroker } from '../fleet/broker.ts'
import type { Joining } from '../fleet/join-line.ts'
import { openStorage } from '../fleet/storage.ts'
import { requirementText, workKinds } from '../fleet/wire.ts'
import { localEngines } from '../providers/local/pairings.ts'
import type { Provider } from '../providers/provider.ts'
import { prove } from './proof.ts'
import { createWorker, type Worker, type WorkerNews } from './worker.ts'

/** What renders. */
export interface Local extends Pick<Provider, 'submit' | 'concurrency'> {
  readonly inspect: Inspect
  checks(): Promise<readonly Check[]>
}

export interface MachineOptions {
  readonly joining: Joining
  /** Absolute paths of the shared storage on this machine. */
  readonly storage: readonly string[]
  /** As people call it. */
  readonly name: string
  readonly version: string
  readonly local: Local
  /** Why it rests now; null: it works. */
  readonly rests: () => Resting | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly told: (news: WorkerNews) => void
  /** Ends what renders, once nothing of it is needed; absent where that goes on. */
  readonly end?: () => Promise<void>
}

/** @throws JobError where the storage or the key is no good, or the shared queue is away. */
export async function joinFleet(options: MachineOptions): Promise<Worker> {
  const { joining, name, version, local, rests, clock, random, log, told, end } = options
  const storages = await Promise.all(options.storage.map(async (path) => await openStorage(path, 'expect')))
  const broker = await openBroker({ address: joining.address, password: joining.key, name, as: 'machine', log })
  // Two machines may have one name for a moment, and their parts never.
  const id = createHash('sha256').update(`${name} ${random.key()}`).digest('hex').slice(0, 8)
  const programs = programsHere()
  const worker = createWorker({
    ...{ name, id, version, broker, storages, local, rests, clock, log, told },
    cores: availableParallelism(),
    inspect: local.inspect,
    places: () => placesOf(local, programs),
    prove: async (heard, signal) => await prove({ machine: id, broker, storages, programs: local.checks, clock }, heard, signal),
  })
  const run = async () => {
    try {
      await worker.over
    } finally {
      await broker.stop()
      await end?.()
    }
  }
  const over = run()
  over.catch(() => undefined)
  return {
    ...worker,
    over,
    stop: async () => {
      await worker.stop()
      await over.catch(() => undefined)
    },
  }
}

/** Null: what comes with Beside. */
function programsHere(): readonly (string | null)[] {
  const programs = new Set(localEngines.flatMap(({ id, needs }) => (needs === null || id === 'media' ? [] : [needs.program])))
  return [null, ...[...programs].filter((program) => isOnPath(program))]
}

/** How many orders of each kind at once: as many as its own queue would have, and with programs those that it has. */
function placesOf(
  { concurrency }: Pick<Local, 'concurrency'>,
  programs: readonly (string | null)[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    workKinds.flatMap((kind) => {
      const width = concurrency[`local:${kind}`] ?? 0
      return width === 0 ? [] : programs.map((program) => [requirementText({ kind, program }), width] as const)
    }),
  )
}
