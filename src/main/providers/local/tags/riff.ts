/** Chunks of WAV and AIFF: where they are, what the header of a WAV says, and how new ones get to the end without anything being moved. */
import { emptyFacts, type AudioStream, type MediaFacts, type Tag } from '../../../../shared/media.ts'
import { withBytes, type OpenBytes } from './bytes.ts'
import type { Piece } from './metadata.ts'

export interface Chunk {
  readonly id: string
  /** Of its first byte behind the head. */
  readonly at: number
  /** As stated; the file may hold less. */
  readonly bytes: number
}

interface Chunks {
  readonly isBigEndian: boolean
  readonly chunks: readonly Chunk[]
}

const unstated = 0xffff_ffff
const maxChunks = 4096

export function chunksOf(file: OpenBytes): Chunks | null {
  const head = file.read(0, 12).toString('latin1')
  const isBigEndian = head.startsWith('FORM')
  if (!/^(RIFF|RF64|BW64)....WAVE$/s.test(head) && !/^FORM....AIF[FC]$/s.test(head)) return null
  const chunks: Chunk[] = []
  let longBytes = 0
  for (let at = 12; at + 8 <= file.length() && chunks.length < maxChunks;) {
    const bytes = file.read(at, 8)
    const id = bytes.toString('latin1', 0, 4)
    const stated = isBigEndian ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4)
    if (id === 'ds64') longBytes = Number(file.read(at + 16, 8).readBigUInt64LE())
    const size = id === 'data' && stated === unstated && longBytes > 0 ? longBytes : stated
    chunks.push({ id, at: at + 8, bytes: size })
    at += 8 + size + (size % 2)
  }
  return { isBigEndian, chunks }
}

/** What describes a recording in chunks. */
const described: ReadonlySet<string> = new Set(['id3 ', 'ID3 ', 'bext', 'iXML', 'cue ', 'LIST', 'NAME', 'AUTH', 'ANNO', '(c) '])
const maxPieceBytes = 64 * 2 ** 20

export function piecesOf(path: string): readonly Piece[] {
  return withBytes(path, 'r', (file) =>
    (chunksOf(file)?.chunks ?? [])
      .filter(({ id, bytes }) => described.has(id) && bytes <= maxPieceBytes)
      .map(({ id, at, bytes }) => ({ id, data: file.read(at, bytes) })),
  )
}

/** What holds audio, what is only there to fill, and what holds for the old file alone. */
const ordinary =
  /^(fmt |data|fact|ds64|JUNK|junk|PAD |FLLR|filr|PEAK|LIST|levl|LGWV|ovwf|minf|elm1|regn|umid|DGDA|MD5 |COMM|SSND|FVER|FLVR|CHAN)$/

/** Further chunks, such as the loops of a sampler or the marks of an AIFF, which nobody carries over. */
export function otherChunks(path: string): readonly string[] {
  return withBytes(path, 'r', (file) => {
    const found = chunksOf(file)
    const names = (found?.chunks ?? [])
      .map(({ id }) => id)
      .filter((id) => !ordinary.test(id) && !described.has(id) && /^[\x20-\x7e]{4}$/.test(id))
    return [...new Set(names)].map((id) => `${found?.isBigEndian === true ? 'AIFF' : 'RIFF'} ${id.trim()}`)
  })
}

/** What nobody says the encoding of: UTF-8 where it can be that, else that of Windows in the west. */
export function plainText(data: Buffer): string {
  const bytes = data.subarray(0, data.includes(0) ? data.indexOf(0) : data.length)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    return new TextDecoder('windows-1252').decode(bytes).trim()
  }
}

interface InfoField {
  readonly id: string
  readonly text: string
}

function infoFields({ id, data }: Piece): readonly InfoField[] {
  if (id !== 'LIST' || data.toString('latin1', 0, 4) !== 'INFO') return []
  const fields: InfoField[] = []
  for (let at = 4; at + 8 <= data.length;) {
    const length = data.readUInt32LE(at + 4)
    fields.push({ id: data.toString('latin1', at, at + 4), text: plainText(data.subarray(at + 8, at + 8 + length)) })
    at += 8 + length + (length % 2)
  }
  return fields.filter(({ id: name }) => /^[\x20-\x7e]{4}$/.test(name))
}

