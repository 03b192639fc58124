/** What a request asks for, by the names of its files; and what the pairs are called. */
import { describe, expect, it } from 'vitest'
import { pairAsked, pairsOf } from '../../src/main/served/pairs.ts'
import { pairToken, servedName, servedPairOf } from '../../src/shared/served.ts'
import { anyFormatNamed, formatIds } from '../../src/shared/formats.ts'

const all = pairsOf([
  { from: ['mp4', 'mp2', 'wav'], to: ['mp3', 'flac'] },
  { from: ['jpeg', 'mp4'], to: ['png', 'mp3'] },
])

describe('the pairs', () => {
  it('are each there once', () => {
    expect(all.map((pair) => pairToken(servedPairOf(pair)))).toEqual([
      'mp42mp3',
      'mp42flac',
      'mp22mp3',
      'mp22flac',
      'wav2mp3',
      'wav2flac',
      'jpg2png',
      'jpg2mp3',
      'mp42png',
    ])
  })

  it('have names that mean the same format when they come back, for every format that there is', () => {
    expect(formatIds.filter((id) => anyFormatNamed(servedName(id)) !== id)).toEqual([])
  })
})

describe('a request', () => {
  const asked = (files: readonly string[], target: string, allowed: typeof all | null = null) => {
    const answer = pairAsked({ files, target }, all, allowed)
    return 'kind' in answer ? answer.kind : answer.token
  }

  it.each([
    [['a.mp4'], 'mp3', 'mp42mp3'],
    [['A.B.MP4', 'c.mp4'], 'MP3', 'mp42mp3'],
    [['photo.JPG'], '.png', 'jpg2png'],
    [['photo.jpeg', 'photo.jpg'], 'png', 'jpg2png'],
    [['a.mp4', 'b.wav'], 'mp3', 'several-pairs'],
    [['.mp4'], 'mp3', 'source-unnamed'],
    [['mp4'], 'mp3', 'source-unnamed'],
    [['a.mp4'], '../x', 'target-unknown'],
    [['a.mp4'], '', 'target-unknown'],
    [['a.mp4'], 'pdf', 'pair-unsupported'],
    [['a.nothing'], 'mp3', 'pair-unsupported'],
  ])('of %j to %s is %s', (files, target, expected) => {
    expect(asked(files, target)).toBe(expected)
  })

  it('of a pair that is there and not allowed is forbidden, and no token is taken apart for that', () => {
    const allowed = [{ from: 'mp2', to: 'mp3' }] as const
    expect([asked(['a.mp2'], 'mp3', allowed), asked(['a.mp4'], 'mp3', allowed), asked(['a.mp4'], 'pdf', allowed)]).toEqual([
      'mp22mp3',
      'pair-forbidden',
      'pair-unsupported',
    ])
  })
})
