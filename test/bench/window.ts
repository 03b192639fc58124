/**
 * The window with more in it than anybody has: first rows, frames while it is scrolled, memory; then 2,000 jobs that finish in a minute, and
 * what it costs the engine that somebody looks on. A real Chromium on the browser shell, without a graphics card.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { ensureWindow } from '../../tools/window.mjs'
import type { Client } from '../../src/shared/wire/client.ts'
import { openStore } from '../../src/main/store/open.ts'
import { writeTone } from '../support/tone.ts'
import { fill } from './claims.ts'
import { figure, median, percentile, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'
import { fewestInASecond, firstRows, framesWhile, heldMebibytes, windowOn, type WindowPlace } from './window-place.ts'

const queuedRows = 100_000
const historyRows = 1_000_000
const pacedJobs = 2_000
const unpacedJobs = 1_000
const minuteMs = 60_000
const turns = 2

export async function window(): Promise<readonly Figure[]> {
  ensureWindow(process.execPath)
  return await withFolder(largeLists)
}

export async function lookingOn(): Promise<readonly Figure[]> {
  ensureWindow(process.execPath)
  return await withFolder(manyJobs)
}

async function largeLists(home: string): Promise<readonly Figure[]> {
  const store = openStore({ folder: home, log: silentLog, nowMs: () => Date.now(), randomHex: (bytes) => '0'.repeat(bytes * 2) })
  fill(store, historyRows)
  const cancelled = { type: 'cancel' as const, atMs: 0 }
  for (let atMs = Date.now() - historyRows * 1000; ; atMs += 1_000_000)
    if (store.jobs.applyToSome({ kind: 'all' }, ['queued'], { ...cancelled, atMs }, 1_000).length === 0) break
  fill(store, queuedRows)
  store.settings.set({ paused: true })
  store.close()
  const place = await windowOn(home)
  try {
    const figures: Figure[] = []
    for (const [section, rows] of [
      ['queue', queuedRows],
      ['history', historyRows],
    ] as const) {
      const page = await place.open(section)
      const paintedMs = await firstRows(page)
      const label = `window, ${rows.toLocaleString('en')} rows in the ${section}`
      const scrolled = await framesWhile(page, async () => await scroll(page))
      figures.push(
        figure(`${label}: first rows after`, 'ms', [paintedMs]),
        figure(`${label}: longest frame while scrolling`, 'ms', [Math.max(...scrolled)]),
        figure(`${label}: frames while scrolling, p95`, 'ms', [percentile(scrolled, 0.95)]),
        figure(`${label}: memory`, 'MiB', [await heldMebibytes(page)]),
      )
      await page.close()
    }
    return figures
  } finally {
    await place.stop()
  }
}

/** By the wheel for a while, then to the far end and on from there. */
async function scroll(page: Page): Promise<void> {
  const list = page.getByRole('treegrid').or(page.getByRole('grid'))
  await list.hover()
  for (let step = 0; step < 120; step += 1) await wheel(page, 240)
  await list.press('End')
  await sleep(500)
  for (let step = 0; step < 60; step += 1) await wheel(page, -900)
}

async function wheel(page: Page, pixels: number): Promise<void> {
  await page.mouse.wheel(0, pixels)
  await sleep(16)
}

