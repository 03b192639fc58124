/** Keeps an eye on the memory of a worker while it works: the limits on pixels and on the heap do not see all that a decoder takes. */
import { totalmem } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { Child } from './child.ts'

const everyMs = 500
/** One picture may not take more than half of the machine. */
const mostBytes = Math.min(4 * 2 ** 30, totalmem() / 2)

/** Calls `stop` once where too much is taken; the answer ends the watch. */
export function watchMemory(child: Pick<Child, 'memory'>, clock: Clock, stop: (reason: JobError) => void): () => void {
  let takeBack = (): void => {}
  let isOver = false
  const again = (): void => {
    takeBack = clock.after(everyMs, () => void look())
  }
  const look = async (): Promise<void> => {
    const rss = await child.memory()
    if (rss === null || isOver) return
    if (rss > mostBytes) stop(new JobError('tool-memory', { reason: `more than ${Math.round(mostBytes / 2 ** 20)} MB` }))
    else again()
  }
  again()
  return () => {
    isOver = true
    takeBack()
  }
}
