/**
 * How finely pictures count that ImageMagick here counts in 8 bits: read from their headers, so that what is lost can be said. Pure. Apart,
 * as the library itself cannot tell.
 */
import type { ImageFacts } from '../../../../shared/media.ts'
import { depthOfJxl } from './jxl-header.ts'
import type { MagickSource } from './pairings.ts'

export function depthOf(format: MagickSource, bytes: Buffer): Pick<ImageFacts, 'bitDepth' | 'samples'> {
  switch (format) {
    case 'psd':
      return bytes.length < 24 ? {} : floatAbove(16, bytes.readUInt16BE(22))
    case 'exr':
      return { bitDepth: bytes.includes('B\0\x02\0\0\0', 0, 'latin1') ? 32 : 16, samples: 'float' }
    case 'hdr':
      return { bitDepth: 32, samples: 'float' }
    case 'ppm':
      return depthOfAnymap(bytes.toString('latin1', 0, 4096))
    case 'jp2':
      return depthOfJpeg2000(bytes)
    case 'jxl':
      return depthOfJxl(bytes)
    default:
      return { bitDepth: 8 }
  }
}

function floatAbove(max: number, bits: number): Pick<ImageFacts, 'bitDepth' | 'samples'> {
  return bits > max ? { bitDepth: bits, samples: 'float' } : { bitDepth: Math.max(8, bits) }
}

function depthOfAnymap(head: string): Pick<ImageFacts, 'bitDepth' | 'samples'> {
  if (/^P[Ff]/.test(head)) return { bitDepth: 32, samples: 'float' }
  if (/^P[14]/.test(head)) return { bitDepth: 8 }
  const bare = head.replaceAll(/#[^\n]*\n/g, '')
  const [, max = '255'] = /^P[2356]\s+\d+\s+\d+\s+(\d+)/.exec(bare) ?? /\bMAXVAL\s+(\d+)/.exec(bare) ?? []
  return { bitDepth: Math.max(8, Math.ceil(Math.log2(Number(max) + 1))) }
}

/** One less than the bits stands in the first component of its code stream. */
function depthOfJpeg2000(bytes: Buffer): Pick<ImageFacts, 'bitDepth' | 'samples'> {
  const at = bytes.indexOf('\xff\x4f\xff\x51', 0, 'latin1')
  if (at < 0 || at + 43 > bytes.length) return {}
  return { bitDepth: Math.max(8, ((bytes[at + 42] ?? 7) & 0x7f) + 1) }
}
