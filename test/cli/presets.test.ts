import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

describe('beside presets', () => {
  it('keeps them, shows them, removes them', async () => {
    const { run } = await cli()
    await run('presets', 'save', 'podcast', '--to', 'mp3', '--set', 'bitrate=128k', '--set', 'channels=1')
    const listed = linesOf(await run('presets', '--json'))
    const { out } = await run('presets', 'show', 'podcast')
    await run('presets', 'remove', 'podcast')
    expect([listed, out.split('\n').slice(0, 4), (await run('presets')).out]).toEqual([
      [{ type: 'preset', name: 'podcast', target: 'mp3', options: { bitrate: 128, channels: 1 } }],
      ['name      podcast', 'to        mp3 (MP3)', 'bitrate   128', 'channels  1'],
      expect.stringContaining('There are no presets yet'),
    ])
  })

  it('go to another Beside through a file', async () => {
    const [one, other] = [await cli(), await cli()]
    await one.run('presets', 'save', 'a', '--to', 'webp', '--set', 'width=800')
    await one.run('presets', 'save', 'b', '--to', 'opus')
    const { out } = await one.run('presets', 'export')
    const { status } = await other.feed(out, 'presets', 'import', '-')
    expect([status, (await other.run('presets', 'export')).out]).toEqual([0, out])
  })

  it('are all refused when one of a file is wrong', async () => {
    const { folder, run } = await cli()
    const good = { name: 'good', target: 'mp3', options: {} }
    await writeFile(join(folder, 'some.json'), JSON.stringify({ besidePresets: 1, presets: [good, { ...good, target: 'mp33' }] }))
    const { status, err } = await run('presets', 'import', 'some.json')
    expect([status, err, linesOf(await run('presets', '--json'))]).toEqual([
      2,
      expect.stringContaining('presets.1.target: not a format that Beside knows'),
      [],
    ])
  })

  it('says which one was meant', async () => {
    const { run } = await cli()
    await run('presets', 'save', 'podcast', '--to', 'mp3')
    const { status, err } = await run('presets', 'remove', 'podcsat')
    expect([status, err]).toEqual([2, expect.stringContaining('Did you mean podcast?')])
  })
})

describe('beside settings', () => {
  it('reads and changes them', async () => {
    const { folder, run } = await cli()
    const answers = [
      await run('settings', 'set', 'keep-dates', 'no'),
      await run('settings', 'set', 'diskReserveBytes', '1000'),
      await run('settings', 'set', 'providerOrder', 'musicgpt,local'),
      await run('settings', 'set', 'downloadFolder', 'here'),
    ].map(({ out }) => out)
    expect(answers).toEqual([
      'keepDates is now no.\n',
      'diskReserveBytes is now 1000.\n',
      'providerOrder is now musicgpt,local.\n',
      `downloadFolder is now ${join(folder, 'here')}.\n`,
    ])
    expect((await run('settings', 'get', 'keepDates')).out).toBe('no\n')
    expect(linesOf(await run('settings', '--json'))).toEqual([
      expect.objectContaining({ keepDates: false, diskReserveBytes: 1000 }),
    ])
  })
})
