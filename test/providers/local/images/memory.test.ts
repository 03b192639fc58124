import { expect, it } from 'vitest'
import { watchMemory } from '../../../../src/main/providers/local/children/pool.ts'
import { fakeClock } from '../../../support/clock.ts'

/** What a worker answers when it is asked, one answer after the other. */
function worker(...answers: readonly (number | null)[]): { readonly memory: () => Promise<number | null>; asked: number } {
  const one = { asked: 0, memory: async () => answers[one.asked++] ?? null }
  return one
}

it('a worker that takes more than half of the machine is stopped', async () => {
  const clock = fakeClock()
  const stopped: unknown[] = []
  watchMemory(worker(100e6, 1e15), 1e12, clock, (reason) => stopped.push(reason.failure.code))

  for (let look = 0; look < 3; look++) {
    clock.advance(500)
    await new Promise(setImmediate)
  }

  expect(stopped).toEqual(['tool-memory'])
  expect(clock.waiting()).toBe(0)
})

it('a watch that is over asks no more, even if an answer is on its way', async () => {
  const clock = fakeClock()
  const one = worker(1e15)
  const stopped: unknown[] = []
  const over = watchMemory(one, 1e12, clock, (reason) => stopped.push(reason))

  clock.advance(500)
  over()
  await new Promise(setImmediate)
  clock.advance(10_000)

  expect({ stopped, asked: one.asked, waiting: clock.waiting() }).toEqual({ stopped: [], asked: 1, waiting: 0 })
})
