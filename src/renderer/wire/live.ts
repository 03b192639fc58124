/**
 * What the engine says as it happens, for as long as there is a line. It comes in portions, so that a thousand changes in a second cost
 * five paints. A new line begins with a snapshot: whatever was missed is in it.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ClientContext, ClientLink } from '@orpc/client'
import { clientOver, type Client } from '../../shared/wire/client.ts'
import type { Change } from '../../shared/wire/contract.ts'
import type { QueueState, Totals } from '../../shared/model.ts'
import { phases } from '../../shared/job.ts'
import { AccessRefused, type Host } from './host.ts'

export type Calls = Client

/** The contract as the window calls it, while the line under it comes and goes: a call without one is `offline`. */
export interface Wire {
  readonly calls: Calls
  use(link: ClientLink<ClientContext> | null): void
}

export function createWire(): Wire {
  let current: ClientLink<ClientContext> | null = null
  const carrier = () => {
    const link = current
    return link === null ? null : { link, isLost: () => current !== link }
  }
  return { calls: clientOver(carrier), use: (link) => void (current = link) }
}

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

export interface LiveState extends Readonly<QueueState> {
  readonly connection: ConnectionState
  readonly version: string
}

export interface Live {
  readonly calls: Calls
  readonly state: Pick<StoreApi<LiveState>, 'getState' | 'getInitialState' | 'subscribe'>
  /** Portions of changes, the newest value of each thing. */
  onChanges(listener: (changes: readonly Change[]) => void): () => void
  /** A line is there (again): what was asked before may be out of date. */
  onOpen(listener: () => void): () => void
  stop(): void
}

/** Between two portions of changes: nobody reads faster, and what sending and painting take is missing to the conversions. */
export const restMs = 200

const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
const firstWaitMs = 400
const maxWaitMs = 5000

export function createLive(host: Host, wire: Wire): Live {
  const state = createStore<LiveState>()(() => ({
    connection: 'connecting',
    totals: none,
    paused: false,
    held: null,
    version: '',
  }))
  const readers = new Set<(changes: readonly Change[]) => void>()
  const openers = new Set<() => void>()
  const stopped = new AbortController()
  const take = (changes: readonly Change[]) => {
    const totals = changes.findLast((change) => change.type === 'totals')
    if (totals !== undefined) state.setState({ totals: totals.totals, paused: totals.paused, held: totals.held })
    for (const reader of readers) reader(changes)
  }

  const follow = async () => {
    const line = await host.connect()
    wire.use(line.link)
    // The stream first, then the snapshot: nothing can fall between the two.
    const changes = await wire.calls.changes({ restMs }, { signal: stopped.signal })
    const [now, about] = await Promise.all([wire.calls.queue.totals(), wire.calls.about()])
    state.setState({ connection: 'open', ...now, version: about.version })
    for (const opener of openers) opener()
    const read = async () => {
      for await (const portion of changes) take(portion)
    }
    await Promise.race([read(), line.closed])
  }
  const run = async () => {
    let waitMs = firstWaitMs
    while (!stopped.signal.aborted) {
      try {
        await follow()
        waitMs = firstWaitMs
      } catch (error) {
        if (error instanceof AccessRefused) {
          state.setState({ connection: 'refused' })
          return
        }
      }
      wire.use(null)
      if (state.getState().connection === 'open') waitMs = firstWaitMs
      state.setState({ connection: 'lost' })
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      waitMs = Math.min(maxWaitMs, waitMs * 2)
    }
  }
  void run()
  return {
    calls: wire.calls,
    state,
    onChanges: (listener) => added(readers, listener),
    onOpen: (listener) => added(openers, listener),
    stop: () => stopped.abort(),
  }
}

function added<T>(set: Set<T>, item: T): () => void {
  set.add(item)
  return () => set.delete(item)
}
