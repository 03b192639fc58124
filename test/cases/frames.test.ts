import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { gateTrouble } from '../../src/main/engine/job/check.ts'
import { chosenFrames, type StillOptions } from '../../src/main/providers/local/frames/choice.ts'
import { framePairings } from '../../src/main/providers/local/frames/pairings.ts'
import { checkContents } from '../../src/main/engine/job/contents-check.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { temporaryFolder } from '../support/folder.ts'
import { mediaSource, ownSource } from '../support/media.ts'
import { orderIn } from '../support/order.ts'
import { framesSeen } from '../support/readers.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local } = startMachine()

/** What comes of a film, after the gate. */
async function pictures(path: string, target: FormatId, options: Options = {}, signal = never) {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
  const submitted = await local.submit(order, () => {}, signal)
  if (submitted.kind !== 'converted') throw new Error('no parts')
  const { parts } = submitted
  expect(parts.map(({ temp, name, format }) => ({ temp, name, format }))).toEqual(
    parts.map((_, n) => ({ temp: order.temp(n), name: null, format: target })),
  )
  const results = await Promise.all(parts.map(async ({ temp }) => await local.inspect(temp, never)))
  for (const result of results) expect(gateTrouble({ target, options, source: facts, result, writtenMs: null })).toBeNull()
  const notes = await checkContents({ source: facts, results, order: { ...order, from: facts.format }, provider: local, parts })
  return { paths: parts.map(({ temp }) => temp), notes }
}

/** Ten seconds at ten frames a second: the brightness of a frame is its number, from 0 to 99, twice. */
const counted = async (name: string, ...more: readonly string[]) =>
  await ownSource(name, [
    ...['-f', 'lavfi', '-i', 'color=black:size=64x36:rate=10:duration=10,geq=lum=N*2+16:cb=128:cr=128', ...more],
  ])
const film = async () => await counted('counted.mkv', '-c:v', 'ffv1', '-g', '20')
/** Number of the frame. */
async function numberOf(path: string): Promise<number> {
  const { data } = await sharp(await readFile(path))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Math.round(((data[0] ?? 0) * 219) / 255 / 2)
}

describe('a frame of a film', () => {
  it.each(framePairings.flatMap(({ to }) => to))('becomes %s', async (target) => {
    const { paths } = await pictures(await mediaSource('mp4'), target)
    expect(paths).toHaveLength(1)
    // Many a FFmpeg does not read AVIF.
    const { width, height } = target === 'avif' ? await sharp(paths[0]).metadata() : framesSeen(paths[0] ?? '')
    expect({ width, height }).toEqual({ width: 96, height: 64 })
  })

  it.each(['mov', 'webm', 'avi', 'wmv', 'flv', 'mpeg', 'ts', '3gp', 'ogv', 'mxf'] as const)('comes out of %s', async (format) => {
    const { paths } = await pictures(await mediaSource(format), 'png')
    expect(framesSeen(paths[0] ?? '').width).toBe(96)
  })

  it('is that of the instant, else that of a tenth of the film', async () => {
    const path = await film()
    const at = async (options: Options) => await numberOf((await pictures(path, 'png', options)).paths[0] ?? '')
    expect(await at({})).toBe(10)
    expect(await at({ frameAt: 5_550 })).toBe(55)
    expect(await at({ frameAt: 9_999 })).toBe(99)
    expect(await at({ trimStart: 5_000 })).toBe(55)
    await expect(at({ frameAt: 60_000 })).rejects.toThrow('option-invalid')
  })

  it('has the size and the quality that are asked for', async () => {
    const { paths } = await pictures(await film(), 'jpeg', { width: 32, imageQuality: 40 })
    expect(await sharp(paths[0]).metadata()).toMatchObject({ width: 32, height: 18 })
  })

  it('is upright, in square pixels, and as deep as the film where the format holds that', async () => {
    const flat = await ownSource('flat.mkv', [
      ...['-f', 'lavfi', '-i', 'color=red:size=64x36:rate=5:duration=1,setsar=2,format=yuv420p10le', '-c:v', 'ffv1'],
    ])
    const { paths, notes } = await pictures(flat, 'png')
    expect(await sharp(paths[0]).metadata()).toMatchObject({ width: 128, height: 36, depth: 'ushort' })
    expect(notes).toEqual([])
    expect((await pictures(flat, 'jpeg')).notes).toMatchObject([{ what: 'left', thing: 'colour-depth' }])
  })

  it('can be seen through where the film can', async () => {
    const clear = await ownSource('clear.webm', [
      ...['-f', 'lavfi', '-i', 'color=red@0.5:size=64x36:rate=5:duration=1,format=yuva420p', '-c:v', 'libvpx-vp9'],
    ])
    const { paths } = await pictures(clear, 'png')
    const { data } = await sharp(paths[0]).raw().toBuffer({ resolveWithObject: true })
    expect(Math.abs((data[3] ?? 0) - 128)).toBeLessThan(4)
  })

  it('of high dynamic range is brought to what a screen shows, and that is said', async () => {
    const hdr = await ownSource('hdr.mkv', [
      ...['-f', 'lavfi', '-i', 'color=white:size=64x36:rate=5:duration=1,format=yuv420p10le'],
      ...['-c:v', 'libx265', '-x265-params', 'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc'],
    ])
    const { notes } = await pictures(hdr, 'png')
    expect(notes).toMatchObject([{ what: 'left', thing: 'hdr' }])
  })
})

