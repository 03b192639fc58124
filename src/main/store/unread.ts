/**
 * What this version cannot read. One rule for all tables: nothing is deleted, nothing of it is acted on, and nothing vanishes without a
 * word. Each such row is named once in the log and from then on by `list`, which `beside doctor` shows.
 *
 * | what            | what becomes of it                                                                                          |
 * | --------------- | ----------------------------------------------------------------------------------------------------------- |
 * | a live job      | ends as failed, so that it holds up nobody; its state as it was stays inside the new one until it is retried |
 * | a finished job  | stays where it is, and counts; lists leave it out where what it was to do cannot be read                    |
 * | a folder's rule | the folder is listed with what can be read of it and is not watched, until its rule is set again            |
 * | a preset        | is left out, until one is saved under its name                                                              |
 * | a setting       | has its default, and stays in the row until somebody changes it                                             |
 * | an account      | counts as never asked                                                                                       |
 * | a line's reason | says that it cannot be read; the line and its state count                                                   |
 * | an API key      | may convert nothing                                                                                         |
 * | a served job    | counts as failed                                                                                            |
 * | a hook          | is not listed, hears of nothing, and its deliveries wait                                                    |
 * | a delivery      | is given up when its turn comes, so that it holds up none behind it                                         |
 */
import type { Log } from '../engine/ports.ts'

interface Unread {
  readonly what: 'job' | 'folder' | 'preset' | 'setting' | 'account' | 'sighting' | 'api-key' | 'served-job' | 'hook' | 'delivery'
  /** Its number or its name. */
  readonly name: string
  /** Why it does not parse. */
  readonly trouble: string
}

export interface UnreadRows {
  /** Those that were met since the start. */
  list(): readonly Unread[]
  /** Each is reported once, possibly in the middle of a transaction. Answers how to stop. */
  subscribe(listener: (row: Unread) => void): () => void
}

export interface UnreadKeeper extends UnreadRows {
  report(row: Unread): void
}

/** One that is damaged all over names no more than this many. */
const maxListed = 1000

export function createUnread(log: Log): UnreadKeeper {
  const rows = new Map<string, Unread>()
  const listeners = new Set<(row: Unread) => void>()
  return {
    list: () => [...rows.values()],
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    report: (row) => {
      const key = `${row.what} ${row.name}`
      if (rows.has(key) || rows.size >= maxListed) return
      rows.set(key, row)
      log.error('a row of the database cannot be read by this version', { ...row })
      for (const listener of listeners) listener(row)
    },
  }
}

/** Text that ought to be JSON; undefined where it is not, which no schema takes. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
