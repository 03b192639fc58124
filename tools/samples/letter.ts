/** A letter as a Word document, written part by part: heading, emphasis, a list, a table, and letters of four scripts. */
import { ZipFile } from 'yazl'

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const types = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

const run = (text: string, style = '') => `<w:r><w:rPr>${style}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
const paragraph = (content: string, style = '') => `<w:p><w:pPr>${style}<w:spacing w:after="160"/></w:pPr>${content}</w:p>`
const cell = (text: string, style = '') =>
  `<w:tc><w:tcPr><w:tcW w:w="2400" w:type="dxa"/></w:tcPr><w:p>${run(text, style)}</w:p></w:tc>`
const row = (texts: readonly string[], style = '') => `<w:tr>${texts.map((text) => cell(text, style)).join('')}</w:tr>`
const edges = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV']
  .map((edge) => `<w:${edge} w:val="single" w:sz="4" w:color="7a8794"/>`)
  .join('')

const body = [
  paragraph(run('A letter from Beside', '<w:b/><w:sz w:val="40"/>')),
  paragraph(run('Dear reader,')),
  paragraph(
    run('this page began as a ') +
      run('Word document', '<w:b/>') +
      run('. Beside turned it into a PDF on this machine: nothing was installed for it, and nothing left it.'),
  ),
  `<w:tbl><w:tblPr><w:tblBorders>${edges}</w:tblBorders></w:tblPr><w:tblGrid>${'<w:gridCol w:w="2400"/>'.repeat(3)}</w:tblGrid>`,
  row(['What', 'From', 'To'], '<w:b/>'),
  row(['Letter', 'DOCX', 'PDF']),
  row(['Song', 'FLAC', 'MP3']),
  row(['Photo', 'JPEG', 'WebP']),
  '</w:tbl>',
  paragraph(''),
  paragraph(run('Letters of other scripts stay: ') + run('Grüße, café, Łódź, Ελλάδα, Москва', '<w:i/>') + run('.')),
  paragraph(run('Yours, Beside')),
  '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1418" w:bottom="1418" w:left="1418"/></w:sectPr>',
].join('')

const parts: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${types}.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${documents}/officeDocument" Target="word/document.xml"/><Relationship Id="r2" Type="${packages}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
  'docProps/core.xml': `<cp:coreProperties xmlns:cp="${packages}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A letter from Beside</dc:title><dc:creator>the Beside authors</dc:creator></cp:coreProperties>`,
  'word/document.xml': `<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`,
}

/** The same bytes every time. */
export function letter(): NodeJS.ReadableStream {
  const zip = new ZipFile()
  for (const [name, text] of Object.entries(parts))
    zip.addBuffer(Buffer.from(head + text), name, { mtime: new Date(2026, 0, 1), mode: 0o100644 })
  zip.end()
  return zip.outputStream
}
