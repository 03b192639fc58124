import { describe, expect, it, onTestFinished } from 'vitest'
import { createRateLimit } from '../../../src/main/engine/providers/rate-limit.ts'
import type { PollingPlan } from '../../../src/main/providers/provider.ts'
import { fakeClock } from '../../support/clock.ts'

const never = new AbortController().signal

/** Twenty polls a minute for the whole account, as the free plan of one provider has it. */
const twentyAMinute: PollingPlan = {
  firstMs: 5_000,
  everyMs: 6_000,
  growth: 1,
  maxMs: 6_000,
  budget: { polls: 20, perMs: 60_000 },
}
const unbounded: PollingPlan = { firstMs: 1_000, everyMs: 1_000, growth: 2, maxMs: 5_000, budget: null }

function desk(plan: PollingPlan) {
  const clock = fakeClock(0)
  const limit = createRateLimit(plan, clock)
  const polls: { readonly job: number; readonly atMs: number }[] = []
  const poll = async (job: number, signal = never) => {
    await limit.turn(signal)
    polls.push({ job, atMs: clock.nowMs() })
  }
  onTestFinished(() => expect(clock.waiting()).toBe(0))
  /** Moves time on and lets those whose turn it is go. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, limit, polls, poll, pass }
}

/** The most polls that any stretch of `perMs` holds, both its ends counted. */
function densest(timesMs: readonly number[], perMs: number): number {
  return Math.max(...timesMs.map((fromMs) => timesMs.filter((atMs) => atMs >= fromMs && atMs <= fromMs + perMs).length))
}

describe('the budget of a provider', () => {
  it('holds for a thousand jobs that all want to be polled, and is used', async () => {
    const { polls, poll, pass } = desk(twentyAMinute)
    const all = Array.from({ length: 1_000 }, async (_, job) => await poll(job))
    while (polls.length < 1_000) await pass(50)
    await Promise.all(all)
    const times = polls.map(({ atMs }) => atMs)
    const minutes = (times.at(-1) ?? 0) / 60_000
    expect(densest(times, 60_000)).toBe(20)
    expect(1_000 / minutes).toBeGreaterThan(19)
  })

  it('is the one of the moment, should the plan change', async () => {
    let pollsPerMinute = 20
    const { polls, poll, pass } = desk({
      ...unbounded,
      get budget() {
        return { polls: pollsPerMinute, perMs: 60_000 }
      },
    })
    const all = Array.from({ length: 100 }, async (_, job) => await poll(job))
    for (let n = 0; n < 60; n += 1) await pass(1_000)
    const before = polls.length
    pollsPerMinute = 200
    for (let n = 0; n < 600; n += 1) await pass(100)
    await Promise.all(all)
    expect([before, polls.length]).toEqual([20, 100])
  })

  it('holds even where some polls take two seconds longer to arrive than others', async () => {
    const { polls, poll, pass } = desk(twentyAMinute)
    const all = Array.from({ length: 200 }, async (_, job) => await poll(job))
    while (polls.length < 200) await pass(50)
    await Promise.all(all)
    const arrivals = polls.map(({ atMs }, index) => atMs + (index % 20 < 3 ? 2_000 : 0))
    expect(densest(arrivals, 59_999)).toBeLessThanOrEqual(20)
  })

  it('goes round fairly: who has asked joins the end', async () => {
    const { polls, poll, pass } = desk(twentyAMinute)
    const askTwice = async (job: number) => {
      await poll(job)
      await poll(job)
    }
    const all = [1, 2, 3].map(askTwice)
    while (polls.length < 6) await pass(100)
    await Promise.all(all)
    expect(polls.map(({ job }) => job)).toEqual([1, 2, 3, 1, 2, 3])
  })

  it('gives the first question at once and the next ones at least three seconds apart', async () => {
    const { polls, poll, pass } = desk(twentyAMinute)
    const all = [poll(1), poll(2), poll(3)]
    await pass(0)
    const atOnce = polls.length
    while (polls.length < 3) await pass(10)
    await Promise.all(all)
    const gaps = polls.slice(1).map(({ atMs }, index) => atMs - (polls[index]?.atMs ?? 0))
    expect([atOnce, gaps.every((gapMs) => gapMs >= 3_000 && gapMs < 3_500)]).toEqual([1, true])
  })

  it('is not used up by one who goes away while it waits', async () => {
    const { polls, poll, pass } = desk(twentyAMinute)
    const leaver = new AbortController()
    const first = poll(1)
    const left = poll(2, leaver.signal).catch((error: unknown) => error)
    const third = poll(3)
    leaver.abort('cancel')
    await pass(4_000)
    await Promise.all([first, third])
    expect([await left, polls.map(({ job }) => job)]).toEqual(['cancel', [1, 3]])
  })

  it('leaves no timer behind when the last one goes away', async () => {
    const { clock, poll } = desk(twentyAMinute)
    const leaver = new AbortController()
    await poll(1)
    const left = poll(2, leaver.signal).catch((error: unknown) => error)
    const before = clock.waiting()
    leaver.abort('shutdown')
    expect([before, await left, clock.waiting()]).toEqual([1, 'shutdown', 0])
  })

  it('is refused at once to one who has already gone', async () => {
    const { polls, poll } = desk(twentyAMinute)
    const outcome = await poll(1, AbortSignal.abort('cancel')).catch((error: unknown) => error)
    expect([outcome, polls]).toEqual(['cancel', []])
  })

  it('does not stop for hours when the clock is set back', async () => {
    const startMs = 10 * 3_600_000
    let back = 0
    const inner = fakeClock(startMs)
    const clock = { ...inner, nowMs: () => inner.nowMs() - back }
    const limit = createRateLimit(twentyAMinute, clock)
    await limit.turn(never)
    back = 3_600_000
    const second = limit.turn(never).then(() => inner.nowMs() - startMs)
    inner.advance(4_000)
    expect(await second).toBeLessThanOrEqual(4_000)
  })

  it('does not hold up anyone where none is known', async () => {
    const { polls, poll } = desk(unbounded)
    await Promise.all([poll(1), poll(2), poll(3)])
    expect(polls.map(({ atMs }) => atMs)).toEqual([0, 0, 0])
  })
})

describe('silence that a provider asks for', () => {
  it('holds for all jobs, those that already wait among them', async () => {
    const { limit, polls, poll, pass } = desk(twentyAMinute)
    const all = [poll(1), poll(2)]
    await pass(0)
    limit.pause(30_000)
    all.push(poll(3))
    await pass(29_999)
    const before = polls.length
    await pass(10_000)
    await Promise.all(all)
    expect([before, polls.map(({ atMs }) => atMs >= 30_000)]).toEqual([1, [false, true, true]])
  })

  it('is never made shorter by a later, shorter one', async () => {
    const { limit, polls, poll, pass } = desk(unbounded)
    limit.pause(10_000)
    limit.pause(1_000)
    const one = poll(1)
    await pass(9_999)
    const before = polls.length
    await pass(1)
    await one
    expect([before, polls.length]).toEqual([0, 1])
  })
})

describe('the interval of one job', () => {
  it('begins with the first wait and then grows to its maximum', () => {
    const { limit } = desk(unbounded)
    expect([0, 1, 2, 3, 4, 1_000].map((polls) => limit.intervalMs(polls))).toEqual([1_000, 1_000, 2_000, 4_000, 5_000, 5_000])
  })

  it('stays the same where it does not grow', () => {
    const { limit } = desk(twentyAMinute)
    expect([0, 1, 2, 50].map((polls) => limit.intervalMs(polls))).toEqual([5_000, 6_000, 6_000, 6_000])
  })
})
