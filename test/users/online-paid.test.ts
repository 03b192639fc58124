/** What becomes of work that a provider has, and is paid for: it is not lost, not bought twice, and what cannot be taken back is said. */
import { describe, expect, it } from 'vitest'
import { ended, endedInWords } from '../support/beside.ts'
import { onlineScene, songs } from '../support/online-beside.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

describe('a result that a provider has and that cannot be had', () => {
  it('is fetched by the user’s word once the trouble is put right, and nothing is paid twice', async () => {
    const scene = await onlineScene('converter-app')
    const { server } = scene['converter-app']
    const refused = { kind: 'instead', reply: { status: 401, body: { detail: 'Invalid key' } } } as const
    server.misbehave('result', refused)
    const outcome = await scene.convert(await songs(scene, 1), 'mp3', { with: 'converter-app' })
    expect(outcome.jobs.map(endedInWords)).toEqual([
      'uncertain: The job at Converter App is paid for, but its result could not be downloaded and saved. ' +
        'Converter App rejected the API key: Invalid key. ' +
        'Once that is fixed, use `beside queue resolve … --as again`: Beside continues where it stopped, and nothing is charged twice.',
    ])
    scene.engine.resolve(outcome.jobs[0]?.id ?? 0, 'again')
    const jobs = await scene.settled(outcome.batchId)
    expect([jobs.map(ended), server.asked('submit').length, (await scene.status('converter-app')).spent.day]).toEqual([
      ['done'],
      1,
      1,
    ])
  })
})

describe('online work that is cancelled', () => {
  /** One conversion may be bought; it is cancelled once the provider has been asked for this. */
  async function cancelledAt(route: 'submit' | 'poll') {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { day: 1 })
    const { reached } = scene['converter-app'].server.misbehave(route, { kind: 'silent', when: 'before' })
    const [first = '', second = ''] = await songs(scene, 2)
    const converting = scene.convert([first], 'mp3', { with: 'converter-app' })
    await reached
    const answer = await scene.engine.cancel({ kind: 'all' })
    const { jobs } = await converting
    const next = await scene.convert([second], 'mp3', { with: 'converter-app' })
    const { spent } = await scene.status('converter-app')
    return { answer, states: jobs.map(({ state }) => state), next: next.jobs.map(ended), spent }
  }

  it.each(['submit', 'poll'] as const)('says that it may still cost, and counts what it may cost: at the %s', async (route) => {
    expect(await cancelledAt(route)).toEqual({
      answer: { moved: 1, sent: 1 },
      states: [expect.objectContaining({ phase: 'cancelled', sent: true })],
      next: ['waiting: cap-reached'],
      spent: { day: 1, month: 1 },
    })
  })

  it('costs nothing where the upload was not through', async () => {
    const scene = await onlineScene('converter-app')
    scene.engine.change({ bytesPerSecond: 1_024 })
    const uploading = Promise.withResolvers<void>()
    const following = new AbortController()
    const follow = async () => {
      for await (const changes of scene.engine.changes(following.signal)) {
        const told = changes.some((change) => change.type === 'progress' && change.progress.stage === 'uploading')
        if (told) uploading.resolve()
      }
    }
    const over = follow()
    const converting = scene.convert(await songs(scene, 1), 'mp3', { with: 'converter-app' })
    await uploading.promise
    const answer = await scene.engine.cancel({ kind: 'all' })
    const { jobs } = await converting
    following.abort()
    await over
    const { spent } = await scene.status('converter-app')
    expect([answer, jobs.map(({ state }) => 'sent' in state), spent.day]).toEqual([{ moved: 1, sent: 0 }, [false], 0])
  })

  it('says so, too, where it waited for its next turn there', async () => {
    const scene = await onlineScene('converter-app')
    const { server } = scene['converter-app']
    const { reached } = server.misbehave('poll', { kind: 'silent', when: 'before' })
    const converting = scene.convert(await songs(scene, 1), 'mp3', { with: 'converter-app' })
    await reached
    await scene.engine.pause({ kind: 'all' })
    await converting
    expect(await scene.engine.cancel({ kind: 'all' })).toEqual({ moved: 1, sent: 1 })
  })
})
