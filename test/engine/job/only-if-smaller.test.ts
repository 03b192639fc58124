import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { largestWanted, sizeUnwanted } from '../../../src/main/engine/job/size-check.ts'
import type { SourceFacts } from '../../../src/main/engine/job/check.ts'
import { factsOf, type Failure } from '../../../src/shared/failure.ts'
import type { Job } from '../../../src/shared/job.ts'
import { ended, endedInWords, outputsOf, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { onlineScene, songs } from '../../support/online-beside.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'
import { copies, watching } from '../../support/watching.ts'

leavesNothingOpen()

async function scene() {
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const beside = await testBeside(folder)
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const picture = () => sharp({ create: { width: 320, height: 240, channels: 3, background: '#888', noise } })
  const small = join(media, 'small.jpg')
  await picture().jpeg({ quality: 30 }).toFile(small)
  const large = join(media, 'large.png')
  await picture().png().toFile(large)
  return { beside, media, small, large, files: async () => (await readdir(media)).toSorted() }
}

const why = ({ state }: Job): Failure | null => ('why' in state ? state.why : null)

describe('how small a result has to be', () => {
  it.each([
    [1000, 0, 999],
    [1000, 20, 800],
    [1000, 0.01, 999],
    [999, 33, 669],
    [1, 0, 0],
    [1000, 99, 10],
  ])('of %i bytes, %d per cent smaller: %i at most', (source, percent, most) => {
    expect(largestWanted(source, percent)).toBe(most)
  })

  it('counts all parts of a job together, and all sources that become one', () => {
    const source = { kind: 'file', path: '/a', bytes: 1, mtimeMs: 0 } as const
    const known = { bytes: 600, others: [{ bytes: 400 }] } as unknown as SourceFacts
    const order = { source, options: { onlyIfSmaller: 20 } }
    const [fits, not] = [799, 801].map((bytes) => sizeUnwanted(order, known, [{ bytes: 1 }, { bytes: bytes - 1 }], null))
    expect([fits, not?.facts]).toEqual([null, { sourceBytes: 1000, resultBytes: 801, wantedBytes: 800, percent: 20 }])
  })
})

describe('a result that is not smaller', () => {
  it('is not kept: the job is skipped and says so, the source stays, and nothing else is left', async () => {
    const { beside, small, media, files } = await scene()
    const before = await readFile(small)
    const { jobs } = await beside.convert([small], 'png', { options: { onlyIfSmaller: 0 }, afterwards: 'trash' })
    const facts = factsOf(why(jobs[0] as Job) as Failure)
    expect([jobs.map(ended), await files(), (await readFile(small)).equals(before)]).toEqual([
      ['skipped: would-be-larger'],
      ['large.png', 'small.jpg'],
      true,
    ])
    expect([facts['sourceBytes'], Number(facts['resultBytes']) > before.length, jobs.map(endedInWords)]).toEqual([
      before.length,
      true,
      [expect.stringContaining(`Would be larger: ${facts['resultBytes']} bytes instead of ${before.length}.`)],
    ])
    expect(await readdir(media)).not.toContain('archive')
  })

  it('never takes the place of a file that was to be replaced, not even of its source', async () => {
    const { beside, small, files, media } = await scene()
    await writeFile(join(media, 'small.png'), 'of somebody else')
    const options = { onlyIfSmaller: 0 }
    const other = await beside.convert([small], 'png', { options, ifExists: 'overwrite' })
    const same = await beside.convert([small], 'jpeg', { options: { ...options, imageQuality: 100 }, ifExists: 'overwrite' })
    expect([[...other.jobs, ...same.jobs].map(ended), await files(), await readFile(join(media, 'small.png'), 'utf8')]).toEqual([
      ['skipped: would-be-larger', 'failed: source-is-target'],
      ['large.png', 'small.jpg', 'small.png'],
      'of somebody else',
    ])
  })

  it('is kept where it is as small as was asked for, and is not where it is a little larger', async () => {
    const { beside, large } = await scene()
    const { size } = await stat(large)
    const made = await beside.convert([large], 'webp')
    const bytes = made.jobs.flatMap((job) => (job.state.phase === 'done' ? job.state.outputs.map((output) => output.bytes) : []))
    const saved = Math.floor((1 - (bytes[0] ?? 0) / size) * 100)
    const [kept, not] = [
      await beside.convert([large], 'webp', { options: { onlyIfSmaller: saved } }),
      await beside.convert([large], 'webp', { options: { onlyIfSmaller: saved + 1 } }),
    ]
    expect([kept.jobs.map(ended), not.jobs.map(ended)]).toEqual([['done'], ['skipped: would-be-larger']])
    expect(factsOf(why(not.jobs[0] as Job) as Failure)['percent']).toBe(saved + 1)
  })

  it('is made and weighed anew when the job is retried', async () => {
    const { beside, small } = await scene()
    const { batchId } = await beside.convert([small], 'png', { options: { onlyIfSmaller: 0 } })
    await beside.engine.retry({ kind: 'batch', batchId })
    const again = await beside.settled(batchId)
    expect(again.map(ended)).toEqual(['skipped: would-be-larger'])
  })

  it('of audio and of several parts is weighed as well', async () => {
    const { beside, media } = await scene()
    const song = join(media, 'song.mp3')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=3', '-b:a', '64k', song])
    const scan = join(media, 'scan.tiff')
    const page = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#123' } })
      .png()
      .toBuffer()
    await sharp([page, page, page], { join: { animated: true } })
      .tiff({ compression: 'deflate' })
      .toFile(scan)
    const options = { onlyIfSmaller: 0 }
    const outcomes = [
      await beside.convert([song], 'wav', { options }),
      await beside.convert([scan], 'png', { options: { ...options, width: 4000, fit: 'fill' } }),
    ]
    expect(outcomes.map(({ jobs }) => jobs.map(ended))).toEqual([['skipped: would-be-larger'], ['skipped: would-be-larger']])
  })
})

it('of an address nobody knows what its result had to be smaller than, so it is refused', async () => {
  const online = await onlineScene('converter-app')
  const { refused, jobs } = await online.convert(['https://example.org/song.wav'], 'mp3', {
    with: 'converter-app',
    options: { onlyIfSmaller: 10 },
  })
  expect([refused.map(({ why: { code, facts } }) => [code, facts]), jobs]).toEqual([
    [['not-possible', { because: 'source-size-unknown' }]],
    [],
  ])
})

it('what an online provider was paid for is not kept either, says what it cost, and is neither sent nor paid again by itself', async () => {
  const online = await onlineScene('converter-app')
  const [song = ''] = await songs(online, 1)
  const wanted = { with: 'converter-app', options: { onlyIfSmaller: 99 } } as const
  const { batchId, jobs } = await online.convert([song], 'mp3', wanted)
  const [first] = jobs
  const asked = online['converter-app'].server.jobs.length
  const { spent } = await online.status('converter-app')
  const later = await (await online.later(60_000)).settled(batchId)
  const facts = factsOf(why(first as Job) as Failure)
  expect([jobs.map(ended), asked, spent.day, facts['amount'], facts['unit']]).toEqual([
    ['skipped: would-be-larger'],
    1,
    1,
    1,
    expect.any(String),
  ])
  expect([later.map(ended), online['converter-app'].server.jobs.length, await online.files()]).toEqual([
    ['skipped: would-be-larger'],
    1,
    ['song.wav'],
  ])
  expect(jobs.flatMap(outputsOf)).toEqual([])
})

it('a watched folder leaves the file alone until its contents change', async () => {
  const { add, drop, aside, tone, looked, settled, line, files, engine } = await watching()
  const target = { target: 'wav', preset: null, options: { onlyIfSmaller: 0, sampleRate: 192_000 } } as const
  await add({ outputs: [target], out: join(aside, 'out') })
  const jobs = () => engine.history.page({}, null, 10).jobs.map(ended)
  await copies(tone, drop, ['take.wav'])
  await settled()
  await looked()
  await settled()
  const [first, left] = [jobs(), [line('take.wav')?.state, line('take.wav')?.why.code]]
  await writeTone(join(drop, 'take.wav'), 0.4)
  await looked()
  await settled()
  expect([first, left, jobs(), await files()]).toEqual([
    ['skipped: would-be-larger'],
    ['left', 'would-be-larger'],
    ['skipped: would-be-larger', 'skipped: would-be-larger'],
    ['take.wav'],
  ])
})
