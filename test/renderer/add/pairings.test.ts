import { describe, expect, it } from 'vitest'
import type { Conversion } from '../../../src/renderer/add/conversion.ts'
import { grouped, optionsOf, defaultTarget, type Pairings } from '../../../src/renderer/add/pairings.ts'

const pairings: Pairings = [
  {
    provider: 'local',
    from: ['wav', 'flac', 'mp4'],
    to: ['mp3', 'flac'],
    options: ['bitrate'],
    values: {},
    defaults: { bitrate: { kind: 'value', value: 192 } },
  },
  { provider: 'local', from: ['mp4'], to: ['webm'], options: ['crf'], values: {}, defaults: {} },
  { provider: 'local', from: ['png', 'heic'], to: ['jpeg', 'webp'], options: ['imageQuality'], values: {}, defaults: {} },
  {
    provider: 'musicgpt',
    from: ['wav'],
    to: ['mp3'],
    options: ['bitrate', 'sampleRate'],
    values: { sampleRate: [44_100, 48_000] },
    defaults: {},
  },
]
const now: Conversion = {
  target: 'mp3',
  others: {},
  together: false,
  options: {},
  preset: null,
  with: 'auto',
  out: null,
  recentFolders: [],
}
const outcome = (names: readonly string[], choice: Conversion = now) =>
  grouped(names, (name) => name, choice, pairings).map(({ files, target, targets }) => ({ files, target, targets }))

describe('what becomes of what is dropped', () => {
  it('whatever can become the format of the bar does, and what has no known ending is taken along', () => {
    expect(outcome(['a.wav', 'b.MP4', 'README'])).toMatchObject([{ files: ['a.wav', 'b.MP4', 'README'], target: 'mp3' }])
  })

  it('another kind waits for an answer, once', () => {
    expect(outcome(['a.wav', 'p.png', 'q.heic'])).toMatchObject([
      { files: ['a.wav'], target: 'mp3' },
      { files: ['p.png', 'q.heic'], target: null, targets: ['jpeg', 'webp'] },
    ])
    expect(outcome(['a.wav', 'p.png'], { ...now, others: { image: 'webp' } })).toMatchObject([
      { target: 'mp3' },
      { files: ['p.png'], target: 'webp' },
    ])
  })

  it('what can become nothing is kept apart from what somebody only has to decide', () => {
    expect(outcome(['p.png', 'scan.svg'])).toMatchObject([
      { files: ['p.png'], targets: ['jpeg', 'webp'] },
      { files: ['scan.svg'], target: null, targets: [] },
    ])
  })

  it('the first guess is what most people make of it, and never what it is already', () => {
    const [photos] = grouped(['p.png'], (name) => name, now, pairings)
    const [songs] = grouped(['s.flac'], (name) => name, { ...now, target: 'webm' }, pairings)
    expect([photos && defaultTarget(photos), songs && defaultTarget(songs)]).toEqual(['jpeg', 'mp3'])
  })

  it('only options that the format takes are offered', () => {
    expect(optionsOf(pairings, 'mp3', 'auto').names).toEqual(['bitrate', 'sampleRate'])
    expect(optionsOf(pairings, 'webm', 'local').names).toEqual(['crf'])
    expect(optionsOf(pairings, 'mp3', 'converso').names).toEqual([])
  })

  it('values and defaults are those of who takes the option first', () => {
    const all = optionsOf(pairings, 'mp3', 'auto')
    expect([all.takenBy, all.values, all.defaults]).toEqual([
      { bitrate: 'local', sampleRate: 'musicgpt' },
      { sampleRate: [44_100, 48_000] },
      { bitrate: { kind: 'value', value: 192 } },
    ])
    expect(optionsOf(pairings, 'mp3', 'musicgpt').defaults).toEqual({})
  })
})
