/** What a program makes HEIC of, as data: all pictures that are read here. Apart, as it names those of libvips and of ImageMagick. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { Pairing } from '../../provider.ts'
import { magickSources } from '../magick/pairings.ts'
import { imageSources, ofAll } from './pairings.ts'

export const heicQualityUnlessAsked = 60

const described = {
  to: ['heic'],
  options: ['width', 'height', 'fit', 'preserveMetadata', 'preserveLocation', 'imageQuality'],
  defaults: {
    width: ofAll.width,
    height: ofAll.height,
    fit: ofAll.fit,
    preserveMetadata: ofAll.preserveMetadata,
    preserveLocation: ofAll.preserveLocation,
    imageQuality: { kind: 'value', value: heicQualityUnlessAsked },
  },
} as const satisfies Omit<Pairing, 'from'>

const drawn: readonly FormatId[] = [...imageSources, ...magickSources].filter((format) => format !== 'heic' && format !== 'raw')

export const heicPairings: readonly Pairing[] = [
  { from: drawn, ...described },
  {
    from: ['raw'],
    ...described,
    options: [...described.options, 'raw'],
    defaults: { ...described.defaults, raw: { kind: 'value', value: 'develop' } },
  },
]
