/**
 * XMP as text: what it says that no longer holds once a picture has been encoded anew goes, everything else stays as it was written. Whatever
 * prefixes a program chose, they are found by what they stand for.
 */
import { isPlaceName } from '../../../../shared/location.ts'

const googles = 'http://ns.google.com/photos/1.0'

/** Names below these, all where none is given. */
const outdated: readonly { readonly space: string; readonly names?: RegExp }[] = [
  // The gain map, which is not written; where it and the film of a motion photo stand behind the picture.
  { space: 'http://ns.adobe.com/hdr-gain-map/1.0/' },
  { space: 'http://ns.apple.com/HDRGainMap/1.0/' },
  { space: 'http://ns.apple.com/pixeldatainfo/1.0/' },
  { space: `${googles}/container/`, names: /^Directory$/ },
  { space: `${googles}/container/item/` },
  { space: `${googles}/camera/`, names: /^(MotionPhoto|MicroVideo)/ },
  // The picture stands upright, and a small copy of it may not.
  { space: 'http://ns.adobe.com/tiff/1.0/', names: /^(Orientation|ImageWidth|ImageLength)$/ },
  { space: 'http://ns.adobe.com/xap/1.0/', names: /^Thumbnails$/ },
  { space: 'http://ns.adobe.com/xmp/note/', names: /^HasExtendedXMP$/ },
]

/** Null where nothing is left. */
export function currentXmp(xmp: string): string | null {
  let text = xmp
  for (const { space, names = /^/ } of outdated) {
    for (const prefix of prefixesOf(text, space)) text = without(text, prefix, (name) => names.test(name))
  }
  return saysNothing(text) ? null : text
}

/** Null where nothing else is said, or where it is written so that the rest cannot be told from the place. */
export function xmpWithoutPlace(xmp: string): string | null {
  let text = xmp
  for (const space of placeSpaces) {
    for (const prefix of prefixesOf(text, space)) text = without(text, prefix, () => true)
  }
  for (const prefix of ['', ...sayingPrefixes(text)]) text = without(text, prefix, isPlaceName)
  return saysNothing(text) || placesInXmp(text).length > 0 ? null : text
}

/** Of which everything is a place. */
const placeSpaces = ['http://www.w3.org/2003/01/geo/wgs84_pos#']

