import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

async function waitingFiles(...names: readonly string[]) {
  const here = await cli()
  for (const name of names) await writeTone(join(here.folder, name), 0.1)
  await here.run('queue', 'pause')
  await here.run('convert', ...names, '--to', 'mp3')
  const jobs = async () =>
    linesOf(await here.run('queue', '--json')).flatMap(({ type, id, target }) => (type === 'job' ? [[id, target]] : []))
  return { ...here, jobs }
}

describe('beside queue change', () => {
  it('changes some jobs and leaves the others', async () => {
    const { run, jobs } = await waitingFiles('a.wav', 'b.wav', 'c.wav')
    const rehearsed = await run('queue', 'change', '1', '3', '--to', 'flac', '--set', 'bitDepth=16', '--dry-run')
    const before = await jobs()
    const changed = await run('queue', 'change', '1', '3', '--to', 'flac', '--set', 'bitDepth=16', '--priority', 'high')
    expect([rehearsed.out, before, changed.out, changed.status, await jobs()]).toEqual([
      '2 jobs would be changed.\n',
      [1, 2, 3].map((id) => [id, 'mp3']),
      '2 jobs changed.\n',
      0,
      [
        [1, 'flac'],
        [3, 'flac'],
        [2, 'mp3'],
      ],
    ])
  })

  it('says which stay as they were, and why', async () => {
    const { run, jobs } = await waitingFiles('a.wav', 'b.wav')
    await run('queue', 'change', '2', '--set', 'bitrate=128k')
    const some = await run('queue', 'change', '--all', '--to', 'flac')
    const freed = await run('queue', 'change', '--all', '--to', 'flac', '--unset', 'bitrate')
    const none = await run('queue', 'change', '1', '--to', 'png')
    expect([some.status, some.out, some.err, freed.out, await jobs()]).toEqual([
      0,
      '1 job changed.\n',
      expect.stringMatching(/^1 job \(2\) unchanged: .*bitrate/),
      '1 job changed. 1 job already like that.\n',
      [
        [1, 'flac'],
        [2, 'flac'],
      ],
    ])
    expect([none.status, none.err]).toEqual([expect.any(Number), expect.stringContaining('PNG')])
    expect(none.status).not.toBe(0)
  })

  it('answers with JSON when asked to', async () => {
    const { run } = await waitingFiles('a.wav')
    expect(linesOf(await run('queue', 'change', '1', '99', '--to', 'flac', '--json'))).toEqual([
      {
        type: 'changed',
        changed: 1,
        same: 0,
        refused: 1,
        reasons: [{ jobs: 1, ids: [99], failure: expect.objectContaining({ code: 'not-found' }) }],
        dryRun: false,
      },
    ])
  })

  it('wants to know which jobs, and what', async () => {
    const { run } = await waitingFiles('a.wav')
    const nothing = await run('queue', 'change', '1')
    const nobody = await run('queue', 'change', '--to', 'flac')
    const slip = await run('queue', 'change', '1', '--unset', 'bitrat')
    expect([nothing.status, nothing.err, nobody.status, slip.status, slip.err]).toEqual([
      2,
      expect.stringContaining('--to'),
      2,
      2,
      expect.stringContaining('bitrate'),
    ])
  })
})
