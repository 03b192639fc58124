import { describe, expect, it } from 'vitest'
import { openBroker } from '../../src/main/fleet/broker.ts'
import { hasPostgres, killPostgres, testQueue } from '../support/fleet.ts'
import { testLog } from '../support/log.ts'

describe.skipIf(!hasPostgres)('a PostgreSQL of our own', () => {
  it('that was killed takes connections again once its start has resolved', async () => {
    const queue = await testQueue()
    const { password, href } = new URL(queue.address)
    for (let n = 0; n < 3; n += 1) {
      await killPostgres(queue)
      await queue.start()
      const broker = await openBroker({
        address: href.replace(`:${password}@`, '@'),
        password: decodeURIComponent(password),
        name: 'test',
        as: 'head',
        log: testLog,
      })
      await expect(broker.version()).resolves.toMatch(/^\d/)
      await broker.stop()
    }
  })
})
