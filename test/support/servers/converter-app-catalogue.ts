/**
 * What the scripted Converter App has: 300 pairs, some of them with names that Beside has no facts of; and results that are what they are called.
 */
import { convertHere } from './convert.ts'
import { zipOf } from '../zip-writer.ts'

interface Pair {
  readonly from: string
  readonly to: string
}

const media = ['wav', 'mp3', 'mp2', 'mp4', 'flac', 'jpg', 'png', 'bz2', 'text', 'pdf']
const documents = ['docx', 'xlsx', 'pptx', 'odt', 'ods', 'rtf', 'html', 'md', 'epub', 'csv', 'xyz', 'dwg', 'msg', 'key', 'pages']
const written = ['pdf', 'docx', 'odt', 'text', 'html', 'rtf', 'md', 'epub', 'csv', 'json', 'jpg', 'png', 'qqq', 'zip']

function every(sources: readonly string[], targets: readonly string[]): readonly Pair[] {
  return sources.flatMap((from) => targets.filter((to) => to !== from).map((to) => ({ from, to })))
}

export const publicPairs: readonly Pair[] = [
  ...every(media, media),
  ...every(documents, written),
  ...every(['mp3'], ['docx', 'srt']),
  ...every(['mp4', 'wav'], ['srt']),
  ...every(['dwg'], ['dxf', 'step']),
  ...every(['xyz'], ['step']),
]

/** @throws where it cannot: the service then says that the conversion failed. */
export async function madeOf(source: Buffer, from: string, to: string): Promise<Buffer> {
  if (media.includes(from) && media.includes(to) && !['bz2', 'text', 'pdf'].some((name) => name === from || name === to))
    return await convertHere(source, from, to)
  if (source.length < 4) throw new Error('bad input')
  const words = `Once upon a time (${source.length} bytes of ${from}).\n`
  const made = documentsMade[to]
  return made === undefined ? Buffer.concat([Buffer.from([0, 1, 2, 3]), Buffer.from(`${to} ${words}`)]) : made(words)
}

const archive = (...entries: readonly (readonly [name: string, content: string])[]) =>
  zipOf(entries.map(([name, content]) => ({ name, content: Buffer.from(content) })))

const documentsMade: Readonly<Record<string, (words: string) => Buffer>> = {
  text: (words) => Buffer.from(words),
  md: (words) => Buffer.from(`# Once\n\n${words}`),
  csv: (words) => Buffer.from(`a,b\n1,"${words.trim()}"\n`),
  json: (words) => Buffer.from(JSON.stringify({ words })),
  html: (words) => Buffer.from(`<!doctype html><title>Once</title><p>${words}`),
  rtf: (words) => Buffer.from(`{\\rtf1\\ansi ${words}}`),
  srt: (words) => Buffer.from(`1\n00:00:00,000 --> 00:00:01,000\n${words}\n`),
  pdf: (words) => onePage(words),
  docx: (words) =>
    archive(
      [
        '[Content_Types].xml',
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ],
      [
        '_rels/.rels',
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
      ],
      [
        'word/document.xml',
        `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>${words.trim()}</w:t></w:r></w:p></w:body></w:document>`,
      ],
    ),
  odt: (words) => archive(['mimetype', 'application/vnd.oasis.opendocument.text'], ['content.xml', `<x>${words}</x>`]),
  epub: (words) => archive(['mimetype', 'application/epub+zip'], ['META-INF/container.xml', `<x>${words}</x>`]),
  zip: (words) => archive(['one.txt', words], ['two.txt', words]),
  png: () =>
    Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
}

/** A PDF of one page with a line of text, whose table of places is right. */
function onePage(words: string): Buffer {
  const line = `BT /F1 12 Tf 72 720 Td (${words.trim().replaceAll(/[()\\]/g, '')}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${line.length} >>\nstream\n${line}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let text = '%PDF-1.4\n'
  const places = objects.map((object, n) => {
    const at = text.length
    text += `${n + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const table = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  return Buffer.from(
    `${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`,
  )
}
