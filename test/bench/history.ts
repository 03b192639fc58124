/** A history of a million rows: first page, deep page, search; milliseconds a question. */
import { openStore } from '../../src/main/store/open.ts'
import { historyOrders, type HistoryOrder, type HistoryQuery } from '../../src/shared/model.ts'
import { fill } from './claims.ts'
import { figure, percentile, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'

const rows = 1_000_000
const asks = 200

export async function history(): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const store = openStore({ folder, log: silentLog, nowMs: () => Date.now(), randomHex: (bytes) => '0'.repeat(bytes * 2) })
    fill(store, rows)
    for (let atMs = 1; ; atMs += 1) {
      const cancelled = store.jobs.applyToSome(
        { kind: 'all' },
        ['queued'],
        { type: 'cancel', atMs: 1_700_000_000_000 + atMs * 1_000_000 },
        1_000,
      )
      if (cancelled.length === 0) break
    }
    const deep = deepKey(store)
    const page = (query: HistoryQuery, after: string | null, order: HistoryOrder = 'newest') => {
      return () => void store.history.page(query, after, 100, 0, order)
    }
    const figures = [
      ...asked('history, first page', page({}, null)),
      ...asked('history, page 5,000', page({}, deep)),
      ...asked('history, a word in every row', page({ text: 'song' }, null)),
      ...asked('history, a rare and a common word', page({ text: '0123456 song' }, null)),
      ...asked('history, one artist', page({ text: 'artist 123' }, null)),
      ...historyOrders.flatMap((order) => asked(`history, by ${order}, page 1,000`, page({}, deepKey(store, order, 100), order))),
      ...asked('history, a search of 12,500 rows by name', page({ text: 'album 89' }, null, 'name')),
      ...asked('history, totals', () => void store.history.sums({})),
    ]
    store.close()
    return figures
  })
}

function deepKey(store: ReturnType<typeof openStore>, order: HistoryOrder = 'newest', thousands = 500): string | null {
  let after: string | null = null
  for (let pages = 0; pages < thousands; pages += 1) after = store.history.page({}, after, 1_000, 0, order).next
  return after
}

function asked(what: string, ask: () => void): readonly Figure[] {
  const times = Array.from({ length: asks }, () => {
    const begun = performance.now()
    ask()
    return performance.now() - begun
  })
  return [figure(`${what}, p50`, 'ms', [percentile(times, 0.5)]), figure(`${what}, p95`, 'ms', [percentile(times, 0.95)])]
}
