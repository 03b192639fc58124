/** What this machine makes of what, whether all that it needs for that is there or not: data for routing, for menus and for `beside formats`. */
import { engineTable } from './engine-table.ts'
import type { EngineFacts } from './engine.ts'
import type { Pairing } from '../provider.ts'

/** In the order in which they are asked. */
export const localEngines: readonly EngineFacts[] = engineTable

export const localPairings: readonly Pairing[] = localEngines.flatMap(({ pairings }) => pairings)

/** What needs no program but FFmpeg, which Beside fetches. */
export const embeddedPairings: readonly Pairing[] = localEngines
  .filter(({ id, needs }) => needs === null || id === 'media')
  .flatMap(({ pairings }) => pairings)
