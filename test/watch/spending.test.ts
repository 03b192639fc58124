import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Rule } from '../../src/shared/folders.ts'
import { defaultOnlineProvider } from '../../src/shared/model.ts'
import { ended } from '../support/beside.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import type { Reply } from '../support/servers/reply.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

const dayMs = 86_400_000

/** A watching Beside whose first choice is an online provider that takes one conversion for each file. */
async function scene() {
  const { server, variable, key, source } = await onlineSubjects['converter-app']()
  const watched = await watching({
    env: { [variable]: key },
    before: ({ engine }) =>
      void engine.change({
        providerOrder: ['converter-app', 'local'],
        online: { 'converter-app': { ...defaultOnlineProvider, baseUrl: server.base } },
      }),
  })
  // Noon, so that no day begins by itself.
  watched.clock.set(new Date(watched.clock.nowMs()).setHours(12, 0, 0, 0) - watched.clock.nowMs())
  const bought = () => server.seen.filter(({ method }) => method === 'POST').length
  /** A sound that is long enough to be a job there and not one request. */
  const song = async () => await copyFile(await source(watched.aside), join(watched.drop, 'song.wav'))
  return { ...watched, server, bought, song }
}

/** Two conversions a day. */
const allowed = (rule: Partial<Rule>): Partial<Rule> => ({ spend: { cap: 2, per: 'day' }, ...rule })

describe('a watched folder', () => {
  it('without a standing permission sends nothing anywhere, whoever comes first in the order', async () => {
    const { add, drop, tone, settled, done, bought } = await scene()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    expect({ done: done(), bought: bought() }).toEqual({ done: 1, bought: 0 })
  })

  it('with one keeps files here all the same, where the rule says so', async () => {
    const { add, drop, tone, settled, done, bought } = await scene()
    await add(allowed({ localOnly: true }))
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    expect({ done: done(), bought: bought() }).toEqual({ done: 1, bought: 0 })
  })

  it.each<[how: string, by: Rule['with']]>([
    ['of its own choice', 'auto'],
    ['to the one that it names', 'converter-app'],
  ])('with one spends %s up to its cap, asks nobody, and goes on the next day', async (_, by) => {
    const first = await scene()
    await first.add(allowed({ with: by }))
    await copies(first.tone, first.drop, ['a.wav', 'b.wav', 'c.wav', 'd.wav', 'e.wav'])
    const waits = () => first.lines().filter(({ why, dueAtMs }) => why.code === 'spend-cap' && dueAtMs !== null)
    await until(() => first.done() === 2 && waits().length === 3)
    const today = first.bought()
    first.clock.pass(dayMs)
    await until(() => first.done() === 4 && waits().length === 1)
    const tomorrow = first.bought()
    const later = await first.restarted()
    first.clock.pass(dayMs)
    await later.settled()
    expect({ today, tomorrow, bought: first.bought(), done: later.done() }).toEqual({ today: 2, tomorrow: 4, bought: 5, done: 5 })
    expect((await later.files()).length).toBe(10)
  })

  it('with one spends nothing where no price is told: its files wait for a word, or for a rule that keeps them here', async () => {
    const { server, variable, key } = await onlineSubjects.xconvert()
    const { add, drop, tone, lines, folders, folder, settled, done } = await watching({
      env: { [variable]: key },
      before: ({ engine }) => void engine.change({ online: { xconvert: { ...defaultOnlineProvider, baseUrl: server.base } } }),
    })
    await add(allowed({ with: 'xconvert' }))
    await copies(tone, drop, ['a.wav', 'b.wav'])
    await until(() => lines().filter(({ why }) => why.code === 'waits-for-you').length === 2)
    const sent = server.seen.length
    await folders.change(folder().id, { ...folder().rule, spend: null, with: 'auto' }, 'keep')
    await settled()
    expect({ sent, jobs: server.jobs.length, done: done() }).toEqual({ sent: 0, jobs: 0, done: 2 })
  })

  it('whose cap is raised, or whose permission is taken back, goes on at once', async () => {
    const { add, drop, tone, lines, folders, folder, settled, done, bought } = await scene()
    await add(allowed({}))
    await copies(tone, drop, ['a.wav', 'b.wav', 'c.wav', 'd.wav'])
    const waits = () => lines().filter(({ why }) => why.code === 'spend-cap').length
    await until(() => done() === 2 && waits() === 2)
    await folders.change(folder().id, { ...folder().rule, spend: { cap: 3, per: 'day' } }, 'keep')
    await until(() => done() === 3 && waits() === 1)
    const raised = bought()
    await folders.change(folder().id, { ...folder().rule, spend: null }, 'keep')
    await settled()
    expect({ raised, bought: bought(), done: done() }).toEqual({ raised: 3, bought: 3, done: 4 })
  })
})

describe('what a watched folder has paid for', () => {
  const hourMs = 3_600_000

  it('is not paid for once more after a long outage: it waits for the user, and is then fetched', async () => {
    const { add, song, server, clock, lines, engine, done, bought } = await scene()
    const { reached } = server.misbehave('poll', { kind: 'reset', when: 'before' }, 10_000)
    await add(allowed({ with: 'converter-app' }))
    await song()
    await reached
    const whileTimePasses = async (isOver: () => boolean) =>
      await until(() => {
        clock.pass(60_000)
        return isOver()
      })
    await whileTimePasses(() => lines()[0]?.why.code === 'waits-for-you')
    clock.pass(24 * hourMs)
    server.forgive()
    const [job] = engine.list({ phases: ['uncertain'], batchId: null, after: null, limit: 10 }).jobs
    engine.resolve(job?.id ?? 0, 'again')
    await whileTimePasses(() => done() === 1)
    expect({ ended: job && ended(job), bought: bought() }).toEqual({ ended: 'uncertain: out-of-reach', bought: 1 })
  })

  it('is not bought again because its file was given another name meanwhile', async () => {
    const { add, song, drop, server, clock, looked, lines, engine, done, bought } = await scene()
    const { reached } = server.misbehave('poll', { kind: 'reset', when: 'before' }, 10_000)
    await add(allowed({ with: 'converter-app' }))
    await song()
    await reached
    engine.pauseAll()
    await until(() => {
      clock.pass(1_000)
      return engine.list({ phases: ['queued'], batchId: null, after: null, limit: 10 }).jobs.length === 1
    })
    await rename(join(drop, 'song.wav'), join(drop, 'take.wav'))
    await looked()
    server.forgive()
    engine.resumeAll()
    await until(() => {
      clock.pass(1_000)
      return done() === 1 || lines()[0]?.why.code === 'waits-for-you'
    })
    expect(bought()).toBe(1)
  })

  it.each<[what: string, reply: Reply]>([
    ['could not convert', { body: { progress: 1, status: 'failed', error: 'no sound in it' } }],
    ['no longer has', { status: 404, body: { detail: 'Job not found' } }],
  ])('and the provider %s is tried again by the user’s word alone', async (_, reply) => {
    const { add, song, server, clock, lines, folders, done, bought } = await scene()
    server.misbehave('poll', { kind: 'instead', reply })
    await add(allowed({ with: 'converter-app' }))
    await song()
    await until(() => lines()[0]?.state === 'quarantined')
    clock.pass(48 * hourMs)
    const [line] = lines()
    const before = [line?.state, line?.why.code, bought()]
    await folders.again([line?.id ?? 0])
    await until(() => {
      clock.pass(1_000)
      return done() === 1
    })
    expect({ before, bought: bought() }).toEqual({ before: ['quarantined', 'paid-for', 1], bought: 2 })
  })
})
