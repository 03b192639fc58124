/** Calls that the contract does not have, over any carrier: each is refused, and none changes anything. */
import { expect } from 'vitest'
import type { Client, Link } from '../../src/main/api/client.ts'

const noCalls = [
  'nothing',
  'jobs',
  'jobs.__proto__',
  '__proto__.about',
  'jobs.constructor',
  'jobs.toString',
  'constructor.prototype',
  '',
]

/** @param settled what asks the same engine by another way. */
export async function refusesOddCalls(link: Link, settled: Client): Promise<void> {
  const outcome = async (path: string, input: unknown) =>
    await link.call(path.split('.'), input, { context: {} }).then(
      () => 'answered',
      () => 'refused',
    )
  for (const path of noCalls) expect([path, await outcome(path, { id: 1 })]).toEqual([path, 'refused'])
  expect(await outcome('jobs.get', { id: 'one' })).toBe('refused')
  expect(await outcome('settings.set', { paused: 'yes' })).toBe('refused')
  expect(await outcome('settings.set', JSON.parse('{"__proto__":{"paused":true}}'))).toBe('answered')
  expect(await settled.settings.get()).toMatchObject({ paused: false })
  expect(({} as { paused?: unknown }).paused).toBe(undefined)
}
