/**
 * A machine of a fleet: takes orders for the places that it has, renders them, answers. It has no queue of its own, no database and no keys.
 *
 *   unfit ── the proof succeeds ─► working ⇄ resting (hours, battery, somebody at it, work of its own)
 *                                     │ ▲
 *                                drain ▼ │ resume
 *                                   draining: takes nothing more, ends what it has
 *
 * A lease that is lost (frozen, cut off, withdrawn) ends its rendering at once: what it has made so far is removed, and nobody hears of it.
 */
import { loadavg } from 'node:os'
import { failure, toFailure, type Failure } from '../../shared/failure.ts'
import type { CheckLine, FleetMachine } from '../../shared/fleet.ts'
import type { Resting } from '../../shared/lending.ts'
import type { Clock, Inspect, Log } from '../engine/ports.ts'
import { batching } from '../fleet/batching.ts'
import { renewMs, silentMs, type Broker, type Leased } from '../fleet/broker.ts'
import type { Storage } from '../fleet/storage.ts'
import { protocol, queueParts, toHead, toMachines, type MachineReport, type Notice, type MachineMode } from '../fleet/wire.ts'
import type { Provider } from '../providers/provider.ts'
import { discard, render } from './renderer.ts'

export interface WorkerPorts {
  /** As people call it. */
  readonly name: string
  /** Small letters and digits, no other machine's: in the names of parts. */
  readonly id: string
  readonly version: string
  readonly broker: Broker
  readonly storages: readonly Storage[]
  readonly local: Pick<Provider, 'submit'>
  readonly inspect: Inspect
  /** Places by need, as many as work at once. */
  readonly places: () => Readonly<Record<string, number>>
  /** Proves that this machine may work, line by line; asked again while it may not. */
  readonly prove: (
    heard: (listener: (notice: Notice) => void) => () => void,
    signal: AbortSignal,
  ) => Promise<readonly CheckLine[]>
  /** Why it rests now; null: it works. */
  readonly rests: () => Resting | null
  readonly clock: Clock
  readonly log: Log
  readonly cores: number
  readonly told: (news: WorkerNews) => void
}

/** How a machine stands. */
export interface WorkerStatus {
  readonly state: MachineReport['state']
  readonly because: Resting | null
  /** Lines of the last proof; none: it is being made. */
  readonly checks: readonly CheckLine[]
  readonly doing: FleetMachine['doing']
  /** Orders answered in the last hour. */
  readonly doneLately: number
  /** Why the shared queue cannot be used at the moment; null: it can. */
  readonly away: Failure | null
}

export type WorkerNews =
  | { readonly what: 'checked'; readonly lines: readonly CheckLine[] }
  | { readonly what: 'state'; readonly state: MachineReport['state']; readonly because: Resting | null }
  | { readonly what: 'taken' | 'answered' | 'given-back' | 'lost'; readonly name: string; readonly why: Failure | null }
  | { readonly what: 'away'; readonly why: Failure }
  /** It has something to do, or nothing any more. */
  | { readonly what: 'busy' | 'idle' }

export interface Worker {
  /** Resolves when it has ended. @throws where it can never work, such as another machine of the same name. */
  readonly over: Promise<void>
  status(): WorkerStatus
  /** Takes nothing more and ends what it has. */
  drain(): void
  /** Gives back what it has: others begin it anew. */
  stop(): Promise<void>
}

interface Task {
  readonly leased: Leased
  readonly need: string
  readonly abort: AbortController
  readonly sinceMs: number
  stage: string
  done: number | null
}

const reportMs = 4_000
const idleMs = 1_000
const progressMs = 1_000
const maxPauseMs = 15_000
const hourMs = 3_600_000