/** A list of texts in the encoding in which others read it; any other piece as it is. */
export function inUtf8(piece: Piece): Piece {
  const fields = infoFields(piece)
  if (fields.length === 0) return piece
  const body = fields.map(({ id, text }) => chunk({ id, data: Buffer.from(`${text}\0`) }, false))
  return { id: 'LIST', data: Buffer.concat([Buffer.from('INFO'), ...body]) }
}

/** Names of the vocabulary for fields that the library has no word for. */
const infoNames: Readonly<Record<string, string>> = {
  ITRK: 'TRACKNUMBER',
  IKEY: 'KEYWORDS',
  ISBJ: 'SUBJECT',
  ISRF: 'MEDIASOURCE',
  ICMS: 'COMMISSIONEDBY',
  IARL: 'ARCHIVALLOCATION',
}

/** Those it has a word for, and the name of the program that wrote them. */
const infoRead =
  /^(IPRD|IENG|IART|IBSU|IBPM|ICMT|IMUS|ICOP|ICRD|PRT1|ITCH|ISFT|IGNR|ISRC|IPUB|ILNG|IWRI|IMED|ISTR|ICNT|IEDT|INAM|IPRT)$/

/** The fields that the library does not tell. */
export function infoTags(pieces: readonly Piece[]): readonly Tag[] {
  const fields = pieces.flatMap(infoFields).filter(({ id }) => !infoRead.test(id))
  return fields.map(({ id, text }) => ({ name: infoNames[id] ?? id, values: [text] }))
}

/** A WAV of no audio that holds these chunks, for readers that want a whole file. */
export function tinyWave(pieces: readonly Piece[]): Buffer {
  const format = Buffer.from('0100010044ac00008858010002001000', 'hex')
  const all = [{ id: 'fmt ', data: format }, { id: 'data', data: Buffer.alloc(2) }, ...pieces]
  const body = Buffer.concat([Buffer.from('WAVE'), ...all.map((piece) => chunk(piece, false))])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from('RIFF'), size, body])
}

/** At the end, where they move nothing; the file says that it is longer. */
export function appendChunks(path: string, pieces: readonly Piece[]): void {
  withBytes(path, 'r+', (file) => {
    const found = chunksOf(file)
    if (found === null) throw new Error('no chunks to write behind')
    const end = file.length()
    const added = Buffer.concat([Buffer.alloc(end % 2), ...pieces.map((piece) => chunk(piece, found.isBigEndian))])
    file.write(end, added)
    const size = BigInt(end + added.length - 8)
    const field = Buffer.alloc(size > unstated ? 8 : 4)
    const long = found.chunks.find(({ id }) => id === 'ds64')
    if (long !== undefined) {
      const stated = Buffer.alloc(8)
      stated.writeBigUInt64LE(size)
      file.write(long.at, stated)
    } else if (found.isBigEndian) {
      field.writeUInt32BE(Number(size))
      file.write(4, field)
    } else if (size <= unstated) {
      field.writeUInt32LE(Number(size))
      file.write(4, field)
    }
  })
}

function chunk({ id, data }: Piece, isBigEndian: boolean): Buffer {
  const size = Buffer.alloc(4)
  if (isBigEndian) size.writeUInt32BE(data.length)
  else size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(id, 'latin1'), size, data, Buffer.alloc(data.length % 2)])
}

