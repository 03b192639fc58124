/**
 * IPTC: what a press photo says of itself, as numbered data sets (IIM). A JPEG holds them among Photoshop's resources, a TIFF by
 * themselves; libvips carries them from JPEG to JPEG and garbles them on every other way. Other containers can hold them as XMP only.
 */
import { escaped, withProperties } from './xmp.ts'

interface DataSet {
  readonly record: number
  readonly number: number
  readonly data: Buffer
}

const resourcesStart = Buffer.from('Photoshop 3.0\0', 'latin1')
/** Of the resource that holds IPTC. */
const iptcResource = 0x0404
const mark = 0x1c

/** The data sets in what libvips read from a file: Photoshop's resources, or the bare sets. Null where there are none. */
export function iptcIn(read: Buffer | undefined): Buffer | null {
  if (read === undefined) return null
  const sets = read.subarray(0, resourcesStart.length).equals(resourcesStart) ? resourceIn(read) : inOrder(read)
  return sets !== null && dataSets(sets).length > 0 ? sets : null
}

function resourceIn(resources: Buffer): Buffer | null {
  for (let at = resourcesStart.length; at + 12 <= resources.length && resources.toString('latin1', at, at + 4) === '8BIM';) {
    const id = resources.readUInt16BE(at + 4)
    // A name with its length before it, and like the content padded to an even length.
    const name = 1 + (resources[at + 6] ?? 0)
    const sizeAt = at + 6 + name + (name % 2)
    if (sizeAt + 4 > resources.length) return null
    const size = resources.readUInt32BE(sizeAt)
    if (id === iptcResource) return resources.subarray(sizeAt + 4, sizeAt + 4 + size)
    at = sizeAt + 4 + size + (size % 2)
  }
  return null
}

/** Some programs write them to a TIFF as numbers of four bytes, which readers then turn round. */
function inOrder(sets: Buffer): Buffer {
  if (sets[0] === mark || sets[3] !== mark) return sets
  return Buffer.from(sets.subarray(0, sets.length - (sets.length % 4))).swap32()
}

function dataSets(bytes: Buffer): readonly DataSet[] {
  const sets: DataSet[] = []
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === mark;) {
    const size = bytes.readUInt16BE(at + 3)
    // A size above this says how long the real one is: for what no one writes.
    if (size >= 0x8000 || at + 5 + size > bytes.length) break
    sets.push({ record: bytes[at + 1] ?? 0, number: bytes[at + 2] ?? 0, data: bytes.subarray(at + 5, at + 5 + size) })
    at += 5 + size
  }
  return sets
}

/** Where the picture was taken: location codes and names, city, part of it, province, country. */
const placeNumbers: ReadonlySet<number> = new Set([26, 27, 90, 92, 95, 100, 101])

/** Null where nothing else is said. */
export function iptcWithoutPlace(sets: Buffer): Buffer | null {
  const kept = dataSets(sets).filter((set) => !isPlace(set))
  const isSaid = kept.some(({ record, number }) => record !== 1 && !(record === 2 && number === 0))
  return isSaid ? Buffer.concat(kept.map(setBytes)) : null
}

/** As `IPTC 90`. */
export function placesInIptc(sets: Buffer): readonly string[] {
  return dataSets(sets)
    .filter(isPlace)
    .map(({ number }) => `IPTC ${number}`)
}

function isPlace({ record, number }: DataSet): boolean {
  return record === 2 && placeNumbers.has(number)
}

function setBytes({ record, number, data }: DataSet): Buffer {
  const head = Buffer.from([mark, record, number, 0, 0])
  head.writeUInt16BE(data.length, 3)
  return Buffer.concat([head, data])
}

export interface Said {
  /** Of the second record, e.g. 90 for the city. */
  readonly number: number
  readonly text: string
}

/** The sets that people read, as text. */
export function textsIn(sets: Buffer): readonly Said[] {
  return dataSets(sets)
    .filter(({ record, data }) => record === 2 && data.length > 0)
    .map(({ number, data }) => ({ number, text: textOf(data) }))
}

/** In the alphabet that it says, which is UTF-8 or nothing that anybody can rely on. */
function textOf(data: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch {
    return new TextDecoder('windows-1252').decode(data)
  }
}

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
/** What the picture says already is left as it is: programs that write both keep the XMP up to date. Null where nothing is to be added. */
export function xmpWithIptc(xmp: string | null, sets: Buffer): string | null {
  const properties = Object.entries(names).flatMap(([number, [name, shape]]) => {
    const values = textsIn(sets).filter((said) => said.number === Number(number))
    const isSaid = values.length === 0 || xmp?.includes(name) === true
    return isSaid
      ? []
      : [
          property(
            name,
            shape,
            values.map(({ text }) => escaped(text)),
          ),
        ]
  })
  return withProperties(xmp, spaces, properties)
}

function property(name: string, shape: Shape, values: readonly string[]): string {
  const [first = ''] = values
  if (shape === 'text') return `<${name}>${first}</${name}>`
  if (shape === 'date') return `<${name}>${first.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')}</${name}>`
  const language = shape === 'Alt' ? ' xml:lang="x-default"' : ''
  const items = (shape === 'Alt' ? [first] : values).map((value) => `<rdf:li${language}>${value}</rdf:li>`)
  return `<${name}><rdf:${shape}>${items.join('')}</rdf:${shape}></${name}>`
}
