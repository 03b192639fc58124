/** What users' doubts and patience meet with online providers, through the whole Beside and real HTTP. */
import { describe, expect, it } from 'vitest'
import { ended, type Outcome } from '../support/beside.ts'
import { onlineScene, refusal, songs } from '../support/online-beside.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const endings = ({ jobs }: Outcome) => jobs.map(ended)

describe('a job of which nobody knows whether it was taken', () => {
  async function inDoubt() {
    const scene = await onlineScene('converter-app')
    scene['converter-app'].server.misbehave('submit', { kind: 'reset', when: 'after' })
    const outcome = await scene.convert(await songs(scene, 1), 'mp3', { with: 'converter-app' })
    expect(endings(outcome)).toEqual(['uncertain: answer-lost'])
    return {
      scene,
      ...outcome,
      id: outcome.jobs[0]?.id ?? 0,
      submits: () => scene['converter-app'].server.asked('submit').length,
    }
  }

  it('is sent again by the word of the user alone', async () => {
    const { scene, batchId, id, submits } = await inDoubt()
    const before = submits()
    scene.engine.resolve(id, 'again')
    const jobs = await scene.settled(batchId)
    expect([before, jobs.map(ended), submits(), await scene.files()]).toEqual([1, ['done'], 2, ['song.mp3', 'song.wav']])
  })

  it.each([
    ['done', 'done'],
    ['forget', 'cancelled'],
  ] as const)('is closed as %s, and nothing is sent', async (as, phase) => {
    const { scene, batchId, id, submits } = await inDoubt()
    scene.engine.resolve(id, as)
    const jobs = await scene.settled(batchId)
    expect([jobs.map(ended), submits(), await scene.files()]).toEqual([[phase], 1, ['song.wav']])
  })
})

describe('what a lost answer may have cost', () => {
  /** A cap of one, and one submit of which nobody knows what became. */
  async function doubtful() {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { day: 1 })
    scene['converter-app'].server.misbehave('submit', { kind: 'reset', when: 'after' })
    const [first = '', second = ''] = await songs(scene, 2)
    const one = await scene.convert([first], 'mp3', { with: 'converter-app' })
    return { scene, second, id: one.jobs[0]?.id ?? 0, spent: async () => (await scene.status('converter-app')).spent }
  }

  it('counts as spent until the user says what became of it', async () => {
    const { scene, second, id, spent } = await doubtful()
    const before = await spent()
    const two = await scene.convert([second], 'mp3', { with: 'converter-app' })
    scene.engine.resolve(id, 'forget')
    expect([before, endings(two), await spent()]).toEqual([{ day: 1, month: 1 }, ['waiting: cap-reached'], { day: 0, month: 0 }])
  })

  it('is in the ledger when it was taken, and is paid once more only by the user’s word', async () => {
    const done = await doubtful()
    done.scene.engine.resolve(done.id, 'done')
    const again = await doubtful()
    again.scene.engine.resolve(again.id, 'again')
    await again.scene.settled(1)
    expect([await done.spent(), await again.spent()]).toEqual([
      { day: 1, month: 1 },
      { day: 1, month: 1 },
    ])
  })

  it('is still counted when Beside starts again', async () => {
    const { scene } = await doubtful()
    const { engine } = await scene.later(0)
    const status = (await engine.providers.list()).find(({ id }) => id === 'converter-app')
    expect(status?.spent).toEqual({ day: 1, month: 1 })
  })
})

describe('an answer that was lost where a key is honoured', () => {
  it('makes no other provider take the job over, and is asked for under the same key, also by the user', async () => {
    const scene = await onlineScene('xconvert', 'converter-app')
    await scene.setCaps('converter-app', { day: 10 })
    const { server } = scene.xconvert
    server.misbehave('submit', { kind: 'reset', when: 'after' })
    server.misbehave('submit', refusal(402, 'no credit'))
    const outcome = await scene.agreed(await songs(scene, 1), 'mp3', { with: 'auto' })
    scene.engine.resolve(outcome.jobs[0]?.id ?? 0, 'again')
    const jobs = await scene.settled(outcome.batchId)
    const keys = new Set(server.asked('submit').map(({ headers }) => headers['idempotency-key']))
    expect([endings(outcome), jobs.map(ended)]).toEqual([['uncertain: out-of-credit'], ['done']])
    expect([server.asked('submit').length, keys.size, server.jobs.length]).toEqual([3, 1, 1])
    expect(scene['converter-app'].server.jobs).toEqual([])
  })
})

