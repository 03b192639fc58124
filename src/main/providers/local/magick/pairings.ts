/** Which pictures ImageMagick adds to those that libvips reads and writes, as data. What both have is left to libvips, which keeps more of it. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import type { Pairing } from '../../provider.ts'
import { imageSources, pairingsFrom } from '../images/pairings.ts'

export const magickTargets = [
  'bmp',
  'ico',
  'icns',
  'jxl',
  'jp2',
  'psd',
  'tga',
  'ppm',
  'exr',
  'hdr',
  'dds',
  'pcx',
  'qoi',
] as const satisfies readonly FormatId[]
/** All of them, and what is only read. */
export const magickSources = [...magickTargets, 'xcf', 'raw'] as const satisfies readonly FormatId[]
export type MagickSource = (typeof magickSources)[number]
export type MagickTarget = (typeof magickTargets)[number]

/** Looks as good as the original to most people. */
export const qualityUnlessAsked = { jxl: 90, jp2: 85 } as const satisfies Partial<Record<MagickTarget, number>>
/** Pixels a side: what systems look for in an icon. */
export const sizesUnlessAsked = { ico: '16,24,32,48,64,128,256', icns: '16,32,64,128,256,512,1024' } as const

/** What holds no transparency. */
export const opaqueTargets: ReadonlySet<FormatId> = new Set<MagickTarget>(['ppm', 'pcx', 'hdr'])

export function isMagickSource(format: FormatId): format is MagickSource {
  return (magickSources as readonly FormatId[]).includes(format)
}

export function isMagickTarget(format: FormatId): format is MagickTarget {
  return (magickTargets as readonly FormatId[]).includes(format)
}

const described = ['preserveMetadata', 'preserveLocation'] as const satisfies readonly OptionName[]
const sized = ['width', 'height', 'fit'] as const satisfies readonly OptionName[]
const ofDescribed: OptionDefaults = {
  preserveMetadata: { kind: 'value', value: true },
  preserveLocation: { kind: 'value', value: true },
}
const ofSized: OptionDefaults = {
  ...ofDescribed,
  width: { kind: 'source' },
  height: { kind: 'source' },
  fit: { kind: 'value', value: 'inside' },
}
const all: readonly FormatId[] = [...imageSources, ...magickSources]

function toLossy(target: keyof typeof qualityUnlessAsked): Pairing {
  return {
    from: all,
    to: [target],
    options: [...described, ...sized, 'imageQuality', 'lossless'],
    defaults: {
      ...ofSized,
      imageQuality: { kind: 'value', value: qualityUnlessAsked[target] },
      lossless: { kind: 'value', value: false },
    },
  }
}

const pairings: readonly Pairing[] = [
  ...pairingsFrom(magickSources),
  toLossy('jxl'),
  toLossy('jp2'),
  { from: all, to: ['bmp', 'psd', 'tga', 'exr', 'dds', 'qoi'], options: [...described, ...sized], defaults: ofSized },
  {
    from: all,
    to: ['ppm', 'pcx', 'hdr'],
    options: [...described, ...sized, 'background'],
    defaults: { ...ofSized, background: { kind: 'value', value: '#ffffff' } },
  },
  ...(['ico', 'icns'] as const).map((target): Pairing => ({
    from: all,
    to: [target],
    options: [...described, 'iconSizes'],
    defaults: { ...ofDescribed, iconSizes: { kind: 'value', value: sizesUnlessAsked[target] } },
  })),
]

const isRaw = (format: FormatId) => format === 'raw'

/** Camera raw becomes all that others become, with an option of its own. */
export const magickPairings: readonly Pairing[] = [
  ...pairings.map((pairing) => ({ ...pairing, from: pairing.from.filter((format) => !isRaw(format)) })),
  ...pairings.map((pairing) => ({
    ...pairing,
    from: pairing.from.filter(isRaw),
    options: [...pairing.options, 'raw' as const],
    defaults: { ...pairing.defaults, raw: { kind: 'value', value: 'develop' } as const },
  })),
]
