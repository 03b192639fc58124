/** A log for tests: what should never happen is printed, everything else is dropped. */
import type { Log } from '../../src/main/engine/ports.ts'

export const testLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (text, facts) => console.error(text, facts),
}
