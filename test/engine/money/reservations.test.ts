import { describe, expect, it } from 'vitest'
import { createPledges } from '../../../src/main/engine/pledges.ts'
import type { Job } from '../../../src/shared/job.ts'
import { draftOf } from '../../support/drafts.ts'

const job = (id: number, batchId: number): Job => ({
  ...draftOf(`${id}.wav`, { provider: 'musicgpt' }),
  id,
  batchId,
  state: { phase: 'queued', dueAtMs: 0, work: { step: 'prepare' }, last: null },
  attempt: 1,
  createdAtMs: 0,
})
const never = new AbortController().signal

describe('what is pledged', () => {
  it('counts for all others of the provider, and for its batch, until it is paid', () => {
    const pledges = createPledges()
    pledges.pledge(job(1, 1), 2)
    pledges.pledge(job(2, 2), 3)
    const before = [pledges.others(job(3, 1)), pledges.others(job(1, 1)), pledges.others({ ...job(3, 1), provider: 'xconvert' })]
    pledges.end(1)
    expect([...before, pledges.others(job(3, 1))]).toEqual([
      { all: 5, batch: 2 },
      { all: 3, batch: 0 },
      { all: 0, batch: 0 },
      { all: 3, batch: 0 },
    ])
  })

  it('at a price that nobody knows is waited for', async () => {
    const pledges = createPledges()
    pledges.pledge(job(1, 1), null)
    const order: string[] = []
    const second = pledges.known(job(2, 1), never).then(() => order.push('known'))
    order.push('asked')
    pledges.end(1)
    await second
    expect(order).toEqual(['asked', 'known'])
  })

  it('is waited for no longer than the asker wants', async () => {
    const pledges = createPledges()
    pledges.pledge(job(1, 1), null)
    const asker = new AbortController()
    const asked = pledges.known(job(2, 1), asker.signal).catch((error: unknown) => error)
    asker.abort('pause')
    expect(await asked).toBe('pause')
  })
})
