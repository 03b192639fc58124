/** Calls that the contract does not have, over any carrier: each is refused, with a line in the log, and none changes anything. */
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Client, Link } from '../../src/shared/wire/client.ts'
import { hookDraft } from './hook-listeners.ts'
import type { Logged } from './sessions.ts'

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

/** What pages may not ask: they show the files of jobs and no others, name no program that is run, and have nothing to do with those who have keys. */
export async function refusesPaths(link: Link, log: Logged): Promise<void> {
  const path = fileURLToPath(new URL('../../samples/photo.jpg', import.meta.url))
  const hook = hookDraft({ kind: 'program', program: 'true', args: [] })
  const look = [['media', 'inspect'], ['media/inspect'], ['media', 'inspect', ''], ['', 'media', 'inspect']]
  const hooks = [['hooks', 'save'], ['hooks/save'], ['hooks', 'renewSecret'], ['hooks', 'output']]
  const ways = [...look, ...hooks, ['served', 'keys'], ['served', 'addKey'], ['', 'served/keys']]
  for (const way of ways) {
    const answered = await link.call(way, { ...hook, path, id: 1, bytes: 1 }, { context: {} }).then(
      () => 'answered',
      () => 'refused',
    )
    expect([way, answered]).toEqual([way, 'refused'])
  }
  expect(log.lines).toEqual(ways.map(() => 'a call was refused'))
}

/** @param settled what asks the same engine by another way. @param log of the carrier's end that is asked. */
export async function refusesOddCalls(link: Link, settled: Client, log: Logged): Promise<void> {
  const outcome = async (path: string, input: unknown) =>
    await link.call(path.split('.'), input, { context: {} }).then(
      () => 'answered',
      () => 'refused',
    )
  for (const path of noCalls) expect([path, await outcome(path, { id: 1 })]).toEqual([path, 'refused'])
  expect(await outcome('jobs.get', { id: 'one' })).toBe('refused')
  expect(await outcome('settings.set', { paused: 'yes' })).toBe('refused')
  expect(log.lines).toEqual(Array.from({ length: noCalls.length + 2 }, () => 'a call was refused'))
  expect(await outcome('settings.set', JSON.parse('{"__proto__":{"paused":true}}'))).toBe('answered')
  expect(log.lines).toHaveLength(noCalls.length + 2)
  expect(await settled.settings.get()).toMatchObject({ paused: false })
  expect(({} as { paused?: unknown }).paused).toBe(undefined)
}
