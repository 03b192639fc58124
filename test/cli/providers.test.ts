import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf, type Cli } from '../support/cli.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** A data folder that knows xconvert, at its scripted server, with a key from the environment. */
async function withXconvert(...setting: readonly string[]): Promise<Cli & { readonly xconvert: Xconvert }> {
  const xconvert = await onlineSubjects.xconvert()
  const here = await cli({ [xconvert.variable]: xconvert.key })
  await here.run('providers', 'set', 'xconvert', '--base-url', xconvert.server.base, ...setting)
  await xconvert.source(here.folder)
  return { ...here, xconvert }
}
type Xconvert = Awaited<ReturnType<typeof onlineSubjects.xconvert>>

const refused = (status: number, message: string) =>
  ({ kind: 'instead', reply: { status, body: { error: { message } } } }) as const

describe('beside providers', () => {
  it('lists all in the order of Automatic, and how they stand', async () => {
    const { run } = await cli({ BESIDE_KEY_CONVERSO: 'k' })
    await run('settings', 'set', 'providerOrder', 'converso,local,xconvert,converter-app,musicgpt')
    const { status, out } = await run('providers')
    expect(status).toBe(0)
    const rows = out.split('\n').slice(1, 6)
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual([
      ['converso', 'Converso', 'ready, has a key'],
      ['local', 'This machine', 'ready'],
      ['xconvert', 'xconvert', 'xconvert needs an API key.'],
      ['converter-app', 'Converter App', 'Converter App needs an API key.'],
      ['musicgpt', 'MusicGPT', 'MusicGPT needs an API key.'],
    ])
  })

  it('keeps a key from standard input in a file that is private, tells only that there is one, and forgets it', async () => {
    const { home, feed, run } = await cli()
    const set = await feed('  a-secret-of-mine\n', 'providers', 'set', 'musicgpt', '--key-stdin', '--json')
    const path = join(home, 'keys.json')
    const kept = [(await stat(path)).mode & 0o777, JSON.parse(await readFile(path, 'utf8'))]
    const forgotten = await run('providers', 'forget', 'musicgpt', '--json')
    expect([set.status, linesOf(set)[0], kept]).toEqual([
      0,
      expect.objectContaining({ type: 'provider', id: 'musicgpt', hasKey: true, unready: null }),
      [0o600, { musicgpt: 'a-secret-of-mine' }],
    ])
    expect(set.out + set.err).not.toContain('a-secret-of-mine')
    expect([linesOf(forgotten)[0]?.['hasKey'], await readFile(path, 'utf8')]).toEqual([false, '{}\n'])
  })

  it('takes no key from the command line, and no empty one', async () => {
    const { feed, run } = await cli()
    const named = await run('providers', 'set', 'musicgpt', '--key', 'k')
    const empty = await feed(' \n', 'providers', 'set', 'musicgpt', '--key-stdin')
    expect([named.status, empty.status, empty.err]).toEqual([2, 2, expect.stringContaining('no key on standard input')])
  })

  it('sets caps, plan, address and switch, each alone', async () => {
    const { run } = await cli()
    await run('providers', 'set', 'musicgpt', '--cap-day', '50', '--cap-job', '2.5')
    await run('providers', 'set', 'musicgpt', '--cap-job', 'none', '--plan', 'plus', '--disable')
    const [line] = linesOf(await run('providers', 'set', 'musicgpt', '--base-url', 'http://127.0.0.1:9/api', '--json'))
    expect(line).toMatchObject({
      caps: { job: null, batch: null, day: 50, month: null },
      plan: 'plus',
      enabled: false,
      baseUrl: 'http://127.0.0.1:9/api',
      unready: { code: 'provider-disabled' },
    })
  })

  it('says of a cap that it cannot be kept, or only so far, where the price is not told before', async () => {
    const { run } = await cli()
    const never = await run('providers', 'set', 'xconvert', '--cap-day', '5')
    const late = await run('providers', 'set', 'musicgpt', '--cap-day', '5')
    const before = await run('providers', 'set', 'converter-app', '--cap-day', '5')
    const gone = await run('providers', 'set', 'xconvert', '--cap-day', 'none')
    await run('providers', 'set', 'converso', '--cap-job', '2')
    const { out } = await run('providers')
    expect([never.err, late.err, before.err, gone.err]).toEqual([
      expect.stringContaining('a limit cannot be enforced'),
      expect.stringContaining('limits go by the last price'),
      '',
      '',
    ])
    expect(out).toContain('2 per job (price unknown: each needs approval)')
  })

  it('takes the name of a place where the service is for its address', async () => {
    const { run } = await cli()
    const [named] = linesOf(await run('providers', 'set', 'xconvert', '--base-url', 'staging', '--json'))
    const [own] = linesOf(await run('providers', 'set', 'xconvert', '--base-url', '', '--json'))
    expect([named, own]).toMatchObject([{ baseUrl: 'https://api.staging.xconvert.com' }, { baseUrl: '' }])
    const { status, err } = await run('providers', 'set', 'musicgpt', '--base-url', 'staging')
    expect([status, err]).toEqual([2, expect.stringContaining('https://')])
  })

  it.each([
    ['http://example.org', 'an address without encryption'],
    ['https://me:secret@example.org', 'an address with a password'],
    ['nonsense', 'what is no address'],
  ])('refuses %s: %s', async (address) => {
    const { run } = await cli()
    const { status, err } = await run('providers', 'set', 'xconvert', '--base-url', address)
    expect([status, err]).toEqual([2, expect.stringContaining('https://')])
  })

  it('refuses a provider that is not there, and caps that are no amounts', async () => {
    const { run } = await cli()
    const unknown = await run('providers', 'check', 'acme')
    const negative = await run('providers', 'set', 'xconvert', '--cap-day', '-1')
    expect([unknown.status, negative.status]).toEqual([2, 2])
  })

  it('check says what is left, or why the key does not work', async () => {
    const { run, xconvert } = await withXconvert()
    const works = await run('providers', 'check', 'xconvert')
    xconvert.server.misbehave('account', refused(401, 'bad key'))
    const fails = await run('providers', 'check', 'xconvert')
    const without = await run('providers', 'check', 'converso')
    expect([works.status, works.out]).toEqual([0, 'xconvert · ready, has a key · 41.5 credits, pro\n'])
    expect([fails.status, fails.err]).toEqual([1, expect.stringContaining('xconvert rejected the API key: bad key')])
    expect([without.status, without.err]).toEqual([1, expect.stringContaining('needs an API key')])
  })

  it('jobs lists what the account holds, by its own words', async () => {
    const { run } = await withXconvert()
    const none = await run('providers', 'jobs', 'xconvert')
    await run('convert', 'song.wav', '--to', 'mp3', '--with', 'xconvert')
    const some = await run('providers', 'jobs', 'xconvert', '--status', 'complete', '--limit', '5', '--json')
    const other = await run('providers', 'jobs', 'converso')
    expect([none.out, linesOf(some)]).toEqual([
      'No jobs.\n',
      [{ type: 'remote-job', provider: 'xconvert', id: 'job-1', status: 'complete' }],
    ])
    expect([other.status, other.err]).toEqual([1, expect.stringContaining('Converso does not list its jobs')])
  })

  it('webhook registers an address once, shows its secret once, and keeps it with the keys until the key is forgotten', async () => {
    const { run, home, xconvert } = await withXconvert()
    const added = await run('providers', 'webhook', 'xconvert', 'https://example.org/hook')
    const open = await run('providers', 'webhook', 'xconvert', 'http://example.org/hook')
    const other = await run('providers', 'webhook', 'musicgpt', 'https://example.org/hook')
    const path = join(home, 'keys.json')
    const kept = [(await stat(path)).mode & 0o777, JSON.parse(await readFile(path, 'utf8'))]
    expect([added.status, added.out, added.err]).toEqual([0, 'whsec_once\n', expect.stringContaining('will not be shown again')])
    expect([kept, xconvert.server.asked('webhook').length]).toEqual([[0o600, { 'xconvert webhook': 'whsec_once' }], 1])
    expect([open.status, other.status, other.err]).toEqual([2, 1, expect.stringContaining('with each job')])
    const listed = await run('providers', '--json')
    expect(listed.out).not.toContain('whsec_once')
    expect(await readFile(join(home, 'logs', 'beside.log'), 'utf8').catch(() => '')).not.toContain('whsec_once')
    await run('providers', 'forget', 'xconvert')
    expect(await readFile(path, 'utf8')).toBe('{}\n')
  })
})

