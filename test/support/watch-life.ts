/**
 * A random life of a watched folder: writers of all kinds, renames, deletions, a disk that goes away and comes back, a Beside that is
 * stopped or killed; and the model that says what must have come of it. Each content is as long as no other one, so that it is
 * known again by its length wherever it went.
 */
import { appendFile, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseFile } from 'music-metadata'
import type { WatchTimings } from '../../src/main/watch/watch-context.ts'
import type { Dice } from './dice.ts'
import { toneOf } from './tone.ts'
import type { WatchReport } from './watch-child.ts'
import { watchProcess, type WatchProcess } from './watch-process.ts'

export interface WatchLife {
  /** One more thing happens. */
  step(): Promise<void>
  /** Waits until all is quiet; answers how it differs from what must be: nothing, if all is well. */
  verdict(): Promise<readonly string[]>
  /** What has happened, and how often. */
  readonly happened: ReadonlyMap<string, number>
  end(): Promise<void>
}

export interface LifeOptions {
  /** A folder of its own. */
  readonly top: string
  readonly timings: WatchTimings
  readonly dice: Dice
  /** The longest time between two things that happen. */
  readonly pauseMs: number
}

const samplesPerSecond = 8000
/** In bytes; each content is longer than the first piece of any other. */
const pieceBytes = 2_000

export async function watchLife({ top, timings, dice, pauseMs }: LifeOptions): Promise<WatchLife> {
  const [drop, aside, home] = [join(top, 'drop'), join(top, 'aside'), join(top, 'home')]
  for (const folder of [drop, aside, join(drop, 'below'), join(drop, 'below', 'deep')]) await mkdir(folder, { recursive: true })
  const { next } = dice
  const some = <T>(from: readonly T[]): T | undefined => from[Math.floor(next() * from.length)]
  const happened = new Map<string, number>()

  /** What stands where, by path below the folder; the value is the length in bytes. */
  const there = new Map<string, number>()
  const away = new Map<string, number>()
  const known = new Set<number>()
  const writing = new Map<string, Promise<void>>()
  let count = 0
  let names = 0
  let beside: WatchProcess | null = null

  const begin = async () => {
    beside = watchProcess({ home, drop, timings, rule: { recursive: true }, dieAt: null })
    await beside.watches
  }
  const content = (): Buffer => {
    count += 1
    const sound = toneOf(2_400 * (1 + (count % 12)) + count)
    known.add(sound.length)
    return sound
  }
  const freshName = () => {
    names += 1
    return `${some(['', '', 'below/', 'below/deep/'])}take ${names}.wav`
  }
  const free = () => [...there.keys()].filter((name) => !writing.has(name))
  const inBackground = (name: string, bytes: number, write: () => Promise<void>) => {
    const done = write().then(() => {
      there.set(name, bytes)
      writing.delete(name)
    })
    writing.set(name, done)
  }

  const things: Readonly<Record<string, readonly [weight: number, thing: () => Promise<void> | void]>> = {
    'written at once': [
      6,
      async () => {
        const [name, sound] = [freshName(), content()]
        await writeFile(join(drop, name), sound)
        there.set(name, sound.length)
      },
    ],
    'written under another name first': [
      3,
      async () => {
        const [name, sound] = [freshName(), content()]
        await writeFile(join(drop, `${name}.part`), sound)
        await sleep(next() * pauseMs)
        await rename(join(drop, `${name}.part`), join(drop, name))
        there.set(name, sound.length)
      },
    ],
    'written in pieces': [
      4,
      () => {
        const [name, sound] = [freshName(), content()]
        inBackground(name, sound.length, async () => {
          await writeFile(join(drop, name), sound.subarray(0, pieceBytes))
          await sleep(next() * pauseMs * 4)
          await appendFile(join(drop, name), sound.subarray(pieceBytes))
        })
      },
    ],
    'replaced by another file': [
      2,
      async () => {
        const name = some(free())
        if (name === undefined) return
        const sound = content()
        await writeFile(join(aside, 'replacement.wav'), sound)
        await rename(join(aside, 'replacement.wav'), join(drop, name))
        there.set(name, sound.length)
      },
    ],
    'written over in pieces': [
      2,
      () => {
        const name = some(free())
        if (name === undefined) return
        const sound = content()
        there.delete(name)
        inBackground(name, sound.length, async () => {
          await writeFile(join(drop, name), sound.subarray(0, pieceBytes))
          await sleep(next() * pauseMs * 4)
          await appendFile(join(drop, name), sound.subarray(pieceBytes))
        })
      },
    ],
    renamed: [
      4,
      async () => {
        const [from, to] = [some(free()), freshName()]
        if (from === undefined) return
        await rename(join(drop, from), join(drop, to))
        there.set(to, there.get(from) ?? 0)
        there.delete(from)
      },
    ],
    'moved out': [
      2,
      async () => {
        const name = some(free())
        if (name === undefined) return
        await mkdir(dirname(join(aside, name)), { recursive: true })
        await rename(join(drop, name), join(aside, name))
        away.set(name, there.get(name) ?? 0)
        there.delete(name)
      },
    ],
    'moved back in': [
      2,
      async () => {
        const name = some([...away.keys()])
        if (name === undefined) return
        const to = next() < 0.5 ? freshName() : name
        if (there.has(to) || writing.has(to)) return
        await rename(join(aside, name), join(drop, to))
        there.set(to, away.get(name) ?? 0)
        away.delete(name)
      },
    ],
    touched: [
      2,
      async () => {
        const name = some(free())
        const now = new Date()
        if (name !== undefined) await utimes(join(drop, name), now, now)
      },
    ],
    deleted: [
      1,
      async () => {
        const name = some(free())
        if (name === undefined) return
        await rm(join(drop, name))
        there.delete(name)
      },
    ],
    killed: [
      3,
      async () => {
        await beside?.kill()
        await sleep(next() * pauseMs)
        await begin()
      },
    ],
    'stopped and started': [
      1,
      async () => {
        await beside?.stop()
        await sleep(next() * pauseMs)
        await begin()
      },
    ],
    'gone with its disk for a while': [
      1,
      async () => {
        await Promise.all(writing.values())
        await rename(drop, join(top, 'unmounted'))
        if (next() < 0.7) await mkdir(drop)
        await sleep(next() * pauseMs * 4)
        await rm(drop, { recursive: true, force: true })
        await rename(join(top, 'unmounted'), drop)
      },
    ],
  }
  const total = Object.values(things).reduce((sum, [weight]) => sum + weight, 0)

  await begin()
  return {
    happened,
    step: async () => {
      let lot = next() * total
      for (const [what, [weight, thing]] of Object.entries(things)) {
        lot -= weight
        if (lot >= 0) continue
        happened.set(what, (happened.get(what) ?? 0) + 1)
        await thing()
        break
      }
      await sleep(next() * pauseMs)
    },
    verdict: async () => {
      await Promise.all(writing.values())
      if (beside === null) throw new Error('nobody watches')
      const report = await beside.settle()
      return [...(await troublesOf(report, drop, there, known)), ...(await leftovers(drop))]
    },
    end: async () => {
      await Promise.all(writing.values())
      await beside?.stop()
    },
  }
}

