import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const nothing = { type: 'summary', done: 0, skipped: 0, failed: 0, waiting: 0 }

async function tones(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) await writeTone(join(folder, name), 0.1)
}

async function made(folder: string, ending: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(ending)).toSorted()
}

describe('beside convert', () => {
  it('writes the result beside the source and says so', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    const { status, out, err } = await run('convert', 'a.wav', '--to', 'mp3')
    expect({ status, err, made: await made(folder, '.mp3') }).toEqual({ status: 0, err: '', made: ['a.mp3'] })
    expect(out).toMatch(/^done: a\.wav → a\.mp3 \(.* → .*\)\n1 done in .*\nResults in this folder\nTo undo: beside undo 1\n$/)
  })

  it('with --json tells each job on lines of JSON, the summary last, and nothing else', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    await writeFile(join(folder, 'text.mp3'), 'no music')
    const ended = await run('convert', 'a.wav', 'text.mp3', 'gone.wav', '--to', 'flac', '--json')
    const lines = linesOf(ended)
    const last = new Map(lines.filter(({ type }) => type === 'job').map((line) => [line['source'], line]))
    expect(lines.at(-1)).toEqual({ type: 'summary', done: 1, skipped: 0, failed: 2, waiting: 0 })
    expect(last.get(join(folder, 'a.wav'))).toMatchObject({
      id: 1,
      target: 'flac',
      provider: 'local',
      phase: 'done',
      step: null,
      progress: 1,
      outputs: [join(folder, 'a.flac')],
      failure: null,
    })
    expect(last.get(join(folder, 'text.mp3'))).toMatchObject({
      phase: 'failed',
      outputs: [],
      failure: { code: 'source-unknown', message: expect.any(String), action: expect.any(String) },
    })
    expect(lines.filter(({ type }) => type === 'refused')).toEqual([
      { type: 'refused', source: join(folder, 'gone.wav'), failure: expect.objectContaining({ code: 'source-missing' }) },
    ])
    expect([ended.status, ended.err]).toEqual([1, ''])
  })

  it('skips what would be larger when asked to, which is no failure, and says so in words and in JSON', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    await run('convert', 'a.wav', '--to', 'mp3')
    const wanted = ['convert', 'a.mp3', '--to', 'flac', '--set', 'onlyIfSmaller=10%'] as const
    const [words, json] = [await run(...wanted), await run(...wanted, '--json')]
    expect([words.status, words.out, json.status, linesOf(json).at(-1), await made(folder, '.flac')]).toEqual([
      0,
      expect.stringMatching(
        /^skipped: a\.mp3: Would be larger than \d+ bytes, 10 % less than the source: \d+ bytes instead of \d+\.\n/,
      ),
      0,
      { type: 'summary', done: 0, skipped: 1, failed: 0, waiting: 0 },
      [],
    ])
    const last = linesOf(json).findLast(({ type }) => type === 'job')
    expect(last).toMatchObject({ phase: 'skipped', outputs: [], failure: { code: 'would-be-larger' } })
  })

  it('skips what is there when asked to, which is no failure', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    await writeFile(join(folder, 'a.mp3'), 'mine')
    const ended = await run('convert', 'a.wav', '--to', 'mp3', '--if-exists', 'skip', '--json')
    expect([ended.status, linesOf(ended).at(-1)]).toEqual([0, { ...nothing, skipped: 1 }])
  })

  it('reads names from standard input, one a line, and takes none of them for a pattern', async () => {
    const { folder, feed } = await cli()
    await tones(folder, ' lead.wav', '[a].wav', 'a.wav')
    const ended = await feed(' lead.wav\n\n[a].wav', 'convert', '-', '--to', 'flac', '--json')
    expect([ended.status, await made(folder, '.flac')]).toEqual([0, [' lead.flac', '[a].flac']])
  })

  it('reads names that end in NUL, line breaks and all', async () => {
    const { folder, feed } = await cli()
    await tones(folder, 'two\nlines.wav', '-dash.wav')
    const { status, out } = await feed('two\nlines.wav\0-dash.wav\0', 'convert', '-', '-0', '--to', 'flac')
    expect([status, await made(folder, '.flac')]).toEqual([0, ['-dash.flac', 'two\nlines.flac']])
    expect(out).toContain('done: two\\nlines.wav → two\\nlines.flac')
  })

  it('shows no control character of a name', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'red\u001b[31m \u009b\u202etxt.wav')
    const name = 'red\u001b[31m \u009b\u202etxt.wav'
    const plain = await run('convert', name, '--to', 'flac')
    const json = await run('convert', name, '--to', 'opus', '--json')
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(`${plain.out}${plain.err}${json.out}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(plain.out).toContain('done: red\\x1b[31m \\x9b\\u202etxt.wav')
    expect(linesOf(json).at(-1)).toMatchObject({ done: 1 })
  })

  it('expands a pattern that no shell has expanded, and prefers a file of that very name', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav', 'b.wav', '.hidden.wav')
    await run('convert', '*.wav', '--to', 'flac')
    const all = await made(folder, '.flac')
    await tones(folder, '*.wav')
    await run('convert', '*.wav', '--to', 'opus')
    expect([all, await made(folder, '.opus')]).toEqual([['a.flac', 'b.flac'], ['*.opus']])
  })

  it('says that a pattern finds nothing', async () => {
    const { run } = await cli()
    const { status, err } = await run('convert', '*.wav', '--to', 'flac')
    expect([status, err]).toEqual([1, expect.stringContaining('refused: *.wav: Nothing to convert was found')])
  })

  it('takes what stands behind -- as names', async () => {
    const { folder, run } = await cli()
    await tones(folder, '--to.wav')
    const { status } = await run('convert', '--to', 'flac', '--', '--to.wav')
    expect([status, await made(folder, '.flac')]).toEqual([0, ['--to.flac']])
  })

  it('walks folders, filters them, mirrors their tree, and leaves files of other kinds alone', async () => {
    const { folder, run } = await cli()
    await mkdir(join(folder, 'in', 'deep'), { recursive: true })
    await tones(folder, 'in/a.wav', 'in/deep/b.wav', 'in/deep/draft.wav')
    await writeFile(join(folder, 'in', 'notes.txt'), 'notes')
    const args = ['convert', 'in', '--to', 'flac', '--recursive', '--exclude', 'draft*', '--out', 'out', '--json']
    const ended = await run(...args)
    expect([ended.status, linesOf(ended).at(-1), await made(folder, '.flac')]).toEqual([
      0,
      { ...nothing, done: 2 },
      ['out/a.flac', 'out/deep/b.flac'],
    ])
  })

  it('converts a source that is named twice once', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    const ended = await run('convert', 'a.wav', './a.wav', join(folder, 'a.wav'), '--to', 'flac', '--json')
    expect([linesOf(ended).at(-1), await made(folder, '.flac')]).toEqual([{ ...nothing, done: 1 }, ['a.flac']])
  })

  it('lets what is said beside a preset win', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    await run('presets', 'save', 'small', '--to', 'mp3', '--set', 'bitrate=64', '--name', '{name}-{preset}')
    const { status } = await run('convert', 'a.wav', '--preset', 'small', '--to', 'opus')
    expect([status, await made(folder, 'small.opus')]).toEqual([0, ['a-small.opus']])
  })

  it('ends quietly when nobody reads what it says', async () => {
    const { folder, start } = await cli()
    await tones(folder, 'a.wav')
    const started = start('convert', 'a.wav', '--to', 'flac', '--json')
    started.process.stdout?.destroy()
    const { status, err } = await started.ended
    expect([[0, 130].includes(status ?? -1), err.includes('EPIPE') || err.includes('Error')]).toEqual([true, false])
  })

  it('leaves no output of a paused queue, and says with 3 that it waits for the user', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    await run('queue', 'pause')
    const ended = await run('convert', 'a.wav', '--to', 'flac', '--json')
    expect([ended.status, linesOf(ended).at(-1), existsSync(join(folder, 'a.flac'))]).toEqual([
      3,
      { ...nothing, waiting: 1 },
      false,
    ])
    await run('queue', 'resume')
    expect([(await run('queue', 'run')).status, existsSync(join(folder, 'a.flac'))]).toEqual([0, true])
  })

  it('begins nothing outside of the hours of the settings, and says when it will', async () => {
    const { folder, run } = await cli()
    await tones(folder, 'a.wav')
    // On the day after tomorrow alone, whatever day it is.
    const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getDay() + 2) % 7]
    await run('settings', 'set', 'hours', `${day} 9:00-10:00`)
    const ended = await run('convert', 'a.wav', '--to', 'flac')
    expect([ended.status, existsSync(join(folder, 'a.flac'))]).toEqual([3, false])
    expect(ended.out + ended.err).toMatch(/outside its hours: continues at \d{4}-\d\d-\d\d 09:00.* 1 file left in the queue/)
    expect((await run('queue')).out).toMatch(/The queue is on hold, outside its hours/)
    await run('settings', 'set', 'hours', '')
    expect([(await run('queue', 'run')).status, existsSync(join(folder, 'a.flac'))]).toEqual([0, true])
  })
})
