/** A process that holds a store and queues jobs until it is killed: it tells its parent of each one that is committed. */
import { openStore } from '../../src/main/store/open.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { draftOf, startMs } from './drafts.ts'
import { testLog } from './log.ts'

const [folder = ''] = process.argv.slice(2)
try {
  const store = openStore({ folder, log: testLog, nowMs: () => startMs, randomHex: (bytes) => 'c0'.repeat(bytes) })
  const batchId = store.batches.open('child', startMs)
  for (let n = 1; ; n += 1) {
    store.jobs.add(batchId, [draftOf(`child ${n}.wav`)], startMs)
    await new Promise((resolve) => process.send?.({ committed: n }, resolve))
  }
} catch (error) {
  process.send?.({ refused: toFailure(error) }, () => process.disconnect())
}
