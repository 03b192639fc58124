/**
 * A head: the Beside whose queue it is. It keeps the connection to the shared queue, knows the machines, and hears of answers and of
 * progress. It gives names and places results; the machines only render.
 *
 *   off ── set up ─► connecting ── open ─► connected ── the database is away ─► connecting, later each time
 */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { FleetSettings } from '../../shared/fleet.ts'
import { failure, JobError, toFailure, type Failure } from '../../shared/failure.ts'
import type { Clock, Log } from '../engine/ports.ts'
import { openBroker, silentMs, type Broker, type KnownMachine } from './broker.ts'
import { probePrefix, removeParts, removeProbes } from './parts.ts'
import { localPathOf, openStorage, type Storage } from './storage.ts'
import { protocol, toHead, toMachines, type Notice, type SharedPath } from './wire.ts'

export interface HeadPorts {
  readonly tag: string
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly settings: () => FleetSettings | null
  readonly password: () => Promise<string | null>
  /** Whether a job waits for an order, or may have sent it. */
  readonly isAwaited: (job: number, order: string) => boolean
  /** Starts PostgreSQL where the settings say so; answers when it takes connections. */
  readonly startTrial: () => Promise<void>
  /** An order has been answered, or may have been. */
  readonly answered: (order: string) => void
  /** Machines have come, gone, or have other places: jobs that wait for them may begin. */
  readonly changed: () => void
}

export interface RunningOrder {
  readonly machine: string
  readonly attempt: number
  readonly stage: string
  readonly done: number | null
}

export type HeadState =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting'; readonly why: Failure | null }
  | { readonly kind: 'connected' }

export interface Head {
  readonly state: () => HeadState
  /** Heard of lately or not. */
  readonly machines: () => readonly KnownMachine[]
  /** Living heads, this one counted. */
  readonly heads: () => number
  readonly storages: () => readonly Storage[]
  /** @throws JobError `queue-away` or `queue-refused` where there is no connection, `not-possible` where no fleet is set up. */
  broker(): Broker
  /** What is known of an order that a machine works on. */
  running(order: string): RunningOrder | null
  /** Whether something may have become of it since this was asked last: it was answered, or notices may have been missed. */
  hasNews(order: string): boolean
  /** Machines that had it, one after the other, as far as this head has heard. */
  machinesOf(order: string): readonly string[]
  /** It is over. */
  forgetOrder(order: string): void
  /** An order could not be withdrawn that nobody waits for any more. */
  withdrawLater(): void
  /** Connects, where a fleet is set up; again and again harmless. */
  start(): void
  /** The settings have changed. */
  reconsider(): void
  stop(): Promise<void>
}

const tickMs = 4_000
const maxPauseMs = 30_000
/** A file by which machines prove that they see the very storage that this head sees. */
export const canaryName = (tag: string): string => `.beside-canary-${tag}`

/** What a machine writes for the head to see, and the head reads nothing else for a machine. */
const isProbe = (name: string): boolean => name.startsWith(probePrefix) && /^[\w.-]+$/.test(name)

/** Whether a machine takes orders now. */
export function isAlive({ report, silentMs: silent }: KnownMachine): boolean {
  return silent < silentMs && report.protocol === protocol
}

export function takesOrders(machine: KnownMachine): boolean {
  return isAlive(machine) && machine.mode === 'work' && machine.report.state === 'working'
}

