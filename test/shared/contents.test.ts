import { describe, expect, it } from 'vitest'
import { contentsOf, missingIn } from '../../src/shared/contents.ts'
import { belongsTo, things } from '../../src/shared/things.ts'
import { emptyFacts, type MediaFacts } from '../../src/shared/media.ts'

const audio = { codec: 'aac', sampleRate: 48_000, channels: 2, bitDepth: null, bitrate: null }
const video = { codec: 'h264', width: 640, height: 480, fps: 25 }

function missing(source: Partial<MediaFacts>, result: Partial<MediaFacts>): readonly string[] {
  const facts = (change: Partial<MediaFacts>) => contentsOf({ ...emptyFacts('mkv', 1), ...change })
  return missingIn(facts(result), facts(source)).map(({ thing, name, language }) =>
    [thing, language, name].filter((part) => part !== undefined && part !== '').join(' '),
  )
}

describe('what a source holds and its result does not', () => {
  it('is nothing where both hold the same, in whatever order and codec', () => {
    const all: Partial<MediaFacts> = {
      video: [video],
      audio: [
        { ...audio, language: 'eng' },
        { ...audio, language: 'fra', title: 'Director' },
      ],
      tags: [{ name: 'ARTIST', values: ['Ann', 'Bob'] }],
      chapters: [{ startMs: 0, title: 'One' }],
    }
    const other = all.audio?.toReversed().map((stream) => ({ ...stream, codec: 'opus' })) ?? []
    expect(missing(all, { ...all, audio: other })).toEqual([])
  })

  it('names the very track that is left, and not what that says of itself as well', () => {
    const kept = { ...audio, language: 'eng', title: 'Film' }
    const left = { ...audio, language: 'fra', title: 'Comments', roles: ['comment' as const] }
    expect(missing({ audio: [left, kept] }, { audio: [kept] })).toEqual(['audio-track fra aac'])
  })

  it('names a language that a kept track has lost', () =>
    expect(missing({ audio: [{ ...audio, language: 'eng' }] }, { audio: [audio] })).toEqual(['language eng']))

  it('counts several of one kind one by one', () =>
    expect(missing({ video: [video, video], pictures: [cover, cover] }, { video: [video], pictures: [cover] })).toEqual([
      'video-track h264',
      'picture front-cover',
    ]))

  it('is a tag whose values differ, but for zeros, blanks and line breaks', () => {
    const tag = (name: string, ...values: readonly string[]) => ({ tags: [{ name, values }] })
    expect(missing(tag('ARTIST', 'Ann', 'Bob'), tag('ARTIST', 'Ann;Bob'))).toEqual(['tag ARTIST'])
    expect(missing(tag('TRACKNUMBER', '03'), tag('TRACKNUMBER', '3'))).toEqual([])
    expect(missing(tag('COMMENT', 'a\r\nb '), tag('Comment', 'a\nb'))).toEqual([])
    expect(missing(tag('DATE', '2024'), tag('DATE', '2024-05-06'))).toEqual(['tag DATE'])
  })

  it('is a number that has become smaller, and none that has become larger', () => {
    expect(missing({ audio: [{ ...audio, channels: 6 }] }, { audio: [audio] })).toEqual(['channels 6'])
    expect(missing({ audio: [audio] }, { audio: [{ ...audio, channels: 6 }] })).toEqual([])
  })

  it('is nothing of what a photo says of itself twice: as EXIF and as tags', () => {
    const image = { width: 1, height: 1, pages: 1, metadata: ['exif' as const] }
    expect(missing({ image, tags: [{ name: 'ARTIST', values: ['Ann'] }] }, { image: { ...image, metadata: [] } })).toEqual([
      'exif',
    ])
  })
})

it('every thing belongs to files of some family', () => {
  const families = ['audio', 'video', 'image', 'document'] as const
  expect(things.filter((thing) => !families.some((family) => belongsTo(thing, family)))).toEqual([])
})

const cover = { type: 'image/png', kind: 'front-cover' } as const
