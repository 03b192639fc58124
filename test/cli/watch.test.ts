import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf, type Cli, type Ended } from '../support/cli.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

interface Scene extends Cli {
  readonly drop: string
  /** A command of `beside watch` that must end well; its lines. */
  watch(...args: readonly string[]): Promise<ReturnType<typeof linesOf>>
}

async function scene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const here = await cli(env)
  const drop = join(here.folder, 'drop')
  await mkdir(drop)
  const watch = async (...args: readonly string[]) => {
    const ended = await here.run('watch', ...args, '--json')
    expect({ args, status: ended.status, err: ended.err }).toEqual({ args, status: 0, err: '' })
    return linesOf(ended)
  }
  return { ...here, drop, watch }
}

async function stopped(started: { readonly process: { kill(signal: 'SIGTERM'): boolean }; readonly ended: Promise<Ended> }) {
  started.process.kill('SIGTERM')
  return await started.ended
}

describe('beside watch', () => {
  it('adds a folder with its whole rule, changes what is said and keeps the rest, and forgets it without touching its files', async () => {
    const { watch, drop, folder } = await scene()
    const out = join(folder, 'results')
    const [added] = await watch(
      'add', 'drop', '--to', 'mp3', '--to', 'flac', '--set', 'channels=1', '--recursive', '--include', '*.wav', '--exclude', 'draft*',
      '--kind', 'audio', '--larger', '1k', '--smaller', '2G', '--older', '10s', '--newer', '7d', '--out', 'results', '--name', '{name}-{date}',
      '--if-exists', 'skip', '--afterwards', 'archive', '--when-changed', 'keep', '--hold', '5min', '--hours', 'mon-fri 22:00-06:00', '--polling',
    ) // prettier-ignore
    const options = { channels: 1 }
    const rule = {
      path: drop,
      recursive: true,
      include: ['*.wav'],
      exclude: ['draft*'],
      kinds: ['audio'],
      size: { minBytes: 1000, maxBytes: 2e9 },
      age: { minMs: 10_000, maxMs: 604_800_000 },
      outputs: [
        { target: 'mp3', preset: null, options },
        { target: 'flac', preset: null, options },
      ],
      with: 'auto',
      localOnly: false,
      spend: null,
      out,
      nameTemplate: '{name}-{date}',
      ifExists: 'skip',
      keepDates: null,
      afterwards: 'archive',
      whenChanged: 'keep',
      holdMs: 300_000,
      schedule: [{ days: [1, 2, 3, 4, 5], fromMinute: 1320, toMinute: 360 }],
      seeing: 'polling',
    }
    expect(added).toMatchObject({ type: 'folder', id: 1, on: true, version: 1, health: { state: 'unwatched' } })
    expect(added?.['rule']).toEqual(rule)
    const [changed] = await watch('change', 'drop', '--to', 'opus', '--no-recursive', '--out', '', '--old-files', 'again')
    const later = { ...rule, recursive: false, out: null, outputs: [{ target: 'opus', preset: null, options: {} }] }
    expect([changed?.['version'], changed?.['rule']]).toEqual([2, later])
    expect((await watch('off', '1'))[0]).toMatchObject({ on: false, health: { state: 'off' } })
    expect((await watch('list'))[0]).toMatchObject({ id: 1, on: false, version: 2, rule: later })
    expect((await watch('on', '1'))[0]).toMatchObject({ on: true, health: { state: 'unwatched' } })
    expect(await watch('remove', 'drop')).toEqual([{ type: 'removed', id: 1, path: drop }])
    expect([await watch('list'), await readdir(drop)]).toEqual([[], []])
  })

  it('takes back whatever was said', async () => {
    const { watch } = await scene()
    const [plain] = await watch('add', 'drop', '--to', 'mp3')
    const [said] = await watch(
      'change', '1', '--may-spend', '5', '--per', 'month', '--local-only', '--larger', '1k', '--smaller', '2G', '--older', '10s', '--newer', '7d',
      '--include', '*.wav', '--exclude', 'draft*', '--kind', 'audio', '--hours', '22:00-06:00', '--name', '{name}-{date}', '--if-exists', 'skip',
      '--afterwards', 'archive',
    ) // prettier-ignore
    const [perDay] = await watch('change', '1', '--per', 'day')
    const [back] = await watch(
      'change', '1', '--may-spend', 'none', '--no-local-only', '--larger', 'none', '--smaller', 'none', '--older', 'none', '--newer', 'none',
      '--include', '', '--exclude', '', '--kind', '', '--hours', '', '--name', '', '--if-exists', 'settings', '--afterwards', 'settings',
    ) // prettier-ignore
    expect(said?.['rule']).toMatchObject({ spend: { cap: 5, per: 'month' }, localOnly: true, ifExists: 'skip' })
    expect(perDay?.['rule']).toEqual({ ...(said?.['rule'] as object), spend: { cap: 5, per: 'day' } })
    expect(back?.['rule']).toEqual(plain?.['rule'])
  })

  it('asks what becomes of files that are there, and does as it is told', async () => {
    const { run, watch, drop } = await scene()
    await writeTone(join(drop, 'old.wav'), 0.2)
    const asked = await run('watch', 'add', 'drop', '--to', 'mp3')
    expect([asked.status, asked.err]).toEqual([
      2,
      expect.stringMatching(/contains files that the rule would convert: 1[^]*--existing convert, or --existing ignore/),
    ])
    await watch('add', 'drop', '--to', 'mp3', '--existing', 'ignore')
    const [why] = await watch('why', 'drop/old.wav')
    expect(why).toMatchObject({
      type: 'why',
      folderId: 1,
      why: { code: 'was-there' },
      words: expect.stringContaining('already there'),
    })
    expect(await watch('again', 'drop/old.wav')).toEqual([{ type: 'again', moved: 1 }])
    expect(await watch('files', '1', '--state', 'waiting')).toMatchObject([
      { type: 'sighting', path: join(drop, 'old.wav'), state: 'waiting' },
    ])
  })

  it('rehearses a rule, also one that is only tried, and nothing happens', async () => {
    const { watch, drop } = await scene()
    await writeTone(join(drop, 'new.wav'), 0.2)
    await writeFile(join(drop, 'notes.txt'), 'words')
    await watch('add', 'drop', '--to', 'mp3', '--off')
    const rehearsed = await watch('rehearse', '1', '--to', 'flac')
    expect(rehearsed).toMatchObject([
      {
        type: 'file',
        path: join(drop, 'new.wav'),
        verdict: 'convert',
        outputs: [{ path: join(drop, 'new.flac'), provider: 'local' }],
      },
      { type: 'file', path: join(drop, 'notes.txt'), verdict: 'leave' },
      { type: 'rehearsal', convert: 1, later: 0, leave: 1 },
    ])
    const [listed] = await watch('list')
    expect(listed).toMatchObject({ on: false, health: { state: 'undecided' }, rule: { outputs: [{ target: 'mp3' }] } })
    expect((await readdir(drop)).toSorted()).toEqual(['new.wav', 'notes.txt'])
  })

  it('accepts a folder whose mark is another one', async () => {
    const { watch, drop } = await scene()
    await watch('add', 'drop', '--to', 'mp3')
    await writeFile(join(drop, '.beside-folder'), 'id: 0123456789ab\n')
    expect((await watch('accept', '1'))[0]).toMatchObject({ type: 'folder', id: 1, health: { state: 'unwatched' } })
  })

  it('follows a preset that comes with Beside', async () => {
    const { watch } = await scene()
    const [added] = await watch('add', 'drop', '--preset', 'podcast')
    expect(added).toMatchObject({ rule: { outputs: [{ target: null, preset: 'podcast', options: {} }] } })
  })

  it.each([
    [['add', 'drop'], /--to FORMAT or --preset NAME/],
    [['add', 'drop', '--to', 'mp33'], /no format called “mp33”/],
    [['add', 'drop', '--to', 'mp3', '--hours', 'at night'], /hours like 22:00-06:00/],
    [['add', 'drop', '--to', 'mp3', '--hold', 'long'], /a time like 90s/],
    [['add', 'drop', '--to', 'mp3', '--larger', 'big'], /a size like 500k/],
    [['add', 'drop', '--to', 'mp3', '--may-spend', '0'], /a number above 0, or none/],
    [['add', 'drop', '--to', 'mp3', '--per', 'month'], /needs an amount[^]*--may-spend AMOUNT/],
    [['add', 'drop', '--to', 'mp3', '--may-spend', 'none', '--per', 'day'], /needs an amount[^]*--may-spend AMOUNT/],
    [['add', 'drop', '--to', 'mp3', '--larger', '2M', '--smaller', '1M'], /No file has that size/],
    [['add', 'drop', '--to', 'mp3', '--with', 'xconvert'], /no permission to spend[^]*--may-spend/],
    [['add', 'drop', '--to', 'mp3', '--with', 'xconvert', '--may-spend', '5', '--local-only'], /keeps files on this machine/],
    [['add', 'drop', '--preset', 'evening'], /no preset called “evening”/],
    [['add', 'drop', '--to', 'mp3', '--name', '{nam}'], /\{nam\}/],
    [['add', 'drop', '--to', 'mp3', '--existing', 'maybe'], /Allowed choices are convert, ignore/],
    [['change', '1', '--to', 'mp3'], /“1” is not watched[^]*beside watch list/],
    [['remove', 'drop'], /is not watched/],
    [['files', '9'], /is not watched/],
    [['again', 'drop/x.wav'], /is not known in any watched folder/],
    [['lst'], /unknown command 'lst'[^]*Did you mean list/],
  ] as const)('%j is refused with a message that helps', async (args, says) => {
    const { run } = await scene()
    const { status, out, err } = await run('watch', ...args)
    expect({ status, out, err }).toEqual({ status: 2, out: '', err: expect.stringMatching(says) })
  })
})

