import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Images } from '../../../../src/main/providers/local/images/images.ts'
import type { ProviderOrder } from '../../../../src/main/providers/provider.ts'
import { emptyFacts, type MediaFacts } from '../../../../src/shared/media.ts'
import { fakeClock } from '../../../support/clock.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, never, orderOf, partsIn, plain, samplePhoto, startImages, workers } from './studio.ts'

let images: Images | null = null

function start(...args: Parameters<typeof startImages>): Images {
  images = startImages(...args)
  return images
}

afterEach(async () => {
  await images?.stop()
  images = null
  expect(workers()).toEqual([])
})

const studio = mkdtempSync(join(tmpdir(), 'beside-test-'))
const noisePicture = join(studio, 'noise.png')

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  await sharp({ create: { width: 3000, height: 3000, channels: 3, background: '#000', noise } })
    .png({ compressionLevel: 0 })
    .toFile(noisePicture)
})
afterAll(() => rmSync(studio, { recursive: true }))

/** A picture that takes long enough to be interrupted: lossless AVIF of pure noise. */
async function slowPicture(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await temporaryFolder()
  const path = join(folder, 'noise.png')
  await symlink(noisePicture, path)
  return { folder, path }
}

/** Known to be a still, so that a worker's first call is the conversion. */
function slowOrder(path: string): ProviderOrder {
  const facts: MediaFacts = { ...emptyFacts('png', 1), image: { width: 3000, height: 3000, pages: 1, isAnimated: false } }
  return { ...orderOf(path, 'png', 'avif', { lossless: true }), facts }
}

const patience = { timeout: 30_000, interval: 20 }

/** The one worker, once it is at it. */
async function busyWorker(folder: string): Promise<number> {
  return vi.waitFor(() => {
    const [pid] = workers()
    if (pid === undefined || partsIn(folder).length === 0) throw new Error('not yet')
    return pid
  }, patience)
}

it('nothing runs until there is something to do', () => {
  start()

  expect(workers()).toEqual([])
})

it('a crash in the middle of a conversion fails that one with its reason; the next one gets a fresh worker', async () => {
  const { folder, path } = await slowPicture()
  const other = join(folder, 'other.png')
  await plain('#c02020').png().toFile(other)
  const converter = start(1)
  let isOver = false
  const crashing = Promise.allSettled([converter.convert(slowOrder(path), () => {}, never)]).finally(() => (isOver = true))
  await busyWorker(folder)

  // A worker that is hit before the call has reached it is only replaced: so hit until it hurts.
  await vi.waitFor(() => {
    if (!isOver) for (const pid of workers()) process.kill(pid, 'SIGSEGV')
    expect(isOver).toBe(true)
  }, patience)

  const failure = { code: 'tool-crashed', facts: { tool: 'libvips', reason: expect.stringContaining('SIGSEGV') } }
  expect(await crashing).toEqual([{ status: 'rejected', reason: expect.objectContaining({ failure }) }])
  expect(partsIn(folder)).toEqual([])
  expect(await convert(converter, other, 'png', 'webp')).toMatchObject({ format: 'webp' })
})

it('a worker that dies while it has nothing to do fails nothing', async () => {
  const path = join(await temporaryFolder(), 'a.png')
  await plain('#c02020').png().toFile(path)
  const converter = start(1)
  await converter.inspect(path, 'png', never)
  const [pid = 0] = workers()

  process.kill(pid, 'SIGKILL')
  await vi.waitFor(() => expect(workers()).toEqual([]), patience)

  expect(await converter.inspect(path, 'png', never)).toMatchObject({ format: 'png' })
})

it('cancelling ends the work, leaves no file, and the answer is the reason of the cancel', async () => {
  const { folder, path } = await slowPicture()
  const cancel = new AbortController()
  const reason = new Error('changed my mind')
  const converting = start(1).convert(slowOrder(path), () => {}, cancel.signal)
  const pid = await busyWorker(folder)

  cancel.abort(reason)

  await expect(converting).rejects.toBe(reason)
  expect({ parts: partsIn(folder), isWorking: workers().includes(pid) }).toEqual({ parts: [], isWorking: false })
})

