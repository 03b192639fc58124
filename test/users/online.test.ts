/** What users get from online providers, through the whole Beside and real HTTP. */
import { noteText } from '../../src/shared/describe.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, outputsOf, type Outcome } from '../support/beside.ts'
import { onlineScene, refusal, songs } from '../support/online-beside.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const endings = ({ jobs }: Outcome) => jobs.map(ended)
const providers = ({ jobs }: Outcome) =>
  jobs.map(({ provider, reason }) => `${provider}, ${reason.code === 'took-over' ? `took-over ${reason.why}` : reason.code}`)

describe('a provider chosen by name', () => {
  it.each([
    ['xconvert', []],
    ['converter-app', ['1 conversion']],
    ['musicgpt', ['0.8 credits']],
    ['converso', []],
  ] as const)('converts: %s', async (id, costs) => {
    const scene = await onlineScene(id)
    const subject = scene[id]
    const outcome = await scene.convert([await subject.source(scene.media)], 'mp3', { with: id })
    const [job] = outcome.jobs
    const output = join(scene.media, subject.output)
    expect([endings(outcome), providers(outcome)]).toEqual([['done'], [`${id}, chosen`]])
    expect((await readFile(output)).equals(subject.server.made())).toBe(true)
    expect(job === undefined ? [] : outputsOf(job)).toEqual([output])
    const notes = job?.state.phase === 'done' ? job.state.notes.filter(({ what }) => what === 'cost') : []
    expect(notes.map((note) => noteText(note))).toEqual(costs)
    expect(subject.server.jobs.length).toBe(1)
  })

  it('is told one name for all calls of a run, and other origins none: xconvert', async () => {
    const scene = await onlineScene('xconvert')
    await scene.convert(await songs(scene, 1), 'mp3', { with: 'xconvert' })
    const named = (origin: 'own' | 'foreign') =>
      new Set(scene.xconvert.server.seen.filter((seen) => seen.origin === origin).map(({ headers }) => headers['x-request-id']))
    expect([[...named('own')], [...named('foreign')]]).toEqual([[expect.stringMatching(/^[0-9a-f-]{36}$/)], [undefined]])
  })

  it('without a key, or switched off, is refused before anything is queued', async () => {
    const scene = await onlineScene('xconvert')
    const [song = ''] = await songs(scene, 1)
    const without = await scene.convert([song], 'mp3', { with: 'converter-app' })
    await scene.engine.providers.set({ id: 'xconvert', enabled: false })
    const off = await scene.convert([song], 'mp3', { with: 'xconvert' })
    expect([...without.refused, ...off.refused].map(({ why }) => why.code)).toEqual(['key-missing', 'provider-disabled'])
    expect([scene['converter-app'].server.seen.length, scene.xconvert.server.seen.length]).toEqual([0, 0])
  })

  it('that takes no files says so, and one that takes no addresses, too', async () => {
    const scene = await onlineScene('converso', 'xconvert')
    const [song = ''] = await songs(scene, 1)
    const file = await scene.convert([song], 'mp3', { with: 'converso' })
    const address = await scene.convert(['https://example.org/a.wav'], 'mp3', { with: 'xconvert' })
    expect([...file.refused, ...address.refused].map(({ why }) => why.code)).toEqual(['source-not-public', 'source-not-local'])
  })

  it.each([
    ['musicgpt', 'https://api.musicgpt.test'],
    ['converso', 'https://converso.test/audio-extract'],
  ] as const)('that cannot reach an address says so before anything is queued: %s', async (id, baseUrl) => {
    const scene = await onlineScene(id)
    await scene.engine.providers.set({ id, baseUrl })
    const addresses = ['http://192.168.1.4/a.wav', 'https://me:secret@example.org/a.wav', 'http://nas/a.wav']
    const named = await scene.convert(addresses, 'mp3', { with: id })
    const automatic = await scene.convert(addresses, 'mp3', { with: 'auto' })
    expect(named.refused.map(({ why }) => `${why.code}: ${'because' in why.facts ? why.facts.because : ''}`)).toEqual([
      'source-not-public: address-private',
      'source-not-public: address-with-password',
      'source-not-public: address-private',
    ])
    expect(automatic.refused.map(({ why }) => why.code)).toEqual(addresses.map(() => 'source-not-public'))
    expect([...named.jobs, ...automatic.jobs]).toEqual([])
  })

  it('never hands a job over to another one', async () => {
    const scene = await onlineScene('xconvert', 'converter-app')
    scene.xconvert.server.misbehave('submit', refusal(402, 'no credit'))
    const outcome = await scene.convert(await songs(scene, 1), 'mp3', { with: 'xconvert' })
    expect([endings(outcome), scene['converter-app'].server.jobs.length]).toEqual([['failed: out-of-credit'], 0])
  })
})

