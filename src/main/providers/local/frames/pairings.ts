/** Which videos give which pictures, as data. Apart, so that nothing is loaded for it. */
import { factsOf } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { Pairing } from '../../provider.ts'
import { pairingsFrom } from '../images/pairings.ts'
import { mediaSources } from '../media/demuxers.ts'

const videos = mediaSources.filter((format) => factsOf(format).family === 'video')
/** A frame says nothing of where and when it was taken. */
const unsaid: ReadonlySet<OptionName> = new Set(['preserveMetadata', 'preserveLocation'])

export const framePairings: readonly Pairing[] = pairingsFrom(videos).flatMap(({ to, options, defaults = {}, ...pairing }) => {
  // A GIF moves.
  const stills = to.filter((target) => target !== 'gif')
  if (stills.length === 0) return []
  const { preserveMetadata: _metadata, preserveLocation: _location, ...others } = defaults
  return {
    ...pairing,
    to: stills,
    options: [
      ...options.filter((name) => !unsaid.has(name)),
      ...(['frames', 'frameAt', 'frameInterval', 'trimStart', 'trimEnd'] as const),
    ],
    defaults: {
      ...others,
      frames: { kind: 'value', value: 'one' },
      trimStart: { kind: 'none' },
      trimEnd: { kind: 'none' },
    },
  }
})