describe('beside watch run', () => {
  it('converts what arrives, tells of it, answers other commands meanwhile, and stops cleanly at SIGTERM', async () => {
    const { start, watch, drop, folder } = await scene()
    const running = start('watch', 'run', '--json')
    await watch('add', 'drop', '--to', 'mp3')
    await running.says('"state":"watching"')
    await writeTone(join(folder, 'take.wav'), 0.2)
    await copyFile(join(folder, 'take.wav'), join(drop, 'take.wav'))
    await running.says('"state":"done"')
    expect((await watch('why', 'drop/take.wav'))[0]).toMatchObject({
      sighting: { state: 'done', jobs: [1] },
      why: { code: 'converted' },
    })
    const { status, err } = await stopped(running)
    expect([status, err, existsSync(join(drop, 'take.mp3'))]).toEqual([0, '', true])
    expect((await watch('list'))[0]).toMatchObject({ health: { state: 'unwatched' }, counts: { done: 1, queued: 0 } })
  })

  it('says of a file that cannot be converted now that it comes later, and not that it failed', async () => {
    const { start, watch, drop, folder } = await scene()
    await writeFile(join(folder, 'results'), 'in the way')
    await watch('add', 'drop', '--to', 'mp3', '--out', 'results')
    const running = start('watch', 'run')
    await writeTone(join(drop, 'take.wav'), 0.2)
    await running.says(`not converted yet, will retry: ${join('drop', 'take.wav')}: `)
    expect((await stopped(running)).err).not.toContain('failed')
  })

  it('says when a folder has spent what it may, and when it goes on', async () => {
    const { server, variable, key } = await onlineSubjects['converter-app']()
    const { start, run, watch, drop } = await scene({ [variable]: key })
    await run('providers', 'set', 'converter-app', '--base-url', server.base)
    await watch('add', 'drop', '--to', 'mp3', '--with', 'converter-app', '--may-spend', '0.5')
    const running = start('watch', 'run')
    await writeTone(join(drop, 'take.wav'), 0.2)
    await running.says(`waiting: ${join('drop', 'take.wav')}: The folder’s spending limit has been reached`)
    expect((await stopped(running)).err).toMatch(
      /1 of 0\.5 [^.]*\. It continues when the next period begins or the limit is raised\./,
    )
  })

  it('beside another one says so, tells what that one does, and takes over when it is killed', async () => {
    const { start, watch, drop } = await scene()
    await watch('add', 'drop', '--to', 'mp3')
    const first = start('watch', 'run')
    await first.says('folder 1: drop: watching')
    const second = start('watch', 'run')
    await second.says('Another Beside is already watching')
    first.process.kill('SIGKILL')
    await first.ended
    await writeTone(join(drop, 'take.wav'), 0.2)
    await second.says(`converted: ${join('drop', 'take.wav')} → ${join('drop', 'take.mp3')}`)
    expect((await stopped(second)).status).toBe(0)
  })
})
