/** Claims a second, with more and more rows in the queue: it should make no difference. */
import { openStore } from '../../src/main/store/open.ts'
import type { Draft } from '../../src/shared/job.ts'
import { figure, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'

const sizes = [1_000, 100_000, 1_000_000]
const claimed = 500

export async function claims(): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const rows of sizes) {
    const rates = await withFolder(async (folder) => {
      const store = openStore({ folder, log: silentLog, nowMs: () => Date.now(), randomHex: (bytes) => '0'.repeat(bytes * 2) })
      fill(store, rows)
      const found: number[] = []
      for (let run = 0; run < 2; run += 1) {
        const begun = performance.now()
        for (let n = 0; n < claimed; n += 1)
          if (store.jobs.claim('local:audio', Date.now()) === null) throw new Error('the queue ran dry')
        found.push(claimed / ((performance.now() - begun) / 1000))
      }
      store.close()
      return found
    })
    figures.push(figure(`claims with ${rows.toLocaleString('en')} rows queued`, '/s', rates, 'flat'))
  }
  return figures
}

export function fill(store: ReturnType<typeof openStore>, rows: number): void {
  const batchId = store.batches.open('bench', 0)
  for (let start = 0; start < rows; start += 1_000) {
    const drafts = Array.from({ length: Math.min(1_000, rows - start) }, (_, index) => draft(start + index))
    store.jobs.add(batchId, drafts, 0)
  }
}

export function draft(n: number): Draft {
  const folder = `/home/someone/Music/Collection/Artist ${n % 700}/Album ${n % 90}`
  return {
    order: {
      source: {
        kind: 'file',
        path: `${folder}/${String(n).padStart(7, '0')} A song of some length.wav`,
        bytes: 5_000_000 + n,
        mtimeMs: 1_700_000_000_000,
      },
      from: 'wav',
      target: 'mp3',
      options: { bitrate: 192 },
      preset: null,
      with: 'auto',
      localOnly: false,
      folder,
      name: '{name}',
      ifExists: 'number',
      keepDates: true,
      afterwards: 'keep',
      counter: n + 1,
    },
    priority: 0,
    provider: 'local',
    lane: 'local:audio',
    reason: { code: 'first' },
  }
}