/** Names of properties that tell a place, with the prefixes that the file has for them. */
export function placesInXmp(xmp: string): readonly string[] {
  const attribute = /([\w.:-]+)\s*=\s*(?:"[^"]*"|'[^']*')/g
  const elements = xmp.matchAll(/<([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g)
  const names = [...elements].flatMap(([, element = '', attributes = '']) => [
    element,
    ...[...attributes.matchAll(attribute)].map(([, name = '']) => name),
  ])
  return [...new Set(names)].filter((name) => !/^(xmlns|xml|rdf|x)(:|$)/.test(name) && isPlaceName(name))
}

export interface XmpFacts {
  /** Whether anything is said besides what encoding makes outdated. */
  readonly isTelling: boolean
  readonly hasPlace: boolean
  /** Whether it describes a gain map. */
  readonly tellsGainMap: boolean
  /** Whether it describes the film of a motion photo. */
  readonly tellsMotion: boolean
}

export function xmpFacts(xmp: string): XmpFacts {
  const has = (space: string, names: RegExp) =>
    prefixesOf(xmp, space).some((prefix) => new RegExp(`[<\\s]${prefix}:(?:${names.source})[\\s=/>]`).test(xmp))
  const semantics = /:Semantic(?:\s*=\s*["']|>)(\w+)/g
  const said = new Set([...xmp.matchAll(semantics)].map(([, name]) => name))
  return {
    isTelling: currentXmp(xmp) !== null,
    hasPlace: has('http://ns.adobe.com/exif/1.0/', /GPSLatitude/),
    tellsGainMap:
      has('http://ns.adobe.com/hdr-gain-map/1.0/', /\w+/) ||
      has('http://ns.apple.com/HDRGainMap/1.0/', /\w+/) ||
      said.has('GainMap'),
    tellsMotion: /:(?:MotionPhoto|MicroVideo)(?:\s*=\s*["']|>)1/.test(xmp) || said.has('MotionPhoto'),
  }
}

/** Usually one. */
function prefixesOf(xmp: string, space: string): readonly string[] {
  return declaredIn(xmp).flatMap(({ prefix, uri }) => (uri === space ? [prefix] : []))
}

/** Those of what is said, without those of the frame that it is said in. */
function sayingPrefixes(xmp: string): readonly string[] {
  return declaredIn(xmp).flatMap(({ prefix, uri }) => (framing.has(uri) ? [] : [prefix]))
}

const framing: ReadonlySet<string> = new Set(['http://www.w3.org/1999/02/22-rdf-syntax-ns#', 'adobe:ns:meta/'])

/** Prefixes as they stand in a pattern. */
function declaredIn(xmp: string): readonly { readonly prefix: string; readonly uri: string }[] {
  const declared = xmp.matchAll(/xmlns:([\w.-]+)\s*=\s*(["'])([^"']*)\2/g)
  const found = new Map([...declared].map(([, prefix = '', , uri = '']) => [`${prefix} ${uri}`, { prefix, uri }]))
  return [...found.values()].map(({ prefix, uri }) => ({ prefix: prefix.replaceAll('.', '\\.'), uri }))
}

/** @param prefix empty for names that have none. */
function without(xmp: string, prefix: string, isMeant: (name: string) => boolean): string {
  const lead = prefix === '' ? '' : `${prefix}:`
  const kept = (whole: string, name: string) => (isMeant(name) ? '' : whole)
  const cleaned = xmp
    .replaceAll(new RegExp(`\\s+${lead}([\\w.-]+)\\s*=\\s*(?:"[^"]*"|'[^']*')`, 'g'), kept)
    .replaceAll(new RegExp(`\\s*<${lead}([\\w.-]+)(?:\\s[^<>]*)?/>`, 'g'), kept)
    .replaceAll(new RegExp(`\\s*<${lead}([\\w.-]+)(?:\\s[^<>]*[^/<>])?>.*?</${lead}\\1\\s*>`, 'gs'), kept)
  const isUsed = prefix === '' || new RegExp(`[<\\s/]${prefix}:`).test(cleaned)
  return isUsed ? cleaned : cleaned.replaceAll(new RegExp(`\\s*xmlns:${prefix}\\s*=\\s*(?:"[^"]*"|'[^']*')`, 'g'), '')
}

/** Whether it holds nothing but its frame. */
function saysNothing(xmp: string): boolean {
  const frame = /<\?.*?\?>|<!--.*?-->|<\/?(?:[\w.-]+:)?(?:xmpmeta|xapmeta|RDF|Description)\b([^<>]*)>/gs
  const inFrame = [...xmp.matchAll(frame)].map(([, attributes = '']) => attributes).join(' ')
  const said = inFrame.replaceAll(/(?:xmlns(?::[\w.-]+)?|x:xmptk|x:xaptk|[\w.-]+:about|about)\s*=\s*(?:"[^"]*"|'[^']*')/g, '')
  return xmp.replaceAll(frame, '').trim().replaceAll('\0', '') === '' && /^[\s/]*$/.test(said)
}

const emptyXmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>`

/** With properties more, in RDF; null where it is no XMP that anything could be put into. */
export function withProperties(xmp: string | null, namespaces: string, properties: readonly string[]): string | null {
  const before = xmp ?? emptyXmp
  const end = before.lastIndexOf('</rdf:RDF>')
  if (end < 0 || properties.length === 0) return null
  const [, about = ''] = /rdf:about=["']([^"'<]*)["']/.exec(before) ?? []
  const added = `<rdf:Description rdf:about="${about}" ${namespaces}>${properties.join('')}</rdf:Description>`
  return before.slice(0, end) + added + before.slice(end)
}

/** Control characters are not allowed in XML at all. */
export function escaped(text: string): string {
  const plain = text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
