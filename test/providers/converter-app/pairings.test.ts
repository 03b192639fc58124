/** The catalogue of Converter App, in whatever form it comes. */
import { describe, expect, it } from 'vitest'
import { catalogueOf, pairList, pairsOf } from '../../../src/main/providers/converter-app/pairings.ts'

describe('a catalogue', () => {
  it.each<[string, unknown, number | null]>([
    ['a bare list', [{ from: 'a', to: 'b' }], 1],
    ['an object with a list', { supported_pairs: [{ from: 'a', to: 'b' }], other: 1 }, 1],
    ['a list of another name', { allowed: [{ from: 'a', to: 'b' }, 7, null, { from: 1 }] }, 1],
    ['an empty list', [], 0],
    ['an object without a list', { a: 1 }, null],
    ['words', 'none', null],
  ])('is read from %s', (_, body, count) => {
    const parsed = pairList.safeParse(body)
    expect(parsed.success ? pairsOf(parsed.data, []).length : null).toBe(count)
  })

  it('calls formats by the names of the service', () => {
    const catalogue = catalogueOf([
      { from: 'jpg', to: 'text' },
      { from: 'jpeg', to: 'text' },
      { from: 'tif', to: 'jpg' },
      { from: 'bz2', to: 'odd' },
    ])
    expect([
      catalogue.named('jpeg', 'text'),
      catalogue.named('tiff', 'jpeg'),
      catalogue.named('mp3', 'wav'),
      catalogue.pairings.length,
    ]).toEqual([{ from: 'jpg', to: 'text' }, { from: 'tif', to: 'jpg' }, null, 3])
  })

  it('keeps names that nobody knows here, spelled as the service spells them, and leaves out what could name no file', () => {
    const catalogue = catalogueOf([
      { from: 'XYZ', to: 'Qqq' },
      { from: 'a/b', to: 'pdf' },
      { from: 'pdf', to: '' },
    ])
    const [pairing] = catalogue.pairings
    expect(catalogue.pairings).toEqual([{ from: ['xyz'], to: ['qqq'], options: [] }])
    expect(pairing && catalogue.named(pairing.from[0] ?? 'text', pairing.to[0] ?? 'text')).toEqual({ from: 'XYZ', to: 'Qqq' })
  })

  it('takes nothing from names that mean something in a path, in HTML or to the language, and each pair once', () => {
    const hostile = ['../x', '..', '/etc/passwd', 'a\nb', '<b>x</b>', 'a b', 'a.', '', 'x'.repeat(33), '日本', 'c:\\x']
    const odd = ['tar.gz', 'constructor', '__proto__', 'TAR.GZ', '.Foo', 'x'.repeat(32)]
    const { pairings, named } = catalogueOf([...hostile, ...odd].map((to) => ({ from: 'docx', to })))
    expect(pairings).toEqual([{ from: ['docx'], to: ['tar.gz', 'constructor', 'foo', 'x'.repeat(32)], options: [] }])
    expect(named('docx', 'tar.gz')).toEqual({ from: 'docx', to: 'tar.gz' })
  })

  it('of ten thousand pairs is read at once', () => {
    const before = performance.now()
    const { pairings } = catalogueOf(Array.from({ length: 10_000 }, (_, n) => ({ from: `f${n % 100}`, to: `t${n}` })))
    expect([pairings.length, performance.now() - before < 1000]).toEqual([100, true])
  })

  it('finds tokens among the pairs that are known, also where they can be read in two ways', () => {
    const known = [
      { from: 'mp2', to: 'mp3' },
      { from: 'mp', to: '2mp3' },
      { from: 'bz2', to: 'zip' },
    ]
    expect(pairsOf(['mp22mp3', 'BZ22ZIP', 'mp32mp2'], known)).toEqual(known)
  })
})