describe('frames of a film', () => {
  it('are all of them, one after the other', async () => {
    const { paths } = await pictures(await film(), 'png', { frames: 'all', width: 16 })
    const numbers = await Promise.all(paths.map(numberOf))
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  it('are those of every so many seconds, of a part', async () => {
    const path = await film()
    const numbers = async (options: Options) =>
      await Promise.all((await pictures(path, 'webp', { frames: 'all', lossless: true, ...options })).paths.map(numberOf))
    expect(await numbers({ frameInterval: 2.5 })).toEqual([0, 25, 50, 75])
    expect(await numbers({ frameInterval: 1, trimStart: 3_000, trimEnd: 6_000 })).toEqual([30, 40, 50])
  })

  it('of a film of changing rate are as many as it has', async () => {
    const path = await ownSource('changing.mkv', [
      ...['-f', 'lavfi', '-i', "testsrc2=size=64x36:rate=25:duration=2,select='not(mod(n,3))+lt(n,10)'"],
      ...['-fps_mode', 'vfr', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ])
    expect((await pictures(path, 'jpeg', { frames: 'all' })).paths).toHaveLength(framesSeen(path).at(0, 0).length)
  })

  it('stand together on one sheet', async () => {
    const { paths } = await pictures(await film(), 'png', { frames: 'storyboard' })
    expect(paths).toHaveLength(1)
    const { width, height, at } = framesSeen(paths[0] ?? '')
    // Under each there is its time, in letters of seven dots.
    expect({ width, height }).toEqual({ width: 4 * 64 + 5 * 8, height: 4 * (36 + 11) + 5 * 8 })
    const shades = [0, 1, 2, 3].map((n) => at(8 + n * 72 + 30, 20)[0]?.[0] ?? 0)
    expect(shades).toEqual(shades.toSorted((one, other) => one - other))
    expect(new Set(shades).size).toBe(4)
    const nine = await pictures(await film(), 'png', { frames: 'storyboard', frameInterval: 1.2 })
    expect(framesSeen(nine.paths[0] ?? '').width).toBe(3 * 64 + 4 * 8)
  })

  it('stand on the sheet with what is shown at their times, however long that is', async () => {
    const slow = await ownSource('slow.gif', ['-f', 'lavfi', '-i', 'color=black:s=32x32:r=1:d=4,geq=lum=N*60+16:cb=128:cr=128'])
    const { paths } = await pictures(slow, 'png', { frames: 'storyboard', frameInterval: 0.5, trimStart: 500, trimEnd: 2500 })
    // Letters make the frames wider: 0:00.5 takes 35 pixels.
    const { at } = framesSeen(paths[0] ?? '')
    const shades = [0, 1, 2, 3].map(
      (n) => at(8 + (n % 2) * (35 + 8) + 16, 8 + Math.floor(n / 2) * (32 + 11 + 8) + 16)[0]?.[0] ?? 0,
    )
    expect(shades.map((shade) => Math.round((shade * 219) / 255 / 60))).toEqual([0, 1, 1, 2])
  })

  it('are found in a film that does not say how long it is', async () => {
    const path = await counted('live.webm', '-c:v', 'libvpx', '-live', '1', '-f', 'webm')
    expect((await local.inspect(path, never)).durationMs).toBeNull()
    const { paths } = await pictures(path, 'jpeg', { frames: 'all', frameInterval: 5 })
    expect(paths).toHaveLength(2)
  })

  it('are refused where they would be too many, before anything is drawn', () => {
    const hour = { lastsMs: 3_600_000, frames: null, fps: 25 }
    const why = (options: StillOptions) => () => chosenFrames(options, hour)
    expect(why({ frames: 'all' })).toThrow('{"because":"too-many-frames","count":90000,"limit":2000}')
    expect(why({ frames: 'storyboard', frameInterval: 1 })).toThrow('{"because":"too-many-frames","count":3600,"limit":100}')
    expect(why({ frames: 'all', frameInterval: 1 })).toThrow('too-many-frames')
    expect(chosenFrames({ frames: 'all', frameInterval: 60 }, hour)).toMatchObject({ kind: 'at', timesMs: { length: 60 } })
  })

  it('leave nothing behind where nobody wants them any more', async () => {
    const path = await film()
    const ending = new AbortController()
    const started = pictures(path, 'png', { frames: 'all' }, ending.signal)
    ending.abort(new Error('enough'))
    await expect(started).rejects.toThrow('enough')
  })
})
