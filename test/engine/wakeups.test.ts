import { describe, expect, it } from 'vitest'
import { createWakeups } from '../../src/main/engine/wakeups.ts'
import { fakeClock } from '../support/clock.ts'

const never = new AbortController().signal
const turn = async () => await new Promise((resolve) => setImmediate(resolve))

/** One job that is asked about again and again, with the times at which that was. */
function asked(startMs = 0) {
  const clock = fakeClock(startMs)
  const wakeups = createWakeups(clock)
  const wakeup = wakeups.register('musicgpt', { task: 't-1', conversion: 'c-1' })
  const timesMs: number[] = []
  const stop = new AbortController()
  const asking = (async () => {
    for (;;) {
      await wakeup.sleep(1_000, stop.signal)
      timesMs.push(clock.nowMs())
    }
  })().catch(() => wakeup.unregister())
  const end = async () => {
    stop.abort()
    await asking
    expect(clock.waiting()).toBe(0)
  }
  const pass = async (ms: number) => {
    await turn()
    clock.advance(ms)
    await turn()
  }
  return { wakeups, timesMs, pass, end }
}

describe('a job that waits', () => {
  it('is asked about at once when it is called by any of its ids', async () => {
    const { wakeups, timesMs, pass, end } = asked()
    await pass(300)
    const heard = wakeups.wake('musicgpt', { conversion: 'c-1' })
    await pass(0)
    expect([heard, timesMs]).toEqual([true, [300]])
    await end()
  })

  it('is asked about at its own time when others are called', async () => {
    const { wakeups, timesMs, pass, end } = asked()
    const heard = [
      wakeups.wake('musicgpt', { task: 't-2' }),
      wakeups.wake('converso', { job: 't-1' }),
      wakeups.wake('musicgpt', {}),
    ]
    await pass(999)
    const early = [...timesMs]
    await pass(1)
    expect([heard, early, timesMs]).toEqual([[false, false, false], [], [1_000]])
    await end()
  })

  it('is asked about no more than twice as often by a flood of calls', async () => {
    const { wakeups, timesMs, pass, end } = asked()
    for (let n = 0; n < 100; n += 1) {
      wakeups.wake('musicgpt', { task: 't-1' })
      await pass(100)
    }
    // Ten seconds: ten questions at their time, and one between each two of them.
    expect(timesMs).toHaveLength(21)
    await end()
  })

  it('is asked about once more when it was called while a question was under way', async () => {
    const { wakeups, timesMs, pass, end } = asked()
    await pass(1_000)
    wakeups.wake('musicgpt', { task: 't-1' })
    await pass(0)
    expect(timesMs).toEqual([1_000, 1_000])
    await end()
  })
})

describe('a call that comes before the job waits', () => {
  it('counts as soon as it does', async () => {
    const wakeups = createWakeups(fakeClock())
    const heard = wakeups.wake('converso', { job: 'j' })
    const wakeup = wakeups.register('converso', { job: 'j' })
    await wakeup.sleep(1_000, never)
    expect(heard).toBe(false)
  })

  it('is forgotten after so many others, so that strangers’ ids do not pile up', async () => {
    const clock = fakeClock()
    const wakeups = createWakeups(clock)
    wakeups.wake('converso', { job: 'j' })
    for (let n = 0; n < 200; n += 1) wakeups.wake('converso', { job: `other ${n}` })
    const rest = wakeups.register('converso', { job: 'j' }).sleep(1_000, never)
    expect(clock.waiting()).toBe(1)
    clock.advance(1_000)
    await rest
  })
})

it('a wakeup that was taken down wakes nobody', async () => {
  const wakeups = createWakeups(fakeClock())
  wakeups.register('converso', { job: 'j' }).unregister()
  expect(wakeups.wake('converso', { job: 'j' })).toBe(false)
})
