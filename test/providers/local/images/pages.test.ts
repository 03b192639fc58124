import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../support/folder.ts'
import {
  convert,
  distance,
  never,
  orderOf,
  partsIn,
  pdfColour,
  pdfOf,
  plain,
  seen,
  startImages,
  tags,
  workers,
} from './studio.ts'

const images = startImages()
const shades = ['#c02020', '#20a040', '#2040c0'] as const
const colours = [
  [192, 32, 32],
  [32, 160, 64],
  [32, 64, 192],
] as const

async function frames(size?: { readonly width: number; readonly height: number }): Promise<Buffer[]> {
  return Promise.all(shades.map(async (shade) => plain(shade, size).removeAlpha().png().toBuffer()))
}

describe('an animation', () => {
  async function animation(format: 'gif' | 'webp'): Promise<string> {
    const path = join(await temporaryFolder(), `moving.${format}`)
    const image = sharp(await frames(), { join: { animated: true } })
    await (
      format === 'gif' ? image.gif({ delay: [100, 200, 300], loop: 2 }) : image.webp({ delay: [100, 200, 300], loop: 2 })
    ).toFile(path)
    return path
  }

  it.for([
    { from: 'gif', target: 'webp' },
    { from: 'webp', target: 'gif' },
    { from: 'gif', target: 'gif' },
    { from: 'webp', target: 'webp' },
  ] as const)('goes on moving from $from to $target, at its pace', async ({ from, target }) => {
    const { temp } = await convert(images, await animation(from), from, target, { width: 30 })

    const { pages, delay, loop } = await sharp(temp).metadata()
    expect({ pages, delay, loop }).toEqual({ pages: 3, delay: [100, 200, 300], loop: 2 })
    const facts = await images.inspect(temp, target, never)
    expect(facts).toMatchObject({ durationMs: 600, image: { width: 30, height: 20, pages: 3 } })
    // Frames, as the file itself counts them.
    const bytes = (await readFile(temp)).toString('latin1')
    expect(bytes.split(target === 'webp' ? 'ANMF' : '\x21\xf9\x04')).toHaveLength(1 + 3)
  })

  it('is its first frame in a format that stands still', async () => {
    const { temp } = await convert(images, await animation('gif'), 'gif', 'png')

    const { at, ...size } = await seen(temp)
    expect(size).toEqual({ type: 'png', width: 60, height: 40 })
    expect(distance(at(30, 20), colours[0])).toBeLessThan(4)
  })
})

describe('a TIFF of several pages', () => {
  async function document(): Promise<string> {
    const path = join(await temporaryFolder(), 'scan.tiff')
    await sharp(await frames(), { join: { animated: true } })
      .tiff({ compression: 'lzw' })
      .toFile(path)
    return path
  }

  it('becomes one file a page, in order', async () => {
    const path = await document()
    const told: (number | null)[] = []

    const parts = await images.convert(orderOf(path, 'tiff', 'png'), ({ done }) => told.push(done), never)

    const shown = await Promise.all(parts.map(async ({ temp }) => (await seen(temp)).at(30, 20)))
    expect(shown).toEqual(colours.map((colour) => [...colour, 255]))
    expect({ told, names: parts.map(({ name }) => name) }).toEqual({ told: [1 / 3, 2 / 3, 1], names: [null, null, null] })
  })

  it('stays one file as a TIFF, with all pages and the EXIF of the first', async () => {
    const path = await document()

    const { temp } = await convert(images, path, 'tiff', 'tiff', { width: 30 })

    expect((await images.inspect(temp, 'tiff', never)).image).toMatchObject({ width: 30, height: 20, pages: 3 })
    const shown = await Promise.all([0, 1, 2].map(async (page) => sharp(temp, { page }).raw().toBuffer()))
    expect(shown.map((pixels) => [...pixels.subarray(0, 3)])).toEqual(colours.map((colour) => [...colour]))
  })

  it('becomes several TIFFs where its pages differ in size', async () => {
    const path = join(await temporaryFolder(), 'mixed.tiff')
    await writeFile(
      path,
      chained(
        await Promise.all(
          [
            { width: 60, height: 40 },
            { width: 20, height: 30 },
          ].map(tiffPage),
        ),
      ),
    )

    const parts = await images.convert(orderOf(path, 'tiff', 'tiff'), () => {}, never)

    const sizes = await Promise.all(parts.map(async ({ temp }) => seen(temp)))
    expect(sizes.map(({ width, height }) => [width, height])).toEqual([
      [60, 40],
      [20, 30],
    ])
  })

  it('is one picture where the other pages are smaller copies of the first', async () => {
    const path = join(await temporaryFolder(), 'pyramid.tiff')
    await plain('#c02020', { width: 1024, height: 1024 })
      .removeAlpha()
      .tiff({ pyramid: true, tile: true, tileWidth: 128, tileHeight: 128 })
      .toFile(path)

    const parts = await images.convert(orderOf(path, 'tiff', 'jpeg'), () => {}, never)

    expect(await Promise.all(parts.map(async ({ temp }) => (await seen(temp)).width))).toEqual([1024])
    expect((await images.inspect(path, 'tiff', never)).image).toMatchObject({ width: 1024, height: 1024, pages: 1 })
  })
})

