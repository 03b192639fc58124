/** 100,000 queued jobs cancelled at once: how long it takes, and the longest time in which nothing else got its turn. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { composeOver } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import { fill } from './claims.ts'
import { figure, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'

const rows = 100_000

export async function cancel(): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const store = openStore({ folder, log: silentLog, nowMs: () => Date.now(), randomHex: (bytes) => '0'.repeat(bytes * 2) })
    fill(store, rows)
    const { engine, stop } = composeOver(store, { home: folder, log: silentLog, secrets: fileSecrets(folder, {}) })
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const begun = performance.now()
    const { moved } = await engine.cancel({ kind: 'all' })
    const seconds = (performance.now() - begun) / 1000
    delay.disable()
    await stop()
    if (moved !== rows) throw new Error(`${moved} jobs instead of ${rows}`)
    return [
      figure(`${rows.toLocaleString('en')} jobs cancelled`, 's', [seconds]),
      figure('  longest stall', 'ms', [delay.max / 1e6], '≤ 50 ms'),
    ]
  })
}
