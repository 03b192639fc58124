import { existsSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { undoBatch } from '../../../src/main/engine/job/undo.ts'
import { failure } from '../../../src/shared/failure.ts'
import { ended, outputsOf, testBeside } from '../../support/beside.ts'
import { draftOf, startMs } from '../../support/drafts.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { finishNext, queued, temporaryStore } from '../../support/stored.ts'
import { writeTone } from '../../support/tone.ts'

/** A batch of so many finished jobs, with their sources and results on the disk, and another one's in between. */
async function finished(count: number, where: 'beside' | 'elsewhere' = 'beside') {
  const store = await temporaryStore()
  const folder = await temporaryFolder()
  const batches = [store.batches.open('mine', startMs), store.batches.open('other', startMs)] as const
  const results: string[] = []
  const to = where === 'beside' ? folder : join(folder, 'results')
  await mkdir(to, { recursive: true })
  for (let n = 0; n < count; n += 1) {
    const [source, path] = [join(folder, `${n}.wav`), join(to, `${n}.mp3`)]
    await writeFile(source, 'source')
    await writeFile(path, 'result')
    const { size: bytes, mtimeMs } = await stat(path)
    const draft = draftOf(`${n}.wav`, { order: { source: { kind: 'file', path: source, bytes: 6, mtimeMs: 0 }, folder } })
    store.jobs.add(batches[n % 10 === 9 ? 1 : 0], [draft], startMs)
    finishNext(store, startMs + n, [{ path, bytes, mtimeMs }])
    results.push(path)
  }
  const mine = results.filter((_, n) => n % 10 !== 9)
  return { store, folder, batchId: batches[0], mine, others: results.filter((_, n) => n % 10 === 9) }
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

  it('leaves what another batch has written over it since, though it looks the same', async () => {
    const { store, batchId, mine } = await finished(2)
    const [first = ''] = mine
    const { size: bytes, mtimeMs } = await stat(first)
    queued(store, [draftOf('0.flac')])
    finishNext(store, startMs + 10, [{ path: first, bytes, mtimeMs }])
    const { removed, kept } = await undoBatch(batchId, store, startMs + 20)
    expect([removed, kept.map(({ path, why }) => [path, why.code])]).toEqual([mine.slice(1), [[first, 'changed-since']]])
    expect(existsSync(first)).toBe(true)
  })

  it('says of nothing that it was removed which was gone before', async () => {
    const { store, batchId, mine } = await finished(3)
    await rm(mine[0] ?? '')
    const { removed, kept } = await undoBatch(batchId, store, startMs)
    expect([removed, kept]).toEqual([mine.slice(1).toReversed(), []])
  })

  it('says that it could not undo what is on a disk that is away, and can be done again when that is back', async () => {
    const { store, batchId, mine, folder } = await finished(3, 'elsewhere')
    const results = join(folder, 'results')
    await rename(results, `${results} away`)
    const away = await undoBatch(batchId, store, startMs)
    const undoneAtMs = store.batches.get(batchId)?.undoneAtMs
    await rename(`${results} away`, results)
    const back = await undoBatch(batchId, store, startMs + 1)
    expect({ away, undoneAtMs, back }).toEqual({
      away: { removed: [], kept: mine.toReversed().map((path) => ({ path, why: failure('folder-missing', { path: results }) })) },
      undoneAtMs: null,
      back: { removed: mine.toReversed(), kept: [] },
    })
  })

  it('says so of a file that the system tells nothing of, and undoes the others all the same', async () => {
    const { store, batchId, mine } = await finished(3)
    const [first = ''] = mine
    await rm(first)
    // Whatever is asked about such a name, the system answers with an error that is not “no such file”.
    await symlink(basename(first), first)
    const { removed, kept } = await undoBatch(batchId, store, startMs)
    expect({ removed, kept: kept.map(({ path, why }) => [path, why.code]) }).toEqual({
      removed: mine.slice(1).toReversed(),
      kept: [[first, 'link-loop']],
    })
    expect(store.batches.get(batchId)?.undoneAtMs).toBeNull()
  })

  it('is refused a second time, until a job of it has been done again', async () => {
    const folder = await temporaryFolder()
    const { engine, convert, settled } = await testBeside(folder)
    const source = join(folder, 'song.wav')
    await writeFile(source, 'no sound at all')
    const good = join(folder, 'good.wav')
    await writeTone(good, 1)
    const { batchId, jobs } = await convert([source, good], 'flac')
    expect(jobs.map(ended).toSorted()).toEqual(['done', 'failed: source-unknown'])
    expect((await engine.undo(batchId)).removed).toEqual([join(folder, 'good.flac')])
    await expect(engine.undo(batchId)).rejects.toMatchObject({ failure: { code: 'not-possible' } })
    await copyFile(good, source)
    await engine.retry({ kind: 'batch', batchId })
    await settled(batchId)
    expect((await engine.undo(batchId)).removed).toEqual([join(folder, 'song.flac')])
  })

  it('takes its own results back although a later batch wanted the same names', async () => {
    const folder = await temporaryFolder()
    const { engine, convert } = await testBeside(folder)
    const source = join(folder, 'song.wav')
    await writeTone(source, 1)
    const first = await convert([source], 'flac')
    const second = await convert([source], 'flac', { ifExists: 'number' })
    expect(second.jobs.flatMap(outputsOf)).toEqual([join(folder, 'song (2).flac')])
    expect((await engine.undo(first.batchId)).removed).toEqual([join(folder, 'song.flac')])
  })
})
