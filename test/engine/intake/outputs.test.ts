/** Several results of each source: which jobs that makes, what they are called, and what becomes of the source. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import type { ConversionOutput } from '../../../src/shared/outputs.ts'
import { anyFormatNamed } from '../../../src/shared/formats.ts'
import type { Options } from '../../../src/shared/options.ts'
import { ended, jobsOf, outputsOf, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

function to(format: string, options: Options = {}): ConversionOutput {
  return { target: anyFormatNamed(format), preset: null, options }
}

async function scene() {
  const folder = await temporaryFolder()
  const song = join(folder, 'song.wav')
  await writeTone(song, 0.2)
  const beside = await testBeside(folder)
  const convert = async (outputs: readonly ConversionOutput[], more: Parameters<typeof beside.convert>[2] = {}) =>
    await beside.convert([song], 'mp3', { target: null, outputs: [...outputs], ...more })
  const made = async () => (await readdir(folder)).filter((name) => name.startsWith('song')).toSorted()
  return { folder, song, beside, convert, made }
}

it('each source becomes each of them, as a job of its own in one batch', async () => {
  const { folder, beside } = await scene()
  await mkdir(join(folder, 'in'))
  for (const name of ['a.wav', 'b.wav']) await writeTone(join(folder, 'in', name), 0.1)
  const { jobs, batchId } = await beside.convert([join(folder, 'in')], 'mp3', { target: null, outputs: [to('mp3'), to('flac')] })
  expect(
    jobs.map((job) => [
      job.order.counter,
      ended(job),
      outputsOf(job)
        .map((path) => basename(path))
        .join(),
    ]),
  ).toEqual([
    [1, 'done', 'a.mp3'],
    [1, 'done', 'a.flac'],
    [2, 'done', 'b.mp3'],
    [2, 'done', 'b.flac'],
  ])
  expect(beside.engine.batch(batchId)?.totals.done).toBe(4)
})

it('two of one kind are called by what tells them apart, the same each time', async () => {
  const { convert, made } = await scene()
  const outputs = [to('mp3', { bitrate: 192 }), to('mp3', { bitrate: 96 }), to('flac')]
  const first = await convert(outputs, { ifExists: 'skip' })
  const again = await convert(outputs, { ifExists: 'skip' })
  expect([first.jobs.map(ended), again.jobs.map(ended), await made()]).toEqual([
    ['done', 'done', 'done'],
    ['skipped: output-exists', 'skipped: output-exists', 'skipped: output-exists'],
    ['song (192k).mp3', 'song (96k).mp3', 'song.flac', 'song.wav'],
  ])
})

it('an option that is given for all goes to those that take it, and one that none takes is refused', async () => {
  const { convert } = await scene()
  const { jobs } = await convert([to('mp3', { bitrate: 128 }), to('flac')], { options: { bitrate: 192, bitDepth: 16 } })
  const refused = await convert([to('mp3'), to('flac')], { options: { maxHeight: 720 } })
  expect(jobs.map(({ order }) => order.options)).toEqual([{ bitrate: 128 }, { bitDepth: 16 }])
  expect([refused.jobs, refused.refused.map(({ why }) => [why.code, why.facts])]).toEqual([
    [],
    [['option-unsupported', expect.objectContaining({ option: 'maxHeight' })]],
  ])
})

it('an option of one of them is its own: where it does not apply that one is refused, and the source stays', async () => {
  const { convert, made } = await scene()
  const { jobs, refused } = await convert([to('mp3', { maxHeight: 720 }), to('flac')], { afterwards: 'archive' })
  expect([refused, jobs.map(ended), await made()]).toEqual([
    [{ type: 'refused', source: expect.any(String), output: 0, why: expect.objectContaining({ code: 'option-unsupported' }) }],
    ['done'],
    ['song.flac', 'song.wav'],
  ])
})

it('what a folder holds of other kinds is passed over for each result by itself', async () => {
  const { folder, beside } = await scene()
  await mkdir(join(folder, 'in'))
  await writeTone(join(folder, 'in', 'a.wav'), 0.1)
  await writeFile(join(folder, 'in', 'table.csv'), 'a,b\n1,2\n')
  const request = { target: null, outputs: [to('mp3'), to('xlsx')], afterwards: 'archive' } as const
  const { jobs, refused } = await beside.convert([join(folder, 'in')], 'mp3', { ...request, outputs: [...request.outputs] })
  const [wav, csv] = jobs.map(({ order }) => `${order.from} ${order.target} ${order.afterwards}`)
  expect([wav, csv, jobs.length, refused]).toEqual(['wav mp3 archive', 'csv xlsx archive', 2, []])
})

it('a preset with several results stands for all of them, alone and in a rule', async () => {
  const { beside, convert, made } = await scene()
  const further = [
    { target: 'mp3', options: { bitrate: 96 } },
    { target: 'flac', options: {}, nameTemplate: '{name} {preset}' },
  ] as const
  beside.engine.presets.save({ name: 'both', target: 'mp3', options: { bitrate: 192 }, further: [...further] })
  const [saved] = beside.engine.presets.list()
  const { jobs } = await convert([{ target: null, preset: 'both', options: {} }])
  expect([saved?.further?.length, jobs.map(({ order }) => order.preset), await made()]).toEqual([
    2,
    ['both', 'both', 'both'],
    ['song (192k).mp3', 'song (96k).mp3', 'song both.flac', 'song.wav'],
  ])
})

it('requests that make no sense are refused as a whole', async () => {
  const { convert } = await scene()
  const why = async (outputs: readonly ConversionOutput[]) =>
    await convert(outputs).then(
      () => 'taken',
      ({ failure }: { failure: { facts: { because?: string } } }) => failure.facts.because,
    )
  const many = Array.from({ length: 17 }, (_, n) => to('mp3', { bitrate: 64 + n }))
  expect([await why([to('mp3'), to('mp3')]), await why(many), await why([{ target: null, preset: null, options: {} }])]).toEqual([
    'same-outputs',
    'too-many-outputs',
    'no-target',
  ])
})

it('what a lost holder had taken in already joins itself, result by result', async () => {
  const { song, beside, convert } = await scene()
  const { batchId } = await convert([to('mp3'), to('flac')])
  const again = {
    batchId,
    sources: [song],
    target: null,
    options: {},
    preset: null,
    out: null,
    recursive: false,
    include: [],
    exclude: [],
  }
  const events = beside.engine.convert(
    { ...again, priority: 0, again: true, outputs: [to('mp3'), to('flac'), to('wav', { bitDepth: 24 })] },
    new AbortController().signal,
  )
  const types: string[] = []
  for await (const event of events) types.push(event.type)
  await beside.settled(batchId)
  expect([types.filter((type) => type === 'joined').length, jobsOf(beside.engine, batchId).length]).toEqual([2, 3])
})

it('the source goes with the last of them, and undo brings it back before any of them goes', async () => {
  const { folder, convert, made, beside } = await scene()
  const { jobs, batchId } = await convert([to('mp3'), to('flac'), to('opus')], { afterwards: 'archive' })
  const archived = jobs.flatMap(({ state }) => (state.phase === 'done' ? (state.archivedTo ?? []) : []))
  const notes = jobs.flatMap(({ state }) => (state.phase === 'done' ? state.notes : []))
  expect([jobs.map(ended), archived.length, notes, await made()]).toEqual([
    ['done', 'done', 'done'],
    1,
    [],
    ['song.flac', 'song.mp3', 'song.opus'],
  ])
  const { removed, kept } = await beside.engine.undo(batchId)
  expect([removed.length, kept, await made(), (await readdir(folder)).includes('song.wav')]).toEqual([3, [], ['song.wav'], true])
})

it('one that fails keeps the source where it is, until it is there as well', async () => {
  const { folder, convert, made, beside } = await scene()
  await mkdir(join(folder, 'song.flac'))
  await writeFile(join(folder, 'song.flac', 'in-the-way'), '')
  const { jobs, batchId } = await convert([to('mp3'), to('flac')], { afterwards: 'archive', ifExists: 'overwrite' })
  expect([jobs.map(({ state }) => state.phase), await made()]).toEqual([
    ['done', 'failed'],
    ['song.flac', 'song.mp3', 'song.wav'],
  ])
  await rm(join(folder, 'song.flac'), { recursive: true })
  await beside.engine.retry({ kind: 'batch', batchId })
  const after = await beside.settled(batchId)
  expect([after.map(ended), await made()]).toEqual([
    ['done', 'done'],
    ['song.flac', 'song.mp3'],
  ])
})
