/** What data is, value by value, on its way through every format. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tasks } from '../../../../src/main/providers/local/data/tasks.ts'
import type { DataFormat } from '../../../../src/main/providers/local/data/pairings.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { temporaryFolder } from '../../../support/folder.ts'

const context = { threads: 1, progress: () => {}, within: () => {} }

async function converted(from: DataFormat, text: string | Buffer, target: DataFormat, options: Options = {}): Promise<string> {
  const folder = await temporaryFolder()
  const [path, output] = [join(folder, `source.${from}`), join(folder, `result.${target}`)]
  await writeFile(path, text)
  await tasks.convert({ path, from, target, options, output }, context)
  return await readFile(output, options.encoding === undefined ? 'utf8' : 'latin1')
}

const oneLine = { indent: 0 } as const

describe('cells of a table', () => {
  it('are text where a figure would not be written so: noughts in front, exponents, more digits than programs keep', async () => {
    const csv = 'zip,e,card,phone,n\n0012,1e5,12345678901234567890,+49,7\n99,2,1,3,-0.50\n'
    expect(JSON.parse(await converted('csv', csv, 'json'))).toEqual([
      { zip: '0012', e: '1e5', card: '12345678901234567890', phone: '+49', n: 7 },
      { zip: '99', e: '2', card: '1', phone: '3', n: -0.5 },
    ])
  })
  it('keep line ends, quotes, separators and formulas, and come back the same', async () => {
    const csv = 'a,b\r\n"x ""y""\r\nz",=cmd()\r\n" s ","1;2"\r\n'
    expect(await converted('csv', csv, 'csv')).toBe('a,b\r\n"x ""y""\r\nz",=cmd()\r\n" s ",1;2\r\n')
    expect(await converted('csv', csv, 'csv', { delimiter: 'semicolon' })).toBe('a;b\r\n"x ""y""\r\nz";=cmd()\r\n" s ";"1;2"\r\n')
  })
  it('are told apart by whichever separator makes the rows alike', async () => {
    const rows = [
      { a: 'x', b: '1,5' },
      { a: 'y', b: '2,5' },
    ]
    for (const separator of [';', '\t', '|'])
      expect(JSON.parse(await converted('csv', `a${separator}b\nx${separator}1,5\ny${separator}2,5\n`, 'json'))).toEqual(rows)
  })
  it('have a name of their own each, also where the header has none or the same twice', async () => {
    expect(JSON.parse(await converted('csv', 'a,a,\n1,2,3,4\n', 'json'))).toEqual([{ a: 1, a_2: 2, column_3: 3, column_4: 4 }])
    expect(JSON.parse(await converted('csv', '1,2\n3,4\n', 'json', { header: false }))).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
})

describe('figures and keys', () => {
  const json = '{"b":[12345678901234567890,0.10000000000000000555,1e400],"10":1,"2":null,"__proto__":true}'
  it('keep every digit and their order from JSON to JSON and YAML', async () => {
    expect(await converted('json', json, 'json', oneLine)).toBe(`${json}\n`)
    const yaml = await converted('json', json, 'yaml')
    expect(yaml).toContain('- 12345678901234567890\n  - 0.10000000000000000555\n  - 1.0e+400\n"10": 1')
    expect(await converted('yaml', yaml, 'json', oneLine)).toBe(`${json.replace('1e400', '1.0e+400')}\n`)
  })
  it('go into TOML or are refused with their place', async () => {
    expect(await converted('json', '{"a":[1.0,9223372036854775807]}', 'toml')).toBe('a = [ 1.0, 9223372036854775807 ]\n')
    await expect(converted('json', '{"a":[{"b":null}]}', 'toml')).rejects.toMatchObject({
      failure: { code: 'source-unsupported', facts: { because: 'not-as-target', target: 'TOML', reason: 'null (a[0].b)' } },
    })
    await expect(converted('json', '[9223372036854775808]', 'toml')).rejects.toThrow('not-as-target')
  })
  it('that stand twice are told, not dropped', async () => {
    const twice = { failure: { code: 'source-damaged' } }
    await expect(converted('json', '{"a":1,"a":2}', 'json')).rejects.toMatchObject(twice)
    await expect(converted('yaml', 'a: 1\na: 2\n', 'json')).rejects.toMatchObject(twice)
    await expect(converted('toml', 'a = 1\na = 2\n', 'json')).rejects.toMatchObject(twice)
  })
  it('are sorted by name where that is asked for', async () => {
    expect(await converted('json', '{"b":1,"a":{"d":1,"c":2}}', 'json', { ...oneLine, sortKeys: true })).toBe(
      '{"a":{"c":2,"d":1},"b":1}\n',
    )
  })
})

describe('YAML', () => {
  it('has its aliases and merged maps in full, its documents as a list, its `no` as text', async () => {
    const yaml = 'base: &b {x: 1, y: 0x10}\nm:\n  <<: *b\n  x: 2\nno: no\nd: 2024-01-02\n---\nlast\n'
    expect(JSON.parse(await converted('yaml', yaml, 'json'))).toEqual([
      { base: { x: 1, y: 16 }, m: { x: 2, y: 16 }, no: 'no', d: '2024-01-02' },
      'last',
    ])
    expect((await converted('yaml', yaml, 'ndjson')).trimEnd().split('\n')).toHaveLength(2)
  })
  it('quotes what an older reader would take for something else', async () => {
    const words = [
      'no',
      'y',
      'null',
      '~',
      '1e5',
      '0012',
      '12:30',
      '2024-01-02',
      '',
      '- a',
      'a: b',
      'é ü',
      'x\ny\n',
      ' s',
      '<<',
      '=',
      '@a',
      '%',
    ]
    const yaml = await converted('json', JSON.stringify(words), 'yaml')
    expect(JSON.parse(await converted('yaml', yaml, 'json'))).toEqual(words)
    expect(yaml).toContain('- "no"\n- "y"\n- "null"')
    expect(yaml).toContain('- é ü\n- |\n  x\n  y\n')
  })
  it('of a date stays a date in TOML', async () => {
    expect(await converted('yaml', 'd: 2024-01-02\nt: "2024-01-02"\n', 'toml')).toBe('d = 2024-01-02\nt = "2024-01-02"\n')
  })
})

describe('XML', () => {
  const xml = '<r xmlns:x="u"><b id="1" x:y="a&amp;b">T</b><b><t>A &lt; B</t><e/></b></r>'
  it('keeps attributes, repeated elements and text, there and back', async () => {
    const json = await converted('xml', xml, 'json', oneLine)
    expect(json).toBe('{"r":{"@xmlns:x":"u","b":[{"@id":"1","@x:y":"a&b","#text":"T"},{"t":"A < B","e":""}]}}\n')
    expect(await converted('json', json, 'xml', oneLine)).toBe(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`)
  })
  it('has keys that are no names beside their elements', async () => {
    expect(await converted('csv', 'First name,2\nA,B\n', 'xml', oneLine)).toContain(
      '<First_name name="First name">A</First_name><_2 name="2">B</_2>',
    )
  })
  it('is refused where text and elements are mixed, or where a document has entities of its own', async () => {
    await expect(converted('xml', '<p>a <b>b</b> c</p>', 'json')).rejects.toThrow('not-as-target')
    await expect(converted('xml', '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;</p>', 'json')).rejects.toThrow(
      'source-damaged',
    )
  })
  it('is read in the encoding that it declares', async () => {
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-15"?><p>\xa4</p>', 'latin1')
    expect(await converted('xml', latin, 'json', oneLine)).toBe('{"p":"€"}\n')
  })
})

describe('encodings', () => {
  it.each([
    ['a mark of UTF-8', Buffer.from('\uFEFFa\ncafé crème\n')],
    ['UTF-16 with a mark', Buffer.from('\uFEFFa\ncafé crème\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('a\ncafé crème\n', 'utf16le')],
    ['Windows-1252', Buffer.from('a\ncaf\xe9 cr\xe8me\n', 'latin1')],
    ['Cyrillic', Buffer.from('a\n\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0! \xc4\xee\xe1\xf0\xee\xe5 \xf3\xf2\xf0\xee\n', 'latin1')],
  ])('are found: %s', async (_, bytes) => {
    expect(JSON.parse(await converted('csv', bytes, 'json'))).toEqual([
      { a: expect.stringMatching(/^(café crème|Привет мир! Доброе утро)$/) as unknown },
    ])
  })
  it('are what is asked for, and refuse what they have no character for', async () => {
    expect(await converted('csv', 'a\né\n', 'csv', { encoding: 'windows-1252' })).toBe('a\r\n\xe9\r\n')
    await expect(converted('csv', 'a\n漢\n', 'csv', { encoding: 'windows-1252' })).rejects.toMatchObject({
      failure: { facts: { because: 'not-as-target', target: 'windows-1252', reason: '漢 (U+6F22)' } },
    })
    await expect(converted('csv', 'a\n', 'csv', { encoding: 'klingon' })).rejects.toThrow('option-invalid')
  })
  it('can be named where they are found wrongly', async () => {
    expect(
      JSON.parse(await converted('csv', Buffer.from('a\n\xe9\n', 'latin1'), 'json', { sourceEncoding: 'windows-1251' })),
    ).toEqual([{ a: 'й' }])
  })
})
