/** A process that takes a session on a data folder and does as its parent says. Started by `session-process.ts`. */
import { openSession } from '../../src/main/api/session.ts'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import type { Log } from '../../src/main/engine/ports.ts'

const [home = '', mode = 'work', ...sources] = process.argv.slice(2)
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const session = await openSession({
  home,
  version: '0',
  mode: mode === 'look' ? 'look' : 'work',
  log,
  patienceMs: 10_000,
  hold: async () => await compose({ home, log, secrets: fileSecrets(home, {}) }),
})
if (sources.length > 0) {
  const { batchId } = await session.client.batches.open({ label: 'child' })
  const events = await session.client.batches.convert({
    batchId,
    sources,
    target: 'flac',
    options: {},
    preset: null,
    out: null,
    recursive: false,
    include: [],
    exclude: [],
    priority: 0,
  })
  await Array.fromAsync(events)
}
process.send?.({ role: session.role() })
process.on('message', (message) => {
  if (message === 'close') void session.close().then(() => process.disconnect())
})
