/** Rules with several results: each file is dealt with once all of them are there, by one request. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { anyFormatNamed } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { copies, until, watching, type Watching } from '../support/watching.ts'

leavesNothingOpen()

function to(format: string, options: Options = {}) {
  return { target: anyFormatNamed(format), preset: null, options }
}

function jobsOf({ engine }: Watching): readonly string[] {
  const { jobs } = engine.history.page({}, null, 100)
  return jobs.map((job) => `${job.batchId} ${job.order.target} ${job.state.phase}`).toSorted()
}

it('a preset stands for all of its results, with names that tell them apart', async () => {
  const scene = await watching({
    before: ({ engine }) => {
      const further = [
        { target: 'mp3', options: { bitrate: 96 } },
        { target: 'flac', options: {} },
      ] as const
      engine.presets.save({ name: 'three', target: 'mp3', options: { bitrate: 192 }, further: [...further] })
    },
  })
  await scene.add({ outputs: [{ target: null, preset: 'three', options: {} }] })
  await copies(scene.tone, scene.drop, ['take.wav'])
  await until(() => scene.line('take.wav')?.state === 'done')
  await scene.settled()
  expect([await scene.files(), jobsOf(scene), scene.line('take.wav')?.jobs.length]).toEqual([
    ['take (192k).mp3', 'take (96k).mp3', 'take.flac', 'take.wav'],
    ['1 flac done', '1 mp3 done', '1 mp3 done'],
    3,
  ])
})

it('one that fails is tried again by itself, and the source goes once it is there', async () => {
  const scene = await watching({ timings: { retryMs: [400] } })
  const { drop, tone } = scene
  await mkdir(join(drop, 'take.flac'))
  await writeFile(join(drop, 'take.flac', 'in-the-way'), '')
  await scene.add({ outputs: [to('mp3'), to('flac')], afterwards: 'archive', ifExists: 'overwrite' })
  await copyFile(tone, join(drop, 'take.wav'))
  await until(() => scene.line('take.wav')?.state === 'failed')
  const between = (await readdir(drop)).filter((name) => name.startsWith('take')).toSorted()
  await rm(join(drop, 'take.flac'), { recursive: true })
  await until(() => scene.lines().some(({ path, state }) => path.endsWith('take.wav') && state === 'done'))
  const after = (await readdir(drop)).filter((name) => name.startsWith('take')).toSorted()
  expect([between, after, jobsOf(scene)]).toEqual([
    ['take.flac', 'take.mp3', 'take.wav'],
    ['take.flac', 'take.mp3'],
    ['1 flac done', '1 mp3 done'],
  ])
})

it('one whose preset is gone keeps none of the others', async () => {
  const scene = await watching({ before: ({ engine }) => engine.presets.save({ name: 'gone', target: 'flac', options: {} }) })
  await scene.add({ outputs: [{ target: null, preset: 'gone', options: {} }, to('mp3')] })
  scene.engine.presets.remove('gone')
  await copyFile(scene.tone, join(scene.drop, 'take.wav'))
  await until(() => scene.line('take.wav')?.state === 'done')
  expect([await scene.files(), jobsOf(scene)]).toEqual([['take.mp3', 'take.wav'], ['1 mp3 done']])
})

it('a rehearsal names all results of each file, and makes none', async () => {
  const scene = await watching()
  await copyFile(scene.tone, join(scene.drop, 'take.wav'))
  const { rule, id } = await scene.add({ outputs: [to('mp3', { bitrate: 192 }), to('mp3', { bitrate: 96 })] }, 'ignore')
  const rehearsal = await scene.folders.rehearse({ rule, id: null, limit: 10 }, new AbortController().signal)
  const [file] = rehearsal.files
  expect([file?.outputs.map(({ path }) => path), await scene.files(), id]).toEqual([
    [join(scene.drop, 'take (192k).mp3'), join(scene.drop, 'take (96k).mp3')],
    ['take.wav'],
    1,
  ])
})
