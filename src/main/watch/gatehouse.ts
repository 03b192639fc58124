/** The files of one folder that wait: until they are complete, until their time has come. In memory; a restart looks at them anew. */
import type { Line } from '../store/ledger.ts'
import type { Hint } from './hints.ts'
import type { Entry } from './listing.ts'
import { dueMs, heard, isQuiet, isSame, openGate, read, type Gap, type Gate, type Patience, type Reading } from './quiet.ts'

interface Ticket {
  readonly dir: string
  readonly name: string
  gate: Gate
  /** When it is read again, at the earliest. */
  nextMs: number
  /** When its rule lets it be read at all. */
  readonly notBeforeMs: number
  /** Found complete; it only waits for its time. */
  checked: boolean
  /** How often it looked complete and was not. */
  tries: number
  /** Heard of since it was last read. */
  stirred: boolean
}

export interface Called {
  readonly id: number
  readonly dir: string
  readonly name: string
  readonly gate: Gate
  readonly checked: boolean
  readonly tries: number
}

export interface Gatehouse {
  /** A file that waits looks like this now. */
  admit(line: Line, entry: Entry, nowMs: number): void
  /** Something happened to the file. */
  hear(dir: string, name: string, nowMs: number): boolean
  /** Those whose time it is to be read. */
  due(nowMs: number, limit: number): readonly Called[]
  /** What the reading showed. `changed`: its line is out of date. */
  tell(id: number, reading: Reading, nowMs: number): 'waits' | 'quiet' | 'changed'
  /** It looked complete and was not. */
  sendBack(id: number, nowMs: number): void
  /** It is complete; its time is this. */
  hold(id: number, untilMs: number): void
  leave(id: number): void
  /** The clock was set back: what was reckoned by the old one does not count, but for times that the rule says. */
  reckon(nowMs: number): void
  /** The last time that nobody lived through. */
  slept(gap: Gap): void
  nextMs(): number
  clear(): void
}

const longestRetryMs = 60_000

/**
 * @param patienceNow asked anew each time: a folder may turn out to be far away.
 * @param onUnread something happened at a place, and whoever waited there has left without having been read again.
 */
export function createGatehouse(patienceNow: () => Patience, onUnread: (hint: Hint) => void): Gatehouse {
  const tickets = new Map<number, Ticket>()
  const byPlace = new Map<string, number>()
  const placeOf = ({ dir, name }: { readonly dir: string; readonly name: string }) => `${dir}/${name}`
  let gap: Gap | null = null
  const leave = (id: number) => {
    const ticket = tickets.get(id)
    if (ticket === undefined) return
    if (byPlace.get(placeOf(ticket)) === id) byPlace.delete(placeOf(ticket))
    tickets.delete(id)
    if (ticket.stirred) onUnread({ dir: ticket.dir, name: ticket.name })
  }
  return {
    admit: (line, entry, nowMs) => {
      const known = tickets.get(line.id)
      if (known !== undefined && placeOf(known) === placeOf(line) && isSame(known.gate.last, entry)) return
      if (known !== undefined && placeOf(known) === placeOf(line)) known.stirred = false
      leave(line.id)
      const gate = openGate(entry, nowMs, gap)
      const notBeforeMs = line.dueAtMs ?? 0
      const nextMs = Math.max(notBeforeMs, dueMs(gate, patienceNow()))
      tickets.set(line.id, {
        dir: line.dir,
        name: line.name,
        gate,
        nextMs,
        notBeforeMs,
        checked: false,
        tries: 0,
        stirred: false,
      })
      byPlace.set(placeOf(line), line.id)
    },
    hear: (dir, name, nowMs) => {
      const ticket = tickets.get(byPlace.get(placeOf({ dir, name })) ?? -1)
      // What waits for a time that is far off is looked at now.
      if (ticket === undefined || ticket.checked || ticket.notBeforeMs > nowMs) return false
      ticket.stirred = true
      ticket.gate = heard(ticket.gate, nowMs)
      ticket.nextMs = dueMs(ticket.gate, patienceNow())
      return true
    },
    due: (nowMs, limit) => {
      const called: Called[] = []
      for (const [id, { dir, name, gate, checked, tries, nextMs }] of tickets) {
        if (called.length >= limit) break
        if (nextMs <= nowMs) called.push({ id, dir, name, gate, checked, tries })
      }
      return called
    },
    tell: (id, reading, nowMs) => {
      const ticket = tickets.get(id)
      if (ticket === undefined) return 'changed'
      ticket.stirred = false
      if (!isSame(ticket.gate.last, reading)) return 'changed'
      if (ticket.checked) return 'quiet'
      ticket.gate = read(ticket.gate, reading, nowMs, patienceNow())
      ticket.nextMs = dueMs(ticket.gate, patienceNow())
      return isQuiet(ticket.gate, patienceNow()) ? 'quiet' : 'waits'
    },
    sendBack: (id, nowMs) => {
      const ticket = tickets.get(id)
      if (ticket === undefined) return
      ticket.tries += 1
      ticket.nextMs = nowMs + Math.min(longestRetryMs, patienceNow().quietMs * 2 ** Math.min(ticket.tries, 10))
    },
    hold: (id, untilMs) => {
      const ticket = tickets.get(id)
      if (ticket === undefined) return
      ticket.checked = true
      ticket.nextMs = untilMs
    },
    leave,
    reckon: (nowMs) => {
      for (const ticket of tickets.values()) if (!ticket.checked) ticket.nextMs = nowMs
    },
    slept: (last) => {
      gap = last
    },
    nextMs: () => tickets.values().reduce((first, { nextMs }) => Math.min(first, nextMs), Infinity),
    clear: () => {
      tickets.clear()
      byPlace.clear()
    },
  }
}
