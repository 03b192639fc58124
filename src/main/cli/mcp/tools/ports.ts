/** What the tools work with. Alone, as each of them takes it. */
import type { Log } from '../../../engine/ports.ts'
import type { Allowed } from '../allowed.ts'
import type { Conversions } from '../conversions.ts'
import type { ShownJobs } from '../listing.ts'
import type { QueueAccess } from '../queue-access.ts'

export interface ToolPorts {
  readonly allowed: Allowed
  readonly queue: QueueAccess
  readonly conversions: Conversions
  readonly listing: ShownJobs
  readonly log: Log
  /** Whether files may leave this machine. */
  readonly online: 'allowed' | 'never'
  /** For how long a call waits for conversions. */
  readonly waitSeconds: number
  /** The server ends. */
  readonly ending: AbortSignal
}
