/** A disk of two megabytes that fills up, under results and under the data folder, and one that cannot be written to. All need a mount, so a system that allows none skips them. */
import { execFileSync } from 'node:child_process'
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/shared/wire/contract.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { fill, mounted } from '../support/small-disk.ts'
import { stoppableClock } from '../support/clock.ts'
import { writeTone } from '../support/tone.ts'

describe('a small disk', () => {
  it('that fills up fails the jobs that do not fit, keeps the ones that do, and holds no half file', async (context) => {
    const place = await mounted()
    if (place === null) return context.skip('no mount is allowed here')
    const { folder, disk } = place
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'anoisesrc=duration=4:sample_rate=44100',
      join(disk, 'short.flac'),
    ])
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=60', '-c:a', 'flac', join(disk, 'long.flac')])
    const { convert } = await testBeside(folder)
    const short = await convert([join(disk, 'short.flac')], 'wav')
    const long = await convert([join(disk, 'long.flac')], 'wav')
    const files = (await readdir(disk)).toSorted()
    expect([[...short.jobs, ...long.jobs].map(ended), files]).toEqual([
      ['done', 'failed: disk-full'],
      ['long.flac', 'short.flac', 'short.wav'],
    ])
    await rm(join(disk, 'short.wav'))
    await writeFile(join(disk, 'filler'), Buffer.alloc(2 ** 22)).catch(() => undefined)
    const again = await convert([join(disk, 'short.flac')], 'wav')
    expect(again.jobs.map(ended)).toEqual(['failed: disk-full'])
  })

  it('that cannot be written to fails the job with that reason', async (context) => {
    const place = await mounted()
    if (place === null) return context.skip('no mount is allowed here')
    const { folder, disk } = place
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', join(disk, 'song.wav')])
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const { convert } = await testBeside(folder)
    const beside = await convert([join(disk, 'song.wav')], 'mp3')
    const elsewhere = await convert([join(disk, 'song.wav')], 'mp3', { out: join(folder, 'out') })
    expect([beside.jobs.map(ended), elsewhere.jobs.flatMap(outputsOf)]).toEqual([
      ['failed: folder-read-only'],
      [join(folder, 'out', 'song.mp3')],
    ])
  })

  it('from which an archived source cannot be moved keeps it, and says so', async (context) => {
    const place = await mounted()
    if (place === null) return context.skip('no mount is allowed here')
    const { folder, disk } = place
    const source = join(folder, 'song.wav')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', source])
    await copyFile(source, join(disk, 'song.wav'))
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([join(disk, 'song.wav')], 'mp3', { out: join(folder, 'out'), afterwards: 'archive' })
    expect(jobs.map((job) => (job.state.phase === 'done' ? job.state.notes.map((note) => note.what) : ended(job)))).toEqual([
      ['source-kept'],
    ])
  })
})

describe('a data folder whose disk fills up', () => {
  it.for([
    ['before a job begins', (change: Change) => change.type === 'batch'],
    ['while one is converted', (change: Change) => change.type === 'progress' && change.progress.progress !== null],
  ] as const)('%s holds the queue and says so, and it goes on when there is room', async ([_, isTime], context) => {
    const place = await mounted('beside-home')
    if (place === null) return context.skip('no mount is allowed here')
    const { folder, disk } = place
    const clock = stoppableClock()
    const { engine, convert } = await testBeside(folder, { clock })
    const song = join(folder, 'song.wav')
    await writeTone(song, 600)
    const filler = join(disk, 'filler')
    const following = new AbortController()
    const changes = engine.changes(following.signal)
    const converting = convert([song], 'mp3')
    let isFull = false
    for await (const portion of changes) {
      if (!isFull && portion.some(isTime)) {
        fill(filler)
        isFull = true
      }
      if (portion.some((change) => change.type === 'totals' && change.held?.by === 'data')) break
    }
    following.abort()
    expect(engine.totals().held).toMatchObject({ by: 'data', why: { code: 'disk-full' } })
    clock.pass(10_000)
    await rm(filler)
    clock.pass(10_000)
    expect((await converting).jobs.flatMap(outputsOf)).toEqual([join(folder, 'song.mp3')])
    expect([engine.totals().held, (await readdir(folder)).toSorted()]).toEqual([null, ['beside-home', 'song.mp3', 'song.wav']])
  })
})
