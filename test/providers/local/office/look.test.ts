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

/** As Microsoft's own library writes workbooks: types by endings, names with a prefix, and archives of some with names in small letters. */
function byDefaults(rows: string): Buffer {
  const kinds = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const parts = {
    '[content_types].xml': `<Types><Default Extension="xml" ContentType="${kinds}.sheet.main+xml"/><Override PartName="/xl/sheet.xml" ContentType="${kinds}.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships><Relationship Type="${relations}/officeDocument" Target="/xl/workbook.xml" Id="a"/></Relationships>`,
    'xl/workbook.xml': `<x:workbook><x:sheets><x:sheet name="S" sheetId="1" q:id="b" xmlns:q="${relations}"/></x:sheets></x:workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Type="${relations}/worksheet" Target="sheet.xml" Id="b"/><Relationship Type="${relations}/sharedStrings" Target="sharedStrings.xml" Id="c"/></Relationships>`,
    'xl/sharedStrings.xml': '<sst><si><t>x</t></si><si><t/></si></sst>',
    'xl/sheet.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
  }
  return zipOf(Object.entries(parts).map(([name, text]) => ({ name, content: Buffer.from(text) })))
}

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

  it('counts the rows in which anything stands, wherever cells say that they are', async () => {
    const cells = '<row><c t="inlineStr"><is><t>a</t></is></c></row><row/><row r="9"><c r="B9"><v>1</v></c></row>'
    const emptied = '<row r="10"><c r="A10" t="s"><v>1</v></c><c r="C10" t="str"><f>X</f><v/></c><c r="D10" s="1"/></row>'
    const { facts } = await look(byDefaults(`${cells}${emptied}`), 'a.xlsx')
    expect(facts.sheets).toEqual([{ name: 'S', rows: 2, columns: 2 }])
  })

  it('counts neither what was moved away nor what stands in for a drawing', async () => {
    const moved =
      'one</w:t></w:r><w:moveFrom w:id="1"><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:moveTo w:id="2"><w:r><w:t>gone</w:t></w:r></w:moveTo><w:r><w:t>'
    const drawn =
      '</w:t></w:r><mc:AlternateContent><mc:Choice><w:r><w:t>box</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>box</w:t></w:r></mc:Fallback></mc:AlternateContent><w:r><w:t>'
    expect((await look(docxOf([moved, drawn]), 'a.docx')).facts.characters).toBe(10)
  })

  it('counts slides, also of a presentation in one XML', async () => {
    expect(await look(fodpOf(['one', 'two', 'three']), 'a.fodp')).toEqual({
      format: 'odp',
      facts: { pages: 3 },
      tags: [],
      ending: 'fodp',
    })
  })

  it('reads title and author of RTF', async () => {
    const rtf = String.raw`{\rtf1{\info{\title Gr\'fc\u223 ?e}{\author Ada}}Text}`
    expect((await look(Buffer.from(rtf), 'a.rtf')).tags).toEqual([
      { name: 'TITLE', values: ['Grüße'] },
      { name: 'ARTIST', values: ['Ada'] },
    ])
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
