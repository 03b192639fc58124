/**
 * Whether streams are encrypted, which FFmpeg does not say: it shows the codec beneath. Told by the sample entries of MP4, and by the marks
 * of scrambling in the packets of broadcasts and DVDs.
 */
import { open, type FileHandle } from 'node:fs/promises'
import type { FormatId } from '../../../../shared/formats.ts'

const isoFormats: ReadonlySet<FormatId> = new Set(['mp4', 'mov', 'm4a', 'alac', '3gp'])

/** Of each track, in the order in which FFmpeg counts them; what lies beyond the list is as the last one. Empty: nothing is encrypted. */
export async function protectedTracks(path: string, format: FormatId): Promise<readonly boolean[]> {
  if (!isoFormats.has(format) && format !== 'ts' && format !== 'mpeg') return []
  const file = await open(path)
  try {
    if (isoFormats.has(format)) return await isoTracks(file)
    const head = await bytesAt(file, 0, lookBytes)
    return [format === 'ts' ? isScrambledTransport(head) : isScrambledProgram(head)].filter((is) => is)
  } finally {
    await file.close()
  }
}

const lookBytes = 2 ** 20

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

interface Box {
  readonly type: string
  readonly from: number
  readonly to: number
}

/** The boxes that lie between two places, as far as their sizes make sense. */
async function boxesIn(file: FileHandle, { from, to }: Pick<Box, 'from' | 'to'>): Promise<readonly Box[]> {
  const boxes: Box[] = []
  for (let at = from; at + 8 <= to;) {
    const head = await bytesAt(file, at, 16)
    if (head.length < 8) break
    const short = head.readUInt32BE(0)
    const isLong = short === 1 && head.length === 16
    const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short
    if (size < 8) break
    boxes.push({ type: head.toString('latin1', 4, 8), from: at + (isLong ? 16 : 8), to: Math.min(to, at + size) })
    at += size
  }
  return boxes
}

async function boxesAt(
  file: FileHandle,
  box: Pick<Box, 'from' | 'to'>,
  [name, ...path]: readonly string[],
): Promise<readonly Box[]> {
  const found = (await boxesIn(file, box)).filter(({ type }) => type === name)
  if (path.length === 0) return found
  const below = await Promise.all(found.map(async (inner) => await boxesAt(file, inner, path)))
  return below.flat()
}

/** `encv`, `enca`, … of Common Encryption; `drms`, `drmi` of what was bought at the time of FairPlay. */
const encryptedEntry = /^(enc[avtsm]|drm[si])$/

async function isoTracks(file: FileHandle): Promise<readonly boolean[]> {
  const { size } = await file.stat()
  const tracks = await boxesAt(file, { from: 0, to: size }, ['moov', 'trak'])
  return await Promise.all(
    tracks.map(async (track) => {
      const [table] = await boxesAt(file, track, ['mdia', 'minf', 'stbl', 'stsd'])
      if (table === undefined) return false
      // Version, flags and how many there are.
      const entries = await boxesIn(file, { from: table.from + 8, to: table.to })
      return entries.some(({ type }) => encryptedEntry.test(type))
    }),
  )
}

const packetSizes = [188, 192, 204]

/** More than half of what carries something is scrambled: some channels leave their first seconds clear. */
function isScrambledTransport(head: Buffer): boolean {
  const layout = packetSizes
    .flatMap((size) => Array.from({ length: size }, (_, offset) => ({ size, offset })))
    .find(({ size, offset }) => [0, 1, 2, 3, 4].every((n) => head[offset + n * size] === 0x47))
  if (layout === undefined) return false
  let [carrying, scrambled] = [0, 0]
  for (let at = layout.offset; at + 4 <= head.length; at += layout.size) {
    const id = ((head[at + 1] ?? 0) & 0x1f) * 256 + (head[at + 2] ?? 0)
    const flags = head[at + 3] ?? 0
    // The tables of a broadcast are never scrambled.
    if (id < 0x20 || id === 0x1fff || (flags & 0x10) === 0) continue
    carrying += 1
    if (flags >= 0x40) scrambled += 1
  }
  return scrambled * 2 > carrying
}

/** DVDs scramble whole packets of video and audio and say so in the head of each. */
function isScrambledProgram(head: Buffer): boolean {
  let [carrying, scrambled] = [0, 0]
  for (let at = head.indexOf(startCode); at >= 0; at = head.indexOf(startCode, at + 3)) {
    const [id = 0, flags = 0] = [head[at + 3], head[at + 6]]
    if (!((id >= 0xc0 && id <= 0xef) || id === 0xbd) || flags >> 6 !== 2) continue
    carrying += 1
    if ((flags & 0x30) !== 0) scrambled += 1
  }
  return scrambled * 2 > carrying
}

const startCode = Buffer.from([0, 0, 1])