export function createWorker(ports: WorkerPorts): Worker {
  const { broker, clock, log, told, name } = ports
  const instance = `${ports.id} ${clock.nowMs()}`
  const startedAtMs = clock.nowMs()
  const ending = new AbortController()
  const tasks = new Map<string, Task>()
  const listeners = new Set<(notice: Notice) => void>()
  const answeredAtMs: number[] = []
  let checks: readonly CheckLine[] = []
  let mode: MachineMode = 'work'
  let isLeaving = false
  let before = ''
  /** The fleet knows it by its name, and nobody else has that. */
  let isListed = false
  /** Why the shared queue is away, once that has been said; each of the loops notices. */
  let away: Failure | null = null
  let over: Promise<unknown>[] = []
  /** There may be something to take: a place is free, or something was sent. */
  let isWoken = false
  let wakeUp = (): void => undefined
  const wake = () => {
    isWoken = true
    wakeUp()
  }

  const stateNow = (): { readonly state: MachineReport['state']; readonly because: Resting | null } => {
    const trouble = !isListed || checks.length === 0 || checks.some(({ state }) => state === 'trouble')
    if (trouble) return { state: 'unfit', because: null }
    if (isLeaving || mode === 'drain') return { state: 'draining', because: null }
    const because = ports.rests()
    return because === null ? { state: 'working', because } : { state: 'resting', because }
  }
  const tellState = () => {
    const now = stateNow()
    if (JSON.stringify(now) === before) return
    before = JSON.stringify(now)
    told({ what: 'state', ...now })
  }
  const doing = () =>
    [...tasks.values()].map(({ leased, need, done, sinceMs }) => ({
      order: leased.id,
      need,
      name: nameOf(leased),
      done,
      sinceMs,
    }))
  const doneLately = (): number => {
    const sinceMs = clock.nowMs() - hourMs
    while (answeredAtMs[0] !== undefined && answeredAtMs[0] < sinceMs) answeredAtMs.shift()
    return answeredAtMs.length
  }
  const report = async () => {
    mode = await broker.report(
      {
        name,
        protocol,
        version: ports.version,
        places: ports.places(),
        roots: ports.storages.map(({ id }) => id),
        checks: [...checks],
        state: stateNow().state,
        doing: doing(),
        doneLately: doneLately(),
        load: Math.min(1, (loadavg()[0] ?? 0) / ports.cores),
        startedAtMs,
      },
      instance,
    )
    isListed = true
    away = null
    tellState()
  }
  const heard = (notice: Notice) => {
    if (notice.what === 'withdrawn') tasks.get(notice.order)?.abort.abort(new Error('withdrawn'))
    if (notice.what === 'sent') wake()
    for (const listener of listeners) listener(notice)
  }
  const begin = (need: string, leased: Leased) => {
    const task: Task = { leased, need, abort: new AbortController(), sinceMs: clock.nowMs(), stage: 'converting', done: null }
    if (tasks.size === 0) told({ what: 'busy' })
    tasks.set(leased.id, task)
    told({ what: 'taken', name: nameOf(leased), why: null })
    const done = perform(task).finally(() => {
      tasks.delete(leased.id)
      if (tasks.size === 0) told({ what: 'idle' })
    })
    done.catch((error: unknown) => log.error('an order ended badly', { error: String(error) }))
    over = [...over.filter((each) => each !== done), done]
    void done
      .finally(() => {
        over = over.filter((each) => each !== done)
        wake()
      })
      .catch(() => undefined)
  }
  const tellAnswered = batching(async (some: readonly Leased[]) => {
    for (const [tag, ended] of Map.groupBy(some, ({ order }) => order.tag))
      await broker.notify(toHead(tag), { what: 'answered', orders: ended.map(({ id }) => id) })
    return some
  }, maxInNotice)
  const perform = async (task: Task) => {
    const { leased, abort } = task
    const signal = AbortSignal.any([abort.signal, ending.signal])
    const answer = await render(
      leased,
      { machine: ports.id, name, storages: ports.storages, local: ports.local, inspect: ports.inspect },
      ({ stage, done }) => Object.assign(task, { stage, done }),
      signal,
    ).catch((error: unknown) => {
      if (signal.aborted) return null
      throw error
    })
    if (answer === null) {
      // Another machine begins at once, and it counts as no machine lost.
      const isGivenBack = !abort.signal.aborted && (await giveBack(leased))
      return told({ what: isGivenBack ? 'given-back' : 'lost', name: nameOf(leased), why: null })
    }
    // The work is done: a database that is away for a while does not cost it.
    for (let pauseMs = 500; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      try {
        const isTaken = (await broker.answer(leased, answer)) || (await isKnown(leased))
        answeredAtMs.push(clock.nowMs())
        if (!isTaken) await discard(leased, answer, ports)
        else await tellAnswered(leased).catch(() => undefined)
        told({
          what: isTaken ? 'answered' : 'lost',
          name: nameOf(leased),
          why: answer.outcome.kind === 'failed' ? answer.outcome.why : null,
        })
        return
      } catch (error) {
        log.info('an answer is told later', { why: toFailure(error).code })
        await clock.sleep(pauseMs, signal)
      }
    }
  }
  /** An answer may have arrived although nobody heard so. */
  const isKnown = async ({ queue, id, attempt }: Leased): Promise<boolean> => {
    const [now] = await broker.statesOf([{ queue, id }])
    return now?.kind === 'answered' && now.answer.machine === ports.id && now.answer.attempt === attempt
  }
  const giveBack = async (leased: Leased): Promise<boolean> => {
    const why = failure('interrupted', { because: 'machine-stopped' })
    const { attempt } = leased
    return await broker
      .answer(leased, { machine: ports.id, attempt, outcome: { kind: 'failed', why } })
      .then(async () => await tellAnswered(leased))
      .then(
        () => true,
        () => false,
      )
  }
  /** Every kind in turn, so that none waits for another. */
  const take = async (): Promise<number> => {
    let taken = 0
    const places = ports.places()
    const freeOf = (need: string) => (places[need] ?? 0) - [...tasks.values()].filter((task) => task.need === need).length
    if (Object.keys(places).every((need) => freeOf(need) <= 0)) return 0
    for (const queue of await broker.waiting()) {
      const asked = queueParts(queue)
      if (asked === null || !ports.storages.some(({ id }) => id === asked.root)) continue
      const { need } = asked
      const free = freeOf(need)
      if (free <= 0) continue
      for (const leased of await broker.lease(queue, free)) {
        taken += 1
        begin(need, leased)
      }
    }
    return taken
  }
  const renew = async () => {
    const byQueue = Map.groupBy(tasks.values(), ({ leased }) => leased.queue)
    for (const [queue, some] of byQueue) {
      const lost = await broker.renew(
        queue,
        some.map(({ leased }) => leased),
      )
      for (const { id } of lost) tasks.get(id)?.abort.abort(new Error('the lease is lost'))
    }
  }
  const tellProgress = async () => {
    const byTag = Map.groupBy(tasks.values(), ({ leased }) => leased.order.tag)
    for (const [tag, some] of byTag) {
      for (let start = 0; start < some.length; start += maxInNotice) {
        const orders = some.slice(start, start + maxInNotice).map(({ leased, stage, done }) => ({
          order: leased.id,
          attempt: leased.attempt,
          stage,
          done,
        }))
        await broker.notify(toHead(tag), { what: 'progress', machine: name, orders })
      }
    }
  }
  /** @param isEager ends early where a place becomes free. */
  const rest = async (ms: number, isEager: boolean) => {
    const woken = new AbortController()
    if (isEager) wakeUp = () => woken.abort()
    if (isEager && isWoken) woken.abort()
    await clock.sleep(ms, AbortSignal.any([ending.signal, woken.signal])).catch(() => undefined)
  }
  const isOver = (): boolean => ending.signal.aborted
  /** Again and again, whatever becomes of one time: the database may be away for hours. */
  const every = async (restMs: number, work: () => Promise<void>, isEager = false) => {
    let pauseMs = 0
    while (!ending.signal.aborted) {
      try {
        if (isEager) isWoken = false
        await work()
        pauseMs = 0
      } catch (error) {
        if (isOver()) break
        if (isForGood(error) && clock.nowMs() - startedAtMs > graceMs) throw error
        if (away === null) told({ what: 'away', why: toFailure(error) })
        away = toFailure(error)
        pauseMs = Math.min(maxPauseMs, pauseMs === 0 ? idleMs : pauseMs * 2)
      }
      await rest(Math.max(restMs, pauseMs), isEager)
    }
  }
  const run = async () => {
    const unlisten = await broker.listen(toMachines, heard, () => undefined)
    const listening = (listener: (notice: Notice) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
    try {
      await Promise.all([
        every(reportMs, report),
        every(renewMs, renew),
        every(progressMs, tellProgress),
        every(
          idleMs,
          async () => {
            if (isLeaving && tasks.size === 0) return ending.abort(new Error('nothing is left to be done'))
            const { state } = stateNow()
            if (state === 'unfit') {
              checks = await ports.prove(listening, ending.signal)
              told({ what: 'checked', lines: checks })
              if (checks.some((line) => line.state === 'trouble')) await clock.sleep(reproveMs, ending.signal)
              else await report()
              return
            }
            // What was there at once may not have been all.
            if (state === 'working') while ((await take()) > 0) await new Promise((resolve) => setImmediate(resolve))
          },
          true,
        ),
      ])
    } finally {
      ending.abort(new Error('the machine stops'))
      await Promise.allSettled(over)
      // Others need not wait until it counts as lost.
      await broker.forgetMachine(name).catch(() => undefined)
      await unlisten()
    }
  }
  const running = run()
  running.catch(() => undefined)
  return {
    over: running,
    status: () => ({ ...stateNow(), checks, doing: doing(), doneLately: doneLately(), away }),
    drain: () => {
      isLeaving = true
      tellState()
      // What it waits for, being unfit, may take long.
      if (stateNow().state === 'unfit') ending.abort(new Error('nothing is left to be done'))
    },
    stop: async () => {
      ending.abort(new Error('the machine stops'))
      await running.catch(() => undefined)
    },
  }
}

const reproveMs = 5_000
/** A machine that was killed and started anew finds its own name taken until it counts as gone. */
const graceMs = silentMs + 5_000
/** PostgreSQL's notices have less than 8,000 bytes. */
const maxInNotice = 40

function nameOf({ order }: Leased): string {
  return order.sources[0]?.path.split('/').at(-1) ?? ''
}

function isForGood(error: unknown): boolean {
  const { code } = toFailure(error)
  return code === 'not-possible' || code === 'queue-refused'
}
