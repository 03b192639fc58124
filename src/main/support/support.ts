/** For whoever looks for a fault: the end of the log, and a bundle that can be sent to somebody. */
import type { Bundle, LogEnd } from '../../shared/wire/contract.ts'

export interface Support {
  log(home: string, lines: number): Promise<LogEnd>
  bundle(about: { readonly version: string; readonly home: string }): Promise<Bundle>
}
