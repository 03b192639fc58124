/** One run of FFmpeg for several results of a source: counted by a stand-in that writes down how it was called, with the real FFmpeg behind it. */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import type { Options } from '../../../src/shared/options.ts'
import type { ConversionOutput } from '../../../src/shared/outputs.ts'
import { anyFormatNamed } from '../../../src/shared/formats.ts'
import { ended, outputsOf, testBeside } from '../../support/beside.ts'
import { deviceFfmpeg } from '../../support/device-ffmpeg.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ffprobe, ownSource, storedHash } from '../../support/media.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'

leavesNothingOpen()

const film = await ownSource('company.mkv', [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=192x144:rate=25:duration=4', '-f', 'lavfi', '-i', 'sine=duration=4'],
  ...['-c:v', 'mpeg4', '-q:v', '3', '-c:a', 'ac3', '-f', 'matroska'],
])

/** No device takes pictures that are smaller than its results. */
const large = await ownSource('large company.mkv', [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=25:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1'],
  ...['-c:v', 'mpeg4', '-q:v', '3', '-c:a', 'ac3', '-f', 'matroska'],
])

function to(format: string, options: Options = {}): ConversionOutput {
  return { target: anyFormatNamed(format), preset: null, options }
}

const three = [to('mp4', { maxHeight: 96 }), to('mp4', { maxHeight: 72, videoCodec: 'h264' }), to('mp3')]

/** @param before what the stand-in does before it becomes FFmpeg; `$outputs` is how many results it is asked for. */
async function scene(before = '') {
  const folder = await temporaryFolder()
  const source = join(folder, 'film.mkv')
  await copyFile(film, source)
  const programs = join(folder, 'programs')
  const { stdout: real } = await promisify(execFile)('which', ['ffmpeg'])
  const prober = await promisify(execFile)('which', ['ffprobe'])
  const log = join(folder, 'calls.log')
  const script = (program: string, body: string) => `#!/bin/sh\n${body}\nexec ${program.trim()} "$@"\n`
  await mkdir(programs)
  const count = `outputs=0; for word in "$@"; do case "$word" in file:*.part) outputs=$((outputs+1));; esac; done
[ $outputs -gt 0 ] && echo $outputs >> '${log}'`
  await writeFile(join(programs, 'ffmpeg'), script(real, `${count}\n${before}`))
  await writeFile(join(programs, 'ffprobe'), script(prober.stdout, ''))
  for (const name of ['ffmpeg', 'ffprobe']) await chmod(join(programs, name), 0o755)
  const beside = await testBeside(folder)
  beside.engine.change({ ffmpegPath: join(programs, 'ffmpeg') })
  const convert = async (outputs: readonly ConversionOutput[], more: Parameters<typeof beside.convert>[2] = {}) =>
    await beside.convert([source], 'mp4', { target: null, outputs: [...outputs], ...more })
  /** How many results each run was asked for, in order. */
  const runs = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number)
  const left = async () => (await readdir(folder)).filter((name) => name.includes('.part'))
  return { folder, source, beside, convert, runs, left, log }
}

async function streams(path: string): Promise<readonly string[]> {
  const { streams: found } = await ffprobe(path)
  return await Promise.all(found.map(async ({ codec_name: codec }, n) => `${codec} ${await storedHash(path, String(n))}`))
}

it('a film and what else is made of it come out of one run, each as if it had been alone', async () => {
  const { folder, beside, convert, runs, left } = await scene()
  const { jobs } = await convert(three)
  const together = await runs()
  const paths = jobs.flatMap(outputsOf)
  const shared = await Promise.all(paths.map(streams))
  const alone: (readonly string[])[] = []
  for (const { target, options } of three) {
    const { jobs: own } = await beside.convert([join(folder, 'film.mkv')], target ?? '', { options, out: join(folder, 'alone') })
    alone.push(...(await Promise.all(own.flatMap(outputsOf).map(streams))))
  }
  expect([jobs.map(ended), together, await left()]).toEqual([['done', 'done', 'done'], [3], []])
  expect(paths.map((path) => basename(path))).toEqual(['film (96p).mp4', 'film (72p, h264).mp4', 'film.mp3'])
  expect(shared).toEqual(alone)
})

it('what is in haste is part of it where no device does it, and by itself where one does', async () => {
  const fast = [to('mp4', { maxHeight: 300, speed: 'fast' }), to('mp4', { maxHeight: 200, speed: 'fast' }), to('mp3')]
  const { source, convert, runs } = await scene()
  await copyFile(large, source)
  const { jobs } = await convert(fast)
  const { source: other, beside, convert: convertAnew } = await scene()
  await copyFile(large, other)
  const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
  beside.engine.change({ ffmpegPath: ffmpeg.path })
  const { jobs: byDevice } = await convertAnew(fast)
  expect([[...jobs, ...byDevice].map(ended), (await runs()).filter((results) => results > 1)]).toEqual([
    Array(6).fill('done'),
    [3],
  ])
  expect(ffmpeg.asked()).toEqual(['trial h264_nvenc', 'film h264_nvenc', 'film h264_nvenc'])
})

it('what is kept only where it is smaller is part of it as well', async () => {
  const { convert, runs } = await scene()
  const { jobs } = await convert(three, { options: { onlyIfSmaller: 0 } })
  expect([jobs.map(ended).every((end) => end !== 'failed'), await runs()]).toEqual([true, [3]])
})