describe('beside formats --with', () => {
  it('tells what an online provider takes, from its live catalogue where it has one', async () => {
    const subject = await onlineSubjects['converter-app']()
    subject.server.ownPairs = {
      supported_pairs: [
        { from: 'wav', to: 'mp3' },
        { from: 'png', to: 'jpg' },
      ],
    }
    const here = await cli({ [subject.variable]: subject.key })
    await here.run('providers', 'set', 'converter-app', '--base-url', subject.server.base)
    const lines = linesOf(await here.run('formats', '--with', 'converter-app', '--json'))
    const without = await here.run('formats', '--with', 'musicgpt')
    expect(lines.map(({ from, to, provider }) => [from, to, provider])).toEqual([
      ['wav', 'mp3', 'converter-app'],
      ['png', 'jpeg', 'converter-app'],
    ])
    expect([without.status, without.err]).toEqual([1, expect.stringContaining('needs an API key')])
  })

  it('tells a service that cannot be reached from one that has nothing, and completes what only a catalogue has', async () => {
    const subject = await onlineSubjects['converter-app']()
    const here = await cli({ [subject.variable]: subject.key })
    await here.run('providers', 'set', 'converter-app', '--base-url', 'http://127.0.0.1:1')
    const gone = await here.run('formats', 'docx', '--with', 'converter-app')
    await here.run('providers', 'set', 'converter-app', '--base-url', subject.server.base)
    const there = await here.run('formats', 'docx', '--with', 'converter-app')
    const nothing = await here.run('formats', 'ttf', '--with', 'converter-app')
    await subject.server.stop()
    const completed = await here.run('complete', '--', 'convert', 'x', '--to', 'qq')
    expect([gone.status, gone.out, gone.err]).toEqual([1, '', expect.stringContaining('Converter App')])
    expect([there.out, nothing.out]).toEqual([
      expect.stringMatching(/^docx → .*qqq/),
      'Converter App converts no TrueType files.\n',
    ])
    expect(completed.out).toBe('qqq\tQQQ (other)\n')
  })
})

