/** Which videos give which pictures, as data. Apart, so that nothing is loaded for it. */
import { factsOf, type FormatId } from '../../../../shared/formats.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import { frameChoices } from '../../../../shared/option-table.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { Pairing } from '../../provider.ts'
import { pairingsFrom } from '../images/pairings.ts'
import { mediaSources } from '../media/demuxers.ts'
import { fpsUnlessAsked } from '../media/gif.ts'
import { animatedTargets } from './choice.ts'

const videos = mediaSources.filter((format) => factsOf(format).family === 'video')
/** Whatever nobody says of frames, these go on moving where the target does. */
const moving: readonly FormatId[] = ['gif', 'webp', 'avif']
/** A frame says nothing of where and when it was taken. */
const unsaid: ReadonlySet<OptionName> = new Set(['preserveMetadata', 'preserveLocation'])
const chosen = ['frames', 'frameAt', 'frameInterval', 'trimStart', 'trimEnd'] as const
const singly = frameChoices.filter((choice) => choice !== 'animation')

function pairingsOf(from: readonly FormatId[], animated: readonly FormatId[], unlessAsked: OptionDefaults): readonly Pairing[] {
  return pairingsFrom(from).flatMap(({ to, options, values, defaults = {} }) => {
    // A GIF moves.
    const targets = to.filter((target) => target !== 'gif')
    if (targets.length === 0) return []
    const { preserveMetadata: _metadata, preserveLocation: _location, ...others } = defaults
    const moves = targets.every((target) => animated.includes(target))
    return {
      from,
      to: targets,
      options: [...options.filter((name) => !unsaid.has(name)), ...chosen, ...(moves ? (['fps'] as const) : [])],
      values: { ...values, ...(!moves && { frames: singly }) },
      defaults: {
        ...others,
        ...unlessAsked,
        ...(moves && { fps: { kind: 'source', upTo: fpsUnlessAsked } as const }),
        trimStart: { kind: 'none' },
        trimEnd: { kind: 'none' },
      },
    }
  })
}

export const framePairings: readonly Pairing[] = [
  ...pairingsOf(videos, animatedTargets, { frames: { kind: 'value', value: 'one' } }),
  // Who draws pictures keeps the times of their frames in WebP to the last one.
  ...pairingsOf(moving, ['avif'], {}),
]
