import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fillTemplate,
  legalName,
  maxNameBytes,
  nameFields,
  numbered,
  parted,
  resultNumber,
  templateTrouble,
} from '../../src/shared/naming.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length

describe('a name template', () => {
  it('is filled with what is known; the rest becomes nothing', () => {
    const facts = { name: 'take', ext: 'wav', counter: 7, bitrate: 192 }
    expect(fillTemplate('{counter} - {name} [{bitrate}]{preset}', facts)).toBe('7 - take [192]')
  })

  it('that is the plain name leaves the name as it is, legal elsewhere or not', () => {
    expect(fillTemplate('{name}', { name: 'a:b?' })).toBe('a:b?')
    expect(fillTemplate('{name}!', { name: 'a:b?' })).toBe('a_b_!')
  })

  it('takes values as they are, braces and dollar signs among them', () => {
    expect(fillTemplate('{name}-{parent}', { name: '{ext} $& $1', parent: '$`', ext: 'wav' })).toBe('{ext} $& $1-$`')
  })

  it('is refused with the reason where it is empty, holds a path or an unknown field', () => {
    expect(
      ['{name}', '{date} {name}-{counter}', 'fixed', ...nameFields.map((field) => `{${field}}`)].map(templateTrouble),
    ).toEqual(Array.from({ length: 3 + nameFields.length }, () => null))
    expect(['', '  ', '../{name}', 'a\\b', '{nme}', '{}'].map((template) => templateTrouble(template)?.facts)).toMatchObject([
      { because: 'template-empty' },
      { because: 'template-empty' },
      { because: 'template-slash' },
      { because: 'template-slash' },
      { because: 'template-field', field: '{nme}', known: nameFields.map((field) => `{${field}}`).join(' ') },
      { because: 'template-field', field: '{}' },
    ])
  })
})

describe('a legal name', () => {
  it.each([
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['line\nbreak\u0000\u007f', 'line_break__'],
    ['trailing. . ', 'trailing'],
    ['  leading', 'leading'],
    ['...', '_'],
    ['', '_'],
    ['CON', '_CON'],
    ['com1.txt', '_com1.txt'],
    ['lpt³', '_lpt³'],
    ['console', 'console'],
    ['.hidden', '.hidden'],
    ['-dash', '-dash'],
    ['Ünïcödé 東京 🎵', 'Ünïcödé 東京 🎵'],
  ])('of %j is %j', (name, legal) => {
    expect(legalName(name)).toBe(legal)
  })

  it('is legal already: making it so again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const legal = legalName(name)
        expect(legalName(legal)).toBe(legal)
        // oxlint-disable-next-line no-control-regex -- control characters must be gone
        expect(legal).not.toMatch(/[<>:"/\\|?*\u0000-\u001f]|[. ]$|^$/)
      }),
    )
  })
})

describe('a name among others', () => {
  it('is counted from the second on', () => {
    expect([1, 2, 10].map((n) => numbered('take', 'mp3', n))).toEqual(['take.mp3', 'take (2).mp3', 'take (10).mp3'])
  })

  it('gives way to what stands behind it, cut between characters', () => {
    for (const letter of ['q', 'é', '東', '👩‍👩‍👧‍👦', 'e\u0301']) {
      const names = [1, 2, 9999].map((n) => numbered(letter.repeat(300), 'flac', n, { part: '.12' }))
      expect(names.map((name) => bytes(name) <= maxNameBytes && bytes(name) > maxNameBytes - bytes(letter))).toEqual([
        true,
        true,
        true,
      ])
      expect(names.map((name) => name.replaceAll(letter, ''))).toEqual(['.12.flac', '.12 (2).flac', '.12 (9999).flac'])
    }
  })

  it('is cut within a character that is longer than a name by itself, and never in half a code point', () => {
    const name = numbered(`e${'\u0301'.repeat(300)}`, 'mp3', 1)
    expect([bytes(name) <= maxNameBytes, name.isWellFormed(), name.startsWith('e\u0301')]).toEqual([true, true, true])
  })

  it('that just fits stays whole', () => {
    const base = 'a'.repeat(maxNameBytes - '.mp3'.length)
    expect(numbered(base, 'mp3', 1)).toBe(`${base}.mp3`)
    expect(numbered(`${base}a`, 'mp3', 1)).toBe(`${base}.mp3`)
  })

  it('has an ending where that looks like one', () => {
    const names = ['song.wav', 'a.b.tar', '.hidden', 'none', 'No. 5', 'Dr. Who and the others', 'x.']
    expect(names.map((name) => Object.values(parted(name)).join('|'))).toEqual([
      'song|wav',
      'a.b|tar',
      '.hidden|',
      'none|',
      'No. 5|',
      'Dr. Who and the others|',
      'x.|',
    ])
  })
})

describe('the results of one job', () => {
  it.each([9, 10, 1000])('are numbered so that %i of them sort as they follow', (count) => {
    const names = Array.from({ length: count }, (_, index) => numbered('film', 'png', 1, { part: resultNumber(index, count) }))
    expect(names.toSorted()).toEqual(names)
  })

  it('are numbered as briefly as that allows', () => {
    expect([resultNumber(0, 9), resultNumber(0, 10), resultNumber(99, 100)]).toEqual(['.1', '.01', '.100'])
  })
})