describe('beside convert --with', () => {
  it('ends with 0 when it is done, and tells who did it', async () => {
    const { run, folder, xconvert } = await withXconvert()
    const ended = await run('convert', 'song.wav', '--to', 'mp3', '--with', 'xconvert', '--json')
    const done = linesOf(ended).findLast(({ type }) => type === 'job')
    expect([ended.status, done]).toEqual([0, expect.objectContaining({ provider: 'xconvert', phase: 'done', failure: null })])
    expect((await readFile(join(folder, 'song.mp3'))).equals(xconvert.server.made())).toBe(true)
  })

  it('ends with 1 when it failed, and says why and what to do', async () => {
    const { run, xconvert } = await withXconvert()
    xconvert.server.misbehave('submit', refused(402, 'nothing left'))
    const ended = await run('convert', 'song.wav', '--to', 'mp3', '--with', 'xconvert', '--json')
    expect([ended.status, linesOf(ended).findLast(({ type }) => type === 'job')]).toEqual([
      1,
      expect.objectContaining({
        failure: {
          code: 'out-of-credit',
          message: 'Your credit at xconvert is used up: nothing left.',
          action: 'Add credit there, then check it, or use another provider.',
        },
      }),
    ])
  })

  it('ends with 3 where it would cost money that nobody has said yes to; approve goes on', async () => {
    const { run, xconvert } = await withXconvert()
    await run('settings', 'set', 'providerOrder', 'xconvert,local')
    const asked = await run('convert', 'song.wav', '--to', 'mp3')
    const before = xconvert.server.jobs.length
    const approved = await run('queue', 'approve', '1')
    const ended = await run('queue', 'run')
    expect([asked.status, asked.out + asked.err, before]).toEqual([3, expect.stringContaining('costs money'), 0])
    expect([approved.status, ended.status, xconvert.server.jobs.length]).toEqual([0, 0, 1])
  })

  it('ends with 3 where nobody knows whether it was taken; resolve decides', async () => {
    const subject = await onlineSubjects['converter-app']()
    const here = await cli({ [subject.variable]: subject.key })
    await here.run('providers', 'set', 'converter-app', '--base-url', subject.server.base)
    await subject.source(here.folder)
    subject.server.misbehave('submit', { kind: 'reset', when: 'after' })
    const lost = await here.run('convert', 'song.wav', '--to', 'mp3', '--with', 'converter-app')
    const again = await here.run('convert', 'song.wav', '--to', 'mp3', '--with', 'converter-app')
    const resolved = await here.run('queue', 'resolve', '1', '--as', 'again')
    const ended = await here.run('queue', 'run')
    expect([lost.status, lost.out + lost.err, again.status]).toEqual([
      3,
      expect.stringContaining('response from Converter App was lost'),
      3,
    ])
    expect([resolved.status, ended.status, subject.server.asked('submit').length]).toEqual([0, 0, 2])
  })

  it('with --local-only sends nothing away, and refuses to be contradicted', async () => {
    const { run, folder, xconvert } = await withXconvert()
    await run('settings', 'set', 'providerOrder', 'xconvert,local')
    await writeTone(join(folder, 'a.wav'), 0.1)
    const here = await run('convert', 'a.wav', '--to', 'mp3', '--local-only')
    const there = await run('convert', 'song.wav', '--to', 'mp3', '--local-only', '--with', 'xconvert')
    expect([here.status, there.status, there.err + there.out]).toEqual([0, 1, expect.stringContaining('privacy rule')])
    expect(xconvert.server.seen).toEqual([])
  })

  it('says what it will not take before anything is sent: an option, an address', async () => {
    const { run, xconvert } = await withXconvert()
    const ends = [
      await run('convert', 'song.wav', '--to', 'mp3', '--with', 'xconvert', '--set', 'normalize=yes'),
      await run('convert', 'https://example.org/a.wav', '--to', 'mp3', '--with', 'xconvert'),
    ]
    expect(ends.map(({ status }) => status)).toEqual([1, 1])
    expect(ends.map(({ out, err }) => /option normalize|web address/.exec(out + err)?.[0])).toEqual([
      'option normalize',
      'web address',
    ])
    expect(xconvert.server.seen).toEqual([])
  })
})
