import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseName, decideName, nameOnDisk, type Neighbours, type Taken } from '../../../src/main/engine/job/destination.ts'
import { conflictPolicies, type ConflictPolicy, type Order } from '../../../src/shared/job.ts'
import { temporaryFolder } from '../../support/folder.ts'

const strangers: Neighbours = { batchOf: () => null, isAwaited: () => false }

function order(folder: string, change: Partial<Order> = {}): Order {
  return {
    source: { kind: 'file', path: join(folder, 'song.wav'), bytes: 1, mtimeMs: 0 },
    from: 'wav',
    target: 'mp3',
    options: {},
    preset: null,
    with: 'auto',
    localOnly: false,
    folder,
    name: '{name}',
    ifExists: 'number',
    keepDates: true,
    afterwards: 'keep',
    counter: 3,
    ...change,
  }
}

async function decision(
  policy: ConflictPolicy,
  existing: string | null,
  neighbours = strangers,
  change: Partial<Order> = {},
): Promise<string> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'song.wav'), 'x')
  if (existing !== null) await writeFile(join(folder, existing), 'x')
  const job = { batchId: 1, order: order(folder, { ifExists: policy, ...change }) }
  const found = await nameOnDisk(job, 'song', neighbours, 'early')
  return found.kind === 'go' ? `go: ${found.as}` : `${found.kind}: ${found.why.code}`
}

describe('a name that is taken', () => {
  it('is answered by the policy', async () => {
    const answers = await Promise.all(conflictPolicies.map(async (policy) => [policy, await decision(policy, 'song.mp3')]))
    expect(Object.fromEntries(answers)).toEqual({
      number: 'go: number',
      skip: 'skip: output-exists',
      overwrite: 'go: overwrite',
      ask: 'ask: output-exists',
    })
  })

  it('is no matter while it is free', async () => {
    const answers = await Promise.all(conflictPolicies.map(async (policy) => await decision(policy, null)))
    expect(answers).toEqual(['go: number', 'go: skip', 'go: overwrite', 'go: number'])
  })

  it('gets a number when another file of the same batch wrote it, whatever the policy', async () => {
    const sameBatch: Neighbours = { ...strangers, batchOf: () => 1 }
    const answers = await Promise.all(conflictPolicies.map(async (policy) => await decision(policy, 'song.mp3', sameBatch)))
    expect(answers).toEqual(['go: number', 'go: number', 'go: number', 'go: number'])
  })

  it('is not overwritten while it waits to be converted itself', async () => {
    expect(await decision('overwrite', 'song.mp3', { ...strangers, isAwaited: () => true })).toBe('go: number')
  })

  it('is never overwritten when it is the source', async () => {
    const toItself = { target: 'wav' as const }
    expect([await decision('overwrite', null, strangers, toItself), await decision('number', null, strangers, toItself)]).toEqual(
      ['refuse: source-is-target', 'go: number'],
    )
  })
})

describe('a taken name', () => {
  const stranger: Taken = { isSource: false, batchId: null, isAwaited: false }
  const takens: Readonly<Record<string, Taken | null>> = {
    'by nobody': null,
    'by a stranger': stranger,
    'by the source': { ...stranger, isSource: true },
    'by the same batch': { ...stranger, batchId: 1 },
    'by a source in the queue': { ...stranger, isAwaited: true },
  }
  const asked = (taken: Taken | null, when: 'early' | 'last-moment', isPaid: boolean) =>
    conflictPolicies
      .map((policy) => {
        const answer = decideName({ policy, batchId: 1, isPaid }, taken, when)
        return `${policy}: ${answer.kind === 'go' ? answer.as : `${answer.kind}!`}`
      })
      .join(', ')

  it('means this early, by policy', () => {
    expect(Object.entries(takens).map(([by, taken]) => `${by}: ${asked(taken, 'early', false)}`)).toEqual([
      'by nobody: number: number, skip: skip, overwrite: overwrite, ask: number',
      'by a stranger: number: number, skip: skip!, overwrite: overwrite, ask: ask!',
      'by the source: number: number, skip: skip!, overwrite: refuse!, ask: ask!',
      'by the same batch: number: number, skip: number, overwrite: number, ask: number',
      'by a source in the queue: number: number, skip: skip!, overwrite: number, ask: ask!',
    ])
  })

  it('asks nobody at the last moment', () => {
    expect(Object.entries(takens).map(([by, taken]) => `${by}: ${asked(taken, 'last-moment', false)}`)).toEqual([
      'by nobody: number: number, skip: skip, overwrite: overwrite, ask: number',
      'by a stranger: number: number, skip: skip!, overwrite: overwrite, ask: number',
      'by the source: number: number, skip: skip!, overwrite: refuse!, ask: number',
      'by the same batch: number: number, skip: number, overwrite: number, ask: number',
      'by a source in the queue: number: number, skip: skip!, overwrite: number, ask: number',
    ])
  })

  it('throws nothing away at the last moment that is paid for', () => {
    const answers = Object.values(takens).map((taken) => asked(taken, 'last-moment', true))
    expect(answers.filter((answer) => answer.includes('!') || answer.includes('skip: skip'))).toEqual([])
  })
})

describe('the name of an output', () => {
  it('follows the template', () => {
    const named = baseName(
      order('/music/Mozart', { name: '{parent} - {name} {counter} {bitrate}k', options: { bitrate: 192 } }),
      null,
      'local',
      0,
    )
    expect(named).toBe('Mozart - song 3 192k')
  })

  it('keeps the source’s own name to the letter', () => {
    const source = { kind: 'file' as const, path: '/m/ a:b? .wav', bytes: 1, mtimeMs: 0 }
    expect(baseName(order('/m', { source }), null, 'local', 0)).toBe(' a:b? ')
  })

  it('comes from the address where there is no file', () => {
    const source = { kind: 'url' as const, url: 'https://example.org/a/My%20Film.mp4?x=1' }
    expect(baseName(order('/m', { source }), null, 'converso', 0)).toBe('My Film')
  })

  it.each([
    ['https://example.org/caf%E9.mp3', 'caf%E9'],
    ['https://example.org/100%.mp3', '100%'],
    ['https://example.org/caf%E9/My%20Song.mp3', 'My Song'],
    ['https://example.org/a%00b.mp3', 'a_b'],
    ['https://example.org/', 'download'],
  ])('comes from any address, however it is escaped: %s', (url, name) => {
    const source = { kind: 'url' as const, url }
    expect(baseName(order('/m', { source }), null, 'converso', 0)).toBe(name)
  })
})
