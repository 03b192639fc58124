/** A disk of two megabytes that fills up, and one that cannot be written to. Both need a mount, so a system that allows none skips them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

async function mounted(): Promise<{ readonly folder: string; readonly disk: string } | null> {
  const folder = await temporaryFolder()
  const disk = join(folder, 'disk')
  await mkdir(disk)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) return null
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return { folder, disk }
}

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
      ['source'],
    ])
  })
})
