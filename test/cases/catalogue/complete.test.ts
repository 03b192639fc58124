import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { EngineId } from '../../../src/main/providers/local/engine-table.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { firstChoices, groups, isUnmade, type Pair, planOf, type Rule, rules, unwritten } from './plan.ts'

const engines = Object.entries(rules) as readonly (readonly [EngineId, Rule])[]

it('every engine is run with all that it reads and all that it writes before any other, but for what is named', () => {
  const missing = engines
    .filter(([, { run }]) => run !== 'elsewhere')
    .flatMap(([id]) => {
      const pairs = firstChoices.get(id) ?? []
      const plan = planOf(id)
      const lacking = (side: keyof Pair, isNamed: (format: FormatId) => boolean) =>
        [...new Set(pairs.map((pair) => pair[side]))]
          .filter((format) => !isNamed(format) && !plan.some((pair) => pair[side] === format))
          .map((format) => `${id}: ${side} ${format}`)
      return [...lacking('from', (format) => isUnmade(id, format)), ...lacking('to', (format) => unwritten[format] !== undefined)]
    })
  expect(missing).toEqual([])
  const run = new Set<EngineId>(['media', ...groups.flat()])
  expect(engines.filter(([id, rule]) => run.has(id) === (rule.run === 'elsewhere'))).toEqual([])
})

it('what is run elsewhere has its tests there, and none is left to others without a reason', () => {
  const others = engines.flatMap(([id, rule]) => (rule.run === 'elsewhere' ? [[id, rule] as const] : []))
  expect(others.filter(([, { file }]) => !existsSync(file))).toEqual([])
  expect(others.filter(([id, { why }]) => firstChoices.get(id)?.length === 0 && why === undefined)).toEqual([])
})