it('what is cancelled while it waits for a worker never gets one', async () => {
  const { folder, path } = await slowPicture()
  const [first, second] = [new AbortController(), new AbortController()]
  const converter = start(1)
  const running = converter.convert(slowOrder(path), () => {}, first.signal)
  const pid = await busyWorker(folder)
  const waiting = converter.inspect(path, 'png', second.signal)

  second.abort(new Error('not needed'))

  await expect(waiting).rejects.toThrow('not needed')
  expect(workers()).toEqual([pid])
  first.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

it('an order that is already cancelled does nothing', async () => {
  const { folder, path } = await slowPicture()
  const reason = new Error('too late')

  const converting = start().convert(orderOf(path, 'png', 'avif'), () => {}, AbortSignal.abort(reason))

  await expect(converting).rejects.toBe(reason)
  expect({ parts: partsIn(folder), workers: workers() }).toEqual({ parts: [], workers: [] })
})

it('what hangs is stopped when its time is over', async () => {
  const { folder, path } = await slowPicture()
  const clock = fakeClock()
  const converting = start(1, clock).convert(slowOrder(path), () => {}, never)
  const pid = await busyWorker(folder)
  process.kill(pid, 'SIGSTOP')

  clock.advance(900_000)

  await expect(converting).rejects.toMatchObject({ failure: { code: 'tool-timeout', facts: { seconds: '900' } } })
  expect(partsIn(folder)).toEqual([])
})

it('workers without work go home after a while, and take no timer with them', async () => {
  const path = join(await temporaryFolder(), 'a.png')
  await plain('#c02020').png().toFile(path)
  const clock = fakeClock()
  const converter = start(2, clock)
  await converter.inspect(path, 'png', never)

  clock.advance(60_000)
  await vi.waitFor(() => expect(workers()).toEqual([]), patience)

  expect(clock.waiting()).toBe(0)
  expect(await converter.inspect(path, 'png', never)).toMatchObject({ format: 'png' })
})

it('stopping interrupts what runs and what waits, and leaves neither process nor file', async () => {
  const { folder, path } = await slowPicture()
  const converter = start(1)
  const running = converter.convert(slowOrder(path), () => {}, never)
  await busyWorker(folder)
  const waiting = converter.inspect(path, 'png', never)
  const settled = Promise.allSettled([running, waiting])

  await converter.stop()

  expect(workers()).toEqual([])
  const interrupted = { status: 'rejected', reason: expect.objectContaining({ failure: { code: 'interrupted', facts: {} } }) }
  expect(await settled).toEqual([interrupted, interrupted])
  expect(partsIn(folder)).toEqual([])
  await expect(converter.inspect(path, 'png', never)).rejects.toMatchObject({ failure: { code: 'interrupted' } })
})

it('several pictures are worked on at the same time, by as many processes as were allowed', async () => {
  const folder = await temporaryFolder()
  const paths = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const path = join(folder, `${n}.png`)
      await plain('#c02020', { width: 400, height: 400 }).png().toFile(path)
      return path
    }),
  )
  const converter = start(2)

  const parts = await Promise.all(paths.map(async (path) => convert(converter, path, 'png', 'webp')))

  expect(parts.map(({ temp }) => existsSync(temp))).toEqual(paths.map(() => true))
  expect(workers()).toHaveLength(2)
})

it.runIf(process.platform === 'linux')('a worker is out of reach of Ctrl-C in the terminal that Beside runs in', async () => {
  const path = join(await temporaryFolder(), 'a.png')
  await plain('#c02020').png().toFile(path)
  await start(1).inspect(path, 'png', never)
  const [pid = 0] = workers()
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  expect([Number(group), Number(session)]).toEqual([pid, pid])
})

it.runIf(process.platform === 'linux')('a worker has no keys in its surroundings, and a low priority', async () => {
  process.env['BESIDE_KEY_XCONVERT'] = 'not for decoders'
  try {
    const path = join(await temporaryFolder(), 'a.png')
    await plain('#c02020').png().toFile(path)
    await start(1).inspect(path, 'png', never)
    const [pid = 0] = workers()

    const surroundings = readFileSync(`/proc/${pid}/environ`, 'latin1')
    const nice = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[16])

    expect(surroundings).not.toContain('BESIDE_KEY')
    expect(nice).toBe(10)
  } finally {
    delete process.env['BESIDE_KEY_XCONVERT']
  }
})

it.skipIf(process.platform !== 'linux')(
  'its decoders give way to the desktop, and what is only looked at to conversions',
  async () => {
    const niceness = (pid: number): readonly number[] => {
      const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1'))
      // V8's own threads come to life with the process itself.
      const decoding = threads.filter((stat) => stat.includes('(libuv-worker)') || stat.includes('(libvips worker)'))
      return [...new Set(decoding.map((stat) => Number((stat.split(') ').at(-1) ?? '').split(' ')[16])))]
    }
    const subject = start()
    await subject.thumbnail(samplePhoto, 96, never)
    expect(workers().map(niceness)).toEqual([[19]])
    const folder = await temporaryFolder()
    const path = join(folder, 'photo.jpg')
    await symlink(samplePhoto, path)
    await convert(subject, path, 'jpeg', 'webp')
    expect(workers().map(niceness).toSorted()).toEqual([[10], [19]])
  },
)
