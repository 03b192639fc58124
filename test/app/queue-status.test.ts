import { describe, expect, it } from 'vitest'
import { advance, idleBurst, isAllDone } from '../../src/main/app/queue-status.ts'
import { phases } from '../../src/shared/job.ts'
import type { Totals } from '../../src/shared/model.ts'

const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
const now = (change: Partial<Totals>, paused = false) => ({ totals: { ...none, ...change }, paused })

describe('a burst of work', () => {
  it('counts from where it began, and ends with what came of it', () => {
    const begun = advance(idleBurst, now({ done: 1000, queued: 4 }))
    expect(begun).toMatchObject({ left: 4, progress: 0, ended: null })
    const half = advance(begun, now({ done: 1001, failed: 1, queued: 1, running: 1 }))
    expect(half).toMatchObject({ left: 2, running: 1, progress: 0.5 })
    const over = advance(half, now({ done: 1003, failed: 1 }))
    expect(over).toMatchObject({ left: 0, progress: null, ended: { done: 3, failed: 1 } })
    expect(advance(over, now({ done: 1003, failed: 1 })).ended).toBe(null)
  })

  it('that was called off ends without a word; what waits for the user does not keep it going', () => {
    expect(advance(advance(idleBurst, now({ queued: 2 })), now({ cancelled: 2 })).ended).toBe(null)
    expect(advance(advance(idleBurst, now({ running: 1 })), now({ waiting: 1 }))).toMatchObject({ left: 0, ended: null })
  })

  it('asks for the user once, when the first of it begins to wait, and again after all was answered', () => {
    const begun = advance(idleBurst, now({ queued: 4, waiting: 2 }))
    expect(begun).toMatchObject({ waiting: 2, asks: false })
    const first = advance(begun, now({ queued: 3, waiting: 3 }))
    expect(first).toMatchObject({ left: 3, waiting: 3, asks: true })
    const second = advance(first, now({ queued: 2, waiting: 3, uncertain: 1 }))
    expect(second).toMatchObject({ left: 2, waiting: 4, asks: false })
    const answered = advance(second, now({ queued: 6 }))
    expect(advance(answered, now({ queued: 5, uncertain: 1 })).asks).toBe(true)
    expect(advance(idleBurst, now({ waiting: 3 })).asks).toBe(false)
  })

  it('that leaves something paused or waiting ends, and not everything is done', () => {
    const begun = advance(idleBurst, now({ queued: 3 }))
    const ends = [{ done: 2, paused: 1 }, { done: 2, waiting: 1 }, { done: 2, uncertain: 1 }, { done: 3 }]
    const ended = ends.map((totals) => advance(begun, now(totals)))
    expect(ended.map((burst) => [burst.ended?.done, isAllDone(burst)])).toEqual([
      [2, false],
      [2, false],
      [2, false],
      [3, true],
    ])
  })

  it('goes on from nothing when the history is forgotten meanwhile', () => {
    const half = advance(advance(idleBurst, now({ done: 10, queued: 2 })), now({ done: 11, queued: 1 }))
    expect(advance(half, now({ queued: 1 }))).toMatchObject({ left: 1, progress: 0 })
  })
})
