import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { createPool } from '../../../../src/main/providers/local/children/pool.ts'
import { fastClock } from '../../../support/clock.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { testLog } from '../../../support/log.ts'
import type { HangingCall } from './hanging-child.ts'

const never = new AbortController().signal
const clock = fastClock(20)

/** What comes of a call whose process hangs so often, and how many processes got it. */
async function asked(hangs: number) {
  const work = { tool: 'A tool', heapMb: 64, maxBytes: 2 ** 30, grownBytes: 2 ** 30, limitMs: () => 600_000, hangMs: 20_000 }
  const file = fileURLToPath(new URL('./hanging-child.ts', import.meta.url))
  const pool = createPool<HangingCall, number>({ ...work, file }, { width: () => 1, priority: 0, log: testLog, clock })
  onTestFinished(pool.stop)
  const folder = await temporaryFolder()
  const answer = await pool.run({ folder, hangs }, never).catch((error: unknown) => error)
  return { answer, calls: (await readdir(folder)).length }
}

it.runIf(process.platform === 'linux')('a call whose process hangs is made once more in a new one', async () => {
  expect(await asked(1)).toEqual({ answer: 1, calls: 2 })
})

it.runIf(process.platform === 'linux')('a call that hangs again fails, long before its time is over', async () => {
  expect(await asked(2)).toMatchObject({
    answer: { failure: { code: 'tool-timeout', facts: { tool: 'A tool', seconds: '20' } } },
    calls: 2,
  })
})
