/** What the picture converter takes, as data. Nothing heavy is imported here: `beside formats` only reads this. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { Pairing } from '../../provider.ts'

export const imageSources = [
  'jpeg',
  'png',
  'webp',
  'avif',
  'tiff',
  'gif',
  'svg',
  'heic',
  'pdf',
] as const satisfies readonly FormatId[]
export const imageTargets = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const satisfies readonly FormatId[]
export type ImageSource = (typeof imageSources)[number]
export type ImageTarget = (typeof imageTargets)[number]

const always = ['width', 'height', 'fit', 'preserveMetadata'] as const satisfies readonly OptionName[]

export const imagePairings: readonly Pairing[] = [
  { from: imageSources, to: ['jpeg'], options: [...always, 'imageQuality'] },
  { from: imageSources, to: ['webp', 'avif'], options: [...always, 'imageQuality', 'lossless'] },
  // Both are lossless whatever is asked, so only a wish that they cannot grant is refused.
  { from: imageSources, to: ['png', 'tiff'], options: [...always, 'lossless'], values: { lossless: [true] } },
  { from: imageSources, to: ['gif'], options: always },
]

export function isImageTarget(format: FormatId): format is ImageTarget {
  return (imageTargets as readonly FormatId[]).includes(format)
}
