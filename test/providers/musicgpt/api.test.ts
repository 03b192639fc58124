import { describe, expect, it } from 'vitest'
import { fieldsOf } from '../../../src/main/providers/musicgpt/api.ts'
import { capabilities } from '../../../src/main/providers/musicgpt/pairings.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'

const audio = (sampleRate: number, bitDepth: number | null): MediaFacts => ({
  ...emptyFacts('wav', 1),
  durationMs: 1_000,
  audio: [{ codec: 'pcm_s16le', sampleRate, channels: 2, bitDepth, bitrate: null }],
})

describe('what MusicGPT takes', () => {
  const pairing = (target: string) => capabilities.pairings.find(({ to }) => (to as readonly string[]).includes(target))

  it('is six targets', () => {
    expect(capabilities.pairings.flatMap(({ to }) => to).toSorted()).toEqual(['aac', 'flac', 'mp3', 'ogg', 'wav', 'webm'])
  })

  it('is no rate that MP3 cannot hold, and a bit depth for lossless targets alone', () => {
    expect(pairing('mp3')?.values?.sampleRate).toEqual([8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
    expect(capabilities.pairings.filter(({ options }) => options.includes('bitDepth')).flatMap(({ to }) => to)).toEqual([
      'wav',
      'flac',
    ])
  })

  it('is no film to webm, which from there holds sound alone', () => {
    expect([
      pairing('webm')?.from.includes('webm'),
      pairing('webm')?.from.includes('wav'),
      pairing('mp3')?.from.includes('webm'),
    ]).toEqual([false, true, true])
  })
})

describe('the form of MusicGPT', () => {
  it('holds the rate and the depth of the source where none is asked for, since its defaults are documented in two ways', () => {
    const source = { kind: 'file', path: '/a.wav', bytes: 1, mtimeMs: 0 } as const
    const fields = (target: 'wav' | 'mp3', facts: MediaFacts | null, options = {}) => {
      const { target_sr, target_bit_depth } = fieldsOf({ source, target, options, facts })
      return [target_sr, target_bit_depth]
    }
    expect([
      fields('wav', audio(44_100, 16)),
      fields('wav', audio(88_200, 20)),
      fields('wav', audio(384_000, 64)),
      fields('mp3', audio(96_000, 24)),
      fields('wav', audio(48_000, 24), { sampleRate: 16_000, bitDepth: 16 }),
      fields('wav', null),
    ]).toEqual([
      ['44100', '16'],
      ['96000', '24'],
      ['192000', '32'],
      ['48000', undefined],
      ['16000', '16'],
      [undefined, undefined],
    ])
  })
})
