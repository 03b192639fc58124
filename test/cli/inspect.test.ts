import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf, type Cli } from '../support/cli.ts'
import { ownSource } from '../support/media.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** A video with an attachment and chapters, which no MP4 can hold all of. */
async function laden(name = 'laden.mkv'): Promise<Cli & { readonly path: string }> {
  const here = await cli()
  const font = join(here.folder, 'a.ttf')
  await writeFile(font, 'x')
  const made = await ownSource('laden.mkv', [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=1:r=10', '-f', 'lavfi', '-i', 'sine=d=1', '-map', '0', '-map', '1'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-metadata:s:a:0', 'language=eng'],
    ...['-metadata:s:a:0', 'title=Director', '-metadata', 'title=A \u001b[31mred\u001b[0m day'],
    ...['-attach', font, '-metadata:s:t', 'mimetype=font/ttf'],
  ])
  const path = join(here.folder, name)
  await copyFile(made, path)
  return { ...here, path }
}

describe('beside inspect', () => {
  it('shows what a file holds in aligned lines, and nothing that a terminal would obey', async () => {
    const { run } = await laden()
    const { status, out, err } = await run('inspect', 'laden.mkv')
    expect([status, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        'laden.mkv',
        '  Format       Matroska',
        '  Length       0:01',
        expect.stringMatching(/^ {2}Video {8}H\.264 · 64 × 64 · 10 fps/),
        expect.stringMatching(/^ {2}Audio {8}AAC · 44\.1 kHz · mono · .*English · “Director”/),
        '  Attachments  a.ttf · font/ttf',
        '  Title        A \\x1b[31mred\\x1b[0m day',
      ]),
    )
  })

  it('gives programs the model itself: one object, or an array for several files', async () => {
    const { run, folder, path } = await laden()
    await writeTone(join(folder, 'tone.wav'), 0.1)
    const one: unknown = JSON.parse((await run('inspect', 'laden.mkv', '--json')).out)
    expect(one).toMatchObject({
      path,
      format: 'mkv',
      audio: [{ codec: 'aac', language: 'eng', title: 'Director' }],
      attachments: [{ name: 'a.ttf', type: 'font/ttf' }],
    })
    const several: unknown = JSON.parse((await run('inspect', 'tone.wav', 'laden.mkv', '--json')).out)
    expect(several).toMatchObject([{ format: 'wav', video: [] }, one])
  })

  it('goes on behind a file that cannot be read, says why, and ends with 1', async () => {
    const { run, folder } = await laden()
    await writeFile(join(folder, 'notes.wav'), 'no audio at all')
    const { status, out, err } = await run('inspect', 'notes.wav', 'gone.flac', 'laden.mkv')
    expect([status, out.includes('laden.mkv'), err]).toEqual([
      1,
      true,
      expect.stringMatching(/^failed: notes\.wav: .*\n.*\n?failed: gone\.flac: .*not found/s),
    ])
    const found = JSON.parse((await run('inspect', 'gone.flac', '--json')).out) as { failure: { code: string } }
    expect(found.failure.code).toBe('source-missing')
  })

  it('wants at least one file', async () => {
    const { run } = await cli()
    expect((await run('inspect')).status).toBe(2)
  })
})

describe('what a conversion leaves behind', () => {
  it('is said below the file and at the end, and is no failure', async () => {
    const { run } = await laden()
    const { status, out, err } = await run('convert', 'laden.mkv', '--to', 'mp4')
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/^ {4}Not in the result: 1 attachment \(a\.ttf\)/m)
    expect(out).toContain('1 file left something behind: beside history show 1\n')
  })

  it('is counted alone where there are many files', async () => {
    const { run, folder, path } = await laden()
    for (let copy = 0; copy < 6; copy += 1) await copyFile(path, join(folder, `copy${copy}.mkv`))
    const { out } = await run(
      'convert',
      'copy0.mkv',
      'copy1.mkv',
      'copy2.mkv',
      'copy3.mkv',
      'copy4.mkv',
      'copy5.mkv',
      '--to',
      'mp4',
    )
    const { out: listed } = await run('history', '--left', '--batch', '1')
    expect([
      out.includes('Not in the result'),
      out.includes('6 files left something behind: beside history --left --batch 1\n'),
      listed.split('\n').filter((line) => /done, \d+ left behind/.test(line)).length,
    ]).toEqual([false, true, 6])
  })

  it('is in the lines for programs, with a text', async () => {
    const { run } = await laden()
    const job = linesOf(await run('convert', 'laden.mkv', '--to', 'mp4', '--json')).findLast(({ type }) => type === 'job')
    const note = { what: 'left', thing: 'attachment', count: 1, names: [{ name: 'a.ttf' }] }
    expect(job?.['notes']).toContainEqual({ ...note, text: 'Not in the result: 1 attachment (a.ttf)' })
    const shown = linesOf(await run('history', 'show', '1', '--json'))
    expect(shown.map(({ notes }) => notes)).toEqual([job?.['notes']])
  })

  it('is in the history: in full for one job, as a filter, and in an export', async () => {
    const { run, folder } = await laden()
    await writeTone(join(folder, 'tone.wav'), 0.1)
    await run('convert', 'laden.mkv', '--to', 'mp4')
    await run('convert', 'tone.wav', '--to', 'flac')
    const { out } = await run('history', 'show', '1')
    expect(out).toMatch(/^ {2}Not in the result {2}.*1 attachment \(a\.ttf\)$/m)
    const left = linesOf(await run('history', '--left', '--json')).filter(({ type }) => type === 'job')
    expect(left.map(({ id }) => id)).toEqual([1])
    expect((await run('history', '--left')).out).toContain('1 in total: 1 done')
    const { out: csv } = await run('history', '--export', 'csv')
    expect(csv).toContain('Not in the result: 1 attachment (a.ttf)')
    const { status, err } = await run('history', 'show', '99')
    expect([status, err]).toEqual([1, expect.stringContaining('There is no job 99')])
  })
})