describe('a job that is asked about for long', () => {
  it('has the troubles since its last good answer counted, not all that ever were', async () => {
    const scene = await onlineScene('xconvert')
    const { server } = scene.xconvert
    const astray = { kind: 'instead', reply: { body: 'a page' } } as const
    const running = { kind: 'instead', reply: { body: { id: 'job-1', status: 'processing' } } } as const
    // The sixth question in a row that goes astray ends a claim.
    server.misbehave('poll', astray, 6)
    for (let n = 0; n < 2; n += 1) {
      server.misbehave('poll', running)
      server.misbehave('poll', astray, 6)
    }
    const outcome = await scene.convert(await songs(scene, 1), 'mp3', { with: 'xconvert' })
    expect([endings(outcome), outcome.jobs.map(({ attempt }) => attempt)]).toEqual([['done'], [1]])
  })
})

describe('a provider in trouble', () => {
  it('is left alone for a while after three troubles in a row, then tried again', async () => {
    const scene = await onlineScene('xconvert')
    const { server } = scene.xconvert
    server.misbehave('create', refusal(503, 'down for repairs'), 3)
    const outcome = await scene.convert(await songs(scene, 1), 'mp3', { with: 'xconvert' })
    expect([endings(outcome), server.asked('create').length, server.jobs.length]).toEqual([['done'], 4, 1])
  })

  it('that has no room is asked again later, and that costs no attempt', async () => {
    const scene = await onlineScene('converso')
    const { server } = scene.converso
    server.misbehave(
      'submit',
      { kind: 'instead', reply: { status: 503, body: { success: false, error: { code: 'QUEUE_FULL' } } } },
      2,
    )
    const outcome = await scene.convert([await scene.converso.source()], 'mp3', { with: 'converso' })
    expect([endings(outcome), outcome.jobs.map(({ attempt }) => attempt), server.jobs.length]).toEqual([['done'], [1], 1])
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['for a time that it names', { 'retry-after': '7' }],
    ['and does not say for how long', {}],
  ])(
    'that wants to be left alone again and again, %s, gets its silence, and no job is lost or paid twice',
    async (_, headers) => {
      const scene = await onlineScene('xconvert')
      const { server } = scene.xconvert
      const busy = { kind: 'instead', reply: { status: 429, headers, body: { error: 'slow down' } } } as const
      for (const route of ['create', 'submit', 'poll']) server.misbehave(route, busy, 4)
      const outcome = await scene.convert(await songs(scene, 2), 'mp3', { with: 'xconvert' })
      expect([endings(outcome), outcome.jobs.map(({ attempt }) => attempt), server.jobs.length]).toEqual([
        ['done', 'done'],
        [1, 1],
        2,
      ])
    },
  )

  it('that refuses the key is asked no more until a key is set', async () => {
    const scene = await onlineScene('converso')
    const { server, source } = scene.converso
    server.misbehave('submit', {
      kind: 'instead',
      reply: { status: 401, body: { success: false, error: { code: 'UNAUTHORIZED' } } },
    })
    const one = await scene.convert([await source()], 'mp3', { with: 'converso' })
    const two = await scene.convert([await source()], 'mp3', { with: 'converso' })
    await scene.engine.providers.setKey('converso', 'whatever: the environment wins')
    const three = await scene.convert([await source()], 'mp3', { with: 'converso' })
    expect([endings(one), two.refused.map(({ why }) => why.code), endings(three), server.jobs.length]).toEqual([
      ['failed: key-rejected'],
      ['key-rejected'],
      ['done'],
      1,
    ])
  })
})

describe('time that passes while Beside is closed', () => {
  const hour = 3_600_000

  /** A job that the provider has taken, and a Beside that was closed then. */
  async function leftBehind(id: 'converso' | 'musicgpt') {
    const scene = await onlineScene(id)
    const { server, source } = scene[id]
    const { reached } = server.misbehave('poll', { kind: 'silent', when: 'before' })
    const converting = scene.convert([await source(scene.media)], 'mp3', { with: id })
    await reached
    await scene.stop()
    await converting.catch(() => undefined)
    return { scene, server }
  }

  it('goes on for results that are kept for a day: after it the job is gone, and that is said without asking', async () => {
    const { scene, server } = await leftBehind('converso')
    const asked = server.seen.length
    const beside = await scene.later(25 * hour)
    const jobs = await beside.settled(1)
    expect([jobs.map(ended), server.seen.length, server.jobs.length]).toEqual([['failed: gone'], asked, 1])
  })

  it('counts for how long a job may take; what is not done by then is the user’s to decide, and nothing is paid twice', async () => {
    const { scene, server } = await leftBehind('musicgpt')
    const beside = await scene.later(3 * hour)
    const late = await beside.settled(1)
    const [id = 0] = late.map((job) => job.id)
    const phases = [...late.map(ended)]
    // Each look at it costs one question; the third finds it done.
    for (let n = 0; n < 2; n += 1) {
      beside.engine.resolve(id, 'again')
      phases.push(...(await beside.settled(1)).map(ended))
    }
    expect([phases, server.jobs.length]).toEqual([['uncertain: deadline', 'uncertain: deadline', 'done'], 1])
  })
})
