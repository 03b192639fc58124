/** What the jobs of one folder have in common: the order without the source. Kept once, remembered while the program runs. */
import type { Order } from '../../shared/job.ts'
import type { Connection } from './connection.ts'

export interface Plans {
  /** The same number for orders that ask for the same, in whatever order their options were named. */
  idOf(order: Order): number
  /** As it was stored, not yet checked. */
  get(id: number): object
  /** After a transaction was taken back, and with it plans that are remembered. */
  forget(): void
}

/** Folders of one run, in most cases; forgotten all at once beyond that. */
const remembered = 10_000

export function createPlans(db: Connection): Plans {
  const insert = db.prepare<[string]>('INSERT INTO plans (json) VALUES (?) ON CONFLICT DO NOTHING')
  const find = db.prepare<[string], number>('SELECT id FROM plans WHERE json = ?').pluck()
  const read = db.prepare<[number], string>('SELECT json FROM plans WHERE id = ?').pluck()
  const ids = new Map<string, number>()
  let last: { readonly order: Order; readonly id: number } | null = null
  const plans = new Map<number, object>()

  const rowFor = (json: string): number => find.get(json) ?? Number(insert.run(json).lastInsertRowid)
  const idFor = (json: string): number => {
    const known = ids.get(json)
    if (known !== undefined) return known
    const id = rowFor(json)
    if (ids.size >= remembered) ids.clear()
    ids.set(json, id)
    return id
  }
  return {
    idOf: (order) => {
      // The files of one folder come one after the other, with one and the same bag of options.
      if (last === null || !isSamePlan(last.order, order)) last = { order, id: idFor(planJson(order)) }
      return last.id
    },
    get: (id) => {
      const known = plans.get(id)
      if (known !== undefined) return known
      const plan = JSON.parse(read.get(id) ?? '{}') as object
      if (plans.size >= remembered) plans.clear()
      plans.set(id, plan)
      return plan
    },
    forget: () => {
      last = null
      ids.clear()
      plans.clear()
    },
  }
}

function planJson({ target, options, with: choice, localOnly, folder, name, ifExists, keepDates, afterwards }: Order): string {
  const sorted = Object.fromEntries(Object.entries(options).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  return JSON.stringify({ target, options: sorted, with: choice, localOnly, folder, name, ifExists, keepDates, afterwards })
}

function isSamePlan(one: Order, other: Order): boolean {
  return (
    one.options === other.options &&
    one.folder === other.folder &&
    one.target === other.target &&
    one.name === other.name &&
    one.with === other.with &&
    one.ifExists === other.ifExists &&
    one.afterwards === other.afterwards &&
    one.localOnly === other.localOnly &&
    one.keepDates === other.keepDates
  )
}
