/** Compound files, as Office wrote before 2007, and as it still writes whatever has a password. */
import { CFB } from '@e965/xlsx'
import { JobError } from '../../../../shared/failure.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { tagsOf, type OfficeLook } from './looked.ts'

const signature = Buffer.from('d0cf11e0a1b11ae1', 'hex')

export function isCompound(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).equals(signature)
}

/** Streams by their names without folders. @throws JobError `source-damaged`. */
export function streamsOf(bytes: Buffer, path: string): (name: string) => Buffer | null {
  const file = opened(bytes, path)
  return (name) => {
    const at = file.FullPaths.findIndex((full) => full.endsWith(`/${name}`))
    const { content } = file.FileIndex[at] ?? {}
    return content === undefined ? null : Buffer.from(content)
  }
}

interface CompoundFile {
  readonly FullPaths: readonly string[]
  readonly FileIndex: readonly { readonly content?: Uint8Array | number[] }[]
}

function opened(bytes: Buffer, path: string): CompoundFile {
  try {
    return (CFB as { read(bytes: Buffer, options: object): CompoundFile }).read(bytes, { type: 'buffer' })
  } catch (cause) {
    throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
  }
}

export async function lookIntoCompound(bytes: Buffer, path: string): Promise<OfficeLook> {
  const { FullPaths } = opened(bytes, path)
  const stream = streamsOf(bytes, path)
  const has = (name: string): boolean => FullPaths.some((full) => full.endsWith(`/${name}`))
  if (has('EncryptionInfo') && has('EncryptedPackage'))
    return { format: lockedFormat(path), facts: { isEncrypted: true }, tags: [] }
  const macros = { ...(FullPaths.some((full) => /\/(_VBA_PROJECT|VBA|Macros)\/?$/.test(full)) && { hasMacros: true as const }) }
  const tags = summary(stream('\u0005SummaryInformation'))
  const word = stream('WordDocument')
  if (word !== null) return { format: 'doc', facts: { ...locked((word.at(11) ?? 0) & 1), ...macros }, tags }
  const workbook = stream('Workbook') ?? stream('Book')
  if (workbook !== null) return { format: 'xls', facts: { ...locked(hasFilePass(workbook) ? 1 : 0), ...macros }, tags }
  if (has('PowerPoint Document')) {
    const user = stream('Current User')
    const isEncrypted = user !== null && user.length >= 16 && user.readUInt32LE(12) === 0xf3d1c4df
    return { format: 'ppt', facts: { ...locked(isEncrypted ? 1 : 0), ...macros }, tags }
  }
  throw new JobError('source-unknown', { path })
}

function locked(bit: number): DocumentFacts {
  return bit === 0 ? {} : { isEncrypted: true }
}

/** What is inside cannot be seen; the name is all there is. */
function lockedFormat(path: string): FormatId {
  if (/\.(xls|xlt)[a-z]?$/i.test(path)) return 'xlsx'
  return /\.(ppt|pps|pot)[a-z]?$/i.test(path) ? 'pptx' : 'docx'
}

const filePass = 0x2f
const endOfFile = 0x0a

/** Among the records of its first part, which [MS-XLS] has as a number, a length, and as many bytes. */
function hasFilePass(workbook: Buffer): boolean {
  for (let at = 0; at + 4 <= workbook.length; at += 4 + workbook.readUInt16LE(at + 2)) {
    const kind = workbook.readUInt16LE(at)
    if (kind === filePass) return true
    if (kind === endOfFile) return false
  }
  return false
}

const summaryTags = { 2: 'TITLE', 3: 'SUBJECT', 4: 'ARTIST', 5: 'KEYWORDS' } as const

/** Text among the properties, as [MS-OLEPS] has them. */
function summary(bytes: Buffer | null): OfficeLook['tags'] {
  const found: Record<string, string> = {}
  try {
    if (bytes === null || bytes.length < 48) return []
    const start = bytes.readUInt32LE(44)
    const properties = Array.from({ length: Math.min(100, bytes.readUInt32LE(start + 4)) }, (_, n) => start + 8 + n * 8)
    const at = new Map(properties.map((place) => [bytes.readUInt32LE(place), start + bytes.readUInt32LE(place + 4)]))
    const page = at.get(1)
    const isUtf8 = page !== undefined && bytes.readUInt16LE(page + 4) === 65001
    for (const [id, name] of Object.entries(summaryTags)) {
      const place = at.get(Number(id))
      if (place === undefined || bytes.readUInt32LE(place) !== 0x1e) continue
      const raw = bytes.subarray(place + 8, place + 8 + bytes.readUInt32LE(place + 4))
      found[name] = new TextDecoder(isUtf8 ? 'utf-8' : 'windows-1252').decode(raw).replace(/\0[^]*$/, '')
    }
  } catch (error) {
    // Offsets that lead out of it: there are no tags to be had then.
    if (!(error instanceof RangeError)) throw error
  }
  return tagsOf(found)
}
