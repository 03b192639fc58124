/** Watched folders by lot, against a model. BESIDE_TEST_SEED=N has the same things happen again. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { dice } from '../support/dice.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { watchLife } from '../support/watch-life.ts'
import { hurriedTimings } from '../support/watch-timings.ts'

leavesNothingOpen()

describe('whatever happens to a watched folder and its Beside', () => {
  it.each([1, 2, 3])('each file that stays is converted once and whole, life %i', { timeout: 240_000 }, async () => {
    const drawn = dice()
    console.log(`BESIDE_TEST_SEED=${drawn.seed}`)
    const life = await watchLife({ top: await temporaryFolder(), timings: hurriedTimings, dice: drawn, pauseMs: 120 })
    onTestFinished(life.end)
    for (let n = 0; n < 40; n += 1) await life.step()
    expect({ seed: drawn.seed, troubles: await life.verdict() }).toEqual({ seed: drawn.seed, troubles: [] })
  })
})
