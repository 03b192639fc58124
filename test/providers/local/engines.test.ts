/** Which engine takes an order: by the table alone, with engines that do nothing but say who was asked. */
import { expect, it } from 'vitest'
import { engineTable, type EngineId } from '../../../src/main/providers/local/engine-table.ts'
import type { LocalEngine } from '../../../src/main/providers/local/engine.ts'
import { createEngines } from '../../../src/main/providers/local/engines.ts'
import { localEngines } from '../../../src/main/providers/local/pairings.ts'
import type { Pairing } from '../../../src/main/providers/provider.ts'
import { systemClock } from '../../../src/main/system.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { optionNames, optionTable, type OptionName, type Options, type OptionValue } from '../../../src/shared/options.ts'
import { orderIn } from '../../support/order.ts'

const asked: EngineId[] = []
const saying = (id: EngineId): LocalEngine => ({
  version: async () => id,
  isInstalled: () => true,
  convert: async () => {
    asked.push(id)
    return []
  },
  stop: async () => {},
})
const all = Object.fromEntries(engineTable.map(({ id }) => [id, saying(id)])) as Record<EngineId, LocalEngine>
const engines = createEngines(all, systemClock)
const source = { kind: 'file', path: '/nowhere', bytes: 1, mtimeMs: 0 } as const

/** Who was asked, or why nobody was. */
async function taker(from: FormatId, target: FormatId, options: Options): Promise<string> {
  asked.length = 0
  const { order } = orderIn('/nowhere', { source, from, target, options, facts: null })
  const failed = await engines
    .convert(order, () => {}, new AbortController().signal)
    .then(
      () => null,
      (error: unknown) => toFailure(error).code,
    )
  return failed ?? asked.join(' ')
}

function someValue(name: OptionName): OptionValue {
  const { kind, values, min } = optionTable[name]
  if (values?.[0] !== undefined) return values[0]
  return kind === 'yes-no' ? true : kind === 'text' || kind === 'secret' || kind === 'ranges' ? '1' : (min ?? 1)
}

function takes(
  { from, to, options, values }: Pairing,
  pair: readonly [FormatId, FormatId],
  name: OptionName,
  value: OptionValue,
) {
  return from.includes(pair[0]) && to.includes(pair[1]) && options.includes(name) && (values?.[name]?.includes(value) ?? true)
}

it('is one that takes every option with its value, or nobody: none is dropped', async () => {
  const pairs = new Map<string, readonly [FormatId, FormatId]>()
  // One pair of each pairing stands for all of it.
  for (const { pairings } of localEngines)
    for (const { from, to } of pairings) {
      const pair = [from[0], to[0]] as const
      if (pair[0] !== undefined && pair[1] !== undefined) pairs.set(pair.join(' '), [pair[0], pair[1]])
    }
  const wrong: string[] = []
  for (const pair of pairs.values()) {
    for (const name of optionNames) {
      const value = someValue(name)
      const able = localEngines.find(({ pairings }) => pairings.some((pairing) => takes(pairing, pair, name, value)))
      const expected = able?.id ?? 'option-unsupported'
      const found = await taker(pair[0], pair[1], { [name]: value })
      if (found !== expected) wrong.push(`${pair.join(' → ')} ${name}: ${found}, not ${expected}`)
    }
  }
  expect([pairs.size > 50, wrong]).toEqual([true, []])
})

it('is nobody where one has the option but not the value', async () => {
  expect(await taker('csv', 'pdf', { paper: 'a4' })).toBe('office')
  expect(await taker('csv', 'pdf', { paper: 'source' })).toBe('option-unsupported')
})
