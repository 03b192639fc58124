/**
 * This computer as a machine of somebody's fleet while Beside is open: joined anew for as long as it is lent, with what converts for its own
 * queue as well.
 *
 *   off ── lend ─► dormant ── open ─► connecting ⇄ joined: unfit, working, resting, draining
 *    ▲                                    │
 *    └───── end: gives back what it has ──┘
 *
 * What is said of when it takes work counts at once; another fleet, storage or name is another machine.
 */
import { hostname } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { JobError, toFailure, type Failure } from '../../shared/failure.ts'
import type { LendingSettings, LendingState, LendingStatus, LendRequest } from '../../shared/lending.ts'
import type { Clock, Log, Random, Secrets } from '../engine/ports.ts'
import { openBroker, silentMs } from '../fleet/broker.ts'
import { parseJoinLine, type Joining } from '../fleet/join-line.ts'
import { openStorage } from '../fleet/storage.ts'
import { joinFleet, type Local } from './machine.ts'
import { restingNow, type Circumstances } from './resting.ts'
import type { Worker, WorkerNews, WorkerStatus } from './worker.ts'

export interface Lending {
  status(): LendingStatus
  /** @throws JobError where anything of it does not work: nothing has changed then. */
  lend(wanted: LendRequest): Promise<void>
  /** Gives back what it has, and joins no more. */
  end(): Promise<void>
  /** Joins while it is lent, from now on; again and again harmless. */
  start(): void
  /** Before what converts here. */
  stop(): Promise<void>
}

export interface LendingPorts extends Omit<Circumstances, 'nowMs'> {
  readonly version: string
  readonly local: Local
  readonly settings: () => LendingSettings | null
  readonly change: (settings: LendingSettings | null) => void
  readonly secrets: Secrets
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whether it converts for others, whenever that changes. */
  readonly busy: (isBusy: boolean) => void
}

const leastPauseMs = 1_000
const maxPauseMs = 30_000

/** One membership, however often it is joined anew. */
interface Membership {
  readonly abort: AbortController
  readonly over: Promise<void>
}

export function createLending(ports: LendingPorts): Lending {
  const { version, local, secrets, clock, random, log } = ports
  let isOpen = false
  let membership: Membership | null = null
  let worker: Worker | null = null
  /** Why it could not join the last time. */
  let why: Failure | null = null

  const rests = () => {
    const terms = ports.settings()
    return terms === null ? null : restingNow(terms, { ...ports, nowMs: clock.nowMs() })
  }
  const join = async ({ queue, storage, name }: LendingSettings): Promise<Worker> => {
    const key = (await secrets.get('lending')) ?? ''
    const told = ({ what }: WorkerNews) => {
      if (what === 'busy' || what === 'idle') ports.busy(what === 'busy')
    }
    return await joinFleet({ joining: { address: queue, key }, storage, name, version, local, rests, clock, random, log, told })
  }
  /** Whatever goes wrong is tried again: the queue may be away for hours, the storage not mounted yet. */
  const keepJoined = async (settings: LendingSettings, signal: AbortSignal) => {
    for (let pauseMs = leastPauseMs; !signal.aborted; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      try {
        const joined = await join(settings)
        worker = joined
        why = null
        pauseMs = leastPauseMs
        await overOrAborted(joined, signal)
      } catch (error) {
        why = toFailure(error)
        log.info('this computer could not be lent', { why: why.code })
      }
      worker = null
      await clock.sleep(pauseMs, signal).catch(() => undefined)
    }
  }
  const begin = () => {
    const settings = ports.settings()
    if (!isOpen || membership !== null || settings === null) return
    const abort = new AbortController()
    why = null
    membership = { abort, over: keepJoined(settings, abort.signal) }
  }
  const leave = async () => {
    const left = membership
    membership = null
    left?.abort.abort(new Error('it is lent no more'))
    await left?.over
  }
  let last: Promise<unknown> = Promise.resolve()
  /** One change after the other, so that no membership ends over another one that has begun. */
  const inTurn = async (change: () => Promise<void>): Promise<void> => {
    const mine = last.then(change)
    last = mine.catch(() => undefined)
    await mine
  }
  const joiningOf = async (line: string | null): Promise<Joining> => {
    if (line !== null) return parseJoinLine(line)
    const [settings, key] = [ports.settings(), await secrets.get('lending')]
    if (settings === null || key === null) throw new JobError('usage', { because: 'join-line' })
    return { address: settings.queue, key }
  }
  /** That it could join now: tried out, since nothing may change where it could not. */
  const check = async ({ address, key }: Joining, { storage, name }: LendRequest) => {
    if (storage.length === 0) throw new JobError('usage', { because: 'no-storage' })
    for (const path of storage) await openStorage(path, 'expect')
    const broker = await openBroker({ address, password: key, name, as: 'machine', log })
    try {
      const before = ports.settings()
      const isOwn = worker?.status().away === null && before?.name === name && before.queue === address
      const others = (await broker.machines()).filter(({ report, silentMs: silent }) => report.name === name && silent < silentMs)
      if (!isOwn && others.length > 0) throw new JobError('not-possible', { because: 'machine-name-taken', id: name })
    } finally {
      await broker.stop()
    }
  }

  const lend = async (wanted: LendRequest) => {
    const { joinLine, ...rest } = wanted
    // What was said in the app stays, be it changed by a command.
    const isNews = rest.whenIdle && ports.settings()?.whenIdle !== true
    if (isNews && ports.idleMs === null) throw new JobError('not-possible', { because: 'idle-unknown' })
    const joining = await joiningOf(joinLine)
    const settings = { queue: joining.address, ...rest }
    const isSameMachine = joinLine === null && isDeepStrictEqual(machineOf(settings), machineOf(ports.settings()))
    if (!isSameMachine) await check(joining, wanted)
    if (joinLine !== null) await secrets.set('lending', joining.key)
    ports.change(settings)
    if (!isSameMachine) await leave()
    begin()
  }

  return {
    status: () => {
      const settings = ports.settings()
      const now = worker?.status() ?? null
      return {
        settings,
        state: settings === null ? { kind: 'off' } : isOpen ? stateOf(now, why) : { kind: 'dormant' },
        doing: now?.doing ?? [],
        doneLately: now?.doneLately ?? 0,
        hostName: hostname(),
        canTellIdle: ports.idleMs !== null,
      }
    },
    lend: async (wanted) => await inTurn(async () => await lend(wanted)),
    end: async () =>
      await inTurn(async () => {
        ports.change(null)
        await leave()
        await secrets.forget('lending')
      }),
    start: () => {
      isOpen = true
      begin()
    },
    stop: async () => {
      isOpen = false
      await inTurn(leave)
    },
  }
}

function stateOf(now: WorkerStatus | null, why: Failure | null): LendingState {
  if (now === null) return { kind: 'connecting', why }
  if (now.away !== null) return { kind: 'connecting', why: now.away }
  if (now.state === 'unfit') return { kind: 'unfit', checks: [...now.checks] }
  if (now.because !== null) return { kind: 'resting', because: now.because }
  return { kind: now.state === 'draining' ? 'draining' : 'working' }
}

/** What makes it another machine. */
function machineOf(settings: LendingSettings | null) {
  return settings === null ? null : { queue: settings.queue, storage: settings.storage, name: settings.name }
}

/** Where it is aborted, it gives back what it has. @throws what ended it. */
async function overOrAborted(worker: Worker, signal: AbortSignal): Promise<void> {
  const stop = () => void worker.stop()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  await worker.over.finally(() => signal.removeEventListener('abort', stop))
}
