/**
 * A process that holds a store and queues jobs until it is killed, or gives 50 of them another order and back again: it tells its parent of
 * each time that it has committed.
 */
import { openStore } from '../../src/main/store/open.ts'
import { toFailure } from '../../src/shared/failure.ts'
import type { Store } from '../../src/main/store/store.ts'
import { draftOf, numbered, startMs } from './drafts.ts'
import { testLog } from './log.ts'

const [folder = '', does = 'add'] = process.argv.slice(2)
try {
  const store = openStore({ folder, log: testLog, nowMs: () => startMs, randomHex: (bytes) => 'c0'.repeat(bytes) })
  const batchId = store.batches.open('child', startMs)
  if (does === 'change') store.jobs.add(batchId, numbered(50), startMs)
  for (let n = 1; ; n += 1) {
    if (does === 'change') change(store, n % 2 === 0 ? 'mp3' : 'flac')
    else store.jobs.add(batchId, [draftOf(`child ${n}.wav`)], startMs)
    await new Promise((resolve) => process.send?.({ committed: n }, resolve))
  }
} catch (error) {
  process.send?.({ refused: toFailure(error) }, () => process.disconnect())
}

function change(store: Store, target: 'mp3' | 'flac'): void {
  const ids = Array.from({ length: 50 }, (_, n) => n + 1)
  const ask = (job: Parameters<Parameters<Store['jobs']['changeOrders']>[1]>[0]) => {
    if (job === null) throw new Error('no job')
    return { ...job, order: { ...job.order, target }, lane: `lane of ${target}` }
  }
  store.jobs.changeOrders(ids, ask, null)
}
