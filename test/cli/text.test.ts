import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { didYouMean, suggestions } from '../../src/main/cli/arguments.ts'
import { bytesText, clockText, counted, durationText, numberText, shortPath, shown } from '../../src/main/cli/terminal/text.ts'
import { clipped, cut, padded, widthOf } from '../../src/main/cli/terminal/table.ts'

describe('what is shown of a name', () => {
  it.each([
    ['plain name.wav', 'plain name.wav'],
    ['Grüße 日本 🎵', 'Grüße 日本 🎵'],
    ['two\nlines\r\tx', 'two\\nlines\\r\\tx'],
    ['\u001b[2J\u0007', '\\x1b[2J\\x07'],
    ['\u009b31m\u007f', '\\x9b31m\\x7f'],
    ['txt.\u202eexe\u2066', 'txt.\\u202eexe\\u2066'],
    ['\ufeffx\u2028', '\\ufeffx\\u2028'],
  ])('%j', (name, seen) => expect(shown(name)).toBe(seen))

  it('is short below where the user stands and below home, whole elsewhere', () => {
    const paths = ['/a/b/c.wav', '/a/b', '/a/bc', '/a', join(homedir(), 'x'), '..strange']
    expect(paths.map((path) => shortPath(path, '/a/b'))).toEqual(['c.wav', '.', '/a/bc', '/a', '~/x', '..strange'])
    expect(shortPath('/a/b/..name', '/a/b')).toBe('..name')
  })
})

describe('figures', () => {
  it('sizes', () => {
    expect([0, 999, 1000, 1500, 9949, 12_345, 999_499, 999_500, 5_300_000, 2e9, 3e15].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.5 kB',
      '9.9 kB',
      '12 kB',
      '999 kB',
      '1.0 MB',
      '5.3 MB',
      '2.0 GB',
      '3000 TB',
    ])
  })

  it('times', () => {
    expect([0, 6500, 65_000, 3_723_000].map(clockText)).toEqual(['0:00', '0:07', '1:05', '1:02:03'])
    expect([40, 9_940, 9_960, 59_600, 125_000, 3_599_900, 4_320_000].map(durationText)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '1 min 0 s',
      '2 min 5 s',
      '1 h 0 min',
      '1 h 12 min',
    ])
  })

  it('counts', () => {
    expect([numberText(0), numberText(999), numberText(1234567), counted(1, 'file'), counted(1000, 'file')]).toEqual([
      '0',
      '999',
      '1,234,567',
      '1 file',
      '1,000 files',
    ])
  })
})

describe('columns', () => {
  it('counts wide characters twice, and marks that combine not at all', () => {
    expect([widthOf('abc'), widthOf('日本'), widthOf('e\u0301'), widthOf('🎵')]).toEqual([3, 4, 1, 2])
  })

  it('clips the middle, so that a name keeps its ending, and never exceeds', () => {
    expect(clipped('a very long name of a song.wav', 16)).toBe('a very l…ong.wav')
    const names = ['a very long name of a song.wav', '日本語の長い名前のファイル.wav', '👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 'e\u0301'.repeat(40)]
    for (const name of names) {
      for (let columns = 0; columns < 40; columns += 1) expect(widthOf(clipped(name, columns))).toBeLessThanOrEqual(columns)
    }
  })

  it('cuts the end of a sentence', () => {
    expect([cut('The file was not found.', 12), cut('日本語', 4), cut('x', 0), cut('fits', 4)]).toEqual([
      'The file wa…',
      '日…',
      '',
      'fits',
    ])
  })

  it('pads to the column', () => {
    expect([padded('日本', 6), padded('abcdef', 3)]).toEqual(['日本  ', 'abcdef'])
  })
})

describe('what was meant', () => {
  it('is what differs by a slip', () => {
    const formats = ['mp3', 'mp2', 'mp4', 'flac', 'webp', 'webm', 'opus']
    expect([
      suggestions('mp33', formats),
      suggestions('falc', formats),
      suggestions('FLAC', formats),
      suggestions('wepb', formats),
      suggestions('docx', formats),
    ]).toEqual([['mp3'], ['flac'], ['flac'], ['webp'], []])
    expect([didYouMean('opsu', formats), didYouMean('zzz', formats)]).toEqual(['Did you mean opus?', ''])
  })
})
