/**
 * Delivers what is due: one delivery of a hook at a time, in the order of the events, and a few hooks at once. One that fails is tried again later and
 * holds up none behind it. It is nudged when something may be due, and never polls; nothing of it is waited for by jobs. Stopping means
 * quiet: what is under way is ended and put back.
 */
import { toFailure } from '../../shared/failure.ts'
import { deliveredAgainAtMs, type Delivery, type DeliveryMove, type Hook, type HookTest } from '../../shared/hooks.ts'
import type { Clock, Log, Random } from '../engine/ports.ts'
import type { DeliveryStore, HookStore } from '../store/hook-store.ts'

export interface HookRunnerPorts {
  readonly hooks: Pick<HookStore, 'list' | 'get'>
  readonly deliveries: DeliveryStore
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Log
  /** What came of a try. Throws the signal's reason alone. */
  send(hook: Hook, delivery: Delivery, signal: AbortSignal): Promise<HookTest>
  /** A delivery of it has moved, or come to be. */
  changed(hookId: number): void
}

export interface HookRunner {
  start(): void
  nudge(): void
  /** Ends what a hook has under way, and puts it back. */
  end(hookId: number): Promise<void>
  /** Resolves when nothing is under way and nothing is due now, or with the signal. */
  settled(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

const hookConcurrency = 4
/** What has come to its end is kept so long, to be looked at, and no more of a hook than so many. */
const keptMs = 30 * 86_400_000
const keptOfHook = 10_000
const deliveriesBetweenPrunes = 1_000
/** After the store has not answered. */
const afterTroubleMs = 10_000

interface Running {
  readonly deliveryId: number
  readonly abort: AbortController
  readonly over: Promise<void>
}

export function createHookRunner(ports: HookRunnerPorts): HookRunner {
  const { hooks, deliveries, clock, log } = ports
  /** By the id of the hook. */
  const running = new Map<number, Running>()
  const waiting = new Set<() => void>()
  let state: 'idle' | 'working' | 'stopped' = 'idle'
  let isWanted = false
  /** The end of one was not kept: it is due again once the store answers. */
  let isUnkept = false
  /** Until then the store is left alone: it does not answer. */
  let restsUntilMs = 0
  let untilPrune = 0
  let cancelTimer = () => {}

  const nudge = () => {
    if (isWanted || state !== 'working') return
    isWanted = true
    setImmediate(pump)
  }
  function pump(): void {
    isWanted = false
    if (state !== 'working') return
    cancelTimer()
    const nowMs = clock.nowMs()
    if (nowMs < restsUntilMs) {
      cancelTimer = clock.after(restsUntilMs - nowMs, nudge)
      return
    }
    try {
      if (isUnkept) deliveries.recover([...running.values()].map(({ deliveryId }) => deliveryId))
      isUnkept = false
      if (untilPrune <= 0) {
        untilPrune = deliveriesBetweenPrunes
        deliveries.prune(nowMs - keptMs, keptOfHook)
      }
      const free = hooks.list().filter(({ id, on }) => on && !running.has(id))
      for (const hook of free) {
        const delivery = running.size < hookConcurrency ? deliveries.claim(hook.id, nowMs) : null
        if (delivery !== null) begin(hook, delivery)
      }
      if (running.size >= hookConcurrency) return
      const dueAtMs = Math.min(...free.flatMap(({ id }) => (running.has(id) ? [] : (deliveries.nextDueMs(id) ?? []))))
      if (Number.isFinite(dueAtMs)) cancelTimer = clock.after(Math.max(1, dueAtMs - nowMs), nudge)
      if (running.size === 0) for (const wake of waiting) wake()
    } catch (error) {
      failed(error)
    }
  }
  const failed = (error: unknown) => {
    log.error('the store does not answer about hooks', { error: String(error) })
    restsUntilMs = clock.nowMs() + afterTroubleMs
    nudge()
    // Whoever waits is not kept waiting for a disk.
    for (const wake of waiting) wake()
  }
  const begin = (hook: Hook, delivery: Delivery) => {
    const abort = new AbortController()
    const over = deliver(hook, delivery, abort.signal).finally(() => {
      running.delete(hook.id)
      nudge()
    })
    running.set(hook.id, { deliveryId: delivery.id, abort, over })
    untilPrune -= 1
    ports.changed(hook.id)
  }
  const deliver = async (hook: Hook, delivery: Delivery, signal: AbortSignal): Promise<void> => {
    const move = await outcomeOf(hook, delivery, signal)
    try {
      deliveries.apply(delivery.id, move)
      ports.changed(hook.id)
    } catch (error) {
      isUnkept = true
      failed(error)
    }
  }
  const outcomeOf = async (hook: Hook, delivery: Delivery, signal: AbortSignal): Promise<DeliveryMove> => {
    let test: HookTest
    try {
      test = await ports.send(hook, delivery, signal)
    } catch (error) {
      if (signal.aborted) return { type: 'putBack' }
      test = { answer: null, why: toFailure(error), output: '' }
    }
    const atMs = clock.nowMs()
    const { answer, why } = test
    if (why === null && answer !== null) return { type: 'deliver', atMs, answer }
    const reason = why ?? toFailure(new Error('no answer'))
    const { attempt, key } = delivery
    const dueAtMs = deliveredAgainAtMs(attempt, reason.retryAfterMs ?? null, atMs, ports.random.next())
    const { because = '', status = '' } = reason.facts as { readonly because?: string; readonly status?: number }
    log.warn('a hook was not delivered', { hook: hook.id, key, attempt, code: reason.code, because, status })
    return dueAtMs === null ? { type: 'giveUp', atMs, why: reason } : { type: 'fail', atMs, why: reason, dueAtMs }
  }
  const unsubscribe = deliveries.subscribe(nudge)

  return {
    start: () => {
      if (state !== 'idle') return
      deliveries.recover([])
      state = 'working'
      nudge()
    },
    nudge,
    end: async (hookId) => {
      const one = running.get(hookId)
      one?.abort.abort(new Error('the hook was removed or changed'))
      await one?.over
    },
    settled: async (signal) => {
      if (state !== 'working') return
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
      nudge()
      await promise.finally(() => waiting.delete(resolve))
    },
    stop: async () => {
      state = 'stopped'
      unsubscribe()
      cancelTimer()
      for (const { abort } of running.values()) abort.abort(new Error('Beside stops'))
      await Promise.all([...running.values()].map(async ({ over }) => await over))
      for (const wake of waiting) wake()
    },
  }
}