async function manyJobs(folder: string): Promise<readonly Figure[]> {
  const home = join(folder, 'home')
  const place = await windowOn(home)
  const { client } = place
  let round = 0
  const sources = async (jobs: number) => {
    round += 1
    const sounds = join(folder, `sounds ${round}`)
    await mkdir(sounds)
    const paths = Array.from({ length: jobs }, (_, n) => join(sounds, `${n}.wav`))
    for (const path of paths) await writeTone(path, 0.1)
    return paths
  }
  try {
    await converted(client, await sources(100))
    const paced = async () => await inAMinute(place, await sources(pacedJobs))
    const alone: Paced[] = []
    const watched: Paced[] = []
    const deltas: number[] = []
    for (let turn = 0; turn < turns; turn += 1) {
      alone.push(await paced())
      const page = await place.open('queue')
      await firstRows(page)
      deltas.push(...(await framesWhile(page, async () => void watched.push(await paced()))))
      await page.close()
    }

    const closed: number[] = []
    const open: number[] = []
    for (let turn = 0; turn < turns; turn += 1) {
      closed.push(await converted(client, await sources(unpacedJobs)))
      const looking = await place.open('queue')
      await firstRows(looking)
      open.push(await converted(client, await sources(unpacedJobs)))
      await looking.close()
    }
    return [
      figure('window, 2,000 jobs in a minute: fewest frames in a second', '/s', [fewestInASecond(deltas)], '≥ 50'),
      figure('window, 2,000 jobs in a minute: longest frame', 'ms', [Math.max(...deltas)]),
      ...compared(
        '2,000 jobs in a minute: processor time of the engine a job',
        'ms',
        alone.map(({ engineMs }) => engineMs),
        watched.map(({ engineMs }) => engineMs),
      ),
      ...compared(
        '2,000 jobs in a minute: a job from its order to its end',
        'ms',
        alone.map(({ tookMs }) => tookMs),
        watched.map(({ tookMs }) => tookMs),
      ),
      ...compared('1,000 jobs as fast as can be', 's', closed, open),
    ]
  } finally {
    await place.stop()
  }
}

/** The same work while nobody looks on and while somebody does. */
function compared(what: string, unit: string, closed: readonly number[], open: readonly number[]): readonly Figure[] {
  const ratio = median(open.map((value, turn) => value / (closed[turn] ?? value)))
  return [
    figure(`${what}, window closed`, unit, closed),
    { ...figure(`${what}, window open`, unit, open, '≤ 1.05 of closed'), ratio },
  ]
}

/** Of one job: what the engine itself spent on it, and the median of the times from order to end. */
interface Paced {
  readonly engineMs: number
  readonly tookMs: number
}

/** Portions that come evenly, so that as many finish in each second. */
async function inAMinute({ client, engineMs }: WindowPlace, sources: readonly string[]): Promise<Paced> {
  const spentMs = await engineMs()
  const portions = 60
  const begun = performance.now()
  const { batchId } = await client.batches.open({ label: 'bench' })
  for (let portion = 0; portion < portions; portion += 1) {
    const from = Math.floor((portion * sources.length) / portions)
    const until = Math.floor(((portion + 1) * sources.length) / portions)
    await add(client, batchId, sources.slice(from, until))
    await sleep(Math.max(0, begun + ((portion + 1) * minuteMs) / portions - performance.now()))
  }
  await done(client, batchId, sources.length)
  return { engineMs: ((await engineMs()) - spentMs) / sources.length, tookMs: median(await times(client, batchId)) }
}

/** Of each job of a batch, milliseconds from its order to its end. */
async function times(client: Client, batchId: number): Promise<readonly number[]> {
  const found: number[] = []
  for (let after: string | null = null; ;) {
    const { jobs, next } = await client.jobs.list({ phases: ['done'], batchId, after, limit: 1000 })
    found.push(...jobs.flatMap(({ createdAtMs, state }) => (state.phase === 'done' ? [state.finishedAtMs - createdAtMs] : [])))
    if (next === null) return found
    after = next
  }
}

/** Seconds until all are done. */
async function converted(client: Client, sources: readonly string[]): Promise<number> {
  const { batchId } = await client.batches.open({ label: 'bench' })
  const begun = performance.now()
  await add(client, batchId, sources)
  await done(client, batchId, sources.length)
  return (performance.now() - begun) / 1000
}

async function add(client: Client, batchId: number, sources: readonly string[]): Promise<void> {
  const nothing = { options: {}, preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 }
  const events = await client.batches.convert({ ...nothing, batchId, sources: [...sources], target: 'flac' })
  for await (const event of events) if (event.type === 'refused') throw new Error(event.why.code)
}

async function done(client: Client, batchId: number, count: number): Promise<void> {
  for (;;) {
    const batch = await client.batches.get({ id: batchId })
    if ((batch?.totals.failed ?? 0) > 0) throw new Error('a job failed')
    if ((batch?.totals.done ?? 0) >= count) return
    await sleep(100)
  }
}
