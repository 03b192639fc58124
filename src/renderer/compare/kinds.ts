/** What two files have in common that can be compared, by what is known of them. Apart, as it is pure. */
import type { MediaFacts } from '../../shared/media.ts'
import type { ComparedFile } from './compared.ts'

export type Kind = 'picture' | 'audio'
type Known = readonly [MediaFacts | undefined, MediaFacts | undefined]

/** A file that cannot be read keeps nothing of the other from being shown. */
export function kindsOf(known: Known): readonly Kind[] {
  const both = (holds: (facts: MediaFacts) => boolean) =>
    known.some((facts) => facts !== undefined) && known.every((facts) => facts === undefined || holds(facts))
  return [
    ...(both((facts) => facts.video.length > 0 || facts.image !== null) ? (['picture'] as const) : []),
    ...(both((facts) => facts.audio.length > 0) ? (['audio'] as const) : []),
  ]
}

/** How long both move, ms, from where their common time begins; null where they are stills. */
export function movesFor(known: Known, compared: readonly [ComparedFile, ComparedFile]): number | null {
  const lengths = known.flatMap((facts, index) => {
    const { fromMs = 0, lastsMs = null } = compared[index] ?? {}
    if (facts === undefined) return []
    const moves = facts.video.length > 0 || facts.image?.isAnimated === true
    if (!moves || facts.durationMs === null) return []
    return [Math.max(0, Math.min(lastsMs ?? Infinity, facts.durationMs - fromMs))]
  })
  const shortest = Math.min(...lengths)
  return Number.isFinite(shortest) && shortest > 0 ? shortest : null
}

const usualFps = 25
const fastest = 240

/** Of the one that moves more finely. */
export function frameMsOf(known: Known): number {
  const rates = known.flatMap((facts) => {
    if (facts === undefined) return []
    const { delaysMs = [] } = facts.image ?? {}
    const shortest = Math.min(...delaysMs.filter((delayMs) => delayMs > 0))
    return facts.video[0]?.fps ?? (Number.isFinite(shortest) ? 1000 / shortest : [])
  })
  return 1000 / Math.min(fastest, Math.max(...rates, rates.length === 0 ? usualFps : 0.1))
}
