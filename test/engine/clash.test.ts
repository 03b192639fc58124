import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseName, clashOf, type Neighbours } from '../../src/main/engine/prepare.ts'
import { clashPolicies, type ClashPolicy, type Order } from '../../src/shared/job.ts'
import { temporaryFolder } from '../support/folder.ts'

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

async function clash(
  policy: ClashPolicy,
  existing: string | null,
  neighbours = strangers,
  change: Partial<Order> = {},
): Promise<string> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'song.wav'), 'x')
  if (existing !== null) await writeFile(join(folder, existing), 'x')
  const found = await clashOf({ batchId: 1, order: order(folder, { ifExists: policy, ...change }) }, 'song', neighbours)
  return found.kind === 'go' ? `go: ${found.as}` : `${found.kind}: ${found.why.code}`
}

describe('a name that is taken', () => {
  it('is answered by the policy', async () => {
    const answers = await Promise.all(clashPolicies.map(async (policy) => [policy, await clash(policy, 'song.mp3')]))
    expect(Object.fromEntries(answers)).toEqual({
      number: 'go: number',
      skip: 'skip: output-exists',
      overwrite: 'go: overwrite',
      ask: 'ask: output-exists',
    })
  })

  it('is no matter while it is free', async () => {
    const answers = await Promise.all(clashPolicies.map(async (policy) => await clash(policy, null)))
    expect(answers).toEqual(['go: number', 'go: skip', 'go: overwrite', 'go: number'])
  })

  it('gets a number when another file of the same batch wrote it, whatever the policy', async () => {
    const sameBatch: Neighbours = { ...strangers, batchOf: () => 1 }
    const answers = await Promise.all(clashPolicies.map(async (policy) => await clash(policy, 'song.mp3', sameBatch)))
    expect(answers).toEqual(['go: number', 'go: number', 'go: number', 'go: number'])
  })

  it('is not overwritten while it waits to be converted itself', async () => {
    expect(await clash('overwrite', 'song.mp3', { ...strangers, isAwaited: () => true })).toBe('go: number')
  })

  it('is never overwritten when it is the source', async () => {
    const toItself = { target: 'wav' as const }
    expect([await clash('overwrite', null, strangers, toItself), await clash('number', null, strangers, toItself)]).toEqual([
      'refuse: source-is-target',
      'go: number',
    ])
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
