/** Office files by hand, as small as their formats allow, honest ones and hostile ones. */
import { zipOf } from './zip-writer.ts'

const xml = '<?xml version="1.0" encoding="UTF-8"?>'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const kinds = 'application/vnd.openxmlformats-officedocument'

function packageOf(main: string, type: string, parts: Readonly<Record<string, string>>): Buffer {
  const core = `${xml}<cp:coreProperties xmlns:cp="${packages}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Spring &amp; autumn</dc:title><dc:creator>Ada Writer</dc:creator></cp:coreProperties>`
  const all = {
    '[Content_Types].xml': `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${main}" ContentType="${kinds}.${type}.main+xml"/>${Object.keys(
      parts,
    )
      .filter((name) => name.includes('worksheets/'))
      .map((name) => `<Override PartName="/${name}" ContentType="${kinds}.spreadsheetml.worksheet+xml"/>`)
      .join(
        '',
      )}<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
    '_rels/.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="${main}"/><Relationship Id="rId2" Type="${packages}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
    'docProps/core.xml': core,
    ...parts,
  }
  return zipOf(Object.entries(all).map(([name, text]) => ({ name, content: Buffer.from(text) })))
}

/** With a part of macros, in which there are none that run. */
export function docmOf(paragraphs: readonly string[]): Buffer {
  return packageOf('word/document.xml', 'wordprocessingml.document', {
    'word/document.xml': bodyOf(paragraphs.map((one) => `<w:p><w:r><w:t>${one}</w:t></w:r></w:p>`).join('')),
    'word/_rels/document.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>`,
    'word/vbaProject.bin': 'Sub AutoOpen()',
  })
}

/** Eight million paragraphs in some fifty kilobytes. */
export function endlessDocx(): Buffer {
  return packageOf('word/document.xml', 'wordprocessingml.document', { 'word/document.xml': bodyOf('<w:p/>'.repeat(8_000_000)) })
}

function bodyOf(paragraphs: string): string {
  return `${xml}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${paragraphs}</w:body></w:document>`
}

/** @param picture address of a picture that is not in it. */
export function docxOf(paragraphs: readonly string[], picture: string | null = null): Buffer {
  const drawing = `<w:p><w:r><w:drawing><wp:inline><wp:extent cx="990000" cy="990000"/><wp:docPr id="1" name="p"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="rId9"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="990000" cy="990000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`
  const text = paragraphs.map((one) => `<w:p><w:r><w:t xml:space="preserve">${one}</w:t></w:r></w:p>`).join('')
  return packageOf('word/document.xml', 'wordprocessingml.document', {
    'word/document.xml': `${xml}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="${office}" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>${text}${picture === null ? '' : drawing}</w:body></w:document>`,
    ...(picture !== null && {
      'word/_rels/document.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId9" Type="${office}/image" Target="${picture}" TargetMode="External"/></Relationships>`,
    }),
  })
}

export type Cell = string | number

export function xlsxOf(sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>): Buffer {
  const cell = (value: Cell, row: number, column: number): string => {
    const place = `${String.fromCodePoint(65 + column)}${row + 1}`
    return typeof value === 'number'
      ? `<c r="${place}"><v>${value}</v></c>`
      : `<c r="${place}" t="inlineStr"><is><t>${value}</t></is></c>`
  }
  const names = Object.keys(sheets)
  const parts = Object.fromEntries(
    Object.values(sheets).map((rows, n) => [
      `xl/worksheets/sheet${n + 1}.xml`,
      `${xml}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows.map((cells, row) => `<row r="${row + 1}">${cells.map((value, column) => cell(value, row, column)).join('')}</row>`).join('')}</sheetData></worksheet>`,
    ]),
  )
  return packageOf('xl/workbook.xml', 'spreadsheetml.sheet', {
    'xl/workbook.xml': `${xml}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets>${names.map((name, n) => `<sheet name="${name}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships">${names.map((_, n) => `<Relationship Id="rId${n + 1}" Type="${office}/worksheet" Target="worksheets/sheet${n + 1}.xml"/>`).join('')}</Relationships>`,
    ...parts,
  })
}

/** A presentation in one XML. @param picture address of a picture on each slide. */
export function fodpOf(slides: readonly string[], picture: string | null = null): Buffer {
  const image =
    picture === null
      ? ''
      : `<draw:frame svg:x="1cm" svg:y="5cm" svg:width="3cm" svg:height="3cm"><draw:image xlink:href="${picture}" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame>`
  const pages = slides.map(
    (text, n) =>
      `<draw:page draw:name="s${n + 1}" draw:master-page-name="m">${image}<draw:frame svg:x="1cm" svg:y="1cm" svg:width="15cm" svg:height="3cm"><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame></draw:page>`,
  )
  const spaces = ['office', 'style', 'text', 'draw', 'presentation']
    .map(
      (name) =>
        `xmlns:${name === 'draw' ? 'draw' : name}="urn:oasis:names:tc:opendocument:xmlns:${name === 'draw' ? 'drawing' : name}:1.0"`,
    )
    .join(' ')
  const compatible =
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
  return Buffer.from(
    `${xml}<office:document ${spaces} ${compatible} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.presentation"><office:automatic-styles><style:page-layout style:name="l"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="m" style:page-layout-name="l"/></office:master-styles><office:body><office:presentation>${pages.join('')}</office:presentation></office:body></office:document>`,
  )
}
