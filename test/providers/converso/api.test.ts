import { describe, expect, it } from 'vitest'
import { createRequest } from '../../../src/main/providers/converso/api.ts'
import { capabilities } from '../../../src/main/providers/converso/pairings.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { Options } from '../../../src/shared/options.ts'

const film = 'https://example.com/films/Der%20F%C3%A4hrmann.part1.mp4?quality=best#t=5'

/** As it travels: what is undefined does not. */
function sent(target: FormatId, options: Options = {}, url = film): unknown {
  return JSON.parse(JSON.stringify(createRequest(url, { target, options })))
}

describe('the create call of Converso', () => {
  it('holds the address as it was given, the format, and the name of the source', () => {
    expect(sent('mp3')).toEqual({
      source: { type: 'url', url: film },
      output: { format: 'mp3', preserveMetadata: true },
      options: { filename: 'Der Fährmann.part1' },
    })
  })

  it('holds every option in its place', () => {
    const options = {
      quality: 'extreme',
      normalize: true,
      preserveMetadata: false,
      filename: 'lied',
      priority: 'high',
      webhook: 'https://a.test/h',
    } as const
    expect(sent('opus', options)).toMatchObject({
      output: { format: 'opus', quality: 'extreme', normalize: true, preserveMetadata: false },
      options: { filename: 'lied', priority: 'high', webhook: 'https://a.test/h' },
    })
  })

  it('holds a bitrate as text, and never together with a quality', () => {
    expect([sent('mp3', { bitrate: 192, quality: 'low' }), sent('aac', { bitrate: 127.6 })]).toMatchObject([
      { output: { format: 'mp3', bitrate: '192k' } },
      { output: { format: 'aac', bitrate: '128k' } },
    ])
    expect(JSON.stringify(sent('mp3', { bitrate: 192, quality: 'low' }))).not.toContain('quality":')
  })

  it('holds neither for FLAC and WAV, which take neither', () => {
    expect(
      [sent('flac', { bitrate: 192 }), sent('wav', { quality: 'low' })].map((body) => (body as { output: object }).output),
    ).toEqual([
      { format: 'flac', preserveMetadata: true },
      { format: 'wav', preserveMetadata: true },
    ])
    const lossless = capabilities.pairings.filter(({ to }) => to.includes('flac') || to.includes('wav'))
    expect(lossless.flatMap(({ options }) => options).filter((name) => name === 'bitrate' || name === 'quality')).toEqual([])
  })

  it('names a result without its ending, legally, and not at all where the address has no name', () => {
    const names = [
      sent('mp3', { filename: 'song.MP3' }),
      sent('mp3', { filename: 'a/b: c.wav' }),
      sent('mp3', {}, 'https://example.com/'),
      sent('mp3', {}, 'https://example.com/100%.mp4'),
    ].map((body) => (body as { options: { filename?: string } }).options.filename)
    expect(names).toEqual(['song', 'a_b_ c.wav', undefined, '100%'])
  })
})

describe('what Converso takes', () => {
  it('is addresses alone, to six targets', () => {
    expect([capabilities.sources, capabilities.pairings.flatMap(({ to }) => to).toSorted()]).toEqual([
      ['url'],
      ['aac', 'flac', 'mp3', 'ogg', 'opus', 'wav'],
    ])
  })
})
