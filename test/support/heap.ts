/** Memory that is held on to. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What is left of this process's heap when all that nobody holds has been collected. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('nothing can be collected here')
  collect()
  return process.memoryUsage().heapUsed
}
