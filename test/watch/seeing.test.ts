import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, copyFile, link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { watchTimings } from '../../src/main/watch/watch-context.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

const fewWatches = fileURLToPath(new URL('../support/few-watches-child.ts', import.meta.url))
const hourMs = 3_600_000

/** A system that lets a program of one's own have only so many watches: Linux, where user namespaces are allowed. */
const mayLimit = ((): boolean => {
  try {
    execFileSync('unshare', ['-Ur', 'sh', '-c', 'echo 5 > /proc/sys/user/max_inotify_watches'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** A Beside in a process that may have five watches, and what it has said. */
async function watchedByFew(drop: string): Promise<{ readonly said: ReadonlySet<unknown>; readonly end: () => Promise<void> }> {
  const limited = ['-Ur', 'sh', '-c', 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"', process.execPath]
  const child = fork(fewWatches, [await temporaryFolder(), drop], { execPath: 'unshare', execArgv: limited })
  const ended = once(child, 'exit')
  const said = new Set<unknown>()
  child.on('message', (text) => said.add(text))
  const end = async () => {
    child.disconnect()
    await ended
  }
  return { said, end }
}

describe('polling', () => {
  it('is said, and finds files that come, change, move and go', async () => {
    const { add, drop, aside, tone, folder, settled, ledger, done } = await watching()
    await writeTone(join(aside, 'longer.wav'), 1)
    await add({ recursive: true, seeing: 'polling' })
    await mkdir(join(drop, 'album'))
    await copies(tone, join(drop, 'album'), ['a.wav', 'b.wav'])
    await settled()
    await copyFile(join(aside, 'longer.wav'), join(drop, 'album', 'a.wav'))
    execFileSync('mv', [join(drop, 'album'), join(drop, 'other')])
    execFileSync('rm', [join(drop, 'other', 'b.wav')])
    await settled()
    expect({ health: folder().health, ledger: ledger().filter((text) => text.includes('.wav')), done: done() }).toEqual({
      health: { state: 'watching', how: 'polling', why: { code: 'asked-for', facts: {} } },
      ledger: ['other/a.wav: done converted'],
      done: 3,
    })
  })

  it.runIf(mayLimit)('begins by itself, and is said, where the system has no watches left', async () => {
    const drop = await temporaryFolder()
    for (let n = 0; n < 12; n += 1) await mkdir(join(drop, String(n)))
    const { said, end } = await watchedByFew(drop)
    await until(() => said.has('polling too-many-watches'))
    await writeTone(join(drop, '11', 'deep.wav'), 0.2)
    await until(() => said.has('converted'))
    await end()
    expect(await readdir(join(drop, '11'))).toEqual(['deep.mp3', 'deep.wav'])
  })

  it.runIf(mayLimit)('begins at once where the watches run out later', async () => {
    const drop = await temporaryFolder()
    await mkdir(join(drop, 'old'))
    const { said, end } = await watchedByFew(drop)
    await until(() => said.has('events undefined') && said.has('looked'))
    for (let n = 0; n < 12; n += 1) await mkdir(join(drop, String(n)))
    await until(() => said.has('polling too-many-watches'))
    await writeTone(join(drop, 'old', 'take.wav'), 0.2)
    await until(() => said.has('converted'))
    await end()
    expect(await readdir(join(drop, 'old'))).toEqual(['take.mp3', 'take.wav'])
  })
})

describe('what no event tells', () => {
  it('is found by the next look through all of it, which comes by itself', async () => {
    const { add, drop, aside, tone, clock, folder, settled, line, done } = await watching()
    await copyFile(tone, join(aside, 'elsewhere.wav'))
    await add()
    await link(join(aside, 'elsewhere.wav'), join(drop, 'take.wav'))
    await settled()
    // Written to under its other name: the watched folder hears nothing.
    await writeTone(join(aside, 'elsewhere.wav'), 1)
    const { lookedAtMs, nextLookAtMs } = folder()
    const dueMs = (nextLookAtMs ?? 0) - clock.nowMs()
    clock.pass(watchTimings.scanMs * 1.2)
    await until(() => folder().lookedAtMs !== lookedAtMs)
    await until(() => line('take.wav')?.state !== 'done')
    await settled()
    expect({
      isLateEnough: dueMs > watchTimings.scanMs * 0.8,
      isSoonEnough: dueMs < watchTimings.scanMs * 1.2,
      done: done(),
    }).toEqual({ isLateEnough: true, isSoonEnough: true, done: 2 })
  })
})

describe('a clock that is set', () => {
  it.each<[where: string, byMs: number]>([
    ['ahead', 240 * hourMs],
    ['back', -240 * hourMs],
  ])('%s while a file is written makes no half file of it, and holds nothing up', async (_, byMs) => {
    const { add, drop, aside, clock, line, settled, files, done } = await watching({ timings: { gatherMs: 0 } })
    await writeTone(join(aside, 'long.wav'), 4)
    const sound = await readFile(join(aside, 'long.wav'))
    await add()
    await clock.still(async () => {
      await writeFile(join(drop, 'pieces.wav'), sound.subarray(0, 30_000))
      await until(() => line('pieces.wav')?.state === 'waiting')
    })
    clock.set(byMs)
    await until(() => line('pieces.wav')?.why.code === 'incomplete')
    const early = await files()
    await appendFile(join(drop, 'pieces.wav'), sound.subarray(30_000))
    await settled()
    await copyFile(join(aside, 'long.wav'), join(drop, 'later.wav'))
    await settled()
    expect({ early, files: await files(), done: done() }).toEqual({
      early: ['pieces.wav'],
      files: ['later.mp3', 'later.wav', 'pieces.mp3', 'pieces.wav'],
      done: 2,
    })
  })

  it('ahead by the sleep of the machine does not make a half file old', async () => {
    const { add, drop, aside, clock, line, settled, files } = await watching()
    await writeTone(join(aside, 'long.wav'), 4)
    const sound = await readFile(join(aside, 'long.wav'))
    await add()
    await writeFile(join(drop, 'pieces.wav'), sound.subarray(0, 30_000))
    await until(() => line('pieces.wav')?.why.code === 'incomplete')
    const { seenAtMs } = line('pieces.wav') ?? { seenAtMs: 0 }
    clock.pass(8 * hourMs)
    await copyFile(join(aside, 'long.wav'), join(drop, 'later.wav'))
    await until(() => line('later.wav')?.state === 'done')
    const morning = [line('pieces.wav')?.why.code, line('pieces.wav')?.seenAtMs === seenAtMs, await files()]
    await appendFile(join(drop, 'pieces.wav'), sound.subarray(30_000))
    await settled()
    expect({ morning, fileCount: (await files()).length }).toEqual({
      morning: ['incomplete', true, ['later.mp3', 'later.wav', 'pieces.wav']],
      fileCount: 4,
    })
  })
})