it('what needs runs of its own, or another stretch of the source, is not part of it', async () => {
  const { convert, runs } = await scene()
  const { jobs } = await convert([to('mp4'), to('mp3'), to('mp3', { trimEnd: 2000 }), to('opus', { normalize: true })])
  expect([jobs.map(ended), (await runs()).toSorted()]).toEqual([
    ['done', 'done', 'done', 'done'],
    [1, 1, 2],
  ])
})

it('where the run fails each has one of its own, and the others are done all the same', async () => {
  const failing = `[ $outputs -gt 1 ] && { echo 'Conversion went wrong' >&2; exit 1; }
case "$*" in *libmp3lame*) echo 'the encoder is broken' >&2; exit 1;; esac`
  const { convert, runs, left } = await scene(failing)
  const { jobs } = await convert(three)
  const why = jobs.map(({ state }) => (state.phase === 'failed' ? state.why.facts : state.phase))
  expect([why, (await runs()).slice(0, 1), await left()]).toEqual([
    ['done', 'done', expect.objectContaining({ reason: 'the encoder is broken' })],
    [3],
    [],
  ])
})

it('a result that is not whole is made anew by itself', async () => {
  const cut = `[ $outputs -gt 1 ] && set -- "$@" && for word in "$@"; do shift; case "$word" in libmp3lame) set -- "$@" "$word" -t 1;; *) set -- "$@" "$word";; esac; done`
  const { convert, runs } = await scene(cut)
  const { jobs } = await convert(three)
  const [song] = jobs.filter(({ order }) => order.target === 'mp3').flatMap(outputsOf)
  const { format } = await ffprobe(song ?? '')
  expect([jobs.map(ended), await runs(), Math.round(Number(format.duration))]).toEqual([['done', 'done', 'done'], [3, 1], 4])
})

/** Stands still once it was asked for several results, until it is told to go on. */
const held = `if [ $outputs -gt 1 ]; then while [ ! -e "$(dirname "$0")/../go" ]; do sleep 0.05; done; fi`

it('one that is cancelled is gone at once, and the run goes on for the others', async () => {
  const { folder, beside, convert, runs, left } = await scene(held)
  const converting = convert(three)
  const changes = beside.engine.changes(new AbortController().signal)
  for await (const _ of changes) if ((await runs()).length > 0) break
  const [, second] = beside.engine.list({ phases: ['running'], batchId: null, after: null, limit: 10 }).jobs
  const { moved } = await beside.engine.cancel({ kind: 'ids', ids: [second?.id ?? 0] })
  const phase = beside.engine.job(second?.id ?? 0)?.state.phase
  await writeFile(join(folder, 'go'), '')
  const { jobs } = await converting
  expect([moved, phase, jobs.map(ended), await runs(), await left()]).toEqual([
    1,
    'cancelled',
    ['done', 'cancelled', 'done'],
    [3],
    [],
  ])
})

it('all that are paused leave nothing, and are made in one run again when they go on', async () => {
  const { folder, beside, convert, runs, left } = await scene(held)
  const converting = convert(three)
  const changes = beside.engine.changes(new AbortController().signal)
  for await (const _ of changes) if ((await runs()).length > 0) break
  await beside.engine.pause({ kind: 'all' })
  const { jobs, batchId } = await converting
  const leftPaused = await left()
  await writeFile(join(folder, 'go'), '')
  await beside.engine.resume({ kind: 'all' })
  const after = await beside.settled(batchId)
  expect([jobs.map(({ state }) => state.phase), leftPaused, after.map(ended), await runs()]).toEqual([
    ['paused', 'paused', 'paused'],
    [],
    ['done', 'done', 'done'],
    [3, 3],
  ])
})

it('one that does not get so far keeps nobody waiting', async () => {
  const { folder, convert, runs } = await scene()
  await writeFile(join(folder, 'film.mp3'), 'there already')
  const { jobs } = await convert(three, { ifExists: 'skip' })
  expect([jobs.map(ended), await runs()]).toEqual([['done', 'done', 'skipped: output-exists'], [2]])
})

it('a source that is gone fails each of them for itself', async () => {
  const { source, beside, convert } = await scene()
  beside.engine.pauseAll()
  const converting = convert(three)
  await rm(source)
  beside.engine.resumeAll()
  const { jobs, refused } = await converting
  expect([...jobs.map(ended), ...refused.map(({ why }) => why.code)].every((each) => each.includes('source-missing'))).toBe(true)
})

it('wherever they stand in the queue, the first whose turn comes takes the others along', async () => {
  const { folder, beside, convert, runs } = await scene()
  beside.engine.pauseAll()
  const batchId = beside.engine.openBatch('before')
  const request = {
    batchId,
    sources: [join(folder, 'film.mkv')],
    options: {},
    preset: null,
    out: null,
    recursive: false,
    include: [],
    exclude: [],
  }
  const sequence: string[] = []
  const converting = convert(three)
  const queued = () => beside.engine.list({ phases: ['queued'], batchId: null, after: null, limit: 10 }).jobs
  const changes = beside.engine.changes(new AbortController().signal)
  if (queued().length < 3) for await (const _ of changes) if (queued().length === 3) break
  const [first] = queued()
  for await (const event of beside.engine.convert({ ...request, target: 'webm', priority: 0 }, new AbortController().signal))
    sequence.push(event.type)
  const lanes = queued().map(({ lane }) => lane)
  beside.engine.setPriority([first?.id ?? 0], -1)
  beside.engine.resumeAll()
  const { jobs } = await converting
  await beside.settled(batchId)
  expect([lanes, jobs.map(ended), await runs()]).toEqual([
    Array.from({ length: 4 }, () => 'local:video'),
    ['done', 'done', 'done'],
    [3, 1],
  ])
})
