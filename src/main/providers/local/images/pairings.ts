/** What the picture converter takes, as data. Nothing heavy is imported here: `beside formats` only reads this. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import type { Pairing } from '../../provider.ts'

export const imageSources = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'svg', 'heic'] as const satisfies readonly FormatId[]
export const imageTargets = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const satisfies readonly FormatId[]
/** A page of a PDF comes drawn. */
export type ImageSource = (typeof imageSources)[number] | 'pdf'
export type ImageTarget = (typeof imageTargets)[number]

/** Looks as good as the original to most people; the scales of the three are not the same. */
export const qualityUnlessAsked = { jpeg: 85, webp: 80, avif: 55 } as const satisfies Partial<Record<ImageTarget, number>>

const pictureOptions = [
  'width',
  'height',
  'fit',
  'preserveMetadata',
  'preserveLocation',
  'maxSize',
] as const satisfies readonly OptionName[]
export const ofAll = {
  width: { kind: 'source' },
  height: { kind: 'source' },
  fit: { kind: 'value', value: 'inside' },
  preserveMetadata: { kind: 'value', value: true },
  preserveLocation: { kind: 'value', value: true },
  maxSize: { kind: 'none' },
  matchQuality: { kind: 'none' },
} as const satisfies OptionDefaults
const isLossless = (value: boolean): OptionDefaults => ({ lossless: { kind: 'value', value } })

function toLossy(from: readonly FormatId[], target: keyof typeof qualityUnlessAsked): Pairing {
  const imageQuality = { kind: 'value', value: qualityUnlessAsked[target] } as const
  const defaults = { ...ofAll, imageQuality }
  if (target === 'jpeg') {
    const behind: OptionDefaults = { background: { kind: 'value', value: '#ffffff' } }
    return {
      from,
      to: [target],
      options: [...pictureOptions, 'imageQuality', 'matchQuality', 'background'],
      defaults: { ...defaults, ...behind },
    }
  }
  const options = [...pictureOptions, 'imageQuality', 'matchQuality', 'lossless'] as const
  const plain = { from, to: [target], options, defaults: { ...defaults, ...isLossless(false) } }
  if (target === 'webp') return plain
  return {
    ...plain,
    options: [...options, 'speed'],
    defaults: { ...plain.defaults, speed: { kind: 'value', value: 'balanced' } },
  }
}

/** What becomes of pictures, wherever they come from. */
export function pairingsFrom(from: readonly FormatId[]): readonly Pairing[] {
  return [
    toLossy(from, 'jpeg'),
    toLossy(from, 'webp'),
    toLossy(from, 'avif'),
    // Both are lossless whatever is asked, so only a wish that they cannot grant is refused.
    {
      from,
      to: ['png', 'tiff'],
      options: [...pictureOptions, 'lossless'],
      values: { lossless: [true] },
      defaults: { ...ofAll, ...isLossless(true) },
    },
    { from, to: ['gif'], options: pictureOptions, defaults: ofAll },
  ]
}

export const imagePairings: readonly Pairing[] = pairingsFrom(imageSources)

export function isImageTarget(format: FormatId): format is ImageTarget {
  return (imageTargets as readonly FormatId[]).includes(format)
}
