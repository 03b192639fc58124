/** Pure: what a conversion takes over as it is. Apart from the plan, which says how each stream is written. */
import type { MediaFacts } from '../../../../shared/media.ts'
import { mainAudio } from '../../../../shared/media.ts'
import type { ProviderOrder } from '../../provider.ts'
import { copiesAudio } from './audio.ts'
import { copiedStreams } from './film.ts'
import { heardIn } from './streams.ts'
import { targetOf } from './targets.ts'

export function copiesOf({ target: to, options }: Pick<ProviderOrder, 'target' | 'options'>, facts: MediaFacts) {
  const target = targetOf(to)
  if (target === null) return 'nothing'
  if (target.kind === 'audio') {
    const stream = facts.audio[mainAudio(facts) ?? 0]
    return stream !== undefined && facts.video.length === 0 && copiesAudio(stream, target.audio, options)
      ? 'everything'
      : 'nothing'
  }
  const plan = { facts, to, target, options, gains: [], inputs: { source: 0 }, encoders: null }
  const copied = copiedStreams(plan, target)
  if (copied.length === Math.min(1, facts.video.length) + heardIn(facts, target).length) return 'everything'
  return copied.includes(0) && facts.video.length > 0 ? 'picture' : 'nothing'
}