async function troublesOf(
  { lines, jobs }: WatchReport,
  drop: string,
  there: ReadonlyMap<string, number>,
  known: ReadonlySet<number>,
): Promise<readonly string[]> {
  const troubles: string[] = []
  const done = new Map<number, number>()
  for (const { id, order, state } of jobs) {
    if (state.phase !== 'done' || order.source.kind !== 'file') continue
    const { bytes, path } = order.source
    done.set(bytes, (done.get(bytes) ?? 0) + 1)
    if (!known.has(bytes)) troubles.push(`job ${id}: ${path} was converted at ${bytes} bytes, when it was not whole`)
    for (const output of state.outputs) {
      const isThere = await stat(output.path).catch(() => null)
      const seconds = isThere === null ? 0 : ((await parseFile(output.path, { duration: true })).format.duration ?? 0)
      const expected = (bytes - 44) / 2 / samplesPerSecond
      // MP3 is made of frames, and puts one or two before the sound.
      if (seconds < expected - 0.05 || seconds > expected + 0.25)
        troubles.push(`job ${id}: ${output.path} lasts ${seconds}, not ${expected} seconds`)
    }
  }
  for (const [bytes, times] of done) if (times > 1) troubles.push(`${bytes} bytes were converted ${times} times`)
  const states = new Map(
    lines.map(({ path, state, why }) => [path, `${state} ${[why.code, ...Object.values(why.facts)].join(' ')}`]),
  )
  for (const [name, bytes] of there) {
    const state = states.get(join(drop, name)) ?? 'no line'
    if (!done.has(bytes) || !state.startsWith('done ')) troubles.push(`${name} (${bytes} bytes) was not converted: ${state}`)
  }
  return troubles
}

async function leftovers(drop: string): Promise<readonly string[]> {
  return (await readdir(drop, { recursive: true })).filter((name) => name.endsWith('.part')).map((name) => `left behind: ${name}`)
}
