import { expect, it } from 'vitest'
import { parseOptions } from '../../src/shared/options.ts'
import { suppliedPreset, suppliedPresetIds } from '../../src/shared/presets.ts'
import en from '../../src/shared/text/en.json' with { type: 'json' }

it('every preset that comes with Beside has options that exist, and says what it is called and does', () => {
  const { group: _, ...texts } = en.labels.preset
  expect(Object.keys(texts)).toEqual(suppliedPresetIds)
  for (const id of suppliedPresetIds) {
    const { options } = suppliedPreset(id)
    expect([id, parseOptions(options)]).toEqual([id, { ok: true, value: options }])
  }
})
