/**
 * "Our machines": the fleet as a provider. A submit puts an order on the shared queue, a poll looks for its answer, and a fetch takes the
 * parts over that the answer names. What machines are there and what they can do is the head's to know.
 */
import { rename } from 'node:fs/promises'
import { basename } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { factsOf, type FormatId } from '../../shared/formats.ts'
import { workOf, type Job, type Part, type Ticket } from '../../shared/job.ts'
import type { OptionName } from '../../shared/options.ts'
import { takesOrders, type Head } from './head.ts'
import { removeParts } from './parts.ts'
import { sharedPathOf } from './storage.ts'
import { batching } from './batching.ts'
import type { OrderState, SentOrder } from './broker.ts'
import {
  answerSchema,
  requirementText,
  queueOf,
  toMachines,
  workKinds,
  type FleetAnswer,
  type Requirement,
  type WorkKind,
} from './wire.ts'
import { codeOf, statExpected } from '../files/identity.ts'
import { attemptSuffix, jobOfTemp } from '../engine/job/temp-names.ts'
import type { Clock, Log } from '../engine/ports.ts'
import { localEngines } from '../providers/local/pairings.ts'
import type { Pairing, Polled, Provider, ProviderOrder } from '../providers/provider.ts'

export interface FleetOptions {
  readonly head: Head
  /** Whether there is a fleet, be it away. */
  readonly isSetUp: () => boolean
  readonly tag: string
  /** Which lane an order has here: machines have the same. */
  readonly laneHere: Provider['lane']
  readonly fate?: NonNullable<Provider['fate']>
  readonly copies?: NonNullable<Provider['copies']>
  readonly clock: Clock
  readonly log: Log
}

const title = 'Fleet'

/** Orders at machines for each of their places: so many more wait there that none stands still until the next one has come. */
const ahead = 1.5

/** Passwords never enter the database. */
const secret: ReadonlySet<OptionName> = new Set(['password', 'protect'])

/** What can be made by a program besides what comes with Beside; null: without one. */
function pairingsBy(program: string | null): readonly Pairing[] {
  return localEngines
    .filter(({ id, needs }) => (id === 'media' ? null : (needs?.program ?? null)) === program)
    .flatMap(({ pairings }) =>
      pairings.map((pairing: Pairing) => ({ ...pairing, options: pairing.options.filter((name) => !secret.has(name)) })),
    )
}

/** The program besides Beside that makes it: that of the first that does, as on every machine; null: none. */
function programOf(from: FormatId | null, target: FormatId): string | null {
  const makers = localEngines.filter(({ pairings: made }) =>
    made.some((pairing: Pairing) => (from === null || pairing.from.includes(from)) && pairing.to.includes(target)),
  )
  const maker = makers.find(({ id, needs }) => needs === null || id === 'media') ?? makers[0]
  return maker === undefined || maker.needs === null || maker.id === 'media' ? null : maker.needs.program
}

/** What the names of its lanes begin with; behind it stands what an order needs of a machine. */
export const fleetLanes = 'fleet:'

/** The order of a job that has been sent to the fleet, or may have been. */
export function orderIdOf({ state }: Pick<Job, 'state'>): string | null {
  const work = workOf(state)
  if (work === null) return null
  if (work.step === 'submit') return work.key
  return 'ticket' in work ? (work.ticket?.ids['order'] ?? null) : null
}

