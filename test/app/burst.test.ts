import { describe, expect, it } from 'vitest'
import { advance, calm } from '../../src/main/app/burst.ts'
import { phases } from '../../src/shared/job.ts'
import type { Totals } from '../../src/shared/model.ts'

const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
const now = (change: Partial<Totals>, paused = false) => ({ totals: { ...none, ...change }, paused })

describe('a burst of work', () => {
  it('counts from where it began, and ends with what came of it', () => {
    const begun = advance(calm, now({ done: 1000, queued: 4 }))
    expect(begun).toMatchObject({ left: 4, progress: 0, ended: null })
    const half = advance(begun, now({ done: 1001, failed: 1, queued: 1, running: 1 }))
    expect(half).toMatchObject({ left: 2, running: 1, progress: 0.5 })
    const over = advance(half, now({ done: 1003, failed: 1 }))
    expect(over).toMatchObject({ left: 0, progress: null, ended: { done: 3, failed: 1 } })
    expect(advance(over, now({ done: 1003, failed: 1 })).ended).toBe(null)
  })

  it('that was called off ends without a word; what waits for the user does not keep it going', () => {
    expect(advance(advance(calm, now({ queued: 2 })), now({ cancelled: 2 })).ended).toBe(null)
    expect(advance(advance(calm, now({ running: 1 })), now({ waiting: 1 }))).toMatchObject({ left: 0, ended: null })
  })

  it('goes on from nothing when the history is forgotten meanwhile', () => {
    const half = advance(advance(calm, now({ done: 10, queued: 2 })), now({ done: 11, queued: 1 }))
    expect(advance(half, now({ queued: 1 }))).toMatchObject({ left: 1, progress: 0 })
  })
})
