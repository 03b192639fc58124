import { spawnSync } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { planesOf, ssim } from '../../../../src/main/providers/local/images/ssim.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Part } from '../../../../src/shared/job.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { orderOf, never, partsIn, pdfOf, plain, samplePhoto, startImages, workers } from './studio.ts'

const images = startImages()
let made = 0

/** The one part that comes of it, each under a name of its own. */
async function convert(path: string, from: FormatId, target: FormatId, options: Options): Promise<Part> {
  const n = (made += 1)
  const order = { ...orderOf(path, from, target, options), temp: () => `${path}.${n}.${target}.part` }
  const [part] = await images.convert(order, () => {}, never)
  if (part === undefined) throw new Error('no part')
  return part
}

/** A gradient, letters and a little grain. */
async function drawing({ width, height }: { readonly width: number; readonly height: number }): Promise<Sharp> {
  const shades = '<stop stop-color="#f80"/><stop offset="1" stop-color="#06c"/>'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" x2="1" y2="1">${shades}</linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>
    <text x="20" y="${height / 2}" font-size="${height / 5}" fill="#102030">Letters</text></svg>`
  const noise = { type: 'gaussian', mean: 128, sigma: 8 } as const
  const grain = await sharp({ create: { width, height, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer()
  return sharp(
    await sharp(Buffer.from(svg))
      .composite([{ input: grain, blend: 'soft-light' }])
      .removeAlpha()
      .png()
      .toBuffer(),
  )
}

async function pictureFile(size = { width: 480, height: 320 }) {
  const folder = await temporaryFolder()
  const path = join(folder, 'drawing.png')
  await (await drawing(size)).toFile(path)
  return { folder, path }
}

async function planes(path: string) {
  const { data, info } = await sharp(path)
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return planesOf(data, info.width, info.height)
}

/** As FFmpeg's filter says, brightness and colour by their pixels. */
async function ssimByFfmpeg(one: string, other: string): Promise<number> {
  const png = `${other}.png`
  await sharp(other).png().toFile(png)
  const graph = '[0]format=yuv420p[a];[1]format=yuv420p[b];[a][b]ssim'
  const { stderr } = spawnSync('ffmpeg', ['-i', one, '-i', png, '-lavfi', graph, '-f', 'null', '-'])
  return Number(/All:([\d.]+)/.exec(stderr.toString())?.[1])
}

describe('the measure', () => {
  it.each([10, 50, 85, 97])('says of JPEG in quality %i what FFmpeg says', async (quality) => {
    const { folder, path } = await pictureFile()
    const lossy = join(folder, 'lossy.jpg')
    await sharp(path).jpeg({ quality }).toFile(lossy)
    const [own, theirs] = [ssim(await planes(path), await planes(lossy)), await ssimByFfmpeg(path, lossy)]
    expect(Math.abs(own - theirs)).toBeLessThan(0.008)
  })

  it('is 1 of a picture and itself, however small, and less of any other', async () => {
    const sizes = [
      [1, 1],
      [3, 2],
      [7, 40],
      [9, 9],
    ] as const
    const figures = sizes.map(([width, height]) => {
      const data = Uint8Array.from({ length: 3 * width * height }, (_, n) => (n * 37) % 256)
      const [one, other] = [data, data.map((value) => 255 - value)].map((each) => planesOf(each, width, height))
      return one === undefined || other === undefined ? [] : [ssim(one, one), ssim(one, other) < 0.9]
    })
    expect(figures).toEqual(sizes.map(() => [1, true]))
  })
})

describe('a picture that is to look as near as is asked for', () => {
  it.each(['jpeg', 'webp', 'avif'] as const)('in %s does so in the lowest quality that does', async (target) => {
    const { path } = await pictureFile()
    const part = await convert(path, 'png', target, { matchQuality: 97 })
    const { at = 0, reached = 0 } = part.matched ?? {}
    const below = await convert(path, 'png', target, { imageQuality: at - 1 })
    const source = await planes(path)
    const [own, lower] = [ssim(source, await planes(part.temp)), ssim(source, await planes(below.temp))]
    expect([part.matched, own >= 0.97, Math.abs(own - reached) < 0.0002, lower < 0.97, below.bytes <= part.bytes]).toEqual([
      { measure: 'ssim', reached, by: 'imageQuality', at },
      true,
      true,
      true,
      true,
    ])
  })

  it('gets larger from level to level', async () => {
    const { path } = await pictureFile()
    const parts = []
    for (const matchQuality of ['good', 'high', 'visually-lossless'] as const)
      parts.push(await convert(path, 'png', 'webp', { matchQuality }))
    const bytes = parts.map((part) => part.bytes)
    expect([bytes, parts.map(({ matched }) => (matched?.reached ?? 0) >= 0.97)]).toEqual([
      bytes.toSorted((one, other) => one - other),
      [true, true, true],
    ])
    expect(new Set(bytes).size).toBe(3)
  })

  it('is held against its source in the size of the result', async () => {
    const { path, folder } = await pictureFile({ width: 800, height: 600 })
    const part = await convert(path, 'png', 'jpeg', { matchQuality: 'high', width: 200 })
    const small = join(folder, 'small.png')
    await sharp(path).resize({ width: 200, height: 200, fit: 'inside' }).png().toFile(small)
    const [own, theirs] = [ssim(await planes(small), await planes(part.temp)), await ssimByFfmpeg(small, part.temp)]
    expect([Math.abs(own - (part.matched?.reached ?? 0)) < 0.003, Math.abs(own - theirs) < 0.01]).toEqual([true, true])
  })

  it('may be turned, grey, deep, in other colours, or clear in parts', async () => {
    const folder = await temporaryFolder()
    const file = async (name: string, image: Sharp) => {
      await image.toFile(join(folder, name))
      return join(folder, name)
    }
    const photo = sharp(samplePhoto).resize({ width: 160 })
    const sources = [
      ['jpeg', await file('turned.jpg', photo.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 96 }))],
      ['png', await file('grey.png', photo.clone().toColourspace('b-w').png())],
      ['png', await file('deep.png', photo.clone().toColourspace('rgb16').png())],
      ['jpeg', await file('cmyk.jpg', photo.clone().toColourspace('cmyk').jpeg({ quality: 98 }))],
      ['png', await file('p3.png', photo.clone().withIccProfile('p3').png())],
      ['png', await file('clear.png', plain('#12345680', { width: 90, height: 60 }).png())],
    ] as const
    const reached = []
    for (const [from, path] of sources)
      for (const target of ['jpeg', 'webp', 'avif'] as const) {
        const { matched } = await convert(path, from, target, { matchQuality: 95 })
        reached.push([path, target, (matched?.reached ?? 0) >= 0.95, (matched?.at ?? 0) < 97])
      }
    expect(reached.filter(([, , isEnough, isLow]) => isEnough !== true || isLow !== true)).toEqual([])
  })

  it('is encoded anew where it is to lose its place and nothing else, and stands upright', async () => {
    const path = join(await temporaryFolder(), 'turned.jpg')
    const turned = sharp(samplePhoto).resize({ width: 160 }).withMetadata({ orientation: 6 })
    await turned.jpeg({ quality: 97 }).toFile(path)
    const part = await convert(path, 'jpeg', 'jpeg', { matchQuality: 'good', preserveLocation: false })
    const [{ autoOrient }, result] = [await sharp(path).metadata(), await sharp(part.temp).metadata()]
    expect([result.width, result.height, result.orientation ?? 1]).toEqual([autoOrient.width, autoOrient.height, 1])
    expect([(part.matched?.at ?? 100) < 97, part.bytes < (await stat(path)).size]).toEqual([true, true])
  })

  it('moves on, and all its frames count', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'moving.gif')
    const frames = await Promise.all(
      ['#a00', '#a00', '#0a0', '#00a'].map(async (colour) => {
        const text = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="90"><rect width="120" height="90" fill="${colour}"/><text y="60" font-size="40" fill="#fff">Text</text></svg>`
        return await sharp(Buffer.from(text)).png().toBuffer()
      }),
    )
    await sharp(frames, { join: { animated: true } })
      .gif({ delay: [100, 100, 100, 100], keepDuplicateFrames: true })
      .toFile(path)
    const part = await convert(path, 'gif', 'webp', { matchQuality: 'high' })
    const { pages } = await sharp(part.temp, { animated: true }).metadata()
    expect([pages, (part.matched?.reached ?? 0) >= 0.985, part.matched?.missed]).toEqual([4, true, undefined])
  })

  it('that not even the best quality makes look so near says what was missed, in the best quality', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'noise.png')
    const noise = { type: 'gaussian', mean: 128, sigma: 120 } as const
    await sharp({ create: { width: 200, height: 200, channels: 3, background: '#888', noise } })
      .png()
      .toFile(path)
    const { matched } = await convert(path, 'png', 'webp', { matchQuality: 99.9 })
    expect(matched).toEqual({ measure: 'ssim', reached: expect.any(Number), missed: 0.999, by: 'imageQuality', at: 100 })
  })

  it('is found for each page of a document by itself', async () => {
    const path = join(await temporaryFolder(), 'pages.pdf')
    await writeFile(path, pdfOf(['1 0 0 rg 9 9 40 40 re f', '0 0 1 rg 90 90 9 9 re f 0 g 20 20 30 3 re f']))
    const parts = await images.convert(orderOf(path, 'pdf', 'jpeg', { matchQuality: 'high' }), () => {}, never)
    expect(parts.map(({ matched }) => [matched?.by, (matched?.reached ?? 0) >= 0.985])).toEqual([
      ['imageQuality', true],
      ['imageQuality', true],
    ])
  })

  it('that is cut off in the middle leaves nothing', async () => {
    const { folder, path } = await pictureFile()
    const whole = await sharp(path).png().toBuffer()
    const broken = join(folder, 'broken.png')
    await writeFile(broken, whole.subarray(0, Math.floor(whole.length / 2)))
    const converting = convert(broken, 'png', 'jpeg', { matchQuality: 'high' })
    await expect(converting).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
    const stop = new AbortController()
    const stopped = images.convert(orderOf(path, 'png', 'avif', { matchQuality: 'high' }), () => {}, stop.signal)
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
    expect(partsIn(folder)).toEqual([])
  })
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
