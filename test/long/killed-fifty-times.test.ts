/** A batch of 200 files in a process that is killed again and again, at moments drawn by lot. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFile } from 'music-metadata'
import { describe, expect, it } from 'vitest'
import { run } from '../support/crash-run.ts'
import { temporaryFolder } from '../support/folder.ts'
import { dice } from '../support/dice.ts'

const files = 200
const restarts = 50

describe('a batch of 200 files, killed 50 times', () => {
  it('ends with every output whole, none twice, and no temporary file', { timeout: 600_000 }, async () => {
    const { seed, next } = dice()
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const tone = join(folder, 'tone.wav')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=0.5', tone])
    const names = Array.from({ length: files }, (_, index) => `song ${index}`)
    for (const name of names) await copyFile(tone, join(media, `${name}.wav`))

    const plan = { home: join(folder, 'home'), remote: null, sources: [] }
    await run({ ...plan, sources: names.map((name) => join(media, `${name}.wav`)), dieAt: 'added' })
    let kills = 0
    while (kills < restarts) {
      // Few writes a life, so that there is work left for the next; a job takes some nine of them twice over.
      const ran = await run({ ...plan, dieAt: `write ${1 + Math.floor(next() * 60)}` })
      if (ran.killedBy !== 'SIGKILL') break
      kills += 1
    }
    const last = await run({ ...plan, dieAt: null })

    const expected = names.flatMap((name) => [`${name}.mp3`, `${name}.wav`]).toSorted()
    const durations = await Promise.all(
      names.map(async (name) => (await parseFile(join(media, `${name}.mp3`), { duration: true })).format.duration ?? 0),
    )
    expect({ seed, kills, left: last.live.length, files: (await readdir(media)).toSorted() }).toEqual({
      seed,
      kills: restarts,
      left: 0,
      files: expected,
    })
    expect(durations.filter((seconds) => Math.abs(seconds - 0.5) > 0.1)).toEqual([])
    for (const name of names) expect((await stat(join(media, `${name}.mp3`))).nlink).toBe(1)
  })
})
