/** What is read of office files before anything converts them, and what is refused then. */
import { CFB } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { look } from '../../../../src/main/providers/local/office/look.ts'
import { prepared, separatorOf } from '../../../../src/main/providers/local/office/prepare.ts'
import { docxOf, fodpOf, xlsxOf } from '../../../support/office-files.ts'
import { zipOf } from '../../../support/zip-writer.ts'

const tags = [
  { name: 'TITLE', values: ['Spring & autumn'] },
  { name: 'ARTIST', values: ['Ada Writer'] },
]

describe('a look into an office file', () => {
  it('counts the characters of a text document, and tells its title and author', async () => {
    const found = await look(docxOf(['One &amp; two', 'three']), 'a.docx')
    expect(found).toEqual({ format: 'docx', facts: { characters: 12, images: 0 }, tags })
  })

  it('counts rows and columns of each sheet as far as anything stands in them', async () => {
    const { format, facts } = await look(xlsxOf({ First: [['a', 1], ['b']], 'Second sheet': [[1, 2, 3]] }), 'a.xlsx')
    const sheets = [
      { name: 'First', rows: 2, columns: 2 },
      { name: 'Second sheet', rows: 1, columns: 3 },
    ]
    expect({ format, facts }).toEqual({ format: 'xlsx', facts: { sheets } })
  })

  it('counts slides, also of a presentation in one XML', async () => {
    expect(await look(fodpOf(['one', 'two', 'three']), 'a.fodp')).toEqual({
      format: 'odp',
      facts: { pages: 3 },
      tags: [],
      ending: 'fodp',
    })
  })

  it('reads title and author of RTF and HTML', async () => {
    const rtf = String.raw`{\rtf1{\info{\title Gr\'fc\u223 ?e}{\author Ada}}Text}`
    const html =
      '<!doctype html><html><head><title>A &lt; B</title><meta name="author" content="Ada"></head><body><p>ab c</p></body></html>'
    expect((await look(Buffer.from(rtf), 'a.rtf')).tags).toEqual([
      { name: 'TITLE', values: ['Grüße'] },
      { name: 'ARTIST', values: ['Ada'] },
    ])
    const { format, facts } = await look(Buffer.from(html), 'a.html')
    expect({ format, facts }).toEqual({ format: 'html', facts: { characters: 3 } })
  })

  it('knows a file with a password by the envelope that it is in', async () => {
    const envelope = CFB.utils.cfb_new()
    CFB.utils.cfb_add(envelope, '/EncryptionInfo', Buffer.from('info'))
    CFB.utils.cfb_add(envelope, '/EncryptedPackage', Buffer.alloc(5000))
    const bytes = Buffer.from(CFB.write(envelope, { type: 'buffer' }))
    expect(await look(bytes, 'secret.xlsx')).toEqual({ format: 'xlsx', facts: { isEncrypted: true }, tags: [] })
  })

  it.each([
    ['is cut off', docxOf(['text']).subarray(0, 500), 'source-damaged'],
    ['is no archive of an office', zipOf([{ name: 'a.txt', content: Buffer.from('x') }]), 'source-unknown'],
    ['is nothing at all', Buffer.from([1, 2, 3, 0, 5]), 'source-damaged'],
    [
      'unpacks to far more than it is',
      zipOf([
        { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
        { name: 'word/document.xml', content: Buffer.alloc(100 * 2 ** 20, 32) },
      ]),
      'source-unsupported',
    ],
  ])('refuses what %s', async (_, bytes, code) => {
    await expect(look(bytes, 'a.docx')).rejects.toMatchObject({ failure: { code } })
  })
})

describe('a table of text for LibreOffice', () => {
  const path = 'a.csv'
  const load = (text: string) => prepared(Buffer.from(text), { path, from: 'csv', target: 'xlsx', options: {} }).load.split(',')

  it('keeps as text what would not be written the same again: leading noughts, long numbers, groups of thousands', () => {
    const [separator, , encoding, , columns] = load('name;zip;n;big;t\nA;01234;12;12345678901234567890;1,000\nB;9;3.5;1;2\n')
    expect([separator, encoding, columns]).toEqual(['59', '76', '2/2/4/2/5/2'])
  })

  it.each([
    ['a,b\n"x;y;z",2\n', ','],
    ['a;b\n1,5;2\n', ';'],
    ['a\tb\n1,5\t2\n', '\t'],
    ['a|b\n1|2\n', '|'],
    ['one column', ','],
  ] as const)('takes the right separator of %j', (text, separator) => {
    expect(separatorOf(text)).toBe(separator)
  })

  it('reads other encodings than UTF-8, and refuses what is no text', () => {
    const { bytes } = prepared(Buffer.from('Käse;Größe\n', 'latin1'), { path, from: 'csv', target: 'xlsx', options: {} })
    expect(bytes.toString('utf8')).toBe('Käse;Größe\n')
    const noText = () => prepared(Buffer.from([0, 1, 2]), { path, from: 'csv', target: 'xlsx', options: {} })
    expect(noText).toThrow(/source-unsupported.*not-text/)
  })
})
