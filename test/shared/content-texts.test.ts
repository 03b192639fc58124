import { describe, expect, it } from 'vitest'
import { codecName } from '../../src/shared/codecs.ts'
import { leftCount, leftText, type ContentTexts, type LeftNote } from '../../src/shared/content-texts.ts'
import { things } from '../../src/shared/things.ts'
import { englishTexts, messageOf, noteText } from '../../src/shared/describe.ts'
import { failure } from '../../src/shared/failure.ts'
import de from '../../src/shared/text/de.json' with { type: 'json' }
import fr from '../../src/shared/text/fr.json' with { type: 'json' }
import ja from '../../src/shared/text/ja.json' with { type: 'json' }

function left(thing: LeftNote['thing'], names: LeftNote['names'] = [], more: Partial<LeftNote> = {}): LeftNote {
  return { what: 'left', thing, count: Math.max(1, names.length), names, ...more }
}

const pgs = left('bitmap-subtitles', [{ name: 'hdmv_pgs_subtitle', language: 'eng' }])
const tags = left('tag', [{ name: 'LABEL' }, { name: 'MYFIELD' }, { name: 'BPM' }])

describe('what was left behind, in words', () => {
  it('counts, and names which ones as people know them', () => {
    const notes = [
      pgs,
      left('bitmap-subtitles', [{ name: 'hdmv_pgs_subtitle', language: 'eng' }, { name: 'dvd_subtitle' }]),
      tags,
      left('picture', [{ name: 'back-cover' }]),
      left('stream-role', [{ name: 'forced' }]),
      left('language', [{ name: 'fre' }]),
      left('attachment', [{ name: 'a, b.ttf' }]),
      left('audio-track', [{ name: 'pcm_s16le', language: 'xyz' }]),
    ]
    expect(notes.map((note) => leftText(note, englishTexts))).toEqual([
      '1 subtitle track (English, PGS)',
      '2 subtitle tracks (English, PGS; DVD)',
      '3 tags (LABEL, MYFIELD, BPM)',
      '1 picture (back cover)',
      'track roles (forced)',
      'track languages (French)',
      '1 attachment (a, b.ttf)',
      '1 audio track (xyz, PCM 16 bit)',
    ])
  })

  it('says a number that became smaller with what is left of it', () => {
    const notes = [
      left('frames', [{ name: '3' }], { result: '2' }),
      left('chapters', [{ name: '12' }], { result: '0' }),
      left('chapters', [{ name: '12' }], { result: '11' }),
      left('channels', [{ name: '6' }], { result: '2' }),
      left('colour-depth', [{ name: '10' }]),
    ]
    expect(notes.map((note) => leftText(note, englishTexts))).toEqual([
      'animation: 2 of 3 frames',
      '12 chapters',
      '1 chapter',
      'channels: 2 of 6',
      'bits per color',
    ])
  })

  it('needs no name where the thing says all, and says how many it does not name', () => {
    expect([
      leftText(left('transparency'), englishTexts),
      leftText(left('hdr', [{ name: 'smpte2084' }]), englishTexts),
      leftText(left('mastering', [{ name: 'G(13250,34500)B(7500,3000)' }, { name: '1000,400' }]), englishTexts),
      leftText(left('tag', [{ name: 'A' }, { name: 'B' }], { count: 30 }), englishTexts),
    ]).toEqual(['transparency', 'HDR (PQ)', 'HDR mastering data', '30 tags (A, B, +28)'])
  })

  it('is said in the language of the reader, languages among them', () => {
    const said = (texts: ContentTexts) => [leftText(pgs, texts), leftText(left('chapters', [{ name: '1' }]), texts)]
    expect([said(de), said(fr), said(ja)]).toEqual([
      ['1 Untertitelspur (Englisch, PGS)', '1 Kapitel'],
      ['1 piste de sous-titres (anglais, PGS)', '1 chapitre'],
      ['字幕トラック 1 本（英語, PGS）', 'チャプター 1 件'],
    ])
  })

  it('has words for every thing in every language', () => {
    const texts = [englishTexts, de, fr, ja].flatMap((catalogue: ContentTexts) =>
      things.map((thing) => leftText(left(thing, [{ name: '1' }]), catalogue)),
    )
    expect(texts.filter((text) => text === '' || /[[\]{}]|undefined|NaN/.test(text))).toEqual([])
  })

  it('is a sentence in a note, and in the failure of a result that lacks what was to be kept', () => {
    expect(noteText(tags)).toBe('Not in the result: 3 tags (LABEL, MYFIELD, BPM)')
    const facts = { because: 'contents-missing', thing: 'picture', name: 'back-cover' } as const
    expect(messageOf(failure('output-bad', facts), englishTexts)).toContain(
      'it lacks what the source holds: pictures (back cover)',
    )
  })

  it('is one number where there is no room for words', () => {
    expect(leftCount([tags, pgs, { what: 'cost', amount: 1, unit: 'credit' }])).toBe(4)
  })
})

it('codecs have the names that people know', () => {
  expect(['h264', 'pcm_f32le', 'dvd_subtitle', 'prores_raw', 'xvid', 'fpcM', ''].map(codecName)).toEqual([
    'H.264',
    'PCM 32 bit',
    'DVD',
    'PRORES RAW',
    'XVID',
    'fpcM',
    '',
  ])
})
