import { describe, expect, it } from 'vitest'
import { defaultOf, type OptionDefaults } from '../../src/shared/option-defaults.ts'

const crf = (value: number) => ({ kind: 'value', value }) as const
const defaults: OptionDefaults = {
  quality: { kind: 'value', value: 'high', unlessCopied: true },
  videoCodec: { kind: 'value', value: 'h264' },
  channels: { kind: 'source' },
  crf: {
    kind: 'by',
    option: 'videoCodec',
    of: { h264: { kind: 'by', option: 'quality', of: { low: crf(28), high: crf(20) } }, h265: crf(23) },
  },
  bitrate: { kind: 'by', option: 'channels', of: { 1: crf(115) }, otherwise: crf(192) },
}

describe('what an option is where nobody sets it', () => {
  it('follows from those that are set, and from the defaults of the others', () => {
    expect([
      defaultOf(defaults, 'crf', {}),
      defaultOf(defaults, 'crf', { quality: 'low' }),
      defaultOf(defaults, 'crf', { videoCodec: 'h265' }),
      defaultOf(defaults, 'crf', { videoCodec: 'av1' }),
    ]).toEqual([crf(20), crf(28), crf(23), null])
  })

  it('has a figure of its own where only the source decides', () => {
    expect([defaultOf(defaults, 'bitrate', {}), defaultOf(defaults, 'bitrate', { channels: 1 })]).toEqual([crf(192), crf(115)])
    expect(defaultOf(defaults, 'fps', {})).toBeNull()
  })
})