describe('a PDF', () => {
  async function pdf(): Promise<string> {
    const path = join(await temporaryFolder(), 'two.pdf')
    await writeFile(path, pdfOf(colours.slice(0, 2).map((colour) => `${pdfColour(colour)} 0 0 288 192 re f`)))
    return path
  }

  it('becomes one picture a page', async () => {
    const path = await pdf()
    const told: (number | null)[] = []

    const parts = await images.convert(orderOf(path, 'pdf', 'webp', { lossless: true }), ({ done }) => told.push(done), never)

    const shown = await Promise.all(parts.map(async ({ temp }) => seen(temp)))
    expect(shown.map(({ width, height, at }) => [width, height, at(300, 200)])).toEqual([
      [600, 400, [...colours[0], 255]],
      [600, 400, [...colours[1], 255]],
    ])
    expect(told).toEqual([0.5, 1])
    expect((await images.inspect(path, 'pdf', never)).image).toMatchObject({ width: 600, height: 400, pages: 2 })
  })

  it('that is damaged fails as the file it is, and leaves nothing', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'half.pdf')
    await writeFile(path, '%PDF-1.4\nnot really\n')

    const converting = images.convert(orderOf(path, 'pdf', 'png'), () => {}, never)

    await expect(converting).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
    expect(partsIn(folder)).toEqual([])
  })
})

it('a file of several HEIC or AVIF pictures is its main one', async () => {
  const path = join(await temporaryFolder(), 'one.avif')
  await plain('#c02020').avif({ lossless: true }).toFile(path)

  const { temp } = await convert(images, path, 'avif', 'png')

  expect((await tags(temp)).file?.FileType?.value).toBe('png')
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})

async function tiffPage(size: { readonly width: number; readonly height: number }): Promise<Buffer> {
  return plain('#c02020', size).removeAlpha().tiff({ compression: 'none' }).toBuffer()
}

/** Two TIFFs as pages of one: the second one's offsets move on by the length of the first. */
function chained([first = Buffer.alloc(0), second = Buffer.alloc(0)]: readonly Buffer[]): Buffer {
  const one = Buffer.concat([first, Buffer.alloc(first.length % 2)])
  const other = Buffer.from(second)
  const start = other.readUInt32LE(4)
  const sizes = [0, 1, 1, 2, 4, 8]
  for (let entry = 0; entry < other.readUInt16LE(start); entry++) {
    const at = start + 2 + entry * 12
    const bytes = (sizes[other.readUInt16LE(at + 2)] ?? 1) * other.readUInt32LE(at + 4)
    const isStrip = other.readUInt16LE(at) === 273
    if (bytes > 4 || isStrip) other.writeUInt32LE(other.readUInt32LE(at + 8) + one.length, at + 8)
    // Several strips stand in a list of their own, which has moved, and whose pointers move too.
    if (bytes > 4 && isStrip) {
      const list = other.readUInt32LE(at + 8) - one.length
      for (let strip = 0; strip < bytes / 4; strip++)
        other.writeUInt32LE(other.readUInt32LE(list + strip * 4) + one.length, list + strip * 4)
    }
  }
  const last = one.readUInt32LE(4)
  one.writeUInt32LE(one.length + start, last + 2 + one.readUInt16LE(last) * 12)
  return Buffer.concat([one, other])
}
