import { expect, it } from 'vitest'
import { plannedOutputs, templatesOf, type ConversionOutput } from '../../src/shared/outputs.ts'
import { formatNamed } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'

function names(outputs: readonly (readonly [format: string, options: Options])[], usual = '{name}'): readonly string[] {
  const wanted = outputs.map(([format, options]): ConversionOutput => ({ target: formatNamed(format), preset: null, options }))
  const planned = plannedOutputs(wanted, {}, () => null)
  return 'code' in planned ? [planned.code] : templatesOf(planned, usual)
}

it('names that differ already stay as they are', () => {
  expect([
    names([
      ['mp4', {}],
      ['mp3', {}],
    ]),
    names(
      [
        ['mp3', { bitrate: 192 }],
        ['mp3', { bitrate: 96 }],
      ],
      '{name}-{bitrate}',
    ),
  ]).toEqual([
    ['{name}', '{name}'],
    ['{name}-{bitrate}', '{name}-{bitrate}'],
  ])
})

it('of two with one ending each has behind its name what it has otherwise', () => {
  expect([
    names([
      ['mp4', { maxHeight: 1080, crf: 20 }],
      ['mp4', { maxHeight: 720, crf: 20 }],
    ]),
    names([
      ['mp4', {}],
      ['mp4', { quality: 'low' }],
    ]),
    names([
      ['m4a', {}],
      ['alac', {}],
    ]),
    names([
      ['mp3', { trimStart: 90_000 }],
      ['mp3', { trimStart: 0 }],
    ]),
  ]).toEqual([
    ['{name} (1080p)', '{name} (720p)'],
    ['{name}', '{name} (low)'],
    ['{name} (m4a)', '{name} (alac)'],
    ['{name} (trimStart 90 s)', '{name} (trimStart 0 s)'],
  ])
})

it('what no word tells apart is counted, and no password is told', () => {
  expect(
    names([
      ['pdf', { protect: 'one' }],
      ['pdf', { protect: 'two' }],
    ]),
  ).toEqual(['{name}', '{name} [2]'])
})

it('one that a rule has twice is one and the same', () => {
  const mp3 = { target: formatNamed('mp3'), preset: null, options: { bitrate: 96 } }
  const planned = plannedOutputs([mp3, mp3], {}, () => null, [0, 1])
  const refused = plannedOutputs([mp3, mp3], {}, () => null)
  expect(['code' in planned ? planned.code : templatesOf(planned, '{name}'), 'code' in refused && refused.facts]).toEqual([
    ['{name}', '{name}'],
    { because: 'same-outputs' },
  ])
})
