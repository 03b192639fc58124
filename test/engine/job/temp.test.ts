import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { composeOver } from '../../../src/main/compose.ts'
import { removeTemps } from '../../../src/main/engine/job/destination.ts'
import { isTempName, tempPath } from '../../../src/main/engine/job/temp-names.ts'
import { rewritePath } from '../../../src/main/files/names.ts'
import { fileSecrets } from '../../../src/main/secrets.ts'
import type { Work } from '../../../src/shared/job.ts'
import { ended, outputsOf, testBeside } from '../../support/beside.ts'
import { draftOf, startMs } from '../../support/drafts.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { storeIn } from '../../support/stored.ts'

async function scanOfTwoPages(path: string): Promise<void> {
  const page = { width: 20, height: 20, channels: 3, background: 'red' } as const
  const pages = await Promise.all([1, 2].map(async () => await sharp({ create: page }).png().toBuffer()))
  await sharp(pages, { join: { animated: true } })
    .tiff()
    .toFile(path)
}

/** A job that was stopped between its results and their names: the first of two has its name already. */
async function halfPlaced(phase: 'queued' | 'paused') {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  const [job] = store.jobs.add(store.batches.open('scan', startMs), [draftOf('scan.tiff', { order: { folder } })], startMs)
  if (job === undefined) throw new Error('there is no job')
  const parts = [0, 1, 2].map((n) => {
    const temp = tempPath(folder, store.tag, job.id, n)
    return { temp, name: null, format: 'png', bytes: 4 } as const
  })
  for (const { temp } of parts.slice(1)) await writeFile(temp, 'page')
  await writeFile(rewritePath(tempPath(folder, store.tag, job.id, 1)), 'a page that was being written anew')
  const work: Work = { step: 'place', parts, base: 'scan', places: [], ticket: null }
  store.jobs.claim('local:audio', startMs)
  store.jobs.apply(job.id, { type: 'step', work })
  store.jobs.apply(job.id, phase === 'paused' ? { type: 'pause' } : { type: 'again', dueAtMs: 0, why: null, work })
  const { engine, stop } = composeOver(store, { home: folder, log: testLog, secrets: fileSecrets(folder, {}) })
  onTestFinished(stop)
  const temps = async () => (await readdir(folder)).filter(isTempName)
  return { engine, temps }
}

describe('temporary results', () => {
  it('all go where only some of a job’s results find their names, and it can be tried again', async () => {
    const folder = await temporaryFolder()
    const { engine, convert, settled } = await testBeside(folder)
    await scanOfTwoPages(join(folder, 'scan.tiff'))
    const taken = join(folder, 'scan.2.png')
    await writeFile(taken, 'theirs')
    const { batchId, jobs } = await convert([join(folder, 'scan.tiff')], 'png', { ifExists: 'skip' })
    expect(jobs.map(ended)).toEqual(['skipped: output-exists'])
    expect((await readdir(folder)).toSorted()).toEqual(['beside-home', 'scan.2.png', 'scan.tiff'])
    await rm(taken)
    await engine.retry({ kind: 'batch', batchId })
    expect((await settled(batchId)).flatMap(outputsOf)).toEqual([1, 2].map((n) => join(folder, `scan.${n}.png`)))
  })

  it.each(['queued', 'paused'] as const)('go with a %s job that is cancelled', async (phase) => {
    const { engine, temps } = await halfPlaced(phase)
    expect(await temps()).toHaveLength(3)
    expect(await engine.cancel({ kind: 'all' })).toEqual({ moved: 1, sent: 0 })
    expect(await temps()).toEqual([])
  })

  it('go where one that was written anew is all that a crash left', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    const [added] = store.jobs.add(store.batches.open('song', startMs), [draftOf('song.wav', { order: { folder } })], startMs)
    const job = added === undefined ? null : store.jobs.get(added.id)
    if (job === null) throw new Error('there is no job')
    await writeFile(rewritePath(tempPath(folder, store.tag, job.id, 0)), 'tags')
    await removeTemps(job, store.tag, { step: 'prepare' })
    expect((await readdir(folder)).filter(isTempName)).toEqual([])
  })
})
