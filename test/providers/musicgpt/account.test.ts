import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createRateLimit } from '../../../src/main/engine/providers/rate-limit.ts'
import type { Clock } from '../../../src/main/engine/ports.ts'
import type { MusicgptPlan } from '../../../src/main/providers/musicgpt/about.ts'
import { createMusicgpt } from '../../../src/main/providers/musicgpt/index.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import { fakeClock } from '../../support/clock.ts'
import { failureOf, poll } from '../../support/stage.ts'
import { alone, end, stageFor } from './stage.ts'

describe('a question that goes wrong', () => {
  it('is asked once, and left to the engine to ask again at its turn', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', { kind: 'instead', reply: { status: 503 } })
    stage.server.misbehave('poll', { kind: 'instead', reply: { status: 503, headers: { 'retry-after': '1' } } })
    stage.server.misbehave('poll', { kind: 'reset', when: 'before' })
    const ask = async () => await failureOf(stage.provider.poll?.(ticket, stage.signal) ?? Promise.resolve())
    expect([await ask(), await ask(), await ask(), stage.server.asked('poll').length]).toEqual([
      'provider-down',
      'provider-down',
      'network',
      2,
    ])
    await end(stage)
  })

  it('keeps the distance that the budget of the plan leaves, whoever asks: a job, a download, the account', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    const old = { ...ticket, ids: { ...ticket.ids, url: `${stage.server.foreign}/results/long-gone.mp3` } }
    await stage.provider.account?.(stage.signal)
    await stage.fetch(old)
    expect([stage.server.asked('poll').length, stage.clock.slept]).toEqual([5, [3_000, 3_000, 3_000, 3_000]])
    await end(stage)
  })

  it('waits no longer than a minute where the clock was set back', async () => {
    const stage = await stageFor()
    let nowMs = stage.clock.nowMs()
    const provider = createMusicgpt({ ...alone(stage), clock: { ...stage.clock, nowMs: () => nowMs } }, () => 'free')
    await provider.account?.(stage.signal)
    nowMs -= 3_600_000
    await provider.account?.(stage.signal)
    expect(stage.clock.slept).toEqual([60_000])
    await provider.stop()
    await end(stage)
  })
})

describe('the account at MusicGPT', () => {
  it('is in order where the key is known, and has no balance', async () => {
    const stage = await stageFor()
    expect([await stage.provider.account?.(stage.signal), stage.server.jobs]).toEqual([{ plan: null, left: null }, []])
    stage.server.misbehave('poll', { kind: 'instead', reply: { body: '<html>Log in to this network</html>' } })
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('answer-bad')
    stage.setKey('another key')
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('key-rejected')
    await end(stage)
  })

  it('bounds jobs and polls by its plan, from the moment that it is another one', async () => {
    const stage = await stageFor()
    let plan: MusicgptPlan = 'free'
    const provider = createMusicgpt(alone(stage), () => plan)
    const bounds = (['free', 'plus', 'pro'] as const).map((name) => {
      plan = name
      return [provider.concurrency, provider.pollingPlan?.budget]
    })
    expect(bounds).toEqual([
      [{ musicgpt: 2 }, { polls: 20, perMs: 60_000 }],
      [{ musicgpt: 5 }, { polls: 200, perMs: 60_000 }],
      [{ musicgpt: 10 }, { polls: 500, perMs: 60_000 }],
    ])
    await end(stage)
  })

  it('is never asked more often than its plan allows, whatever the number of jobs and whatever goes wrong', async () => {
    const time = fakeClock()
    let asleep = 0
    const sleep: Clock['sleep'] = async (ms, signal) => {
      asleep += 1
      await time.sleep(ms, signal).finally(() => (asleep -= 1))
    }
    const clock: Clock = { ...time, sleep }
    const stage = await stageFor({ budget: { asksPerMinute: 20, nowMs: () => time.nowMs() } })
    const { server, signal } = stage
    const provider = createMusicgpt({ ...alone(stage), clock }, () => 'free')
    const { pollingPlan } = provider
    if (pollingPlan === undefined) throw new Error('it has no polling plan')
    const jobs = 12
    const troubles = 24
    server.misbehave('poll', { kind: 'altered', alter: (reply) => (reply.status === 429 ? reply : { status: 503 }) }, troubles)
    const rateLimit = createRateLimit(pollingPlan, clock)
    let asking = 0
    const failures: string[] = []
    const unfinished = new Set(Array.from({ length: jobs }, (_, job) => job))
    const finish = async (job: number): Promise<void> => {
      const ticket = await stage.submit()
      for (;;) {
        await rateLimit.turn(signal)
        asking += 1
        const polled = await poll(provider, ticket, signal)
          .catch((error: unknown) => void failures.push(toFailure(error).code))
          .finally(() => (asking -= 1))
        if (polled?.kind === 'ready') break
      }
      unfinished.delete(job)
    }
    const all = Promise.all([...unfinished].map(finish))
    while (unfinished.size > 0) {
      // Time stands still while a question is on its way: what counts is when it was asked.
      if (asking === asleep) time.advance(50)
      await Promise.race([turn(), all])
    }
    await all
    expect(failures).toEqual(Array.from({ length: troubles }, () => 'provider-down'))
    await provider.stop()
    await end(stage)
  })
})