export function createFleet({ head, isSetUp, tag, laneHere, clock, log, ...known }: FleetOptions): Provider {
  const send = batching(async (orders: readonly SentOrder[]) => {
    await head.broker().send(orders)
    // Machines that have places would find it themselves, a moment later.
    await head
      .broker()
      .notify(toMachines, { what: 'sent' })
      .catch(() => undefined)
    return orders
  }, batchSize)
  const ask = batching(
    async (orders: readonly Pick<SentOrder, 'queue' | 'id'>[]) => await head.broker().statesOf(orders),
    batchSize,
  )
  /** What the shared queue said of an order last. */
  const looked = new Map<string, { readonly atMs: number; readonly state: OrderState }>()
  const stateNow = async (queue: string, order: string): Promise<OrderState> => {
    const before = looked.get(order)
    if (!head.hasNews(order) && before !== undefined && clock.nowMs() - before.atMs < lookMs) return before.state
    const state = await ask({ queue, id: order })
    looked.set(order, { atMs: clock.nowMs(), state })
    return state
  }
  /** Answered orders whose parts are ours by now: their rows are of no more use. */
  const done = new Map<string, Set<string>>()
  let cancelTimer: (() => void) | null = null
  const forgetLater = (queue: string, id: string) => {
    looked.delete(id)
    head.forgetOrder(id)
    done.set(queue, (done.get(queue) ?? new Set()).add(id))
    cancelTimer ??= clock.after(forgetMs, () => {
      cancelTimer = null
      void forgetNow().catch((error: unknown) => log.debug('orders are forgotten later', { error: String(error) }))
    })
  }
  const forgetNow = async () => {
    for (const [queue, ids] of done) {
      await head.broker().forget(queue, [...ids])
      done.delete(queue)
    }
  }
  const places = (need: string): number => {
    const total = head
      .machines()
      .filter(takesOrders)
      .reduce((sum, { report }) => sum + (report.places[need] ?? 0), 0)
    return Math.ceil((total * ahead) / head.heads())
  }
  /** Asked for with every job that ends; the head has a new list every few seconds. */
  let counted: {
    readonly machines: ReturnType<Head['machines']>
    readonly heads: number
    readonly concurrency: Readonly<Record<string, number>>
  } | null = null
  /** Programs that some machine has which takes orders. */
  const programsThere = (): readonly string[] =>
    programs.filter((program) => workKinds.some((kind) => places(requirementText({ kind, program })) > 0))
  const shared = (path: string) => {
    const found = sharedPathOf(path, head.storages())
    if (found === null) throw new JobError('not-possible', { because: 'not-on-storage', provider: title })
    // The database has no way of writing it, and with it would refuse all that is sent in the same moment.
    if (!found.path.isWellFormed()) throw new JobError('name-invalid', { name: basename(path).toWellFormed() })
    return found
  }

  return {
    about: { id: 'fleet', title, cloud: false, resubmit: 'keyed', tellsPrice: 'before', deadlineMs: null },
    capabilities: async () => ({
      pairings: isSetUp() ? [null, ...programsThere()].flatMap((program) => pairingsBy(program)) : [],
      sources: ['file'],
      maxBytes: null,
    }),
    lane: (from, target, family, bytes, options) =>
      fleetLanes + requirementText(needOf(laneHere(from, target, family, bytes, options), programOf(from, target))),
    get concurrency() {
      const now = { machines: head.machines(), heads: head.heads() }
      if (now.machines !== counted?.machines || now.heads !== counted.heads)
        counted = { ...now, concurrency: Object.fromEntries(needs.map((need) => [fleetLanes + need, places(need)])) }
      return counted.concurrency
    },
    ...(known.fate !== undefined && { fate: known.fate }),
    ...(known.copies !== undefined && { copies: known.copies }),
    // Mostly from memory: the machines tell how far they have come.
    pollingPlan: { firstMs: 1_000, everyMs: 1_000, growth: 1, maxMs: 1_000, budget: null },
    submit: async (order) => {
      const need = laneOf(order, laneHere)
      const sources = order.sources ?? [order.source]
      const request = {
        tag,
        job: jobOfTemp(basename(order.temp(0)), tag) ?? 0,
        sources: sources.map((source) => {
          if (source.kind !== 'file') throw new JobError('source-not-local', { provider: title })
          return { ...shared(source.path), bytes: source.bytes, mtimeMs: source.mtimeMs }
        }),
        from: order.from,
        target: order.target,
        options: order.options,
        parts: shared(prefixOf(order.temp)),
      }
      const { root } = request.parts
      // A machine may see the one storage and not the other.
      if (request.sources.some((source) => source.root !== root))
        throw new JobError('not-possible', { because: 'not-on-storage', provider: title })
      const queue = queueOf(root, need)
      await send({ queue, id: order.key, order: request, priority: order.priority ?? 0 })
      return {
        kind: 'accepted',
        ticket: { ids: { order: order.key, queue }, submittedAtMs: clock.nowMs(), expiresAtMs: null, free: true },
      }
    },
    poll: async (ticket): Promise<Polled> => {
      const { order = '', queue = '' } = ticket.ids
      const now = await stateNow(queue, order)
      switch (now.kind) {
        case 'answered':
          if (now.answer.outcome.kind === 'failed') {
            forgetLater(queue, order)
            throw JobError.from(now.answer.outcome.why)
          }
          return { kind: 'ready', ticket: { ...ticket, ids: { ...ticket.ids, answer: JSON.stringify(now.answer) } } }
        case 'waiting':
          return { kind: 'running', stage: 'queued', done: null }
        case 'leased': {
          const running = head.running(order)
          const machines = head.machinesOf(order)
          return {
            kind: 'running',
            stage: 'processing',
            done: running?.done ?? null,
            ...(machines.length > 0 && { serviceStatus: machines.join(' → ') }),
          }
        }
        case 'given-up': {
          forgetLater(queue, order)
          const reason = [...new Set(now.machines)].join(', ')
          throw new JobError('conversion-failed', { provider: title, id: 'fleet', because: 'machines-lost', reason })
        }
        case 'unknown':
          throw new JobError('interrupted', { because: 'order-lost' })
      }
    },
    fetch: async (ticket, order) => {
      const answer = answerOf(ticket)
      const { order: id = '', queue = '' } = ticket.ids
      const parts = await takeOver(id, answer, order)
      forgetLater(queue, id)
      return parts
    },
    withdraw: async (handed, temp) => {
      const id = 'key' in handed ? handed.key : (handed.ticket.ids['order'] ?? '')
      looked.delete(id)
      head.forgetOrder(id)
      await removeParts(prefixOf(temp), id)
      const inTime = new AbortController()
      const late = async () => {
        await clock.sleep(withdrawMs, inTime.signal)
        throw new JobError('queue-away')
      }
      const queue = 'key' in handed ? null : (handed.ticket.ids['queue'] ?? '')
      try {
        await Promise.race([withdrawn(queue, id), late()])
      } catch (error) {
        head.withdrawLater()
        throw error
      } finally {
        inTime.abort()
      }
    },
    stop: async () => {
      cancelTimer?.()
      await forgetNow().catch(() => undefined)
      await head.stop()
    },
  }

  /** @param queue null: an order whose ticket never came may be on any of them. */
  async function withdrawn(queue: string | null, id: string): Promise<void> {
    const open = head.broker()
    const orders = queue === null ? await open.ordersOf(tag) : [{ queue, id }]
    for (const each of orders) if (each.id === id) await open.withdraw(each.queue, id)
    await open.notify(toMachines, { what: 'withdrawn', order: id })
  }

  /** Only the attempt whose answer was taken is renamed; what others have left is removed. */
  async function takeOver(id: string, answer: FleetAnswer, order: ProviderOrder): Promise<readonly Part[]> {
    if (answer.outcome.kind === 'failed') throw JobError.from(answer.outcome.why)
    const { on } = answer.outcome
    const prefix = prefixOf(order.temp)
    const parts: Part[] = []
    for (const [index, { n, ...part }] of answer.outcome.parts.entries()) {
      const made = prefix + attemptSuffix({ order: id, ...answer }, n)
      const temp = order.temp(index)
      await rename(made, temp).catch(async (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
        // Taken over before a crash, or a share that still remembers that nothing was there.
        if ((await statExpected(temp))?.size === part.bytes) return
        if ((await statExpected(made)) === null) throw new JobError('interrupted', { because: 'order-lost' }, { cause: error })
        await rename(made, temp)
      })
      parts.push({ ...part, temp, on })
    }
    // Of a first attempt there is no other; a large folder takes long to be listed.
    if (answer.attempt > 0) await removeParts(prefix, id)
    return parts
  }
}

