import { describe, expect, it } from 'vitest'
import { createReservations } from '../../../src/main/engine/money/budget.ts'
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
    const reservations = createReservations()
    reservations.reserve(job(1, 1), 2)
    reservations.reserve(job(2, 2), 3)
    const before = [
      reservations.others(job(3, 1)),
      reservations.others(job(1, 1)),
      reservations.others({ ...job(3, 1), provider: 'xconvert' }),
    ]
    reservations.end(1)
    expect([...before, reservations.others(job(3, 1))]).toEqual([
      { all: 5, batch: 2 },
      { all: 3, batch: 0 },
      { all: 0, batch: 0 },
      { all: 3, batch: 0 },
    ])
  })

  it('at a price that nobody knows is waited for', async () => {
    const reservations = createReservations()
    reservations.reserve(job(1, 1), null)
    const order: string[] = []
    const second = reservations.known(job(2, 1), never).then(() => order.push('known'))
    order.push('asked')
    reservations.end(1)
    await second
    expect(order).toEqual(['asked', 'known'])
  })

  it('is waited for no longer than the asker wants', async () => {
    const reservations = createReservations()
    reservations.reserve(job(1, 1), null)
    const asker = new AbortController()
    const asked = reservations.known(job(2, 1), asker.signal).catch((error: unknown) => error)
    asker.abort('pause')
    expect(await asked).toBe('pause')
  })
})
