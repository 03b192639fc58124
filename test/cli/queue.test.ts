import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf, type Cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** Some files in a queue that is paused. */
async function waitingFiles(...names: readonly string[]): Promise<Cli> {
  const here = await cli()
  for (const name of names) await writeTone(join(here.folder, name), 0.1)
  await here.run('queue', 'pause')
  await here.run('convert', ...names, '--to', 'flac')
  return here
}

async function jobs({ run }: Cli): Promise<readonly [unknown, unknown][]> {
  const lines = linesOf(await run('queue', '--json'))
  return lines.filter(({ type }) => type === 'job').map(({ id, phase }) => [id, phase])
}

describe('beside queue', () => {
  it('lists what waits as a table, and says that it is paused', async () => {
    const { run } = await waitingFiles('a.wav', 'b.wav')
    const { status, out } = await run('queue')
    expect(status).toBe(0)
    expect(out).toMatch(/^ID +FILE +TO +WITH +STATE\n 1 +a\.wav +flac +this machine +queued\n 2 +b\.wav .*\n2 queued\. .*paused/)
  })

  it('says that it is empty', async () => {
    const { run } = await cli()
    expect((await run('queue')).out).toBe('The queue is empty.\n')
  })

  it('holds, resumes and cancels single jobs', async () => {
    const here = await waitingFiles('a.wav', 'b.wav', 'c.wav')
    await here.run('queue', 'pause', '1', '2')
    await here.run('queue', 'resume', '2')
    await here.run('queue', 'cancel', '3')
    expect((await jobs(here)).toSorted()).toEqual([
      [1, 'paused'],
      [2, 'queued'],
    ])
  })

  it('cancels a batch, and retries it', async () => {
    const here = await waitingFiles('a.wav', 'b.wav')
    const cancelled = await here.run('queue', 'cancel', '--batch', '1')
    const retried = await here.run('queue', 'retry', '--batch', '1')
    expect([cancelled.out, retried.out, (await jobs(here)).length]).toEqual(['2 jobs cancelled.\n', '2 jobs queued again.\n', 2])
  })

  it('retries of the whole queue what failed, and what was cancelled only when asked to', async () => {
    const here = await waitingFiles('a.wav', 'b.wav')
    await writeFile(join(here.folder, 'bad.wav'), 'no music')
    await here.run('convert', 'bad.wav', '--to', 'flac', '--detach')
    await here.run('queue', 'cancel', '1')
    await here.run('queue', 'resume')
    await here.run('queue', 'run')
    await here.run('queue', 'pause')
    const failed = await here.run('queue', 'retry', '--all')
    const queued = await jobs(here)
    const cancelled = await here.run('queue', 'retry', '--all', '--outcome', 'cancelled')
    expect([failed.out, queued, cancelled.out, await jobs(here)]).toEqual([
      '1 job queued again.\n',
      [[3, 'queued']],
      '1 job queued again.\n',
      [
        [1, 'queued'],
        [3, 'queued'],
      ],
    ])
  })

  it('retries of a batch what ended as asked', async () => {
    const here = await waitingFiles('a.wav', 'b.wav')
    await here.run('queue', 'cancel', '--batch', '1')
    const failed = await here.run('queue', 'retry', '--batch', '1', '--outcome', 'failed', 'skipped')
    expect([failed.out, await jobs(here)]).toEqual(['0 jobs queued again.\n', []])
  })

  it('changes the order', async () => {
    const here = await waitingFiles('a.wav', 'b.wav', 'c.wav')
    await here.run('queue', 'move', '3', '--before', '1')
    const moved = (await jobs(here)).map(([id]) => id)
    await here.run('queue', 'priority', '2', '--as', 'high')
    expect([moved, (await jobs(here)).map(([id]) => id)]).toEqual([
      [3, 1, 2],
      [2, 3, 1],
    ])
  })

  it('says why a job cannot be moved', async () => {
    const here = await waitingFiles('a.wav')
    const none = await here.run('queue', 'cancel', '99')
    const wrong = await here.run('queue', 'retry', '1')
    expect([none.status, none.err, wrong.status, wrong.err]).toEqual([
      1,
      expect.stringContaining('There is no job 99'),
      1,
      expect.stringContaining('job 1 is queued'),
    ])
  })

  it('answers verbs with JSON when asked to', async () => {
    const { run } = await waitingFiles('a.wav')
    expect(linesOf(await run('queue', 'cancel', '--all', '--json'))).toEqual([{ type: 'moved', jobs: 1 }])
  })

  it('run works until it is empty, and says so when it is', async () => {
    const here = await waitingFiles('a.wav', 'b.wav')
    await here.run('queue', 'resume')
    const { status, out } = await here.run('queue', 'run')
    const there = ['a.flac', 'b.flac'].map((name) => existsSync(join(here.folder, name)))
    expect([status, out.includes('2 done'), there, (await here.run('queue', 'run')).out]).toEqual([
      0,
      true,
      [true, true],
      'The queue is empty.\n',
    ])
  })

  it('resolve settles a name that is taken', async () => {
    const here = await cli()
    await writeTone(join(here.folder, 'a.wav'), 0.1)
    await writeFile(join(here.folder, 'a.flac'), 'mine')
    await here.run('settings', 'set', 'ifExists', 'ask')
    const asked = await here.run('convert', 'a.wav', '--to', 'flac', '--json')
    await here.run('queue', 'resolve', '1', '--as', 'number')
    const { status } = await here.run('queue', 'run')
    expect([asked.status, linesOf(asked).at(-1), status, await readFile(join(here.folder, 'a.flac'), 'utf8')]).toEqual([
      3,
      { type: 'summary', done: 0, skipped: 0, failed: 0, waiting: 1 },
      0,
      'mine',
    ])
    expect(existsSync(join(here.folder, 'a (2).flac'))).toBe(true)
  })
})
