import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createAdding, type Adding } from '../../../src/renderer/add/adding.ts'
import { followPreset, useConversion } from '../../../src/renderer/add/conversion.ts'
import type { Located } from '../../../src/renderer/wire/host.ts'
import { failure } from '../../../src/shared/failure.ts'
import { phases } from '../../../src/shared/job.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { sessionIn } from '../../support/sessions.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
  useConversion.setState({ target: 'mp3', others: {}, out: null, options: {}, further: [], preset: null, together: false })
  return () => vi.unstubAllGlobals()
})

/** Adding over the real engine. Files are where `located` says, else in the folder of the test. */
async function scene(located: Readonly<Record<string, Located>> = {}) {
  const folder = await temporaryFolder()
  const { client } = await sessionIn(join(folder, 'home'), 'look')
  const known = await client.formats()
  const adding = createAdding({
    calls: client,
    host: {
      results: 'beside',
      connect: async () => await new Promise(() => {}),
      pathsOf: (files) => files.map(({ name }) => located[name] ?? { path: join(folder, name) }),
      upload: null,
      reveal: null,
      open: null,
      drag: null,
      chooseFolder: null,
      desktop: null,
      addressOf: null,
      archiveOf: null,
    },
    pairings: async () => known,
    filesLabel: (count) => `${count} files`,
  })
  const make = async (...names: readonly string[]) => {
    for (const name of names) {
      await mkdir(join(folder, name, '..'), { recursive: true })
      if (name.endsWith('.wav')) await writeTone(join(folder, name), 0.1)
      else await writeFile(join(folder, name), 'some bytes')
    }
  }
  const orders = async () => {
    const { jobs } = await client.jobs.list({ phases: [...phases], batchId: null, after: null, limit: 1000 })
    return jobs.map(({ order }) => order)
  }
  const queued = async () =>
    (await orders()).map(({ source }) => (source.kind === 'file' ? source.path.slice(folder.length + 1) : source.url))
  return { folder, adding, make, orders, queued }
}

/** As a drop has them: the name is where the file is, the path what was dropped along. */
function dropped(...paths: readonly string[]) {
  return { files: paths.map((path) => ({ file: new File([], path), path })), refused: [] }
}

/** What is asked once every drop has come as far as it can. */
async function question(adding: Adding) {
  await new Promise((resolve) => setImmediate(resolve))
  const { asking } = adding.state.getState()
  if (asking === null) throw new Error('nothing is asked')
  return asking
}

const refusedBy = (adding: Adding) => adding.state.getState().refused.map(({ source, why }) => ({ source, code: why.code }))

describe('further formats of the bar', () => {
  it('are made of each file, with options of their own, as one request', async () => {
    const { adding, make, orders } = await scene()
    await make('a.wav', 'b.wav')
    const further = [
      { target: 'mp3', options: { bitrate: 96 } },
      { target: 'flac', options: {} },
    ] as const
    useConversion.setState({ options: { bitrate: 192 }, further: [...further] })
    await adding.addFiles(dropped('a.wav', 'b.wav'))
    const made = (await orders()).map(({ target, options, name }) => [target, options, name])
    const each = [
      ['mp3', { bitrate: 192 }, '{name} (192k)'],
      ['mp3', { bitrate: 96 }, '{name} (96k)'],
      ['flac', {}, '{name}'],
    ]
    expect(made).toEqual([...each, ...each])
  })

  it('of a preset are those that it has, and gone with it', async () => {
    const { adding, make, orders } = await scene()
    await make('a.wav')
    followPreset({ name: 'anything-to-mp3', target: 'mp3', options: { quality: 'high' } })
    expect(useConversion.getState().further).toEqual([])
    await adding.addFiles(dropped('a.wav'))
    expect((await orders()).map(({ target, preset }) => [target, preset])).toEqual([['mp3', 'anything-to-mp3']])
  })

  it('are no part of what becomes one file', async () => {
    const { adding, make, orders } = await scene()
    await make('a.txt', 'b.txt')
    useConversion.setState({ target: 'zip', together: true, further: [{ target: 'pdf', options: {} }] })
    const adds = adding.addFiles(dropped('a.txt', 'b.txt'))
    await vi.waitFor(() => expect(adding.state.getState().combining).not.toBeNull())
    const { combining } = adding.state.getState()
    combining?.answer({ pieces: combining.pieces, target: 'zip', options: {}, name: 'all' })
    await adds
    expect((await orders()).map(({ target, others }) => [target, others?.length])).toEqual([['zip', 1]])
  })
})

