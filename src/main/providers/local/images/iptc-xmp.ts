/** IPTC said in XMP, by the names that the IPTC Core gives: for containers that hold nothing else. */
import { textsIn } from './iptc.ts'

/** How several values, or words in a language, are written. */
type Shape = 'text' | 'date' | 'Alt' | 'Bag' | 'Seq'

const names: Readonly<Record<number, readonly [name: string, shape: Shape]>> = {
  5: ['dc:title', 'Alt'],
  25: ['dc:subject', 'Bag'],
  40: ['photoshop:Instructions', 'text'],
  55: ['photoshop:DateCreated', 'date'],
  80: ['dc:creator', 'Seq'],
  85: ['photoshop:AuthorsPosition', 'text'],
  90: ['photoshop:City', 'text'],
  92: ['Iptc4xmpCore:Location', 'text'],
  95: ['photoshop:State', 'text'],
  100: ['Iptc4xmpCore:CountryCode', 'text'],
  101: ['photoshop:Country', 'text'],
  103: ['photoshop:TransmissionReference', 'text'],
  105: ['photoshop:Headline', 'text'],
  110: ['photoshop:Credit', 'text'],
  115: ['photoshop:Source', 'text'],
  116: ['dc:rights', 'Alt'],
  120: ['dc:description', 'Alt'],
  122: ['photoshop:CaptionWriter', 'text'],
}
const spaces = `xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"`
const empty = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>`

/** What the picture says already is left as it is: programs that write both keep the XMP up to date. Null where nothing is to be added. */
export function xmpWithIptc(xmp: string | undefined, sets: Buffer): string | null {
  const before = xmp ?? empty
  const end = before.lastIndexOf('</rdf:RDF>')
  const properties = Object.entries(names).flatMap(([number, [name, shape]]) => {
    const values = textsIn(sets).filter((said) => said.number === Number(number))
    return values.length === 0 || before.includes(name)
      ? []
      : [
          property(
            name,
            shape,
            values.map(({ text }) => escaped(text)),
          ),
        ]
  })
  if (end < 0 || properties.length === 0) return null
  const [, about = ''] = /rdf:about=["']([^"'<]*)["']/.exec(before) ?? []
  const added = `<rdf:Description rdf:about="${about}" ${spaces}>${properties.join('')}</rdf:Description>`
  return before.slice(0, end) + added + before.slice(end)
}

function property(name: string, shape: Shape, values: readonly string[]): string {
  const [first = ''] = values
  if (shape === 'text') return `<${name}>${first}</${name}>`
  if (shape === 'date') return `<${name}>${first.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')}</${name}>`
  const language = shape === 'Alt' ? ' xml:lang="x-default"' : ''
  const items = (shape === 'Alt' ? [first] : values).map((value) => `<rdf:li${language}>${value}</rdf:li>`)
  return `<${name}><rdf:${shape}>${items.join('')}</rdf:${shape}></${name}>`
}

/** Control characters are not allowed in XML at all. */
function escaped(text: string): string {
  const plain = text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
