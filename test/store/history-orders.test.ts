import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openForWriting } from '../../src/main/store/connection.ts'
import { migrations } from '../../src/main/store/schema.ts'
import { sortName } from '../../src/main/store/words.ts'
import type { JobPage, Store } from '../../src/main/store/store.ts'
import { historyOrders, maxSorted, type HistoryOrder, type HistoryQuery } from '../../src/shared/model.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { queued, storeIn, temporaryStore } from '../support/stored.ts'

interface Row {
  readonly name: string
  readonly bytes: number
  readonly outputBytes: number
  readonly tookMs: number
}

/** Mixed up in every order, with some that are equal. */
const rows: readonly Row[] = Array.from({ length: 23 }, (_, n) => ({
  name: `${n % 2 === 0 ? 'Take' : 'tàke'} ${(n * 7) % 23}.wav`,
  bytes: 1000 + ((n * 5) % 11) * 100,
  outputBytes: 400 + ((n * 3) % 7) * 50,
  tookMs: ((n * 11) % 13) * 1000,
}))

function finished(store: Store, { name, bytes, outputBytes, tookMs }: Row, atMs: number): number {
  const [id = 0] = queued(store, [draftOf(name, { bytes })])
  store.jobs.claim('local:audio', atMs - tookMs)
  const outputs = [{ path: `/music/${name}.mp3`, bytes: outputBytes, mtimeMs: 1 }]
  store.jobs.apply(id, { type: 'finish', atMs, outputs, notes: [], archivedTo: null })
  return id
}

async function filled(): Promise<{ readonly store: Store; readonly byId: ReadonlyMap<number, Row> }> {
  const store = await temporaryStore()
  const byId = new Map(rows.map((row, n) => [finished(store, row, startMs + n * 60_000), row]))
  return { store, byId }
}

function idsOf(store: Store, order: HistoryOrder, query: HistoryQuery, limit: number): readonly number[] {
  const ids: number[] = []
  let after: string | null = null
  do {
    const page: JobPage = store.history.page(query, after, limit, 0, order)
    ids.push(...page.jobs.map(({ id }) => id))
    after = page.next
  } while (after !== null && ids.length < 1000)
  return ids
}

/** Sorted here, by what the rows were made of; ties in the direction of the order. */
function expected(byId: ReadonlyMap<number, Row>, order: HistoryOrder): readonly number[] {
  const value: Readonly<Record<HistoryOrder, (row: Row, id: number) => number | string>> = {
    newest: (_, id) => id,
    oldest: (_, id) => id,
    name: ({ name }) => Number(/\d+/.exec(name)?.[0]),
    size: ({ bytes }) => bytes,
    saved: ({ bytes, outputBytes }) => bytes - outputBytes,
    duration: ({ tookMs }) => tookMs,
  }
  const rising = [...byId].toSorted(
    ([one, a], [other, b]) => Number(value[order](a, one)) - Number(value[order](b, other)) || one - other,
  )
  const ids = rising.map(([id]) => id)
  return order === 'oldest' || order === 'name' ? ids : ids.toReversed()
}

