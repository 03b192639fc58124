/**
 * Watched folders: a tree of 100,000 files in 2,000 folders, looked through for the first time and at a second start, against `find`; what that
 * takes of memory, and idling of processor time; and the way of one file to the queue. Each look is one of a process of its own.
 */
import { execFile } from 'node:child_process'
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compose, type Composed } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { watchTimings } from '../../src/main/watch/watch-context.ts'
import { toneOf } from '../support/tone.ts'
import { figure, inTurns, type Figure } from './figures.ts'
import { silentLog, timed, withFolder } from './scene.ts'
import type { Looked } from './watch-look.ts'

const execute = promisify(execFile)
const lookProgram = fileURLToPath(new URL('./watch-look.ts', import.meta.url))
const filesOfEach = 50
const idleMs = 120_000
const arrivals = 5

/** @param files of the tree, fifty to a folder. */
export async function watch(runs: number, files: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const [tree, home] = [join(folder, 'tree'), join(folder, 'home')]
    const folders = Math.ceil(files / filesOfEach)
    for (let n = 0; n < folders; n += 1) {
      const place = join(tree, String(Math.floor(n / 50)), String(n % 50))
      await mkdir(place, { recursive: true })
      for (let m = 0; m < filesOfEach; m += 1) await writeFile(join(place, `${m} song.wav`), 'RIFF')
    }
    const looked: Record<Looked['what'], Looked[]> = { first: [], second: [] }
    const look = async (what: Looked['what'], idle = 0) => {
      // As `bin/beside.mjs` starts it: what was compiled at an earlier start is not compiled again.
      const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
      const { stdout } = await execute(process.execPath, [lookProgram, what, tree, home, String(idle)], { env })
      const told = JSON.parse(stdout) as Looked
      looked[what].push(told)
      return told
    }
    const find = async () => (await timed('find', [tree, '-printf', '%i %s %T@ %p\\n'])) * 1000
    const label = `${files.toLocaleString('en')} files in ${folders.toLocaleString('en')} folders`
    const first = await inTurns(
      `${label}: first look, until all is in the ledger`,
      'ms',
      runs,
      async () => {
        await rm(home, { recursive: true, force: true })
        return (await look('first')).knownMs
      },
      find,
      'at most 3 times what find takes to print inode, size and date of each; 2 is hoped for',
    )
    const second = await inTurns(
      `${label}: second start, until all is known to be as it was`,
      'ms',
      runs,
      async () => (await look('second')).watchedMs,
      find,
      'at most 2 times find; 1.2 is hoped for',
    )
    const idle = await look('second', idleMs)
    const aboveIdle = (what: Looked['what']) => looked[what].map(({ peakMiB, idleMiB }) => peakMiB - idleMiB)
    const watched = looked.first.map(({ watchedMs }) => watchedMs)
    return [
      first,
      figure(`${label}: first look, until it is watched as well`, 'ms', watched, 'it is looked through once more for that'),
      figure(`${label}: first look, memory above idle at its most`, 'MiB', aboveIdle('first'), 'at most 150'),
      second,
      figure(`${label}: second start, memory above idle at its most`, 'MiB', aboveIdle('second'), 'at most 150'),
      figure(
        `${label}: a core, while nothing happens for ${idleMs / 60_000} minutes`,
        '%',
        [(idle.idleCpuMs / idleMs) * 100],
        'at most 0.1 of an hour, of which the full scan is the one thing that is not in this',
      ),
      figure(
        'last write to job queued',
        'ms',
        await latencies(home, tree, join(tree, '0', '0')),
        `the quiet window is ${watchTimings.quietMs} ms`,
      ),
    ]
  })
}

async function latencies(home: string, tree: string, folder: string): Promise<readonly number[]> {
  const composed = await compose({ home, log: silentLog, secrets: fileSecrets(home, {}) })
  composed.engine.pauseAll()
  await composed.engine.start()
  await composed.folders.start()
  while (composed.folders.list().some(({ rule, lookedAtMs }) => rule.path === tree && lookedAtMs === null)) await sleep(20)
  const taken: number[] = []
  for (let n = 0; n < arrivals; n += 1) taken.push(await latency(composed, join(folder, `new ${n}.wav`), n))
  await composed.stop()
  return taken
}

async function latency({ engine, folders }: Composed, path: string, n: number): Promise<number> {
  const sound = toneOf(4_000 + n)
  await writeFile(path, sound.subarray(0, 2_000))
  await sleep(500)
  const queued = engine.totals().totals.queued
  await appendFile(path, sound.subarray(2_000))
  const begunMs = performance.now()
  while (engine.totals().totals.queued === queued) await sleep(10)
  const ms = performance.now() - begunMs
  const [told] = await folders.why(path)
  if (told?.sighting?.state !== 'queued') throw new Error(`${path} is not queued`)
  return ms
}
