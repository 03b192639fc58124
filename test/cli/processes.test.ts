import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addressesOf, handshake } from '../../src/main/api/carriers/address.ts'
import { cliProcess, linesOf, type Cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** By default long enough that it is still running when the next process comes. */
async function longTones(folder: string, count: number, seconds = 500): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `long ${index}.wav`)
  for (const name of names) await writeTone(join(folder, name), seconds)
  return names
}

const converting = '"step":"submit"'

async function queued({ run }: Cli): Promise<readonly unknown[]> {
  const lines = linesOf(await run('queue', '--json'))
  return lines.filter(({ type }) => type === 'job').map(({ phase }) => phase)
}

async function leftovers(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.endsWith('.wav')).toSorted()
}

describe('Ctrl-C', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops cleanly: what is left is in the queue, no half file is left, and it goes on later',
    async (signal) => {
      const here = await cliProcess()
      const names = await longTones(here.folder, 2, 300)
      const started = here.start('convert', ...names, '--to', 'opus', '--json')
      await started.says(converting)
      started.process.kill(signal)
      const ended = await started.ended
      expect([ended.status, linesOf(ended).at(-1), await leftovers(here.folder)]).toEqual([
        130,
        { type: 'summary', done: 0, skipped: 0, failed: 0, waiting: 0 },
        [],
      ])
      expect(ended.err).toContain('2 files left in the queue')
      expect(await queued(here)).toEqual(['queued', 'queued'])
      const { status } = await here.run('queue', 'run')
      expect([status, await leftovers(here.folder)]).toEqual([0, ['long 0.opus', 'long 1.opus']])
    },
  )

  it('ends the reading of names, too', async () => {
    const here = await cliProcess()
    await writeTone(join(here.folder, 'a.wav'), 0.1)
    const started = here.start('convert', '-', '--to', 'flac', '--json')
    started.process.stdin?.write('a.wav\n')
    await started.says('"phase":"done"')
    started.process.kill('SIGINT')
    const { status, out } = await started.ended
    expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([130, expect.stringContaining('"done":1')])
  })
})

describe('a second process', () => {
  it('works on the queue of the first, and both end with their own', async () => {
    const here = await cliProcess()
    const [long = ''] = await longTones(here.folder, 1)
    await writeTone(join(here.folder, 'short.wav'), 0.1)
    const first = here.start('convert', long, '--to', 'opus', '--json')
    await first.says(converting)
    const second = await here.run('convert', 'short.wav', '--to', 'flac', '--json')
    const ended = await first.ended
    const sources = (end: typeof ended) =>
      [...new Set(linesOf(end).map(({ source }) => source))].filter((source) => source !== undefined)
    expect([second.status, sources(second), ended.status, sources(ended)]).toEqual([
      0,
      [join(here.folder, 'short.wav')],
      0,
      [join(here.folder, long)],
    ])
  })

  it('joins what the first already has in the queue', async () => {
    const here = await cliProcess()
    const [long = ''] = await longTones(here.folder, 1)
    const first = here.start('convert', long, '--to', 'opus', '--json')
    await first.says(converting)
    const second = await here.run('convert', long, '--to', 'opus', '--json')
    expect([(await first.ended).status, linesOf(second).at(-1), await leftovers(here.folder)]).toEqual([
      0,
      { type: 'summary', done: 1, skipped: 0, failed: 0, waiting: 0 },
      ['long 0.opus'],
    ])
  })

  it('sees and cancels what the first works at', async () => {
    const here = await cliProcess()
    const [long = ''] = await longTones(here.folder, 1, 1500)
    const first = here.start('convert', long, '--to', 'opus', '--json')
    await first.says(converting)
    const seen = await queued(here)
    const { out } = await here.run('queue', 'cancel', '1')
    const ended = await first.ended
    expect([seen, out, ended.status, linesOf(ended).at(-1), await leftovers(here.folder)]).toEqual([
      ['running'],
      '1 job cancelled.\n',
      1,
      { type: 'summary', done: 0, skipped: 0, failed: 1, waiting: 0 },
      [],
    ])
  })

  it('is told of what another one cancelled, and not that it failed', async () => {
    const here = await cliProcess()
    const [long = ''] = await longTones(here.folder, 1, 1500)
    const first = here.start('convert', long, '--to', 'opus')
    await expect.poll(async () => await queued(here)).toEqual(['running'])
    await here.run('queue', 'cancel', '1')
    const { status, out } = await first.ended
    expect([status, out]).toEqual([1, expect.stringContaining('0 done, 1 cancelled in')])
  })

  it('takes over when the first is killed, and finishes its own and what was left', async () => {
    const here = await cliProcess()
    const [one = '', other = ''] = await longTones(here.folder, 2)
    const first = here.start('convert', one, '--to', 'opus', '--json')
    await first.says(converting)
    const second = here.start('convert', other, '--to', 'opus', '--json')
    await second.says(converting)
    first.process.kill('SIGKILL')
    const ended = await second.ended
    expect([ended.status, linesOf(ended).at(-1)]).toEqual([0, { type: 'summary', done: 1, skipped: 0, failed: 0, waiting: 0 }])
    await here.run('queue', 'run')
    expect(await leftovers(here.folder)).toEqual(['long 0.opus', 'long 1.opus'])
  })

  it('says on being interrupted that the first goes on with its files', async () => {
    const here = await cliProcess()
    const [one = '', other = ''] = await longTones(here.folder, 2)
    const first = here.start('convert', one, '--to', 'opus', '--json')
    await first.says(converting)
    const second = here.start('convert', other, '--to', 'opus', '--json')
    await second.says(converting)
    second.process.kill('SIGINT')
    const { status, err } = await second.ended
    first.process.kill('SIGINT')
    await first.ended
    expect([status, err]).toEqual([
      130,
      expect.stringContaining('continues with 1 file. To stop that: `beside queue cancel --batch 2`.'),
    ])
  })
})

describe('--detach', () => {
  it('answers at once with the batch; one process in the background converts it and goes', async () => {
    const here = await cliProcess()
    await writeTone(join(here.folder, 'a.wav'), 0.1)
    const ended = await here.run('convert', 'a.wav', '--to', 'flac', '--detach', '--json')
    expect([ended.status, linesOf(ended)]).toEqual([
      0,
      [
        { type: 'queued', batch: 1, jobs: 1 },
        { type: 'summary', done: 0, skipped: 0, failed: 0, waiting: 0 },
      ],
    ])
    // Joins what is left, and holds the queue itself where the other has ended.
    await here.run('queue', 'run')
    expect(existsSync(join(here.folder, 'a.flac'))).toBe(true)
    while ((await handshake(addressesOf(here.home, 'worker')))?.destroy() !== undefined)
      await new Promise((resolve) => setImmediate(resolve))
  })
})
