import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { Conversion } from '../../../src/renderer/add/conversion.ts'
import {
  defaultTarget,
  grouped,
  makerOf,
  offerOf,
  offerOfOrders,
  optionsOf,
  type Pairings,
} from '../../../src/renderer/add/pairings.ts'

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
  further: [],
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

describe('what can be had, and by whom', () => {
  const facts = { options: [], values: {}, defaults: {} }
  const calibre = { program: 'Calibre', install: 'sudo apt install calibre' }
  const all: Pairings = [
    { ...facts, provider: 'local', from: ['docx', 'odt'], to: ['pdf', 'rtf'], options: ['pages'], by: 'LibreOffice' },
    { ...facts, provider: 'local', from: ['docx'], to: ['rtf', 'html'], options: ['toc'], by: 'Pandoc' },
    { ...facts, provider: 'local', from: ['pdf', 'jpeg'], to: ['pdf'], joins: true, by: 'PDFium' },
    { ...facts, provider: 'local', from: ['docx'], to: ['mobi', 'pdf'], missing: calibre },
    { ...facts, provider: 'converter-app', from: ['docx'], to: ['qqq' as FormatId, 'pdf'] },
  ]
  const docx = { from: 'docx', target: 'rtf', options: {}, with: 'auto' } as const

  it('is told apart: here, online with the provider, and with a program that has to be installed', () => {
    const { here, online, missing } = offerOf(all, ['docx'])
    expect([here, [...online], [...missing]]).toEqual([['pdf', 'rtf', 'html'], [['qqq', 'converter-app']], [['mobi', calibre]]])
  })

  it('is told of jobs: what some of them can become, and of one that joins what all its files can', () => {
    const others = [{ kind: 'file' as const, path: '/a.jpg', bytes: 1, mtimeMs: 1 }]
    const both = offerOfOrders(all, [docx, { from: 'odt' }])
    const joined = offerOfOrders(all, [{ from: 'pdf', others }])
    expect([both.here, joined.here, joined.online.size]).toEqual([['pdf', 'rtf', 'html'], ['pdf'], 0])
  })

  it('is who comes first and takes all the options, among those that the provider has', () => {
    const by = (order: Partial<Parameters<typeof makerOf>[1]>) => {
      const maker = makerOf(
        all.filter(({ missing }) => missing === undefined),
        { ...docx, ...order },
      )
      return maker === null ? null : `${maker.provider} ${maker.by ?? ''}`.trim()
    }
    expect([
      by({}),
      by({ options: { toc: true } }),
      by({ target: 'qqq' as FormatId }),
      by({ target: 'qqq' as FormatId, with: 'local' }),
      by({ target: 'pdf', with: 'converter-app' }),
      by({ options: { toc: true, pages: '1' } }),
    ]).toEqual(['local LibreOffice', 'local Pandoc', 'converter-app', null, 'converter-app', null])
  })

  it('is found at once where a service has ten thousand of them', () => {
    const to = Array.from({ length: 10_000 }, (_, n) => `t${n}` as FormatId)
    const large: Pairings = [...all, { ...facts, provider: 'converter-app', from: ['docx'], to }]
    const before = performance.now()
    const { online } = offerOfOrders(large, [docx])
    expect([online.size, performance.now() - before < 1000]).toEqual([10_001, true])
  })
})
