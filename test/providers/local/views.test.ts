import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { toFailure } from '../../../src/shared/failure.ts'
import { maxViewPixels, wholeRegion, type Region } from '../../../src/shared/views.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ownSource } from '../../support/media.ts'
import { processes } from '../../support/processes.ts'
import { never, startMachine } from './machine.ts'

const { viewer } = startMachine().local
const room = { width: 800, height: 600 }

interface Asked {
  readonly region?: Region
  readonly room?: { readonly width: number; readonly height: number }
  readonly atMs?: number
  readonly page?: number
}

/** What came, with its pixels in four channels. */
async function seen(path: string, asked: Asked = {}) {
  const view = await viewer.view(path, { region: wholeRegion, room, atMs: 0, page: 0, ...asked }, never)
  const { data, info } = await sharp(view.data).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => [...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4)]
  return { ...view, bytes: view.data.length, size: [info.width, info.height], at }
}

/** Every pixel says where it is: red by its column, green by its row. */
async function map(path: string, width: number, height: number): Promise<string> {
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) pixels.set([x, y, 7], 3 * (y * width + x))
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(path)
  return path
}

describe('a part of a picture', () => {
  it('has the pixels of that part, one for one, widened to whole ones', async () => {
    const path = await map(join(await temporaryFolder(), 'map.png'), 200, 100)
    const part = await seen(path, { region: { left: 0.25, top: 0.5, width: 0.1001, height: 0.2 } })
    expect({ size: part.size, whole: part.whole, region: part.region, type: part.type }).toEqual({
      size: [21, 20],
      whole: { width: 200, height: 100 },
      region: { left: 0.25, top: 0.5, width: 0.105, height: 0.2 },
      type: 'image/png',
    })
    expect([part.at(0, 0), part.at(20, 19)]).toEqual([
      [50, 50, 7, 255],
      [70, 69, 7, 255],
    ])
  })

  it('counts from the corner of the picture as it is shown, whatever its EXIF says', async () => {
    const folder = await temporaryFolder()
    const upright = await map(join(folder, 'map.png'), 200, 100)
    const turned = join(folder, 'turned.tiff')
    await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).tiff({ compression: 'deflate' }).toFile(turned)
    const part = await seen(turned, { region: { left: 0.25, top: 0.5, width: 0.1, height: 0.2 } })
    expect([part.whole, part.size, part.at(0, 0)]).toEqual([{ width: 200, height: 100 }, [20, 20], [50, 50, 7, 255]])
  })

  it('is never larger than there is room for, than can be sent, or than it is', async () => {
    const folder = await temporaryFolder()
    const large = join(folder, 'large.png')
    await sharp({
      create: {
        width: 3000,
        height: 2000,
        channels: 3,
        background: '#204060',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .png()
      .toFile(large)
    const fitted = await seen(large, { room: { width: 300, height: 300 } })
    const wide = await seen(large, { room: { width: 8000, height: 8000 } })
    const exact = await seen(large, { region: { left: 0, top: 0, width: 0.5, height: 0.5 }, room: { width: 8000, height: 8000 } })
    expect([fitted.size, exact.size, exact.type]).toEqual([[300, 200], [1500, 1000], 'image/jpeg'])
    expect(Math.abs((wide.size[0] ?? 0) * (wide.size[1] ?? 0) - maxViewPixels)).toBeLessThan(3000)
    expect([wide.bytes, exact.bytes].every((bytes) => bytes < 3 * 2 ** 20)).toBe(true)
  })

  it('keeps what can be seen through, and shows drawings as sharp as there is room for', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'half.svg')
    await writeFile(
      path,
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#f00"/></svg>',
    )
    const whole = await seen(path)
    const [width = 0, height = 0] = whole.size
    expect([whole.whole, width, height, whole.at(10, 10), whole.at(width - 10, 10)[3]]).toEqual([
      { width: 40, height: 20 },
      800,
      400,
      [255, 0, 0, 255],
      0,
    ])
  })

  it('of what moves is of the frame at that instant', async () => {
    const folder = await temporaryFolder()
    const frames = [20, 120, 220].map((value) => ({
      create: { width: 8, height: 8, channels: 3 as const, background: { r: value, g: 0, b: 0 } },
    }))
    const stills = await Promise.all(frames.map(async (options) => await sharp(options).png().toBuffer()))
    for (const name of ['moving.gif', 'moving.webp']) {
      const path = join(folder, name)
      const moving = sharp(stills, { join: { animated: true } })
      await (
        name.endsWith('gif') ? moving.gif({ delay: [100, 200, 100] }) : moving.webp({ delay: [100, 200, 100], lossless: true })
      ).toFile(path)
      const reds = []
      for (const atMs of [0, 99, 100, 299, 300, 5000])
        reds.push(Math.round(((await seen(path, { atMs })).at(4, 4)[0] ?? 0) / 20) * 20)
      expect([name, reds]).toEqual([name, [20, 20, 120, 120, 220, 220]])
    }
  })
})