describe('what is added in the window', () => {
  it('keeps the good files of a drop, and names those that could not be read', async () => {
    const { adding, make, queued } = await scene({ 'memory.wav': { why: failure('source-unreadable', { path: 'memory.wav' }) } })
    await make('a.wav', 'b.wav')
    const unread = { source: 'locked', why: failure('source-unreadable', { path: 'locked' }) }
    await adding.addFiles({ ...dropped('a.wav', 'memory.wav', 'b.wav'), refused: [unread] })
    expect({ queued: await queued(), refused: refusedBy(adding) }).toEqual({
      queued: ['a.wav', 'b.wav'],
      refused: [
        { source: 'locked', code: 'source-unreadable' },
        { source: 'memory.wav', code: 'source-unreadable' },
      ],
    })
  })

  it('asks about one drop after the other, and about none that has its answer', async () => {
    const { folder, adding, make, queued } = await scene()
    await make('one.png', 'two.png', 'clip.png', 'song.wav')
    const first = adding.addFiles(dropped('one.png'))
    const second = adding.addFiles(dropped('two.png', 'song.wav'))
    const third = adding.addSources([join(folder, 'clip.png')])
    const asking = await question(adding)
    expect(asking.groups.map(({ files }) => files.length)).toEqual([1])
    asking.answer({ image: 'jpeg' })
    await Promise.all([first, second, third])
    expect({ queued: (await queued()).toSorted(), refused: refusedBy(adding) }).toEqual({
      queued: ['clip.png', 'one.png', 'song.wav', 'two.png'],
      refused: [],
    })
  })

  it('continues with the next drop when the question about the first is cancelled', async () => {
    const { adding, make, queued } = await scene()
    await make('one.png', 'two.png')
    const first = adding.addFiles(dropped('one.png'))
    const second = adding.addFiles(dropped('two.png'))
    const asking = await question(adding)
    asking.answer(null)
    await first
    const next = await question(adding)
    next.answer({ image: 'webp' })
    await second
    expect(await queued()).toEqual(['two.png'])
  })

  it('says of which folders nothing can become the format, and that a drop holds nothing', async () => {
    const { folder, adding, make, queued } = await scene()
    await make('Songs/a.wav', 'Papers/notes.txt')
    await mkdir(join(folder, 'Empty'))
    await adding.addSources(['Papers', 'Songs', 'Empty'].map((name) => join(folder, name)))
    await adding.addFiles(dropped())
    expect({ queued: await queued(), refused: refusedBy(adding), passed: adding.state.getState().passed }).toEqual({
      queued: ['Songs/a.wav'],
      refused: [
        { source: join(folder, 'Papers'), code: 'nothing-found' },
        { source: join(folder, 'Empty'), code: 'nothing-found' },
        { source: '', code: 'nothing-found' },
      ],
      passed: 1,
    })
  })

  it('keeps the tree of dropped folders where results go into another one', async () => {
    const { folder, adding, make, orders } = await scene()
    const paths = ['Holiday/one.wav', 'Holiday/day 1/two.wav', 'Holiday/day 1/late/three.wav', 'Work/day 1/four.wav', 'five.wav']
    await make(...paths)
    const results = join(folder, 'out')
    useConversion.setState({ out: results })
    await adding.addFiles(dropped(...paths))
    expect((await orders()).map(({ folder: place }) => place.slice(results.length))).toEqual([
      '',
      '/day 1',
      '/day 1/late',
      '/day 1',
      '',
    ])
  })

  it('leaves results of dropped folders beside their originals otherwise', async () => {
    const { folder, adding, make, orders } = await scene()
    await make('Holiday/day 1/two.wav')
    await adding.addFiles(dropped('Holiday/day 1/two.wav'))
    expect((await orders()).map(({ folder: place }) => place)).toEqual([join(folder, 'Holiday', 'day 1')])
  })
})
