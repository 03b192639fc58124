import { renameSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

describe('a file that is moved', () => {
  it('before its turn is converted once, under the name that it has then', async () => {
    const { add, drop, tone, clock, line, settled, files, done } = await watching({ timings: { gatherMs: 0 } })
    await add()
    await clock.still(async () => {
      await copyFile(tone, join(drop, 'first.wav'))
      await until(() => line('first.wav')?.state === 'waiting')
      await rename(join(drop, 'first.wav'), join(drop, 'second.wav'))
      await until(() => line('second.wav')?.state === 'waiting')
      await rename(join(drop, 'second.wav'), join(drop, 'third.wav'))
    })
    await settled()
    expect({ files: await files(), done: done() }).toEqual({ files: ['third.mp3', 'third.wav'], done: 1 })
  })

  it('while it waits in the queue is converted once, where it is then, and no job fails', async () => {
    const { add, drop, tone, line, settled, files, engine } = await watching()
    await add({ recursive: true })
    engine.pauseAll()
    await copyFile(tone, join(drop, 'take.wav'))
    // Its line says that it is queued before it has a job, and again before the job is another one.
    const jobOf = (path: string) => line(path)?.jobs[0]
    await until(() => jobOf('take.wav') !== undefined)
    const first = jobOf('take.wav')
    await mkdir(join(drop, 'sorted'))
    await rename(join(drop, 'take.wav'), join(drop, 'sorted', 'take 1.wav'))
    await until(() => ![undefined, first].includes(jobOf('sorted/take 1.wav')))
    engine.resumeAll()
    await settled()
    const { done, failed, cancelled } = engine.totals().totals
    expect({ files: await files(), done, failed, cancelled }).toEqual({
      files: ['sorted/take 1.mp3', 'sorted/take 1.wav'],
      done: 1,
      failed: 0,
      cancelled: 1,
    })
  })

  it('in the moment in which it is enqueued is converted once, where it is then, and no job fails', async () => {
    let move = (): void => undefined
    const { add, drop, tone, settled, files, engine } = await watching({
      over: (store) => ({
        ...store,
        sightings: {
          ...store.sightings,
          // The ledger says that it is queued; the engine has not seen it yet.
          assign: (...args) => {
            const lines = store.sightings.assign(...args)
            move()
            return lines
          },
        },
      }),
    })
    await add({ recursive: true })
    await mkdir(join(drop, 'sorted'))
    move = () => {
      move = () => undefined
      renameSync(join(drop, 'take.wav'), join(drop, 'sorted', 'take 1.wav'))
    }
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    const { done, failed, cancelled } = engine.totals().totals
    expect({ files: await files(), done, failed, cancelled }).toEqual({
      files: ['sorted/take 1.mp3', 'sorted/take 1.wav'],
      done: 1,
      failed: 0,
      cancelled: 0,
    })
  })

  it('while it waits in the queue, which goes on in the moment in which its new place is written down, is converted once', async () => {
    let goOn = (): void => undefined
    const { add, drop, tone, line, settled, files, engine, done } = await watching({
      over: (store) => ({
        ...store,
        sightings: {
          ...store.sightings,
          // The job is still for its old place.
          write: (entries, nowMs) => {
            const lines = store.sightings.write(entries, nowMs)
            if (lines.some(({ dir, state }) => dir === 'sorted' && state === 'queued')) goOn()
            return lines
          },
        },
      }),
    })
    await add({ recursive: true, seeing: 'polling' })
    engine.pauseAll()
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => line('take.wav')?.jobs[0] !== undefined)
    let isGoingOn = false
    goOn = () => {
      isGoingOn = true
      engine.resumeAll()
    }
    await mkdir(join(drop, 'sorted'))
    await rename(join(drop, 'take.wav'), join(drop, 'sorted', 'take 1.wav'))
    await until(() => isGoingOn)
    await settled()
    expect({ files: await files(), done: done() }).toEqual({ files: ['sorted/take 1.mp3', 'sorted/take 1.wav'], done: 1 })
  })

  it('after it was converted is not converted again, in whatever folder of the tree it is', async () => {
    const { add, drop, tone, looked, settled, ledger, done } = await watching()
    await add({ recursive: true })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await rename(join(drop, 'take.wav'), join(drop, 'Take 1.WAV'))
    await settled()
    await mkdir(join(drop, 'done'))
    await rename(join(drop, 'Take 1.WAV'), join(drop, 'done', 'Take 1.WAV'))
    await settled()
    await rename(join(drop, 'done'), join(drop, 'kept'))
    await settled()
    await looked()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['kept/Take 1.WAV: done converted', 'take.mp3: left own-output'],
      done: 1,
    })
  })

  it('changes only the case of its name, and stays the same file', async () => {
    const { add, drop, tone, settled, lines, ledger } = await watching()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await rename(join(drop, 'take.wav'), join(drop, 'TAKE.wav'))
    await settled()
    expect({ ledger: ledger(), lineCount: lines().length }).toEqual({
      ledger: ['TAKE.wav: done converted', 'take.mp3: left own-output'],
      lineCount: 2,
    })
  })

  it('out of the tree before its turn is not converted, and once it is back it is', async () => {
    const { add, drop, aside, tone, clock, line, lines, settled, files, done } = await watching({ timings: { gatherMs: 0 } })
    await add()
    await clock.still(async () => {
      await copyFile(tone, join(drop, 'take.wav'))
      await until(() => line('take.wav')?.state === 'waiting')
      await rename(join(drop, 'take.wav'), join(aside, 'take.wav'))
    })
    await until(() => line('take.wav') === undefined)
    const away = [lines().map(({ gone }) => gone), await files()]
    await rename(join(aside, 'take.wav'), join(drop, 'take.wav'))
    await settled()
    expect({ away, files: await files(), done: done(), lineCount: lines().length }).toEqual({
      away: [[true], []],
      files: ['take.mp3', 'take.wav'],
      done: 1,
      lineCount: 2,
    })
  })

  it('out of the tree and back, or deleted and put there once more, is known again', async () => {
    const { add, drop, aside, tone, line, settled, files, done } = await watching()
    await add()
    await copies(tone, drop, ['moved.wav', 'deleted.wav'])
    await settled()
    await rename(join(drop, 'moved.wav'), join(aside, 'moved.wav'))
    await rm(join(drop, 'deleted.wav'))
    await until(() => line('moved.wav') === undefined && line('deleted.wav') === undefined)
    await rename(join(aside, 'moved.wav'), join(drop, 'moved.wav'))
    await copyFile(tone, join(drop, 'deleted.wav'))
    await settled()
    expect({ files: await files(), done: done() }).toEqual({
      files: ['deleted.mp3', 'deleted.wav', 'moved.mp3', 'moved.wav'],
      done: 2,
    })
  })

  it('away is not taken for a later one of the same name, length and date with other contents', async () => {
    const { add, drop, aside, tone, line, settled, files, done } = await watching()
    await add({ afterwards: 'archive' })
    // A recorder without a clock.
    const record = async (contents: Buffer) => {
      const path = join(aside, 'take.wav')
      await writeFile(path, contents)
      await utimes(path, 1_000_000_000, 1_000_000_000)
      await rename(path, join(drop, 'take.wav'))
    }
    await record(await readFile(tone))
    await until(() => line('take.wav') === undefined && done() === 1)
    await record((await readFile(tone)).fill(0, 1000, 2000))
    await until(() => line('take.wav') === undefined && done() === 2)
    await settled()
    expect((await files()).filter((name) => name.endsWith('.mp3'))).toEqual(['take (2).mp3', 'take.mp3'])
  })

  it('away and back is told by its contents, though its number and its date are as before', async () => {
    const { add, drop, aside, tone, line, settled, done } = await watching()
    const [place, away] = [join(drop, 'take.wav'), join(aside, 'take.wav')]
    await add()
    await copyFile(tone, away)
    const moveIn = async () => {
      await utimes(away, 1_000_000_000, 1_000_000_000)
      await rename(away, place)
      await settled()
    }
    await moveIn()
    await rename(place, away)
    await until(() => line('take.wav') === undefined)
    await writeFile(away, (await readFile(away)).fill(0, 1000, 2000))
    await moveIn()
    expect(done()).toBe(2)
  })

  it('into the tree with a whole folder is converted there', async () => {
    const { add, drop, aside, tone, settled, files, done } = await watching()
    await add({ recursive: true })
    await mkdir(join(aside, 'album', 'disc 1'), { recursive: true })
    await copies(tone, join(aside, 'album', 'disc 1'), ['a.wav', 'b.wav'])
    await copyFile(tone, join(aside, 'album', 'intro.wav'))
    await rename(join(aside, 'album'), join(drop, 'album'))
    await settled()
    expect({ files: (await files()).filter((name) => name.endsWith('.mp3')), done: done() }).toEqual({
      files: ['album/disc 1/a.mp3', 'album/disc 1/b.mp3', 'album/intro.mp3'],
      done: 3,
    })
  })

  it('into the place of another one is a file of its own', async () => {
    const { add, drop, aside, tone, settled, files, done } = await watching()
    await writeTone(join(aside, 'longer.wav'), 1)
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await rename(join(aside, 'longer.wav'), join(drop, 'take.wav'))
    await settled()
    expect({ files: await files(), done: done() }).toEqual({ files: ['take (2).mp3', 'take.mp3', 'take.wav'], done: 2 })
  })

  it.each<[when: string, moment: 'waiting' | 'done', conversions: number]>([
    ['both wait', 'waiting', 2],
    ['both have been converted', 'done', 2],
  ])('to the name of another one that gets its own, while %s, is converted once', async (_, moment, conversions) => {
    const { add, drop, aside, tone, clock, line, settled, looked, ledger, done } = await watching({ timings: { gatherMs: 0 } })
    await writeTone(join(aside, 'longer.wav'), 1)
    await add()
    const swap = async () => {
      await rename(join(drop, 'one.wav'), join(drop, '.between'))
      await rename(join(drop, 'two.wav'), join(drop, 'one.wav'))
      await rename(join(drop, '.between'), join(drop, 'two.wav'))
    }
    await clock.still(async () => {
      await copyFile(tone, join(drop, 'one.wav'))
      await copyFile(join(aside, 'longer.wav'), join(drop, 'two.wav'))
      await until(() => line('one.wav') !== undefined && line('two.wav') !== undefined)
      if (moment === 'waiting') await swap()
    })
    await settled()
    if (moment === 'done') await swap()
    await settled()
    await looked()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['one.mp3: left own-output', 'one.wav: done converted', 'two.mp3: left own-output', 'two.wav: done converted'],
      done: conversions,
    })
  })

  it('again and again, with many others, is converted once', async () => {
    const { add, drop, aside, settled, looked, ledger, done } = await watching()
    await add({ recursive: true })
    const names = Array.from({ length: 12 }, (_, n) => `song ${n}`)
    for (const [n, name] of names.entries()) await writeTone(join(aside, `${name}.wav`), 0.2 + n / 100)
    await mkdir(join(drop, 'a'))
    await mkdir(join(drop, 'b'))
    await Promise.all(
      names.map(async (name) => {
        let at = join(drop, `${name}.wav`)
        await copyFile(join(aside, `${name}.wav`), at)
        for (let round = 0; round < 30; round += 1) {
          const to = join(drop, ['', 'a', 'b'][round % 3] ?? '', `${name} ${round}.wav`)
          await rename(at, to)
          at = to
        }
      }),
    )
    await settled()
    await looked()
    expect({ converted: ledger().filter((text) => text.endsWith('done converted')).length, done: done() }).toEqual({
      converted: 12,
      done: 12,
    })
  })
})

describe('a name', () => {
  it('of any kind stands for a file of its own', async () => {
    const { add, drop, tone, settled, files, ledger } = await watching()
    await add()
    const names = ['-rf', 'caf\u00e9', 'cafe\u0301', 'a\nb', '100 %d', '"quoted" \'twice\'', '$(id)', ' ', 'ünï çødé 音', 'a.b.c']
    await copies(
      tone,
      drop,
      names.map((name) => `${name}.wav`),
    )
    await settled()
    expect({ files: await files(), converted: ledger().filter((text) => text.endsWith('.wav: done converted')).length }).toEqual({
      files: names.flatMap((name) => [`${name}.mp3`, `${name}.wav`]).toSorted(),
      converted: names.length,
    })
  })
})
