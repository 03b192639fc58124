/** The files that were there first, taken down in the moment in which something is said about them. */
import type { WatchedFolder } from '../store/ledger.ts'
import { createLooks } from './looks.ts'
import { groundOf, type LedgerPorts } from './ground.ts'

const together = 64

/** What waits among them is led on by the folder's keeper. */
export async function takeDown(folder: WatchedFolder, ports: LedgerPorts, signal: AbortSignal): Promise<void> {
  const isBlank = ports.sightings.dirs(folder.id).length === 0
  const looks = createLooks({
    ledger: ports,
    sight: () => ({ ground: groundOf(folder, ports), isBlank }),
    together: () => together,
    // Nothing that is missing now is anybody's concern yet.
    isBelievable: async () => false,
    onSurvey: async () => undefined,
    onGone: async () => undefined,
    signal,
  })
  looks.begin()
  for (let stepped = await looks.step(); stepped === 'more'; stepped = await looks.step()) signal.throwIfAborted()
}