describe('the history in an order of its own', () => {
  it.each(historyOrders)('%s: all of it, what a search finds, and what lies in a time; in pages of any size', async (order) => {
    const { store, byId } = await filled()
    const wanted = expected(byId, order)
    const inTime: HistoryQuery = { fromMs: startMs + 5 * 60_000, beforeMs: startMs + 15 * 60_000 }
    const within = wanted.filter((id) => id >= 6 && id <= 15)
    expect([1, 4, 100].map((limit) => idsOf(store, order, {}, limit))).toEqual([wanted, wanted, wanted])
    expect([3, 100].map((limit) => idsOf(store, order, { text: 'take' }, limit))).toEqual([wanted, wanted])
    expect([3, 100].map((limit) => idsOf(store, order, inTime, limit))).toEqual([within, within])
    expect(idsOf(store, order, { ...inTime, text: 'take', targets: ['mp3'] }, 4)).toEqual(within)
    expect(store.history.page({}, null, 3, 5, order).jobs.map(({ id }) => id)).toEqual(wanted.slice(5, 8))
    expect(idsOf(store, order, { text: 'nothing of that name' }, 3)).toEqual([])
  })

  it('names: without case and accents, 2 before 10, and by the name of the file alone', () => {
    const names = ['/z/Ärger 10.wav', '/a/ärger 2.wav', 'C:\\x\\Zug.mp3', 'https://host/b.mp4', '/m/3.wav', '/m/20.wav']
    expect(names.toSorted((one, other) => (sortName(one) < sortName(other) ? -1 : 1))).toEqual([
      '/m/3.wav',
      '/m/20.wav',
      '/a/ärger 2.wav',
      '/z/Ärger 10.wav',
      'https://host/b.mp4',
      'C:\\x\\Zug.mp3',
    ])
  })

  it('goes on where it was while rows come and go', async () => {
    const { store, byId } = await filled()
    const wanted = expected(byId, 'size')
    const first = store.history.page({}, null, 8, 0, 'size')
    finished(store, { name: 'new.wav', bytes: 999_999, outputBytes: 1, tookMs: 0 }, startMs)
    store.history.forget(wanted.slice(6, 8), 10)
    expect(store.history.page({}, first.next, 4, 0, 'size').jobs.map(({ id }) => id)).toEqual(wanted.slice(8, 12))
  })

  it('refuses to sort more found rows than it can at once; time alone always goes', async () => {
    const store = await temporaryStore()
    queued(store, numbered(maxSorted + 1))
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, maxSorted + 1)
    const some = (query: HistoryQuery, order: HistoryOrder) => store.history.page(query, null, 2, 0, order).jobs.length
    expect(() => some({ text: 'take' }, 'name')).toThrow('not-possible')
    expect(() => some({ fromMs: startMs - 1 }, 'saved')).toThrow('not-possible')
    expect([some({ text: 'take' }, 'oldest'), some({ text: 'take 77' }, 'size'), some({}, 'duration')]).toEqual([2, 2, 2])
  })

  it('refuses a place of another order', async () => {
    const { store } = await filled()
    const { next } = store.history.page({}, null, 3, 0, 'size')
    expect(() => store.history.page({}, next, 3, 0, 'name')).toThrow('usage')
    expect(() => store.history.page({}, 'nonsense', 3, 0, 'size')).toThrow('usage')
  })

  it('knows the names and sizes of a history that is older than the orders', async () => {
    const folder = await temporaryFolder()
    const db = openForWriting(join(folder, 'beside.sqlite'))
    for (const change of migrations.slice(0, 3)) db.exec(change)
    db.pragma('user_version = 3')
    const plan = JSON.stringify({ ...draftOf('').order, source: undefined })
    db.exec(`INSERT INTO batches VALUES (1, 'old', 1, NULL); INSERT INTO plans VALUES (1, '${plan}')`)
    for (const [n, name] of ['Take 10.wav', 'take 2.wav', 'täke 1.wav'].entries()) {
      const state = `{"phase":"cancelled","finishedAtMs":${startMs}}`
      db.exec(`INSERT INTO jobs (batch_id, plan_id, source, folder_hash, bytes, mtime_ms, from_format, counter, phase, lane, due_at,
        precedence, position, provider, reason, attempt, created_at, history_key, state) VALUES (1, 1, '/music/${name}', 1, ${n + 7}, 1, 'wav', 1,
        'cancelled', 'local:audio', 0, 0, ${n}, 'local', 'you chose it', 1, 1, ${n}, '${state}')`)
      db.exec(`INSERT INTO history VALUES (${n}, ${n + 1}, 'cancelled', ${startMs}, 0, 0)`)
    }
    db.close()
    const store = storeIn(folder)
    expect([idsOf(store, 'name', {}, 2), idsOf(store, 'size', {}, 2)]).toEqual([
      [3, 2, 1],
      [3, 2, 1],
    ])
  })
})

describe('the runs of a source', () => {
  it('are found from each of them, oldest first, those that were forgotten left out', async () => {
    const store = await temporaryStore()
    const [first = 0] = queued(store, [draftOf('a.wav')])
    const [second = 0] = queued(store, [draftOf('a.wav', { order: { target: 'flac' }, repeats: first })])
    const [third = 0, other = 0] = queued(store, [
      draftOf('a.wav', { order: { target: 'ogg' }, repeats: first }),
      draftOf('b.wav'),
    ])
    const runs = (id: number) => store.history.runs(id).map((job) => job.id)
    expect([first, second, third].map(runs)).toEqual([1, 2, 3].map(() => [first, second, third]))
    expect([runs(other), runs(999)]).toEqual([[other], []])
    store.jobs.apply(first, { type: 'cancel', atMs: startMs })
    store.history.forget([first], 1)
    expect(runs(third)).toEqual([second, third])
  })
})
