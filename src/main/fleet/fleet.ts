/** The fleet of this Beside, for those who look at it and set it up: what the machines do, and the line by which another one joins. */
import { randomBytes } from 'node:crypto'
import { isSameEntry, type FleetMachine, type FleetSettings, type FleetStatus, type MachineState } from '../../shared/fleet.ts'
import { JobError } from '../../shared/failure.ts'
import type { Clock, Log, Secrets } from '../engine/ports.ts'
import { openBroker, type KnownMachine } from './broker.ts'
import { createHead, isAlive, takesOrders, type Head } from './head.ts'
import { joinLine, machineRole, parseAddress } from './join-line.ts'
import { openStorage } from './storage.ts'
import { createTrialPostgres, freePort, trialAddress, trialFolder, type TrialPostgres } from './trial-postgres.ts'
import { protocol, toMachines, type MachineMode } from './wire.ts'

export interface FleetSetup {
  /** Absolute. */
  readonly storage: readonly string[]
  /** `postgres://…`, with its password unless that is the one kept of the same user and server; null: a PostgreSQL of our own, for trying it out. */
  readonly queue: string | null
}

export interface Fleet {
  readonly head: Head
  /** Before the engine; again and again harmless. */
  start(): void
  status(): FleetStatus
  /** Answers the line by which machines join. @throws JobError where anything of it does not work: nothing has changed then. */
  setUp(setup: FleetSetup): Promise<{ readonly joinLine: string }>
  /** That of the fleet that is set up. @throws JobError `not-possible` where none is. */
  joinLine(): Promise<string>
  /** No more orders go out; those that are out are waited for no more than jobs are. */
  leave(): Promise<void>
  /** False where no machine is called so. */
  mode(machine: string, mode: MachineMode): Promise<boolean>
  forget(machine: string): Promise<boolean>
  /** After the engine. */
  stop(): Promise<void>
}

export interface FleetPorts {
  readonly home: string
  readonly tag: string
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Secrets
  readonly settings: () => FleetSettings | null
  readonly change: (settings: FleetSettings | null) => void
  readonly isAwaited: (job: number, order: string) => boolean
  readonly answered: (order: string) => void
  readonly changed: () => void
  /** Jobs of the queue that wait, by what they need of a machine. */
  readonly waiting: () => readonly { readonly need: string; readonly jobs: number }[]
}

export function createFleetOf(ports: FleetPorts): Fleet {
  const { home, tag, version, clock, log, secrets } = ports
  let postgres: { readonly port: number; readonly server: TrialPostgres } | null = null
  const trialOn = (port: number, password: string): TrialPostgres => {
    postgres ??= { port, server: createTrialPostgres({ folder: trialFolder(home, tag), port, password, clock, log }) }
    return postgres.server
  }
  const startTrial = async (address: string, password: string) => {
    const port = Number(new URL(address).port)
    if (postgres !== null && postgres.port !== port) {
      await postgres.server.stop()
      postgres = null
    }
    await trialOn(port, password).start()
  }
  /** What it held were orders: nobody waits for those any more. */
  const endTrial = async () => {
    await trialOn(0, '').remove()
    postgres = null
  }
  const head = createHead({
    tag,
    version,
    clock,
    log,
    settings: ports.settings,
    password: async () => await secrets.get('fleet'),
    startTrial: async () => {
      const settings = ports.settings()
      if (settings !== null) await startTrial(settings.queue, (await secrets.get('fleet')) ?? '')
    },
    isAwaited: ports.isAwaited,
    answered: ports.answered,
    changed: ports.changed,
  })
  const machineKey = async (): Promise<string> => {
    const kept = await secrets.get('fleet machines')
    if (kept !== null) return kept
    const fresh = randomBytes(24).toString('base64url')
    await secrets.set('fleet machines', fresh)
    return fresh
  }
  const addressOf = async (queue: string | null) => {
    const before = ports.settings()
    if (queue !== null) {
      const { address, password } = parseAddress(queue)
      const isKept = password === '' && before !== null && isSameEntry(address, before.queue)
      return { address, password: isKept ? ((await secrets.get('fleet')) ?? '') : password }
    }
    // What was tried before goes on: its data folder has that password.
    const password = (await secrets.get('fleet')) ?? randomBytes(24).toString('base64url')
    return { address: before?.isTrial === true ? before.queue : trialAddress(await freePort()), password }
  }

  return {
    head,
    start: head.start,
    status: () => {
      // Whoever looks on is no reason to convert, and wants to see the machines all the same.
      head.start()
      const machines = head.machines()
      const places = new Set(machines.filter(takesOrders).flatMap(({ report }) => Object.keys(report.places)))
      return {
        state: head.state(),
        settings: ports.settings(),
        heads: head.heads(),
        machines: machines.map(machineOf),
        unmet: ports.waiting().filter(({ need }) => !places.has(need)),
      }
    },
    setUp: async ({ storage, queue }) => {
      if (storage.length === 0) throw new JobError('usage', { because: 'no-storage' })
      for (const path of storage) await openStorage(path, 'make')
      const { address, password } = await addressOf(queue)
      if (queue === null) await startTrial(address, password)
      const broker = await openBroker({ address, password, name: 'set-up', as: 'head', log })
      const key = await machineKey()
      try {
        await broker.admit(machineRole(tag), key)
      } finally {
        await broker.stop()
      }
      await secrets.set('fleet', password)
      const wasTrial = ports.settings()?.isTrial === true
      ports.change({ queue: address, storage: [...storage], isTrial: queue === null })
      head.reconsider()
      if (wasTrial && queue !== null) await endTrial()
      return { joinLine: joinLine(address, tag, key) }
    },
    joinLine: async () => {
      const settings = ports.settings()
      if (settings === null) throw new JobError('not-possible', { because: 'no-fleet' })
      return joinLine(settings.queue, tag, await machineKey())
    },
    leave: async () => {
      const wasTrial = ports.settings()?.isTrial === true
      ports.change(null)
      head.reconsider()
      if (wasTrial) await endTrial()
    },
    mode: async (machine, mode) => {
      const isKnown = await head.broker().mode(machine, mode)
      await head.broker().notify(toMachines, { what: 'mode', machine })
      return isKnown
    },
    forget: async (machine) => await head.broker().forgetMachine(machine),
    stop: async () => {
      await head.stop()
      await postgres?.server.stop()
    },
  }
}

function machineOf(known: KnownMachine): FleetMachine {
  const { report, mode, silentMs } = known
  const { name, version, places, doing, doneLately, load, startedAtMs, checks } = report
  const now = { state: stateOf(known), isDrained: mode === 'drain' }
  return { name, ...now, version, places, doing, doneLately, load, startedAtMs, silentMs, checks }
}

function stateOf(known: KnownMachine): MachineState {
  const { report, mode } = known
  if (report.protocol !== protocol) return 'other-version'
  if (!isAlive(known)) return 'gone'
  return report.state === 'working' && mode === 'drain' ? 'draining' : report.state
}
