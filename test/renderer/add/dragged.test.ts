import { describe, expect, it } from 'vitest'
import type { Conversion } from '../../../src/renderer/add/conversion.ts'
import { becomeOne, foretold } from '../../../src/renderer/add/dragged.ts'
import type { Pairings } from '../../../src/renderer/add/pairings.ts'

const nothing = { values: {}, defaults: {} }
const pairings: Pairings = [
  { provider: 'local', from: ['wav', 'flac', 'mp4', 'm4a'], to: ['mp3', 'flac'], options: [], ...nothing },
  { provider: 'local', from: ['jpeg', 'png', 'heic', 'pdf'], to: ['jpeg', 'webp'], options: [], ...nothing },
]
const now: Conversion = {
  target: 'jpeg',
  others: {},
  together: false,
  options: {},
  further: [],
  preset: null,
  with: 'auto',
  out: null,
  recentFolders: [],
}
const lines = (types: readonly string[], choice = now) =>
  foretold(
    types.map((type) => ({ kind: 'file', type })),
    choice,
    pairings,
  )

describe('what is said of dragged files that become one', () => {
  const joining: Pairings = [
    ...pairings,
    { provider: 'local', from: ['jpeg', 'png', 'pdf'], to: ['pdf'], options: [], joins: true, ...nothing },
  ]
  const one: Conversion = { ...now, target: 'pdf', together: true }
  const items = (...types: readonly string[]) => types.map((type) => ({ kind: 'file', type }))

  it('is which of them become parts of it, and which stay out', () => {
    const dragged = items('image/png', 'application/pdf', 'image/jpeg', 'audio/flac', '')
    expect([becomeOne(dragged, one, joining), foretold(dragged, one, joining)]).toEqual([
      true,
      [
        { kind: 'becomes', family: 'image', count: 2, target: 'pdf' },
        { kind: 'becomes', family: 'document', count: 1, target: 'pdf' },
        { kind: 'left-out', family: 'audio', count: 1 },
        { kind: 'checked', family: null, count: 1 },
      ],
    ])
  })

  it('is what is said of any others where it is but one file, or where nothing makes one of them', () => {
    const [few, many] = [items('image/png', 'audio/flac'), items('image/png', 'image/png')]
    expect([
      becomeOne(few, one, joining),
      becomeOne(many, one, pairings),
      becomeOne(many, { ...one, together: false }, joining),
    ]).toEqual([false, false, false])
  })
})

describe('what is said of dragged files', () => {
  it('is said for each kind: what becomes what, what is asked, what stays out, what only the drop shows', () => {
    expect(
      lines([
        'image/png',
        'audio/flac',
        'image/jpeg',
        'audio/x-wav',
        'application/pdf',
        'text/plain',
        'image/x-canon-cr2',
        '',
        'application/zip',
      ]),
    ).toEqual([
      { kind: 'becomes', family: 'image', count: 2, target: 'jpeg' },
      { kind: 'becomes', family: 'document', count: 1, target: 'jpeg' },
      { kind: 'asked', family: 'audio', count: 2 },
      { kind: 'left-out', family: 'markup', count: 1 },
      { kind: 'left-out', family: 'archive', count: 1 },
      { kind: 'checked', family: 'image', count: 1 },
      { kind: 'checked', family: null, count: 1 },
    ])
  })

  it('knows what was answered before for a kind', () => {
    expect(lines(['audio/flac', 'image/heif'], { ...now, others: { audio: 'mp3' } })).toEqual([
      { kind: 'becomes', family: 'audio', count: 1, target: 'mp3' },
      { kind: 'becomes', family: 'image', count: 1, target: 'jpeg' },
    ])
  })

  it('knows a type by its other names, and claims nothing of one that it does not know', () => {
    const mp3 = { ...now, target: 'mp3' } as const
    expect(lines(['audio/vnd.wave', 'audio/x-m4a', 'audio/mp4', 'video/mp4', 'audio/x-odd'], mp3)).toEqual([
      { kind: 'becomes', family: 'audio', count: 3, target: 'mp3' },
      { kind: 'becomes', family: 'video', count: 1, target: 'mp3' },
      { kind: 'checked', family: 'audio', count: 1 },
    ])
  })

  it('counts no addresses, and no texts beside files', () => {
    const address = { kind: 'string', type: 'text/uri-list' }
    expect(foretold([address, { kind: 'string', type: 'text/plain' }], now, pairings)).toEqual([
      { kind: 'addresses', family: null },
    ])
    expect(foretold([{ kind: 'file', type: 'image/png' }, address], now, pairings)).toHaveLength(1)
    expect(foretold([], now, pairings)).toEqual([])
  })
})
