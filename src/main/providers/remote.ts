/** What every online provider is made from: where it is, its key, and the outside. */
import type { Clock, Log, Random } from '../engine/ports.ts'

export interface RemoteOptions {
  /** https only, except loopback; without a slash at the end. */
  readonly baseUrl: string
  /** Asked anew for every call, so that a key set meanwhile counts at once; null where none is set. Never kept, never logged. */
  readonly key: () => Promise<string | null>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Bytes a second for uploads and downloads together; null: as fast as it goes. */
  readonly bytesPerSecond: number | null
}
