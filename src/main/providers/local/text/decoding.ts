/**
 * Text of strangers: in which encoding a file is, and its characters. What is named wins, then its byte order mark, then UTF-8 where all of it is
 * that; else what it says of itself, and last what its bytes look like.
 */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import chardet from 'chardet'
import iconv from 'iconv-lite'
import { JobError } from '../../../../shared/failure.ts'
import type { Remark } from '../../../../shared/notes.ts'

/** More than this no library takes at once, bytes. */
const wholeBytes = 256 * 2 ** 20
const headBytes = 64 * 1024

export interface Coding {
  /** IANA name in lower case. */
  readonly encoding: string
  /** What its text begins behind, bytes. */
  readonly skip: number
  /** Nothing says it but how its bytes are spread: of few letters beyond ASCII it may be another. */
  readonly isGuessed: boolean
}

const marks: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** @throws JobError `option-invalid` for an encoding that nobody knows. */
export function knownEncoding(option: 'encoding' | 'sourceEncoding', name: string): string {
  const encoding = name.trim().toLowerCase()
  if (iconv.encodingExists(encoding)) return encoding
  const allowed =
    'utf-8, utf-16le, windows-1252, iso-8859-1, iso-8859-15, windows-1251, koi8-r, shift_jis, gb18030, big5, euc-kr, …'
  throw new JobError('option-invalid', { option, value: name, allowed })
}

/**
 * Reads all of the file, as one byte far behind may be what tells.
 * @param named what somebody says that it is.
 * @throws JobError `source-damaged` (`not-text`), `source-empty`.
 */
export async function codingOf(path: string, named?: string): Promise<Coding> {
  const head = await headOf(path)
  if (head.length === 0) throw new JobError('source-empty', { path })
  const marked = marks.find(([, mark]) => mark.every((byte, at) => head[at] === byte))
  if (named !== undefined) {
    const encoding = knownEncoding('sourceEncoding', named)
    return { encoding, skip: marked?.[0] === encoding ? marked[1].length : 0, isGuessed: false }
  }
  if (marked !== undefined) return { encoding: marked[0], skip: marked[1].length, isGuessed: false }
  const wide = wideOf(head)
  if (wide !== null) return { encoding: wide, skip: 0, isGuessed: false }
  const { isUtf8, isText, sample } = await lookThrough(path)
  if (!isText) throw new JobError('source-damaged', { path, because: 'not-text' })
  if (isUtf8) return { encoding: 'utf-8', skip: 0, isGuessed: false }
  const said = saysOfItself(head)
  return { encoding: said ?? looksLike(sample), skip: 0, isGuessed: said === null }
}

/** @throws JobError `too-large`, and as `codingOf`. */
export async function readText(path: string, named?: string): Promise<Omit<Coding, 'skip'> & { readonly text: string }> {
  const { size } = await stat(path)
  if (size > wholeBytes) throw new JobError('too-large', { bytes: size, maxBytes: wholeBytes })
  const coding = await codingOf(path, named)
  let text = ''
  for await (const part of textOf(path, coding)) text += part
  return { text, encoding: coding.encoding, isGuessed: coding.isGuessed }
}

/** What is to be said of what was read so. */
export function remarksOn({ isGuessed }: Pick<Coding, 'isGuessed'>): readonly Remark[] {
  return isGuessed ? [{ code: 'encoding-guessed' }] : []
}

/** The text piece by piece, without its byte order mark. */
export async function* textOf(path: string, { encoding, skip }: Pick<Coding, 'encoding' | 'skip'>): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false })
  for await (const bytes of createReadStream(path, { start: skip, highWaterMark: 1 << 18 })) {
    const text = decoder.write(bytes as Buffer)
    if (text !== '') yield text
  }
  const rest = decoder.end()
  if (rest !== undefined && rest !== '') yield rest
}

const western = 'windows-1252'
const latin = /^(iso-8859-(1|2|9|15)|windows-125[024])$/

/** Where few letters are beyond ASCII it is one of the Latin ones: of a word with an accent nobody can tell more. */
function looksLike(sample: Buffer): string {
  const beyond = sample.filter((byte) => byte > 127).length
  const letters = sample.filter((byte) => byte > 127 || ((byte | 32) >= 97 && (byte | 32) <= 122)).length
  const isLatin = beyond < letters * 0.3
  const found = chardet
    .analyse(sample)
    .map(({ name }) => name.toLowerCase())
    // What is not UTF-8 as a whole was not meant to be.
    .filter((name) => iconv.encodingExists(name) && !/^(utf-?8|ascii)$/.test(name))
    .find((name) => !isLatin || latin.test(name))
  // Of the two, the one that has characters where the other has none.
  return found === undefined || found === 'iso-8859-1' ? western : found
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** UTF-16 without a mark: of mostly Latin text every second byte is 0. */
function wideOf(head: Buffer): string | null {
  if (head.length < 4 || head.length % 2 !== 0) return null
  const zeros = [0, 0]
  for (let at = 0; at < head.length; at += 1) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  const half = head.length / 2
  if (odd > half * 0.7 && even < half * 0.02) return 'utf-16le'
  return even > half * 0.7 && odd < half * 0.02 ? 'utf-16be' : null
}

async function lookThrough(path: string): Promise<{ isUtf8: boolean; isText: boolean; sample: Buffer }> {
  const strict = new TextDecoder('utf-8', { fatal: true })
  let isUtf8 = true
  let sample = Buffer.alloc(0)
  let controls = 0
  let bytes = 0
  for await (const part of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const chunk = part as Buffer
    if (chunk.includes(0)) return { isUtf8: false, isText: false, sample }
    if (bytes < headBytes) controls += controlsIn(chunk)
    bytes += chunk.length
    if (isUtf8) {
      try {
        strict.decode(chunk, { stream: true })
      } catch {
        isUtf8 = false
      }
    }
    // What is beyond ASCII is what tells encodings apart.
    if (!isUtf8 && sample.length < headBytes && chunk.some((byte) => byte > 127)) {
      const first = Math.max(0, chunk.findIndex((byte) => byte > 127) - 200)
      sample = Buffer.concat([sample, chunk.subarray(first, first + headBytes)])
    }
  }
  try {
    strict.decode()
  } catch {
    isUtf8 = false
  }
  return { isUtf8, isText: controls <= Math.min(bytes, headBytes * 4) * 0.02, sample }
}

/** Characters that no text has, but for the escapes of terminals. */
function controlsIn(chunk: Buffer): number {
  let found = 0
  for (const byte of chunk) if (byte < 32 && !(byte >= 8 && byte <= 13) && byte !== 27 && byte !== 26) found += 1
  return found
}

/** As XML and HTML declare it. */
function saysOfItself(head: Buffer): string | null {
  const text = head.toString('latin1', 0, 4096)
  const [, encoding] =
    /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{2,40})["']/.exec(text) ??
    /<meta[^>]{0,200}?\scharset\s*=\s*["']?\s*([\w.:-]{2,40})/i.exec(text) ??
    /<meta[^>]{0,200}?\scontent\s*=\s*["'][^"'>]{0,80}?charset=([\w.:-]{2,40})/i.exec(text) ??
    []
  return encoding === undefined || !iconv.encodingExists(encoding) ? null : encoding.toLowerCase()
}
