import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf, type Cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** Two that were converted, and one that failed. */
async function past(): Promise<Cli> {
  const here = await cli()
  await writeTone(join(here.folder, 'holiday, "best".wav'), 0.1)
  await writeTone(join(here.folder, 'work.wav'), 0.1)
  await writeFile(join(here.folder, 'broken.wav'), 'no sound')
  await here.run('convert', 'holiday, "best".wav', 'work.wav', 'broken.wav', '--to', 'flac')
  return here
}

async function names({ run }: Cli, ...args: readonly string[]): Promise<readonly string[]> {
  const lines = linesOf(await run('history', ...args, '--json')).filter(({ type }) => type === 'job')
  return lines.map(({ source }) => String(source).split('/').at(-1) ?? '').toSorted()
}

describe('beside history', () => {
  it('lists what was, with its sums', async () => {
    const { run } = await past()
    const { status, out } = await run('history')
    expect([status, out.trimEnd().split('\n').length, out]).toEqual([
      0,
      5,
      expect.stringMatching(/3 in total: 2 done, 1 failed; .* → /),
    ])
  })

  it('finds by words and by outcome', async () => {
    const here = await past()
    expect([
      await names(here, 'holi'),
      await names(here, '--outcome', 'failed'),
      await names(here, '--to', 'mp3'),
      await names(here, '--before', '2001-01-01'),
      await names(here, '--batch', '1', '--limit', '2').then(({ length }) => length),
    ]).toEqual([['holiday, "best".wav'], ['broken.wav'], [], [], 2])
  })

  it('sorts, for the list and for what is exported', async () => {
    const { run } = await past()
    const sorted = async (order: string) =>
      linesOf(await run('history', '--sort', order, '--outcome', 'done', '--json'))
        .filter(({ type }) => type === 'job')
        .map(({ source }) => String(source).split('/').at(-1))
    expect([await sorted('name'), await sorted('oldest').then((found) => found.toReversed())]).toEqual([
      ['holiday, "best".wav', 'work.wav'],
      await sorted('newest'),
    ])
    expect((await run('history', '--sort', 'name', '--limit', '1')).out).toMatch(/3 in total, 1 shown \(by name\)/)
    expect((await run('history', '--sort', 'colour')).status).toBe(2)
  })

  it('exports CSV that any reader takes, whatever the names are', async () => {
    const { folder, run } = await past()
    const { out } = await run('history', '--export', 'csv')
    const [head, ...rows] = out.split('\r\n')
    const quoted = `"${join(folder, 'holiday, ""best"".wav')}"`
    expect([head, rows.length, rows.some((row) => row.includes(quoted))]).toEqual([
      expect.stringMatching(/^id,batch,source,/),
      4,
      true,
    ])
  })

  it('exports JSON as one array', async () => {
    const { run } = await past()
    const { out } = await run('history', '--export', 'json')
    expect((JSON.parse(out) as { phase: string }[]).map(({ phase }) => phase).toSorted()).toEqual(['done', 'done', 'failed'])
    const none = await cli()
    expect(JSON.parse((await none.run('history', '--export', 'json')).out)).toEqual([])
  })

  it('ends quietly when the reader has had enough', async () => {
    const { start } = await past()
    const started = start('history', '--export', 'csv')
    started.process.stdout?.destroy()
    const { status, err } = await started.ended
    expect([status, err]).toEqual([0, ''])
  })

  it('forgets jobs, and their files stay', async () => {
    const here = await past()
    const { out } = await here.run('history', 'forget', '1', '2')
    expect([out, (await names(here)).length, existsSync(join(here.folder, 'work.flac'))]).toEqual([
      '2 jobs removed from the history. The files are kept.\n',
      1,
      true,
    ])
    await here.run('history', 'forget', 'all')
    expect(await names(here)).toEqual([])
  })
})

describe('beside undo', () => {
  it('takes the results of a batch back, and leaves what has changed since', async () => {
    const { folder, run } = await past()
    await writeFile(join(folder, 'work.flac'), 'edited since')
    const { status, out, err } = await run('undo', '1')
    expect([
      status,
      out,
      err,
      existsSync(join(folder, 'holiday, "best".flac')),
      await readFile(join(folder, 'work.flac'), 'utf8'),
    ]).toEqual([
      1,
      '1 result of batch 1 removed, 1 kept.\n',
      expect.stringContaining('kept: work.flac: The file has changed'),
      false,
      'edited since',
    ])
  })

  it('says that there is no such batch', async () => {
    const { run } = await cli()
    const { status, err } = await run('undo', '9')
    expect([status, err]).toEqual([1, expect.stringContaining('There is no batch 9')])
  })
})
