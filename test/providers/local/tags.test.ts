import { describe, expect, it } from 'vitest'
import { changed, noMetadata } from '../../../src/main/providers/local/tags/metadata.ts'
import { commentsFor, pictureComment } from '../../../src/main/providers/local/tags/vorbis.ts'
import { joined, tidied } from '../../../src/main/providers/local/tags/vocabulary.ts'

const chapters = [
  { startMs: 0, title: 'One' },
  { startMs: 61_500, title: 'Two; =#\\' },
  { startMs: 3_723_004, title: 'Three' },
]
const unchanged = { options: {}, fromRate: 48_000, toRate: 48_000, lastsMs: null }

describe('chapters', () => {
  it('are comments as Ogg players read them', () =>
    expect(commentsFor({ ...noMetadata, chapters })).toEqual([
      'CHAPTER000=00:00:00.000',
      'CHAPTER000NAME=One',
      'CHAPTER001=00:01:01.500',
      'CHAPTER001NAME=Two; =#\\',
      'CHAPTER002=01:02:03.004',
      'CHAPTER002NAME=Three',
    ]))

  it('lie elsewhere after a cut; the one that is running when it begins stays', () =>
    expect(
      changed({ ...noMetadata, chapters }, { ...unchanged, options: { trimStart: 60_000, trimEnd: 120_000 } }).chapters,
    ).toEqual([
      { startMs: 0, title: 'One' },
      { startMs: 1500, title: 'Two; =#\\' },
    ]))
})

describe('a picture', () => {
  it('is a block of FLAC among the comments, with what it shows', () => {
    const picture = { type: 'image/png', kind: 'back-cover', description: 'é', data: Buffer.from([1, 2, 3]) } as const
    const block = Buffer.from(pictureComment(picture).replace('METADATA_BLOCK_PICTURE=', ''), 'base64')
    expect(block.toString('hex')).toBe(
      [
        '00000004',
        '00000009',
        Buffer.from('image/png').toString('hex'),
        '00000002',
        'c3a9',
        '0'.repeat(32),
        '00000003',
        '010203',
      ].join(''),
    )
  })
})

describe('tags', () => {
  it('that count have their total under a name of its own', () =>
    expect(tidied([{ name: 'track', values: ['3/9'] }])).toEqual([
      { name: 'TRACKNUMBER', values: ['3'] },
      { name: 'TRACKTOTAL', values: ['9'] },
    ]))

  it('of two readers are those of the first, and what it has no word for', () =>
    expect(
      joined(
        [{ name: 'ARTIST', values: ['Ann', 'Bob'] }],
        [
          { name: 'ARTIST', values: ['Ann;Bob'] },
          { name: 'PERFORMERS', values: ['Ann;Bob'] },
          { name: 'MOOD', values: ['calm'] },
        ],
      ),
    ).toEqual([
      { name: 'ARTIST', values: ['Ann', 'Bob'] },
      { name: 'MOOD', values: ['calm'] },
    ]))

  it('that say how loud a file was are gone once that has changed', () =>
    expect(
      changed(
        {
          ...noMetadata,
          tags: [
            { name: 'TITLE', values: ['A'] },
            { name: 'REPLAYGAIN_TRACK_GAIN', values: ['-3 dB'] },
            { name: 'R128_TRACK_GAIN', values: ['-700'] },
          ],
        },
        { ...unchanged, options: { normalize: true } },
      ).tags,
    ).toEqual([{ name: 'TITLE', values: ['A'] }]))
})
