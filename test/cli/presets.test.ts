import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

describe('beside presets', () => {
  it('keeps them, shows them, removes them', async () => {
    const { run } = await cli()
    await run('presets', 'save', 'evening', '--to', 'mp3', '--set', 'bitrate=128k', '--set', 'channels=1')
    const listed = linesOf(await run('presets', '--json'))
    const { out } = await run('presets', 'show', 'evening')
    await run('presets', 'remove', 'evening')
    expect([listed[0], out.split('\n').slice(0, 4), (await run('presets')).out]).toEqual([
      { type: 'preset', name: 'evening', target: 'mp3', options: { bitrate: 128, channels: 1 }, group: 'own' },
      ['name      evening', 'to        mp3 (MP3)', 'bitrate   128', 'channels  1'],
      expect.stringContaining('None of your own yet'),
    ])
  })

  it('lists its own first, then those that come with Beside by purpose, with what each does', async () => {
    const { run } = await cli()
    await run('presets', 'save', 'evening', '--to', 'opus', '--set', 'bitrate=64')
    const lines = (await run('presets')).out.split('\n').map((line) => line.split(/ {2,}/))
    const groups = lines.slice(1).map(([group = '']) => group)
    expect([lines[1], lines[2], [...new Set(groups)]]).toEqual([
      ['own', 'evening', 'opus', 'bitrate=64'],
      ['audio', 'podcast', 'mp3', 'MP3, mono, 96 kbit/s, loudness −16 LUFS.'],
      ['own', 'audio', 'video', 'images', ''],
    ])
    expect((await run('presets', 'show', 'web')).out).toMatch(
      /^name +web\ndoes +WebM with VP9[^\n]*\nto +webm \(WebM\)\nvideoCodec +vp9\n/,
    )
    expect(linesOf(await run('presets', 'show', 'archive', '--json'))).toEqual([
      { type: 'preset', name: 'archive', target: 'mkv', options: {}, group: 'video' },
    ])
  })

  it('that come with Beside are copied to be changed', async () => {
    const { run } = await cli()
    const { status, out } = await run('presets', 'copy', 'podcast', 'interviews', '--set', 'bitrate=128k')
    expect([status, out]).toEqual([0, 'Saved. Use it with `beside convert … --preset interviews`.\n'])
    expect(linesOf(await run('presets', '--json'))[0]).toEqual({
      type: 'preset',
      name: 'interviews',
      target: 'mp3',
      options: { bitrate: 128, channels: 1, normalize: true, loudness: -16 },
      group: 'own',
    })
  })

  it.each([
    ['save', 'podcast', '--to', 'opus'],
    ['copy', 'web', 'podcast'],
    ['remove', 'podcast'],
    ['import', 'some.json'],
  ])('that come with Beside are not changed: %s %s', async (...args) => {
    const { folder, run } = await cli()
    const presets = ['fine', 'podcast'].map((name) => ({ name, target: 'opus', options: {} }))
    await writeFile(join(folder, 'some.json'), JSON.stringify({ besidePresets: 1, presets }))
    const { status, err } = await run('presets', ...args)
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(/“podcast” comes with Beside and cannot be changed or removed[^]*Save it under another name/),
    ])
    expect(linesOf(await run('presets', '--json')).filter(({ group }) => group === 'own')).toEqual([])
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
    await writeFile(
      join(folder, 'some.json'),
      JSON.stringify({ besidePresets: 1, presets: [good, { ...good, target: 'no format' }] }),
    )
    const { status, err } = await run('presets', 'import', 'some.json')
    const own = linesOf(await run('presets', '--json')).filter(({ group }) => group === 'own')
    expect([status, err, own]).toEqual([2, expect.stringContaining('presets.1.target: not a format that Beside knows'), []])
  })

  it('says which one was meant', async () => {
    const { run } = await cli()
    await run('presets', 'save', 'evening', '--to', 'mp3')
    const { status, err } = await run('presets', 'remove', 'evenign')
    expect([status, err]).toEqual([2, expect.stringContaining('Did you mean evening?')])
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
      await run('settings', 'set', 'hours', 'mon-fri 22:00-6:00; sat,sun 0:00-24:00'),
      await run('settings', 'set', 'lanes', 'audio=2, video=1'),
      await run('settings', 'set', 'bytesPerSecond', '500k'),
    ].map(({ out }) => out)
    expect(answers).toEqual([
      'keepDates is now no.\n',
      'diskReserveBytes is now 1000.\n',
      'providerOrder is now musicgpt,local.\n',
      `downloadFolder is now ${join(folder, 'here')}.\n`,
      'hours is now mon,tue,wed,thu,fri 22:00-6:00; sun,sat 0:00-24:00.\n',
      'lanes is now audio=2,video=1.\n',
      'bytesPerSecond is now 500000.\n',
    ])
    expect((await run('settings', 'get', 'keepDates')).out).toBe('no\n')
    expect(linesOf(await run('settings', '--json'))).toEqual([
      expect.objectContaining({
        keepDates: false,
        diskReserveBytes: 1000,
        hours: [
          { days: [1, 2, 3, 4, 5], fromMinute: 1320, toMinute: 360 },
          { days: [0, 6], fromMinute: 0, toMinute: 1440 },
        ],
        lanes: { audio: 2, video: 1 },
        bytesPerSecond: 500_000,
      }),
    ])
    const undone = await Promise.all(
      [
        ['hours', ''],
        ['lanes', ''],
        ['bytesPerSecond', 'none'],
      ].map(async ([name = '', value = '']) => (await run('settings', 'set', name, value)).out),
    )
    expect(undone).toEqual(['hours is now empty.\n', 'lanes is now empty.\n', 'bytesPerSecond is now none.\n'])
  })

  it('that do not fit are refused with what they are', async () => {
    const { run } = await cli()
    for (const [name, value] of [
      ['hours', 'at night'],
      ['lanes', 'audio=0'],
      ['lanes', 'sound=2'],
      ['holdOnBattery', 'maybe'],
    ] as const) {
      const { status, err } = await run('settings', 'set', name, value)
      expect([status, err]).toEqual([2, expect.stringMatching(/is not valid for the setting (\w+)\.\n\1: /)])
    }
  })
})
