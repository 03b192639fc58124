/** A watched folder whose Beside is killed: at moments drawn by lot while files arrive, and at the moments that matter most. */
import { appendFile, copyFile, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseFile } from 'music-metadata'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dice } from '../support/dice.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import type { WatchPlan, WatchReport } from '../support/watch-child.ts'
import { hurriedTimings } from '../support/watch-timings.ts'
import { watchProcess, type WatchProcess } from '../support/watch-process.ts'

leavesNothingOpen()

interface Scene {
  readonly drop: string
  readonly tone: string
  begin(dieAt?: string): WatchProcess
}

async function scene(rule: WatchPlan['rule'] = {}): Promise<Scene> {
  const folder = await temporaryFolder()
  const [drop, tone, home] = [join(folder, 'drop'), join(folder, 'tone.wav'), join(folder, 'home')]
  await mkdir(join(drop, 'below'), { recursive: true })
  await writeTone(tone, 1)
  const begin = (dieAt: string | null = null) => {
    const begun = watchProcess({
      home,
      drop,
      rule: { recursive: true, ...rule },
      timings: { ...hurriedTimings, quietMs: 60 },
      dieAt,
    })
    onTestFinished(begun.kill)
    return begun
  }
  return { drop, tone, begin }
}

/** What stands in the folder and its ledger at last, and what was converted: lengths of sources in bytes, of results in seconds. */
async function ending({ begin, drop }: Pick<Scene, 'begin' | 'drop'>) {
  const last = begin()
  const { lines, jobs }: WatchReport = await last.settle()
  await last.stop()
  const files = (await readdir(drop, { recursive: true }))
    .filter((name) => name !== '.beside-folder' && name !== 'below')
    .toSorted()
  const durations = await Promise.all(
    files
      .filter((name) => name.endsWith('.mp3'))
      .map(async (name) => Math.round((await parseFile(join(drop, name), { duration: true })).format.duration ?? 0)),
  )
  return {
    files,
    durations: [...new Set(durations)],
    bytes: [...new Set(jobs.map(({ order }) => (order.source.kind === 'file' ? order.source.bytes : null)))],
    ledger: lines.map(({ path, state, why }) => `${path.slice(drop.length + 1)}: ${state} ${why.code}`).toSorted(),
    jobs: Object.fromEntries(
      Object.entries(Object.groupBy(jobs, ({ state }) => state.phase)).map(([phase, some]) => [phase, some.length]),
    ),
  }
}

function allConverted(names: readonly string[]) {
  return {
    files: names.flatMap((name) => [`${name}.mp3`, `${name}.wav`]).toSorted(),
    durations: [1],
    bytes: [16_044],
    ledger: names.flatMap((name) => [`${name}.mp3: left own-output`, `${name}.wav: done converted`]).toSorted(),
    jobs: { done: names.length },
  }
}

describe('a watched folder, killed', () => {
  it.each([
    ['when a file has been seen', 'seen'],
    ['when it is about to be handed over', 'handing'],
    ['when it is in the queue and that was not yet noted', 'added'],
    ['when it was handed over', 'handed'],
    ['right after the claim', 'claimed'],
    ['before it is converted', 'after submit'],
    ['when its result has a name and is not yet there', 'after naming'],
    ['when its result is there and that was not yet said', 'before afterwards'],
    ['before it is said to be done', 'before finish'],
    ['when it was done and the ledger was not told', 'after finish'],
  ])('%s, has each file converted once', async (_, dieAt) => {
    const here = await scene()
    const names = ['a', 'b', 'below/c']
    for (const name of names) await copyFile(here.tone, join(here.drop, `${name}.wav`))
    expect([await here.begin(dieAt).ended, await ending(here)]).toEqual(['SIGKILL', allConverted(names)])
  })

  it('when its order was taken back because it has another name, has it converted under that one', async () => {
    const here = await scene()
    await copyFile(here.tone, join(here.drop, 'a.wav'))
    const first = await here.begin('handed').ended
    await rename(join(here.drop, 'a.wav'), join(here.drop, 'b.wav'))
    const second = await here.begin('recalled').ended
    const { files, ledger } = await ending(here)
    expect([first, second, files, ledger]).toEqual([
      'SIGKILL',
      'SIGKILL',
      ['b.mp3', 'b.wav'],
      ['b.mp3: left own-output', 'b.wav: done converted'],
    ])
  })

  it(
    '50 times while files arrive, has each of them converted once, none half, and nothing left behind',
    { timeout: 600_000 },
    async () => {
      const { seed, next } = dice()
      console.log(`BESIDE_TEST_SEED=${seed}`)
      const here = await scene()
      const { drop, tone } = here
      const sound = await readFile(tone)
      const names: string[] = []
      const arrive = async () => {
        const name = `${next() < 0.3 ? 'below/' : ''}song ${names.length}`
        names.push(name)
        const path = join(drop, `${name}.wav`)
        const way = next()
        if (way < 0.4) return await copyFile(tone, path)
        if (way < 0.7) {
          await copyFile(tone, `${path}.part`)
          return await rename(`${path}.part`, path)
        }
        // Slowly, by a writer that outlives whoever watches.
        const cut = Math.floor(next() * sound.length)
        await appendFile(path, sound.subarray(0, cut))
        await sleep(next() * 200)
        await appendFile(path, sound.subarray(cut))
      }
      const arriving: Promise<void>[] = []
      let kills = 0
      for (; kills < 50; kills += 1) {
        const inside = next() < 0.5
        const life = here.begin(inside ? `write ${1 + Math.floor(next() * 40)}` : undefined)
        arriving.push(arrive(), arrive())
        await life.watches
        if (next() < 0.5) arriving.push(arrive())
        await Promise.race([life.ended, sleep(next() * 350)])
        await life.kill()
      }
      await Promise.all(arriving)
      expect({ seed, ...(await ending(here)) }).toEqual({ seed, ...allConverted(names) })
      for (const name of names) expect((await stat(join(drop, `${name}.mp3`))).nlink).toBe(1)
    },
  )
})
