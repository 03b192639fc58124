/** Several results of each source, as they are asked for on the command line. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

async function scene() {
  const here = await cli()
  await writeTone(join(here.folder, 'a.wav'), 0.1)
  const made = async () => (await readdir(here.folder)).filter((name) => name.startsWith('a') && name !== 'a.wav').toSorted()
  return { ...here, made }
}

it('--to is repeated, or names several formats', async () => {
  const { run, made } = await scene()
  const one = await run('convert', 'a.wav', '--to', 'mp3', '--to', 'flac,opus', '--json')
  const targets = linesOf(one).flatMap(({ type, phase, target }) => (type === 'job' && phase === 'done' ? [target] : []))
  expect([one.status, targets.toSorted(), await made()]).toEqual([0, ['flac', 'mp3', 'opus'], ['a.flac', 'a.mp3', 'a.opus']])
})

it('options behind a format are its own, and those of --set go to all that take them', async () => {
  const { run, made } = await scene()
  const to = ['--to', 'mp3:bitrate=96,channels=1', '--to', 'mp3:bitrate=192k', '--to', 'flac']
  const { status, err } = await run('convert', 'a.wav', ...to, '--set', 'bitDepth=16')
  expect([status, err, await made()]).toEqual([0, '', ['a (192k).mp3', 'a (96k, channels 1).mp3', 'a.flac']])
})

it('of one that fails or is skipped it says which one', async () => {
  const { run, folder } = await scene()
  await writeFile(join(folder, 'bad.wav'), 'RIFF....WAVE')
  const failed = await run('convert', 'bad.wav', '--to', 'mp3,flac')
  const skipped = await run('convert', 'a.wav', '--to', 'aiff', '--to', 'mp3:onlyIfSmaller=99')
  expect([/failed: bad\.wav → mp3: /.test(failed.err), /failed: bad\.wav → flac: /.test(failed.err)]).toEqual([true, true])
  expect(skipped.out).toContain('skipped: a.wav → mp3: Would be larger')
})

it('what none of them takes is refused, and nothing is made', async () => {
  const { run, made } = await scene()
  const { status, err } = await run('convert', 'a.wav', '--to', 'mp3', '--to', 'flac', '--set', 'maxHeight=720')
  expect([status, err, await made()]).toEqual([1, expect.stringContaining('maxHeight'), []])
})

it('what cannot be meant is said while the words are read', async () => {
  const { run } = await scene()
  const said = async (...words: readonly string[]) => {
    const { status, err } = await run('convert', 'a.wav', ...words)
    return [status, err.split('\n')[0]]
  }
  expect([
    await said('--to', 'mp3:96'),
    await said('--to', 'mp3:bitrat=96'),
    await said('--to', 'mp3', '--to', 'mp3'),
    await said('--to', 'pdf', '--to', 'zip', '--together', 'all.pdf'),
  ]).toEqual([
    [2, expect.stringContaining('format:option=value')],
    [2, expect.stringContaining('bitrate')],
    [2, expect.stringContaining('very same')],
    [2, expect.stringContaining('--together makes one result')],
  ])
})

it('a preset keeps several results, is shown with them and goes through a file', async () => {
  const { run, feed, made } = await scene()
  const saved = await run('presets', 'save', 'both', '--to', 'mp3:bitrate=96', '--to', 'flac', '--set', 'bitDepth=16')
  const refused = await run('presets', 'save', 'no', '--to', 'mp3', '--to', 'flac', '--set', 'maxHeight=720')
  const { out } = await run('presets', 'show', 'both')
  const file = (await run('presets', 'export')).out
  await run('presets', 'remove', 'both')
  const imported = await feed(file, 'presets', 'import', '-')
  const converted = await run('convert', 'a.wav', '--preset', 'both')
  expect([saved.status, refused.status, imported.status, converted.status, await made()]).toEqual([
    0,
    2,
    0,
    0,
    ['a.flac', 'a.mp3'],
  ])
  expect(out.split('\n').map((line) => line.replace(/ {2,}/, ' '))).toEqual(
    expect.arrayContaining(['to mp3 (MP3)', 'bitrate 96', 'to flac (FLAC)', 'bitDepth 16']),
  )
})

it('completion goes on behind the format', async () => {
  const { run } = await scene()
  const { out } = await run('complete', '--', 'convert', '--to', 'mp4:maxHeight=720,qual')
  expect(out).toMatch(/^mp4:maxHeight=720,quality=\t/)
})
