/** How finely a JPEG XL counts, from the first bits of its code stream. Apart, as it is read bit by bit and nothing else here is. */
import type { ImageFacts } from '../../../../shared/media.ts'

/** Empty where it is none. */
export function depthOfJxl(bytes: Buffer): Pick<ImageFacts, 'bitDepth' | 'samples'> {
  const stream = codeStreamIn(bytes)
  if (stream === null || stream.length < 16) return {}
  const { bits, isSet, choice } = readingBits(stream.subarray(2))
  const side = (isSmall: boolean) => (isSmall ? bits(5) : choice([9, 13, 18, 30]))
  const size = () => {
    const isSmall = isSet()
    side(isSmall)
    if (bits(3) === 0) side(isSmall)
  }
  const previewSize = () => {
    const isSmall = isSet()
    const own = () => choice(isSmall ? [0, 0, 5, 9] : [6, 8, 10, 12])
    own()
    if (bits(3) === 0) own()
  }
  size()
  const isPlain = isSet()
  if (isPlain) return { bitDepth: 8 }
  if (isSet()) {
    bits(3)
    if (isSet()) size()
    if (isSet()) previewSize()
    if (isSet()) {
      choice([0, 0, 10, 30])
      choice([0, 0, 8, 10])
      choice([0, 3, 16, 32])
      isSet()
    }
  }
  const isFloat = isSet()
  const selected = bits(2)
  const told = selected === 3 ? 1 + bits(6) : ((isFloat ? [32, 16, 24] : [8, 10, 12])[selected] ?? 8)
  return isFloat ? { bitDepth: told, samples: 'float' } : { bitDepth: Math.max(8, told) }
}

/** Alone, or in a box of a container; cut into several, the first has the beginning behind its number. */
function codeStreamIn(bytes: Buffer): Buffer | null {
  if (bytes.readUInt16BE(0) === 0xff0a) return bytes
  for (let at = 0; at + 16 <= bytes.length;) {
    const [length, kind] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)]
    const head = length === 1 ? 16 : 8
    if (kind === 'jxlc') return bytes.subarray(at + head)
    if (kind === 'jxlp') return bytes.subarray(at + head + 4)
    if (length === 0) return null
    at += Math.max(head, length === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : length)
  }
  return null
}

/** The lowest bit of a byte comes first. */
function readingBits(bytes: Buffer) {
  let at = 0
  const bits = (count: number): number => {
    let value = 0
    for (let n = 0; n < count; n += 1, at += 1) value += (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** n
    return value
  }
  return {
    bits,
    isSet: () => bits(1) === 1,
    /** Two bits say which of these lengths the number has that follows. */
    choice: (lengths: readonly [number, number, number, number]) => bits(lengths[bits(2)] ?? 0),
  }
}
