import { execFileSync } from 'node:child_process'
import { appendFile, copyFile, mkdir, open, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFile } from 'music-metadata'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

/** To the second: encoders add a little at both ends. */
async function secondsOf(path: string): Promise<number> {
  return Math.floor((await parseFile(path, { duration: true })).format.duration ?? 0)
}

describe('a file that arrives', () => {
  it('is converted once, and its result is known for what it is', async () => {
    const { add, drop, tone, settled, ledger, done } = await watching()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['take.mp3: left own-output', 'take.wav: done converted'],
      done: 1,
    })
  })

  it('slowly, with pauses while its writer holds it, is converted when it is whole', async () => {
    const { add, drop, aside, settled, files, line, done } = await watching()
    await writeTone(join(aside, 'long.wav'), 4)
    const sound = await readFile(join(aside, 'long.wav'))
    await add()
    const file = await open(join(drop, 'slow.wav'), 'w')
    for (let at = 0; at < sound.length; at += 16_000) {
      await file.write(sound.subarray(at, at + 16_000))
      // Quiet enough for the gate: only the open file tells.
      if (at % 32_000 === 0) await until(() => line('slow.wav')?.why.code === 'being-written')
    }
    await file.close()
    await settled()
    expect({ files: await files(), seconds: await secondsOf(join(drop, 'slow.mp3')), done: done() }).toEqual({
      files: ['slow.mp3', 'slow.wav'],
      seconds: 4,
      done: 1,
    })
  })

  it('piece by piece, by a writer that lets go in between, is converted when it is as long as it says', async () => {
    const { add, drop, aside, settled, line, files } = await watching()
    await writeTone(join(aside, 'long.wav'), 4)
    const sound = await readFile(join(aside, 'long.wav'))
    await add()
    await writeFile(join(drop, 'pieces.wav'), sound.subarray(0, 30_000))
    await until(() => line('pieces.wav')?.why.code === 'incomplete')
    await appendFile(join(drop, 'pieces.wav'), sound.subarray(30_000))
    await settled()
    expect({ files: await files(), seconds: await secondsOf(join(drop, 'pieces.mp3')) }).toEqual({
      files: ['pieces.mp3', 'pieces.wav'],
      seconds: 4,
    })
  })

  it('under another name until it is whole is converted under its own', async () => {
    const { add, drop, tone, settled, ledger, line } = await watching()
    await add()
    for (const name of ['a.wav.part', '.b.wav.Xy12Ab', 'c.wav.crdownload']) await copyFile(tone, join(drop, name))
    await until(() => ['a.wav.part', '.b.wav.Xy12Ab', 'c.wav.crdownload'].every((name) => line(name)?.state === 'left'))
    await rename(join(drop, 'a.wav.part'), join(drop, 'a.wav'))
    await rename(join(drop, '.b.wav.Xy12Ab'), join(drop, 'b.wav'))
    await rename(join(drop, 'c.wav.crdownload'), join(drop, 'c.wav'))
    await settled()
    expect(ledger()).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name}.mp3: left own-output`, `${name}.wav: done converted`]))
  })

  it('beside a companion that says it is still being fetched waits for that to go', async () => {
    const { add, drop, tone, settled, line, files } = await watching()
    await add()
    await writeFile(join(drop, 'film.wav.aria2'), 'x')
    await copyFile(tone, join(drop, 'film.wav'))
    await until(() => line('film.wav')?.why.code === 'unfinished')
    await rm(join(drop, 'film.wav.aria2'))
    await settled()
    expect(await files()).toEqual(['film.mp3', 'film.wav'])
  })

  it('with its room reserved before it is written is not taken for whole', async () => {
    const { add, drop, aside, settled, line, files } = await watching()
    const whole = join(aside, 'whole.flac')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=duration=3', whole])
    const sound = await readFile(whole)
    await add()
    await writeFile(join(drop, 'reserved.flac'), sound.subarray(0, 40_000))
    await truncate(join(drop, 'reserved.flac'), sound.length)
    await until(() => line('reserved.flac')?.why.code === 'incomplete')
    const file = await open(join(drop, 'reserved.flac'), 'r+')
    await file.write(sound, 40_000, sound.length - 40_000, 40_000)
    await file.close()
    await settled()
    expect({ files: await files(), seconds: await secondsOf(join(drop, 'reserved.mp3')) }).toEqual({
      files: ['reserved.flac', 'reserved.mp3'],
      seconds: 3,
    })
  })

  it('empty at first is nothing until it has contents', async () => {
    const { add, drop, tone, settled, line, files } = await watching()
    await add()
    await writeFile(join(drop, 'placeholder.wav'), '')
    await until(() => line('placeholder.wav')?.why.code === 'empty')
    await writeFile(join(drop, 'placeholder.wav'), await readFile(tone))
    await settled()
    expect(await files()).toEqual(['placeholder.mp3', 'placeholder.wav'])
  })

  it('and is deleted and written anew before its turn is converted once', async () => {
    const { add, drop, tone, aside, clock, settled, files, line, done } = await watching({ timings: { gatherMs: 0 } })
    await writeTone(join(aside, 'second.wav'), 2)
    await add()
    await clock.still(async () => {
      for (const sound of [tone, tone, join(aside, 'second.wav'), tone]) {
        await copyFile(sound, join(drop, 'again.wav'))
        await until(() => line('again.wav')?.state === 'waiting')
        await rm(join(drop, 'again.wav'))
      }
      await copyFile(join(aside, 'second.wav'), join(drop, 'again.wav'))
    })
    await settled()
    expect({ files: await files(), seconds: await secondsOf(join(drop, 'again.mp3')), done: done() }).toEqual({
      files: ['again.mp3', 'again.wav'],
      seconds: 2,
      done: 1,
    })
  })

  it('is dealt with: a touch, a copy of itself over it, and a restart change nothing', async () => {
    const scene = await watching()
    const { add, drop, tone, settled, looked } = scene
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await utimes(join(drop, 'take.wav'), new Date(), new Date())
    await copyFile(tone, join(drop, '.copy.wav'))
    await rename(join(drop, '.copy.wav'), join(drop, 'take.wav'))
    await looked()
    await settled()
    const before = scene.done()
    const later = await scene.restarted()
    await until(() => later.folder().lookedAtMs !== null)
    await later.settled()
    expect({ before, done: later.done(), files: await later.files() }).toEqual({
      before: 1,
      done: 1,
      files: ['take.mp3', 'take.wav'],
    })
  })

  it('with other contents later is converted again, or left as the rule says', async () => {
    const { add, drop, tone, aside, settled, files, folders, folder, line } = await watching()
    await writeTone(join(aside, 'second.wav'), 0.4)
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await copyFile(join(aside, 'second.wav'), join(drop, 'take.wav'))
    await until(async () => (await files()).includes('take (2).mp3'))
    await settled()
    await folders.change(folder().id, { ...folder().rule, whenChanged: 'keep' }, 'keep')
    await until(() => folder().lookedAtMs !== null && folder().health.state === 'watching')
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => line('take.wav')?.why.code === 'changed-kept')
    await settled()
    expect(await files()).toEqual(['take (2).mp3', 'take.mp3', 'take.wav'])
  })

  it('out of an archive is converted like any other, whatever its old date', async () => {
    const { add, drop, aside, tone, settled, ledger } = await watching()
    const names = Array.from({ length: 20 }, (_, n) => `song ${n}.wav`)
    await mkdir(join(aside, 'album'))
    await copies(tone, join(aside, 'album'), names)
    execFileSync('touch', ['-d', '2001-02-03', ...names], { cwd: join(aside, 'album') })
    execFileSync('tar', ['cf', join(aside, 'album.tar'), '-C', aside, 'album'])
    await add({ recursive: true })
    execFileSync('tar', ['xf', join(aside, 'album.tar'), '-C', drop])
    await settled()
    expect(ledger().filter((line) => line.endsWith('done converted')).length).toBe(20)
  })

  it('that is no such file at all is given up after some tries, and taken again once its contents are others', async () => {
    const { add, drop, tone, settled, line, done } = await watching({ timings: { youngMs: 0 } })
    await add()
    await writeFile(join(drop, 'broken.wav'), 'RIFF nonsense'.repeat(50))
    await settled()
    const given = line('broken.wav')
    await copyFile(tone, join(drop, 'broken.wav'))
    await until(() => line('broken.wav')?.state === 'done')
    expect({ state: given?.state, attempts: given?.attempts, why: given?.why.code, done: done() }).toEqual({
      state: 'quarantined',
      attempts: 3,
      why: 'given-up',
      done: 1,
    })
  })
})