export function createHead(ports: HeadPorts): Head {
  const { tag, clock, log } = ports
  let state: HeadState = { kind: 'off' }
  let broker: Broker | null = null
  let unlisten: () => Promise<void> = async () => undefined
  let storages: readonly Storage[] = []
  let canaries: Readonly<Record<string, string>> = {}
  let machines: readonly KnownMachine[] = []
  let heads = 1
  let shape = ''
  let isTidy = false
  const running = new Map<string, RunningOrder>()
  const had = new Map<string, string[]>()
  /** Orders of which there is nothing new. */
  const known = new Set<string>()
  const ending = new AbortController()
  let round = new AbortController()
  let loop: Promise<void> | null = null

  const heard = (notice: Notice) => {
    switch (notice.what) {
      case 'answered':
        for (const order of notice.orders) {
          running.delete(order)
          known.delete(order)
          ports.answered(order)
        }
        return
      case 'progress':
        for (const { order, ...rest } of notice.orders) noteRunning(order, { machine: notice.machine, ...rest })
        return
      case 'probe':
        void look(notice.at, notice.token, notice.machine).catch((error: unknown) =>
          log.info('a probe was not found', { error: String(error) }),
        )
        return
      default:
    }
  }
  const noteRunning = (order: string, now: RunningOrder) => {
    const before = running.get(order)
    if (before !== undefined && before.attempt > now.attempt) return
    running.set(order, now)
    const names = had.get(order) ?? []
    if (names.at(-1) !== now.machine) had.set(order, [...names, now.machine])
  }
  /** What a machine has written is seen here: it is the same storage, and this head can read it. */
  const look = async (at: SharedPath, token: string, machine: string) => {
    if (!isProbe(at.path)) return
    const path = await localPathOf(at, storages, 'name')
    // A share may remember that nothing was there.
    await readdir(join(path, '..'))
    if ((await readFile(path, 'utf8')) === token) await broker?.notify(toMachines, { what: 'seen', machine, token })
  }

  const connect = async (settings: FleetSettings, signal: AbortSignal) => {
    if (settings.isTrial) await ports.startTrial()
    const password = (await ports.password()) ?? ''
    storages = await Promise.all(settings.storage.map(async (path) => await openStorage(path, 'make')))
    canaries = Object.fromEntries(
      await Promise.all(storages.map(async ({ id, path }) => [id, await putCanary(path, tag)] as const)),
    )
    const opened = await openBroker({ address: settings.queue, password, name: `${hostname()} (head ${tag})`, as: 'head', log })
    if (signal.aborted) return await opened.stop()
    broker = opened
    unlisten = await opened.listen(toHead(tag), heard, askAgain)
    // Whatever was to be withdrawn meanwhile could not be.
    isTidy = false
    await tick(opened)
    state = { kind: 'connected' }
    ports.changed()
    askAgain()
  }
  /** What nobody could withdraw while the database, or this Beside, was away: machines may have made it in the meantime. */
  const withdrawForgotten = async (open: Broker) => {
    isTidy = true
    for (const { queue, id, job, parts } of await open.ordersOf(tag)) {
      if (ports.isAwaited(job, id)) continue
      await open.withdraw(queue, id)
      await open.notify(toMachines, { what: 'withdrawn', order: id })
      const prefix = await localPathOf(parts, storages, 'name').catch(() => null)
      if (prefix !== null) await removeParts(prefix, id)
    }
  }
  /** Notices may have been missed: whoever waits asks for himself. */
  const askAgain = () => known.clear()
  const tick = async (open: Broker) => {
    await open.announce({ tag, name: hostname(), version: ports.version, canaries })
    machines = await open.machines()
    heads = Math.max(1, (await open.heads()).filter(({ silentMs: silent }) => silent < silentMs).length)
    if (!isTidy) await withdrawForgotten(open)
    const now = JSON.stringify([
      heads,
      machines.filter(takesOrders).map(({ report: { name, places, roots } }) => [name, places, roots]),
    ])
    if (now === shape) return
    shape = now
    ports.changed()
    for (const { path } of storages) await removeProbes(path, clock.nowMs())
  }
  const disconnect = async () => {
    const open = broker
    broker = null
    machines = []
    await unlisten()
    unlisten = async () => undefined
    await open?.stop()
  }
  /** Until the settings change. */
  const keep = async (settings: FleetSettings, signal: AbortSignal) => {
    let pauseMs = 1_000
    for (;;) {
      try {
        if (broker === null) await connect(settings, signal)
        while (!signal.aborted && broker !== null) {
          await clock.sleep(tickMs, signal)
          await tick(broker)
          pauseMs = 1_000
        }
      } catch (error) {
        if (signal.aborted) break
        state = { kind: 'connecting', why: toFailure(error) }
        log.info('the shared queue is away', { why: toFailure(error).code })
        await disconnect()
        ports.changed()
        await clock.sleep(pauseMs, signal).catch(() => undefined)
        pauseMs = Math.min(maxPauseMs, pauseMs * 2)
      }
      if (signal.aborted) break
    }
    await disconnect()
  }
  const run = async () => {
    for (;;) {
      const settings = ports.settings()
      if (ending.signal.aborted) return
      if (settings === null) {
        state = { kind: 'off' }
        return
      }
      state = { kind: 'connecting', why: null }
      await keep(settings, AbortSignal.any([round.signal, ending.signal]))
    }
  }
  const start = () => {
    loop ??= run()
      .catch((error: unknown) => log.error('the fleet has ended', { error: String(error) }))
      .finally(() => (loop = null))
  }

  return {
    state: () => state,
    machines: () => machines,
    heads: () => heads,
    storages: () => storages,
    broker: () => {
      if (broker !== null) return broker
      if (state.kind === 'off') throw new JobError('not-possible', { because: 'no-fleet' })
      throw JobError.from((state.kind === 'connecting' ? state.why : null) ?? failure('queue-away'))
    },
    running: (order) => running.get(order) ?? null,
    hasNews: (order) => {
      if (known.has(order)) return false
      known.add(order)
      return true
    },
    machinesOf: (order) => had.get(order) ?? [],
    forgetOrder: (order) => {
      for (const kept of [running, had, known]) kept.delete(order)
    },
    withdrawLater: () => (isTidy = false),
    start,
    reconsider: () => {
      round.abort(new Error('the settings have changed'))
      round = new AbortController()
      start()
    },
    stop: async () => {
      ending.abort(new Error('Beside stopped'))
      await loop
    },
  }
}

async function putCanary(folder: string, tag: string): Promise<string> {
  const path = join(folder, canaryName(tag))
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (/^[0-9a-f-]{36}$/.test(kept)) return kept
  const fresh = randomUUID()
  await writeFile(`${path}.new`, fresh)
  await rename(`${path}.new`, path)
  return fresh
}
