/**
 * What AAC in MP4 says of itself: the header of its track states half the rate of HE-AAC, and two channels of what has one. Apart, since it
 * is the decoder's own configuration, below the boxes of the container.
 */
import { withBytes } from '../tags/bytes.ts'
import { boxesIn, fileBoxes } from '../tags/mp4.ts'

export interface AacConfig {
  /** Hz, as it is decoded. */
  readonly sampleRate: number
  readonly channels: number
}

const maxIndexBytes = 256 * 2 ** 20
const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8]

/** Null where that is left to a decoder: of HE-AAC that does not say so, and of rare kinds. */
export function aacConfig(path: string): AacConfig | null {
  const config = withBytes(path, 'r', (file) => {
    const moov = fileBoxes(file).find(({ name }) => name === 'moov')
    return moov === undefined || moov.bytes > maxIndexBytes ? null : configIn(file.read(moov.at, moov.bytes))
  })
  return config === null ? null : understood(config)
}

function configIn(index: Buffer): Buffer | null {
  const find = (from: number, to: number): Buffer | null => {
    for (const { name, at, bytes } of boxesIn(index, from, to)) {
      const inside = /^(moov|trak|mdia|minf|stbl)$/.test(name) ? 8 : name === 'stsd' ? 16 : name === 'mp4a' ? 36 : null
      if (name === 'esds') return index.subarray(at + 12, at + bytes)
      const found = inside === null ? null : find(at + inside, at + bytes)
      if (found !== null) return found
    }
    return null
  }
  return find(0, index.length)
}

/** Descriptors within descriptors: the one with number 5 is the decoder's. */
function understood(descriptors: Buffer): AacConfig | null {
  let at = 0
  while (at + 2 <= descriptors.length) {
    const tag = descriptors[at] ?? 0
    at += 1
    while (((descriptors[at] ?? 0) & 0x80) !== 0) at += 1
    at += 1
    if (tag === 5) return read(descriptors.subarray(at))
    if (tag === 3) at += 3
    else if (tag === 4) at += 13
    else return null
  }
  return null
}

const low = 2
const bandReplication = 5
const parametricStereo = 29

function read(config: Buffer): AacConfig | null {
  const bits = [...config.subarray(0, 8)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let at = 0
  const take = (count: number): number => {
    at += count
    return Number.parseInt(bits.slice(at - count, at) || '0', 2)
  }
  const kind = take(5)
  const rate = (): number => {
    const index = take(4)
    return index === 15 ? take(24) : (rates[index] ?? 0)
  }
  const plain = rate()
  const channels = channelCounts[take(4)] ?? 0
  if (kind === bandReplication || kind === parametricStereo) {
    const sampleRate = rate()
    return sampleRate === 0 || channels === 0 ? null : { sampleRate, channels: kind === parametricStereo ? 2 : channels }
  }
  // Below this rate the decoder may find the other half in the stream without having been told.
  if (kind !== low || plain <= 24_000 || channels === 0) return null
  return { sampleRate: plain, channels }
}