/** What the header of a WAV says of its audio; null where its codec is left to FFprobe. */
export function readWave(path: string, bytes: number): MediaFacts | null {
  return withBytes(path, 'r', (file) => {
    const chunks = chunksOf(file)?.chunks ?? []
    const format = chunks.find(({ id }) => id === 'fmt ')
    const data = chunks.find(({ id }) => id === 'data')
    if (format === undefined || data === undefined) return null
    const head = file.read(format.at, Math.min(format.bytes, 40))
    const stream = streamOf(head)
    if (stream === null) return null
    // A program that could not go back leaves the size of the audio at nothing, or at everything.
    const isStated = data.bytes > 0 && data.bytes < 0xffff_f000
    const there = bytes - data.at
    const lasts = ((isStated ? data.bytes : there) / head.readUInt32LE(8)) * 1000
    return {
      ...emptyFacts('wav', bytes),
      durationMs: lasts,
      audio: [stream],
      ...(isStated && data.bytes > there && { isCutOff: true as const }),
    }
  })
}

/** FFmpeg's names of what a WAV holds, by its number in the header. */
const codecs: Readonly<Record<number, string>> = { 6: 'pcm_alaw', 7: 'pcm_mulaw' }

function streamOf(head: Buffer): AudioStream | null {
  if (head.length < 16) return null
  const isExtended = head.readUInt16LE(0) === 0xfffe && head.length >= 40
  const number = isExtended ? head.readUInt16LE(24) : head.readUInt16LE(0)
  const [channels, bits] = [head.readUInt16LE(2), head.readUInt16LE(14)]
  const pcm = number === 1 ? (bits <= 8 ? 'pcm_u8' : `pcm_s${Math.ceil(bits / 8) * 8}le`) : `pcm_f${bits}le`
  const codec = number === 1 || number === 3 ? pcm : codecs[number]
  if (codec === undefined || channels === 0 || head.readUInt32LE(8) === 0) return null
  const layout = isExtended ? layoutOf(head.readUInt32LE(20), channels) : null
  const isPcm = number === 1 || number === 3
  return {
    codec,
    sampleRate: head.readUInt32LE(4),
    channels,
    ...(layout !== null && { layout }),
    bitDepth: isPcm ? (isExtended && number === 1 ? head.readUInt16LE(18) || bits : bits) : null,
    ...(number === 3 && { isFloat: true as const }),
    bitrate: Math.round((head.readUInt32LE(8) * 8) / 1000),
  }
}

const speakers = [
  'FL',
  'FR',
  'FC',
  'LFE',
  'BL',
  'BR',
  'FLC',
  'FRC',
  'BC',
  'SL',
  'SR',
  'TC',
  'TFL',
  'TFC',
  'TFR',
  'TBL',
  'TBC',
  'TBR',
]
const layouts: Readonly<Record<string, string>> = {
  FC: 'mono',
  'FL+FR': 'stereo',
  'FL+FR+LFE': '2.1',
  'FL+FR+FC': '3.0',
  'FL+FR+BC': '3.0(back)',
  'FL+FR+FC+BC': '4.0',
  'FL+FR+BL+BR': 'quad',
  'FL+FR+SL+SR': 'quad(side)',
  'FL+FR+FC+LFE': '3.1',
  'FL+FR+FC+BL+BR': '5.0',
  'FL+FR+FC+SL+SR': '5.0(side)',
  'FL+FR+FC+LFE+BC': '4.1',
  'FL+FR+FC+LFE+BL+BR': '5.1',
  'FL+FR+FC+LFE+SL+SR': '5.1(side)',
  'FL+FR+FC+BC+SL+SR': '6.0',
  'FL+FR+FC+LFE+BC+SL+SR': '6.1',
  'FL+FR+FC+LFE+BL+BR+BC': '6.1(back)',
  'FL+FR+FC+BL+BR+SL+SR': '7.0',
  'FL+FR+FC+LFE+BL+BR+SL+SR': '7.1',
  'FL+FR+FC+LFE+BL+BR+FLC+FRC': '7.1(wide)',
}

/** FFmpeg's name, or the names of the speakers where it has none; null where the mask says nothing of these channels. */
function layoutOf(mask: number, channels: number): string | null {
  const named = speakers.filter((_, bit) => (mask & (1 << bit)) !== 0)
  if (named.length !== channels) return null
  return layouts[named.join('+')] ?? named.join('+')
}