/** What the names of all parts of a job begin with. */
function prefixOf(temp: ProviderOrder['temp']): string {
  return temp(0).replace(/\.0\.part$/, '')
}

/** So long what was heard last is believed without a word. */
const lookMs = 10_000
const forgetMs = 2_000
/** Rows of one statement; an order of many sources may have a megabyte. */
const batchSize = 100
/** Whoever cancels does not wait longer for a queue that he is cut off from: it hears of it later. */
const withdrawMs = 3_000
const programs = [...new Set(localEngines.flatMap(({ needs }) => needs?.program ?? []))]
const needs = workKinds.flatMap((kind) => [null, ...programs].map((program) => requirementText({ kind, program })))

function needOf(lane: string, program: string | null): Requirement {
  return { kind: lane.replace(/^local:/, '') as WorkKind, program }
}

function laneOf({ from, target, options, source }: ProviderOrder, laneHere: Provider['lane']): string {
  const bytes = source.kind === 'file' ? source.bytes : null
  return requirementText(needOf(laneHere(from, target, factsOf(target).family, bytes, options), programOf(from, target)))
}

function answerOf(ticket: Ticket): FleetAnswer {
  const answer = answerSchema.safeParse(JSON.parse(ticket.ids['answer'] ?? 'null'))
  if (!answer.success) throw new JobError('interrupted', { because: 'order-lost' })
  return answer.data
}
