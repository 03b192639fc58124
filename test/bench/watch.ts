/** Watched folders: a tree of 100,000 files looked through against `find`, a restart, memory, idling, and the way of one file to the queue. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compose, type Composed } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { watchTimings } from '../../src/main/watch/watch-context.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { heldBytes } from '../support/heap.ts'
import { toneOf } from '../support/tone.ts'
import { figure, median, type Figure } from './figures.ts'
import { silentLog, timed, withFolder } from './scene.ts'

const files = 100_000
const idleMs = 60_000
const arrivals = 5

export async function watch(): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const [tree, home] = [join(folder, 'tree'), join(folder, 'home')]
    for (let n = 0; n < 100; n += 1) {
      await mkdir(join(tree, String(n)), { recursive: true })
      for (let m = 0; m < files / 100; m += 1) await writeFile(join(tree, String(n), `${m} song.wav`), 'RIFF')
    }
    const find = async () => (await timed('find', [tree, '-printf', '%i %s %T@ %p\\n'])) * 1000
    const bare = [await find(), await find(), await find()]
    const first = await begun(home)
    const rule = { ...plainRule(tree, [{ target: 'mp3', preset: null, options: {} }]), recursive: true }
    const scanMs = await taking(async () => await first.folders.add({ rule, on: true, existing: 'ignore' }))
    await looked(first)
    await first.stop()

    const second = await begun(home)
    const restartMs = await taking(async () => await looked(second))
    const againMs = await taking(async () => await lookedAnew(second))
    const { rss } = process.memoryUsage()
    const heapUsed = heldBytes()
    const before = process.cpuUsage()
    await sleep(idleMs)
    const { user, system } = process.cpuUsage(before)
    const latencies: number[] = []
    for (let n = 0; n < arrivals; n += 1) latencies.push(await latency(second, join(tree, '50', `new ${n}.wav`), n))
    await second.stop()

    const label = `${files.toLocaleString('en')} files watched`
    const against = (what: string, ms: number): Figure => ({
      ...figure(what, 'ms', [ms]),
      bare: median(bare),
      ratio: ms / median(bare),
    })
    return [
      { ...against(`${label}: first scan into the ledger`, scanMs), aim: 'find prints inode, size and date of each' },
      against(`${label}: restart until all is known to be as it was`, restartMs),
      against(`${label}: one more look`, againMs),
      figure(`${label}: heap, collected`, 'MiB', [heapUsed / 2 ** 20]),
      figure(`${label}: resident`, 'MiB', [rss / 2 ** 20]),
      figure(`${label}: processor time of an idle minute`, 'ms', [((user + system) / 1000 / idleMs) * 60_000], 'next to nothing'),
      figure('last write to job queued', 'ms', latencies, `the quiet window is ${watchTimings.quietMs} ms`),
    ]
  })
}

async function begun(home: string): Promise<Composed> {
  const composed = await compose({ home, log: silentLog, secrets: fileSecrets(home, {}) })
  composed.engine.pauseAll()
  await composed.engine.start()
  await composed.folders.start()
  return composed
}

async function taking(work: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now()
  await work()
  return performance.now() - begunMs
}

/** Asking counts lines, so it is not done all the time. */
async function looked({ folders }: Composed, before: number | null = null): Promise<void> {
  while (folders.list().every(({ lookedAtMs }) => lookedAtMs === before)) await sleep(100)
}

async function lookedAnew(composed: Composed): Promise<void> {
  const [folder] = composed.folders.list()
  if (folder === undefined) throw new Error('nothing is watched')
  await composed.folders.scan(folder.id)
  await looked(composed, folder.lookedAtMs)
}

async function latency({ engine, folders }: Composed, path: string, n: number): Promise<number> {
  const sound = toneOf(4_000 + n)
  await writeFile(path, sound.subarray(0, 2_000))
  await sleep(500)
  const queued = engine.totals().totals.queued
  await appendFile(path, sound.subarray(2_000))
  const ms = await taking(async () => {
    while (engine.totals().totals.queued === queued) await sleep(10)
  })
  const [told] = await folders.why(path)
  if (told?.sighting?.state !== 'queued') throw new Error(`${path} is not queued`)
  return ms
}
