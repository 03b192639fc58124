/**
 * What a file is. Its contents come first; where they say nothing, as raw streams do, the name may be right, and whoever reads the
 * file finds out. Only the ending of camera raw counts beside contents: they say TIFF. Apart, so that its library is loaded when it is asked for.
 */
import { fileTypeFromTokenizer } from 'file-type'
import { factsOf, formatNamed, formatOfName, isCameraRawName, type Family, type FormatId } from '../../../../shared/formats.ts'
import { looksLikeTga, magickFormatOf } from '../magick/signatures.ts'
import { withBytes } from '../tags/bytes.ts'
import { holdsSensor } from './camera-raw.ts'
import { tokenizerOf } from './tokenizer.ts'
import { documentOf, headBytes, pictureOf, preambleBytes } from './signatures.ts'

export type Recognised =
  | { readonly kind: 'format'; readonly format: FormatId }
  /** Something that Beside does not read, by its usual ending in capitals, e.g. `PSD`. */
  | { readonly kind: 'other'; readonly found: string }
  /** No kind that is known by its contents: no media, or a kind without a signature. */
  | { readonly kind: 'nothing' }

/** What file-type calls otherwise than Beside does. Endings that mean the same to both are not listed. */
const others: Readonly<Record<string, FormatId>> = {
  f4v: 'mp4',
  m4p: 'm4a',
  f4a: 'm4a',
  f4b: 'm4a',
  asf: 'wmv',
  ogm: 'ogv',
  ogx: 'ogv',
  spx: 'ogg',
}
/** Endings that mean something else to Beside, or nothing that it reads. */
const ignoredEndings = new Set(['mp1', 'txt', 'xml', 'gz', 'xz', 'bz2', 'zst'])
/** What a few bytes are taken for that media may begin with by chance. */
const weakEndings = new Set([
  'ico',
  'cur',
  'ttf',
  'otf',
  'eot',
  'mie',
  'pcx',
  'tga',
  'lz',
  'z',
  'dcm',
  'pgp',
  'wasm',
  'dat',
  'bin',
])

/** Whose beginnings are so short that others have them by chance: only together with their names. */
const weakPictures: ReadonlySet<FormatId> = new Set(['pcx', 'ppm', 'ico'])

/** What the library of types does not know. */
const rawAudio: Readonly<Partial<Record<string, FormatId>>> = { '.snd': 'au', TTA1: 'tta', '\x7f\xfe\x80\x01': 'dts' }

export async function recognise(path: string): Promise<Recognised> {
  const head = firstBytes(path, headBytes)
  const picture = pictureOf(head)
  if (picture !== null) return { kind: 'format', format: picture === 'tiff' ? tiffOf(path) : picture }
  const office = officeOf(head, path)
  if (office !== null) return { kind: 'format', format: office }
  const rarer = magickFormatOf(head)
  if (rarer !== null && (!weakPictures.has(rarer) || formatOfName(path) === rarer)) return { kind: 'format', format: rarer }
  const found = await recognised(path)
  const format = found === undefined || ignoredEndings.has(found.ext) ? null : (others[found.ext] ?? formatNamed(found.ext))
  if (format !== null) return { kind: 'format', format: format === 'zip' ? packedIn(path) : format }
  const raw = rawAudio[head.toString('latin1', 0, 4)]
  if (raw !== undefined) return { kind: 'format', format: raw }
  const document = documentOf(head)
  const begins = document === 'unfinished' ? documentOf(firstBytes(path, preambleBytes)) : document
  if (begins !== null && begins !== 'unfinished') return { kind: 'format', format: begins }
  if (isCameraRawName(path)) return { kind: 'format', format: 'raw' }
  if (formatOfName(path) === 'tga' && looksLikeTga(head)) return { kind: 'format', format: 'tga' }
  if (found === undefined || ignoredEndings.has(found.ext) || weakEndings.has(found.ext)) return { kind: 'nothing' }
  return { kind: 'other', found: found.ext.toUpperCase() }
}

const compoundFile = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'
const flatKinds: Readonly<Record<string, FormatId>> = { text: 'odt', spreadsheet: 'ods', presentation: 'odp' }
const officeFamilies: ReadonlySet<Family> = new Set(['document', 'spreadsheet', 'presentation'])

/** Files of Office before 2007 and whatever has a password look alike from outside, and OpenDocument may be one plain XML. */
function officeOf(head: Buffer, path: string): FormatId | null {
  if (head.toString('latin1', 0, 8) === compoundFile) {
    const named = formatOfName(path)
    return named !== null && officeFamilies.has(factsOf(named).family) ? named : null
  }
  const flat =
    /<office:document\s[^>]*office:mimetype="application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)"/.exec(
      head.toString('latin1'),
    )
  return flat === null ? null : (flatKinds[flat[1] ?? ''] ?? null)
}

/** What is a ZIP to whoever looks at its beginning. */
const packed: ReadonlySet<FormatId> = new Set(['xlsb', 'pages', 'numbers', 'key'])

function packedIn(path: string): FormatId {
  const named = formatOfName(path)
  return named !== null && packed.has(named) ? named : 'zip'
}

function tiffOf(path: string): 'raw' | 'tiff' {
  return isCameraRawName(path) || holdsSensor(path) ? 'raw' : 'tiff'
}

/** Not `fileTypeFromFile`, which loads its reader in a way that a bundler cannot follow. */
async function recognised(path: string): ReturnType<typeof fileTypeFromTokenizer> {
  const tokenizer = tokenizerOf(path)
  try {
    return await fileTypeFromTokenizer(tokenizer)
  } finally {
    await tokenizer.close()
  }
}

function firstBytes(path: string, length: number): Buffer {
  return withBytes(path, 'r', (file) => file.read(0, length))
}
