/** What users' money meets with online providers, through the whole Beside and real HTTP. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, type Outcome } from '../support/beside.ts'
import { onlineScene, songs } from '../support/online-beside.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import type { Reply } from '../support/servers/reply.ts'

leavesNothingOpen()

const endings = ({ jobs }: Outcome) => jobs.map(ended)

describe('money', () => {
  it('is spent up to a cap and not beyond, however many files go at once; a yes goes on', async () => {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { day: 1 })
    const outcome = await scene.convert(await songs(scene, 4), 'mp3', { with: 'converter-app' })
    const { spent } = await scene.status('converter-app')
    expect([endings(outcome).toSorted(), spent, scene['converter-app'].server.jobs.length]).toEqual([
      ['done', 'waiting: cap-reached', 'waiting: cap-reached', 'waiting: cap-reached'],
      { day: 1, month: 1 },
      1,
    ])
    await scene.engine.approve({ kind: 'batch', batchId: outcome.batchId })
    const jobs = await scene.settled(outcome.batchId)
    expect([jobs.map(ended), (await scene.status('converter-app')).spent.day]).toEqual([['done', 'done', 'done', 'done'], 4])
  })

  it('goes on by itself when its cap is raised, and when a new day begins while Beside is closed', async () => {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { day: 1 })
    const { batchId, jobs } = await scene.convert(await songs(scene, 4), 'mp3', { with: 'converter-app' })
    await scene.setCaps('converter-app', { day: 2 })
    const raised = await scene.settled(batchId)
    const tomorrow = await scene.later(24 * 3_600_000)
    const later = await tomorrow.settled(batchId)
    const done = [jobs, raised, later].map((some) => some.filter(({ state }) => state.phase === 'done').length)
    expect([done, scene['converter-app'].server.jobs.length]).toEqual([[1, 2, 4], 4])
  })

  it('of each span has a cap of its own: a batch', async () => {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { batch: 1 })
    const [first = '', second = '', third = ''] = await songs(scene, 3)
    const one = await scene.convert([first, second], 'mp3', { with: 'converter-app' })
    const two = await scene.convert([third], 'mp3', { with: 'converter-app' })
    expect([endings(one).toSorted(), endings(two)]).toEqual([['done', 'waiting: cap-reached'], ['done']])
  })

  it('that is not known beforehand is found out by the first job, and caps the next ones', async () => {
    const scene = await onlineScene('musicgpt')
    await scene.setCaps('musicgpt', { day: 0.5 })
    const outcome = await scene.convert(await songs(scene, 3), 'mp3', { with: 'musicgpt' })
    expect([endings(outcome).toSorted(), scene.musicgpt.server.jobs.length]).toEqual([
      ['done', 'waiting: cap-reached', 'waiting: cap-reached'],
      1,
    ])
  })

  it('is not spent because of a cap that cannot be kept: named or not, each waits for a yes, or for the cap to go', async () => {
    const scene = await onlineScene('xconvert')
    await scene.setCaps('xconvert', { day: 100 })
    const [first = '', second = '', third = ''] = await songs(scene, 3)
    const named = await scene.convert([first, second], 'mp3', { with: 'xconvert' })
    const automatic = await scene.agreed([third], 'mp3')
    const bought = scene.xconvert.server.jobs.length
    await scene.setCaps('xconvert', { day: null })
    const jobs = await scene.settled(named.batchId)
    expect([endings(named), endings(automatic), bought, jobs.map(ended), scene.xconvert.server.jobs.length]).toEqual([
      ['waiting: price-untold', 'waiting: price-untold'],
      ['done'],
      1,
      ['done', 'done'],
      3,
    ])
  })

  it('for one job has a cap only once a price is known: that of the last one, in another run of Beside, too', async () => {
    const scene = await onlineScene('musicgpt')
    await scene.setCaps('musicgpt', { job: 0.5 })
    const { batchId, jobs: unknown } = await scene.convert(await songs(scene, 2), 'mp3', { with: 'musicgpt' })
    await scene.engine.approve({ kind: 'ids', ids: unknown.slice(0, 1).map(({ id }) => id) })
    await scene.settled(batchId)
    const later = await scene.later(0)
    await later.engine.providers.set({ id: 'musicgpt', caps: { job: 0.6 } })
    const dear = await later.settled(batchId)
    await later.engine.providers.set({ id: 'musicgpt', caps: { job: 0.8 } })
    const fair = await later.settled(batchId)
    expect([unknown, dear, fair].map((jobs) => jobs.map(ended))).toEqual([
      ['waiting: price-untold', 'waiting: price-untold'],
      ['done', 'waiting: price-untold'],
      ['done', 'done'],
    ])
  })

  it('is not spent on where the first job shows that its price is not told after all', async () => {
    const scene = await onlineScene('musicgpt')
    await scene.setCaps('musicgpt', { day: 100 })
    const prices = new Set(['credit_estimate', 'conversion_cost'])
    const withoutPrices = (_: string, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).filter(([name]) => !prices.has(name)))
        : value
    const alter = ({ body, ...reply }: Reply) => ({ ...reply, body: JSON.stringify(body, withoutPrices) })
    for (const route of ['submit', 'poll']) scene.musicgpt.server.misbehave(route, { kind: 'altered', alter }, 9)
    const outcome = await scene.convert(await songs(scene, 3), 'mp3', { with: 'musicgpt' })
    expect([endings(outcome).toSorted(), scene.musicgpt.server.jobs.length]).toEqual([
      ['done', 'waiting: price-untold', 'waiting: price-untold'],
      1,
    ])
  })

  it('is known from the submit, corrected by what it came to, and stays in the ledger when the history is forgotten', async () => {
    const scene = await onlineScene('musicgpt')
    await scene.convert(await songs(scene, 1), 'mp3', { with: 'musicgpt' })
    await scene.engine.history.forget('all')
    expect((await scene.status('musicgpt')).spent).toEqual({ day: 0.8, month: 0.8 })
  })
})

describe('a word about a name that is taken', () => {
  it('is none about money: what it costs is looked at all the same', async () => {
    const scene = await onlineScene('converter-app')
    await scene.setCaps('converter-app', { day: 0 })
    const [song = ''] = await songs(scene, 1)
    await writeFile(join(scene.media, 'song.mp3'), 'somebody’s')
    const outcome = await scene.convert([song], 'mp3', { with: 'converter-app', ifExists: 'ask' })
    await scene.engine.settleNameConflicts({ kind: 'batch', batchId: outcome.batchId }, 'number')
    const jobs = await scene.settled(outcome.batchId)
    expect([endings(outcome), jobs.map(ended), scene['converter-app'].server.jobs.length]).toEqual([
      ['waiting: output-exists'],
      ['waiting: cap-reached'],
      0,
    ])
  })
})
