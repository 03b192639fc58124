/** 100,000 files into the queue: rows a second, peak memory, the longest time in which nothing else got its turn. */
import Database from 'better-sqlite3'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import { draft, fill } from './claims.ts'
import { figure, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'

const rows = 100_000
const runs = 3

export async function intake(): Promise<readonly Figure[]> {
  return [...(await intoQueue()), ...(await intoStore())]
}

/** The whole way: folders walked, files looked at, routed, committed. */
async function intoQueue(): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    for (let n = 0; n < 100; n += 1) {
      await mkdir(join(folder, 'music', String(n)), { recursive: true })
      for (let m = 0; m < rows / 100; m += 1) await writeFile(join(folder, 'music', String(n), `${m} song.wav`), 'RIFF')
    }
    const taken: Taken[] = []
    for (let run = 0; run < runs; run += 1) taken.push(await take(join(folder, 'music'), join(folder, `home ${run}`)))
    return [
      figure(`${rows.toLocaleString('en')} files into the queue`, 'rows/s', of(taken, 'rate')),
      figure('  peak memory', 'MiB', of(taken, 'peakMebibytes')),
      figure('  longest stall', 'ms', of(taken, 'stallMs'), '≤ 50 ms'),
    ]
  })
}

interface Taken {
  readonly rate: number
  readonly peakMebibytes: number
  readonly stallMs: number
}

const of = (taken: readonly Taken[], what: keyof Taken) => taken.map((run) => run[what])

async function take(music: string, home: string): Promise<Taken> {
  const { engine, stop } = await compose({ home, log: silentLog, secrets: fileSecrets(home, {}) })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  let peak = 0
  const gauge = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  const begun = performance.now()
  delay.enable()
  const request = {
    batchId: engine.openBatch('bench'),
    sources: [music],
    target: 'mp3' as const,
    options: {},
    preset: null,
    out: null,
    recursive: true,
    include: [],
    exclude: [],
    priority: 0,
  }
  for await (const event of engine.convert(request, new AbortController().signal)) {
    if (event.type === 'end' && event.added !== rows) throw new Error(`${event.added} jobs instead of ${rows}`)
  }
  const seconds = (performance.now() - begun) / 1000
  delay.disable()
  clearInterval(gauge)
  await stop()
  return { rate: rows / seconds, peakMebibytes: peak / 2 ** 20, stallMs: delay.max / 1e6 }
}

/** The store alone, against bare inserts of the same rows. */
async function intoStore(): Promise<readonly Figure[]> {
  const ours: number[] = []
  const bare: number[] = []
  for (let run = 0; run < runs; run += 1) {
    bare.push(await withFolder(bareInserts))
    ours.push(
      await withFolder(async (folder) => {
        const store = openStore({ folder, log: silentLog, nowMs: () => Date.now(), randomHex: (bytes) => '0'.repeat(bytes * 2) })
        const begun = performance.now()
        fill(store, rows)
        const rate = rows / ((performance.now() - begun) / 1000)
        store.close()
        return rate
      }),
    )
  }
  const own = figure('the store alone', 'rows/s', ours, 'as near to bare inserts as can be')
  const plain = figure('bare inserts', 'rows/s', bare)
  return [{ ...own, bare: plain.value, ratio: own.value / plain.value }]
}

async function bareInserts(folder: string): Promise<number> {
  const database = new Database(join(folder, 'bare.sqlite'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('create table jobs (id integer primary key, source text, target text, job text) strict')
  const insert = database.prepare('insert into jobs (source, target, job) values (?, ?, ?)')
  const begun = performance.now()
  for (let start = 0; start < rows; start += 1_000) {
    database.transaction(() => {
      for (let n = start; n < start + 1_000; n += 1) {
        const { order } = draft(n)
        insert.run(order.source.kind === 'file' ? order.source.path : '', order.target, JSON.stringify(order))
      }
    })()
  }
  const rate = rows / ((performance.now() - begun) / 1000)
  database.close()
  return rate
}
