import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, distance, green, plain, red, seen, startImages, twoColours, workers } from './studio.ts'

const images = startImages()

async function kindOf(path: string): Promise<object> {
  const { space, depth, channels, hasProfile } = await sharp(path).metadata()
  return { space, depth, channels, hasProfile }
}

describe('transparency', () => {
  async function glass(): Promise<string> {
    const path = join(await temporaryFolder(), 'glass.png')
    const half = { width: 30, height: 40, channels: 4, background: { r: 192, g: 32, b: 32, alpha: 1 } } as const
    await plain('#00000000')
      .composite([{ input: { create: half }, left: 0, top: 0 }])
      .png()
      .toFile(path)
    return path
  }

  it.for(['png', 'webp', 'avif', 'tiff', 'gif'] as const)('stays in %s', async (target) => {
    const { temp } = await convert(images, await glass(), 'png', target)

    const { at } = await seen(temp)
    expect([at(12, 20)[3], at(48, 20)[3]]).toEqual([255, 0])
  })

  it('becomes white in a JPEG, which has none', async () => {
    const { temp } = await convert(images, await glass(), 'png', 'jpeg')

    const { at } = await seen(temp)
    expect(distance(at(48, 20), [255, 255, 255])).toBeLessThan(4)
    expect(distance(at(12, 20), red)).toBeLessThan(8)
  })
})

describe('16 bits a channel', () => {
  async function deep(): Promise<string> {
    const path = join(await temporaryFolder(), 'deep.png')
    const samples = Uint16Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 21) % 65536)
    await sharp(samples, { raw: { width: 32, height: 32, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(path)
    return path
  }

  it.for(['tiff', 'png'] as const)('stay, to the last bit, in %s', async (target) => {
    const source = await deep()

    const { temp } = await convert(images, source, 'png', target)

    const samples = async (path: string): Promise<Buffer> =>
      sharp(path).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    expect(await kindOf(temp)).toMatchObject({ space: 'rgb16', depth: 'ushort' })
    expect((await samples(temp)).equals(await samples(source))).toBe(true)
  })

  it('become 8 in formats that have no more', async () => {
    const { temp } = await convert(images, await deep(), 'png', 'webp')

    expect(await kindOf(temp)).toMatchObject({ space: 'srgb', depth: 'uchar' })
  })
})

describe('grey', () => {
  async function grey(): Promise<string> {
    const path = join(await temporaryFolder(), 'grey.tiff')
    await sharp({ create: { width: 60, height: 40, channels: 3, background: '#646464' } })
      .toColourspace('b-w')
      .tiff()
      .toFile(path)
    return path
  }

  it.for(['jpeg', 'png', 'tiff'] as const)('stays one channel in %s', async (target) => {
    const { temp } = await convert(images, await grey(), 'tiff', target)

    expect(await kindOf(temp)).toMatchObject({ space: 'b-w', channels: 1 })
    expect(distance((await seen(temp)).at(5, 5), [100, 100, 100])).toBeLessThan(3)
  })

  it.for(['webp', 'avif', 'gif'] as const)('looks the same in %s', async (target) => {
    const { temp } = await convert(images, await grey(), 'tiff', target)

    expect(distance((await seen(temp)).at(5, 5), [100, 100, 100])).toBeLessThan(4)
  })
})

describe('CMYK', () => {
  async function print(): Promise<string> {
    const path = join(await temporaryFolder(), 'print.jpg')
    await twoColours().withIccProfile('cmyk').toColourspace('cmyk').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(path)
    return path
  }

  it.for(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('becomes RGB by its own profile in %s', async (target) => {
    const { temp } = await convert(images, await print(), 'jpeg', target)

    const { at } = await seen(temp)
    expect(await kindOf(temp)).toMatchObject({ space: 'srgb' })
    // Print holds fewer colours than a screen.
    expect(distance(at(12, 20), red)).toBeLessThan(24)
    expect(distance(at(48, 20), green)).toBeLessThan(24)
  })

  it('stays as it is, with its profile, in a TIFF', async () => {
    const { temp } = await convert(images, await print(), 'jpeg', 'tiff')

    expect(await kindOf(temp)).toEqual({ space: 'cmyk', depth: 'uchar', channels: 4, hasProfile: true })
  })
})

describe('lossless', () => {
  it.for(['webp', 'avif', 'png', 'tiff'] as const)('%s gives back every pixel', async (target) => {
    const path = join(await temporaryFolder(), 'noise.png')
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#000', noise } })
      .png()
      .toFile(path)

    const { temp } = await convert(images, path, 'png', target, { lossless: true })

    expect((await sharp(temp).raw().toBuffer()).equals(await sharp(path).raw().toBuffer())).toBe(true)
  })
})

describe('quality', () => {
  it.for(['jpeg', 'webp', 'avif'] as const)('%s is smaller the less is asked of it', async (target) => {
    const path = join(await temporaryFolder(), 'noise.png')
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    await sharp({ create: { width: 128, height: 128, channels: 3, background: '#000', noise } })
      .png()
      .toFile(path)

    const low = await convert(images, path, 'png', target, { imageQuality: 20 })
    const lowBytes = low.bytes
    await sharp(path).png().toFile(`${path}.again`)
    const usual = await convert(images, `${path}.again`, 'png', target)
    await sharp(path).png().toFile(`${path}.third`)
    const high = await convert(images, `${path}.third`, 'png', target, { imageQuality: 98 })

    expect([lowBytes, usual.bytes, high.bytes]).toEqual([lowBytes, usual.bytes, high.bytes].toSorted((one, other) => one - other))
    expect(lowBytes).toBeLessThan(high.bytes / 2)
  })
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