describe('Automatic', () => {
  it('asks before it spends where no cap was set, and goes on with a yes', async () => {
    const scene = await onlineScene('xconvert', 'local')
    const outcome = await scene.convert(await songs(scene, 1), 'mp3')
    const waiting = [endings(outcome), scene.xconvert.server.asked('create').length]
    await scene.engine.approve({ kind: 'batch', batchId: outcome.batchId })
    const jobs = await scene.settled(outcome.batchId)
    expect([waiting, jobs.map(ended)]).toEqual([[['waiting: approval-needed'], 0], ['done']])
  })

  it('hands over from one whose credit is used up, says why, and leaves it alone until it is checked', async () => {
    const scene = await onlineScene('xconvert', 'converter-app')
    await scene.setCaps('converter-app', { day: 100 })
    scene.xconvert.server.misbehave('submit', refusal(402, 'no credit'))
    const [first = '', second = ''] = await songs(scene, 2)
    const one = await scene.agreed([first], 'mp3')
    const two = await scene.convert([second], 'mp3')
    expect([endings(one), providers(one), endings(two), providers(two)]).toEqual([
      ['done'],
      ['converter-app, took-over out-of-credit'],
      ['done'],
      ['converter-app, first-able'],
    ])
    const before = (await scene.status('xconvert')).unready?.code
    const after = (await scene.engine.providers.check('xconvert')).unready
    expect([before, after, scene.xconvert.server.asked('submit').length]).toEqual(['out-of-credit', null, 1])
  })

  it('comes back to this machine where the one online is out of order', async () => {
    const scene = await onlineScene('xconvert', 'local')
    scene.xconvert.server.misbehave('create', refusal(503, 'down for repairs'), 9)
    const outcome = await scene.agreed(await songs(scene, 1), 'mp3')
    expect([endings(outcome), providers(outcome)]).toEqual([['done'], ['local, took-over provider-down']])
  })

  it('hands over from one that has had no room for long, though it tells of another job all the while', async () => {
    const scene = await onlineScene('converso', 'musicgpt')
    await scene.setCaps('musicgpt', { day: 100 })
    const { server, source } = scene.converso
    const running = { body: { success: true, data: { status: 'processing', progress: 20 } } }
    const { reached } = server.misbehave('poll', { kind: 'instead', reply: running }, 9_999)
    const long = scene.agreed([await source()], 'mp3')
    await reached
    const full = { status: 503, body: { success: false, error: { code: 'QUEUE_FULL' } } }
    server.misbehave('submit', { kind: 'instead', reply: full }, 9_999)
    const waited = await scene.agreed([await source()], 'mp3')
    server.forgive()
    expect([endings(waited), providers(waited)]).toEqual([['done'], ['musicgpt, took-over queue-full']])
    expect([endings(await long), server.jobs.length, scene.musicgpt.server.jobs.length]).toEqual([['done'], 1, 1])
  })

  it('never hands over after a submit whose answer was lost', async () => {
    const scene = await onlineScene('converter-app', 'xconvert', 'local')
    await scene.setCaps('converter-app', { day: 100 })
    scene['converter-app'].server.misbehave('submit', { kind: 'reset', when: 'after' })
    const outcome = await scene.convert(await songs(scene, 1), 'mp3')
    expect([endings(outcome), scene['converter-app'].server.jobs.length, scene.xconvert.server.seen.length]).toEqual([
      ['uncertain: answer-lost'],
      1,
      0,
    ])
  })

  it('never hands over where a gateway swallowed the answer of one with idempotency keys: the same key is sent again', async () => {
    const scene = await onlineScene('xconvert', 'converter-app')
    await scene.setCaps('converter-app', { day: 100 })
    scene.xconvert.server.misbehave('submit', { kind: 'altered', alter: () => ({ status: 502, body: 'Bad Gateway' }) })
    const outcome = await scene.agreed(await songs(scene, 1), 'mp3')
    expect([endings(outcome), scene.xconvert.server.jobs.length, scene['converter-app'].server.jobs.length]).toEqual([
      ['done'],
      1,
      0,
    ])
  })
})

describe('what is private', () => {
  it('stays on this machine: by the job, and by the settings', async () => {
    const scene = await onlineScene('musicgpt', 'local')
    await scene.setCaps('musicgpt', { day: 100 })
    const [first = '', second = ''] = await songs(scene, 2)
    const byJob = await scene.convert([first], 'mp3', { localOnly: true })
    const named = await scene.convert([first], 'mp3', { localOnly: true, with: 'musicgpt' })
    scene.engine.change({ localOnly: true })
    const bySettings = await scene.convert([second], 'mp3')
    expect([providers(byJob), named.refused.map(({ why }) => why.code), providers(bySettings)]).toEqual([
      ['local, first-able'],
      ['private'],
      ['local, first-able'],
    ])
    expect(scene.musicgpt.server.seen).toEqual([])
  })

  it('stays here, too, when that is said while the file is still in the queue', async () => {
    const scene = await onlineScene('musicgpt', 'local')
    await scene.setCaps('musicgpt', { day: 100 })
    const [first = '', second = ''] = await songs(scene, 2)
    scene.engine.pauseAll()
    const automatic = scene.engine.openBatch('automatic')
    const request = {
      options: {},
      preset: null,
      out: null,
      recursive: false,
      include: [],
      exclude: [],
      priority: 0,
      target: 'mp3' as const,
    }
    const { signal } = new AbortController()
    for await (const _ of scene.engine.convert({ ...request, batchId: automatic, sources: [first] }, signal)) continue
    for await (const _ of scene.engine.convert({ ...request, batchId: automatic, sources: [second], with: 'musicgpt' }, signal))
      continue
    scene.engine.change({ localOnly: true })
    scene.engine.resumeAll()
    const jobs = await scene.settled(automatic)
    expect([jobs.map(ended), jobs.map(({ provider }) => provider)]).toEqual([
      ['done', 'failed: private'],
      ['local', 'musicgpt'],
    ])
    expect(scene.musicgpt.server.seen).toEqual([])
  })
})
