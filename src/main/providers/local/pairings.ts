/** What this machine makes of what, whether all that it needs for that is there or not: data for routing, for menus and for `beside formats`. */
import { engineTable } from './engine-table.ts'
import type { Pairing } from '../provider.ts'

export const localPairings: readonly Pairing[] = engineTable.flatMap(({ pairings }) => pairings)