describe('a frame of a film', () => {
  // Ten frames a second, each ten steps brighter than the one before it.
  const film = async () =>
    await ownSource('steps.mp4', [
      '-f',
      'lavfi',
      '-i',
      'color=black:s=64x48:r=10:d=2,geq=lum=N*10+20:cb=128:cr=128,format=yuv420p',
      '-c:v',
      'libx264',
      '-g',
      '7',
      '-bf',
      '2',
      '-qp',
      '0',
    ])
  /** Luma of 16 to 235 is shown as 0 to 255. */
  const stepOf = (green = 0) => Math.round(((green * 219) / 255 + 16 - 20) / 10) + 0

  it('is the last one that has begun by then', async () => {
    const path = await film()
    const found: number[] = []
    for (const atMs of [0, 99, 100, 1234, 1999]) found.push(stepOf((await seen(path, { atMs })).at(20, 20)[1]))
    expect(found).toEqual([0, 0, 1, 12, 19])
  })

  it('is the last of all after the end, and takes the same part of it', async () => {
    const path = await film()
    const part = await seen(path, { atMs: 2500, region: { left: 0.5, top: 0.5, width: 0.25, height: 0.25 } })
    expect([part.whole, part.size, stepOf(part.at(5, 5)[1])]).toEqual([{ width: 64, height: 48 }, [16, 12], 19])
  })
})

describe('a waveform', () => {
  it('has the peaks of what is heard, in its order and for its length', async () => {
    const path = await ownSource('quiet-loud.flac', [
      '-f',
      'lavfi',
      '-i',
      'aevalsrc=0.1*sin(880*PI*t)|0.1*sin(880*PI*t):s=48000:d=2[a];aevalsrc=0.8*sin(880*PI*t)|0:s=48000:d=2[b];[a][b]concat=v=0:a=1',
    ])
    const whole = await viewer.waveform(path, { fromMs: 0, lastsMs: null }, never)
    const peakAt = (wave: { readonly peaks: readonly number[] }, share: number) => {
      const place = 2 * Math.floor((share * wave.peaks.length) / 2)
      return [wave.peaks[place], wave.peaks[place + 1]].map((value) => Math.round((value ?? 0) * 10) / 10)
    }
    expect([Math.round(whole.lastsMs / 100), peakAt(whole, 0.25), peakAt(whole, 0.75)]).toEqual([40, [-0.1, 0.1], [-0.8, 0.8]])
    const part = await viewer.waveform(path, { fromMs: 2500, lastsMs: 1000 }, never)
    expect([Math.round(part.lastsMs / 100), peakAt(part, 0.01), peakAt(part, 0.99)]).toEqual([10, [-0.8, 0.8], [-0.8, 0.8]])
  })
})

describe('loudness', () => {
  it('is that of EBU R128, of the part that is asked for', async () => {
    // A stereo sine of 1 kHz at −23 dBFS has −23 LUFS, by EBU Tech 3341.
    const tone = 'aevalsrc=0.0708*sin(2000*PI*t)|0.0708*sin(2000*PI*t):s=48000:d=20'
    const path = await ownSource('tech-3341.wav', [
      '-f',
      'lavfi',
      '-i',
      `${tone}[a];aevalsrc=0|0:s=48000:d=5[b];[a][b]concat=v=0:a=1`,
    ])
    const { integrated, peak, range } = await viewer.loudness(path, { fromMs: 0, lastsMs: null }, never)
    expect([Math.abs((integrated ?? 0) + 23) < 0.5, Math.abs((peak ?? 0) + 23) < 0.5, range]).toEqual([true, true, null])
    expect(await viewer.loudness(path, { fromMs: 20_500, lastsMs: 4000 }, never)).toEqual({
      integrated: null,
      peak: null,
      range: null,
    })
  })
})

describe('what nobody waits for any more', () => {
  it('leaves no program running', async () => {
    const path = await ownSource('long.flac', ['-f', 'lavfi', '-i', 'sine=d=3000'])
    const listening = () => processes().filter(({ line }) => line.includes('ebur128') && line.includes(path))
    const closed = new AbortController()
    const measured = viewer.loudness(path, { fromMs: 0, lastsMs: null }, closed.signal).catch((error: unknown) => error)
    await expect.poll(() => listening().length, { timeout: 20_000 }).toBe(1)
    closed.abort('closed')
    expect([await measured, listening()]).toEqual(['closed', []])
  })

  it('cannot be shown where it is neither seen nor heard', async () => {
    const codeOf = async (work: Promise<unknown>) =>
      await work.then(
        () => null,
        (error: unknown) => toFailure(error).code,
      )
    const song = await ownSource('short.flac', ['-f', 'lavfi', '-i', 'sine=d=1'])
    const photo = await map(join(await temporaryFolder(), 'map.png'), 20, 10)
    expect([
      await codeOf(viewer.view(song, { region: wholeRegion, room, atMs: 0, page: 0 }, never)),
      await codeOf(viewer.waveform(photo, { fromMs: 0, lastsMs: null }, never)),
      await codeOf(viewer.loudness(`${song}.gone`, { fromMs: 0, lastsMs: null }, never)),
    ]).toEqual(['source-unsupported', 'source-unsupported', 'source-missing'])
  })
})
