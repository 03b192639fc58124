import { existsSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { undoBatch } from '../../src/main/engine/undo.ts'
import { draftOf, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { finishNext, temporaryStore } from '../support/stored.ts'

/** A batch of so many finished jobs, with their sources and results on the disk, and another one's in between. */
async function finished(count: number) {
  const store = await temporaryStore()
  const folder = await temporaryFolder()
  const batches = [store.batches.open('mine', startMs), store.batches.open('other', startMs)] as const
  const results: string[] = []
  for (let n = 0; n < count; n += 1) {
    const [source, path] = [join(folder, `${n}.wav`), join(folder, `${n}.mp3`)]
    await writeFile(source, 'source')
    await writeFile(path, 'result')
    const { size: bytes, mtimeMs } = await stat(path)
    const draft = draftOf(`${n}.wav`, { order: { source: { kind: 'file', path: source, bytes: 6, mtimeMs: 0 }, folder } })
    store.jobs.add(batches[n % 10 === 9 ? 1 : 0], [draft], startMs)
    finishNext(store, startMs + n, [{ path, bytes, mtimeMs }])
    results.push(path)
  }
  const mine = results.filter((_, n) => n % 10 !== 9)
  return { store, batchId: batches[0], mine, others: results.filter((_, n) => n % 10 === 9) }
}

describe('undoing a batch', () => {
  it('takes back every result of it, the newest first, however many there are, and none of another’s', async () => {
    const { store, batchId, mine, others } = await finished(250)
    const { removed, kept } = await undoBatch(batchId, store, startMs + 1_000)
    expect([removed, kept]).toEqual([mine.toReversed(), []])
    expect([mine.some((path) => existsSync(path)), others.every((path) => existsSync(path))]).toEqual([false, true])
    expect(store.batches.get(batchId)?.undoneAtMs).toBe(startMs + 1_000)
  })

  it('leaves what has changed since, says so, and can be done again', async () => {
    const { store, batchId, mine } = await finished(5)
    const [first = ''] = mine
    await writeFile(first, 'changed by hand')
    const { removed, kept } = await undoBatch(batchId, store, startMs)
    expect([removed.length, kept.map(({ path, why }) => [path, why.code])]).toEqual([4, [[first, 'changed-since']]])
    expect([existsSync(first), store.batches.get(batchId)?.undoneAtMs]).toEqual([true, null])
  })
})
