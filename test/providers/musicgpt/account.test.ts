import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/main/engine/pace.ts'
import { createMusicgpt, type MusicgptPlan } from '../../../src/main/providers/musicgpt/musicgpt.ts'
import { failureOf } from '../../support/stage.ts'
import { alone, end, stageFor } from './stage.ts'

describe('a question that goes wrong', () => {
  it('is asked again after the distance that the budget of the plan leaves', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', { kind: 'instead', reply: { status: 503 } })
    stage.server.misbehave('poll', { kind: 'instead', reply: { status: 503, headers: { 'retry-after': '1' } } })
    expect([(await stage.provider.poll?.(ticket, stage.signal))?.kind, stage.clock.slept]).toEqual(['running', [3_000, 3_000]])
    await end(stage)
  })
})

describe('the account at MusicGPT', () => {
  it('is in order where the key is known, and tells no balance', async () => {
    const stage = await stageFor()
    expect([await stage.provider.account?.(stage.signal), stage.server.jobs]).toEqual([{ plan: null, left: null }, []])
    stage.server.misbehave('poll', { kind: 'instead', reply: { body: '<html>Log in to this network</html>' } })
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('answer-bad')
    stage.setKey('another key')
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('key-rejected')
    await end(stage)
  })

  it('bounds jobs and questions by its plan, from the moment that it is another one', async () => {
    const stage = await stageFor()
    let plan: MusicgptPlan = 'free'
    const provider = createMusicgpt(alone(stage), () => plan)
    const bounds = (['free', 'plus', 'pro'] as const).map((name) => {
      plan = name
      return [provider.lanes, provider.pace?.budget]
    })
    expect(bounds).toEqual([
      [{ musicgpt: 2 }, { asks: 20, perMs: 60_000 }],
      [{ musicgpt: 5 }, { asks: 200, perMs: 60_000 }],
      [{ musicgpt: 10 }, { asks: 500, perMs: 60_000 }],
    ])
    await end(stage)
  })

  it('is never asked more often than its plan allows, whatever the number of jobs', async () => {
    let nowMs = () => 0
    const stage = await stageFor({ budget: { asksPerMinute: 20, nowMs: () => nowMs() } })
    const { provider, clock, signal } = stage
    const { pace: pacing } = provider
    if (pacing === undefined) throw new Error('it has no pace')
    const jobs = 12
    nowMs = () => clock.nowMs()
    const pace = createPace(pacing, clock)
    let asking = 0
    const unfinished = new Set(Array.from({ length: jobs }, (_, job) => job))
    const finish = async (job: number): Promise<void> => {
      const ticket = await stage.submit()
      for (;;) {
        await pace.turn(signal)
        asking += 1
        const polled = await provider.poll?.(ticket, signal).finally(() => (asking -= 1))
        if (polled?.kind === 'ready') break
      }
      unfinished.delete(job)
    }
    const all = Promise.all([...unfinished].map(finish))
    while (unfinished.size > 0) {
      // Time stands still while a question is on its way: what counts is when it was asked.
      if (asking === 0) clock.advance(50)
      await Promise.race([turn(), all])
    }
    await all
    expect(stage.server.asked('poll').length).toBe(3 * jobs)
    await end(stage)
  })
})
