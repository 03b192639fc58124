import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { renderScale } from '../../../../src/main/providers/local/images/size.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, never, pdfOf, plain, samplePhoto, seen, startImages, svgOf, twoColours, workers } from './studio.ts'

const images = startImages()

const cases: readonly { readonly asked: Options; readonly width: number; readonly height: number; readonly why: string }[] = [
  { asked: {}, width: 600, height: 400, why: 'nothing asked' },
  { asked: { width: 300 }, width: 300, height: 200, why: 'one side, the other follows' },
  { asked: { height: 100 }, width: 150, height: 100, why: 'one side, the other follows' },
  { asked: { width: 1200 }, width: 600, height: 400, why: 'a limit enlarges nothing' },
  { asked: { width: 300, height: 300 }, width: 300, height: 200, why: 'inside a box' },
  { asked: { width: 300, height: 300, fit: 'outside' }, width: 450, height: 300, why: 'around a box' },
  { asked: { width: 900, height: 900, fit: 'outside' }, width: 600, height: 400, why: 'a limit enlarges nothing' },
  { asked: { width: 300, height: 300, fit: 'cover' }, width: 300, height: 300, why: 'exactly, cut' },
  { asked: { width: 300, height: 300, fit: 'contain' }, width: 300, height: 300, why: 'exactly, with a border' },
  { asked: { width: 300, height: 300, fit: 'fill' }, width: 300, height: 300, why: 'exactly, stretched' },
  { asked: { width: 900, height: 900, fit: 'fill' }, width: 900, height: 900, why: 'exactly, enlarged' },
]

it.for(cases)('600 × 400 with $asked is $width × $height: $why', async ({ asked, width, height }) => {
  const path = join(await temporaryFolder(), 'wide.png')
  await twoColours({ width: 600, height: 400 }).png().toFile(path)

  const { temp } = await convert(images, path, 'png', 'webp', asked)

  expect(await seen(temp)).toMatchObject({ width, height })
})

it('the border of contain is clear where the target has transparency, else white', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'wide.png')
  await twoColours({ width: 600, height: 400 }).png().toFile(path)
  const asked = { width: 300, height: 300, fit: 'contain' } as const

  const png = await seen((await convert(images, path, 'png', 'png', asked)).temp)
  const jpeg = await seen((await convert(images, path, 'png', 'jpeg', asked)).temp)

  expect([png.at(150, 10)[3], jpeg.at(150, 10)]).toEqual([0, [255, 255, 255, 255]])
})

it('width and height count on the picture as it is shown, not as it is stored', async () => {
  const { image } = await images.inspect(samplePhoto, 'jpeg', never)
  const path = join(await temporaryFolder(), 'photo.jpg')
  await sharp(samplePhoto).keepMetadata().rotate(0).jpeg().toFile(path)

  const { temp } = await convert(images, path, 'jpeg', 'webp', { width: 70 })

  const { width, height } = await seen(temp)
  expect({ width, height }).toEqual({ width: 70, height: Math.round((70 * (image?.height ?? 0)) / (image?.width ?? 1)) })
})

describe('a drawing', () => {
  const stripes = svgOf(
    `<rect width="8" height="16" fill="#000"/><rect x="8" width="8" height="16" fill="#fff"/>`,
    'viewBox="0 0 16 16"',
  )

  it('is rendered at the size asked for, with sharp edges', async () => {
    const path = join(await temporaryFolder(), 'icon.svg')
    await writeFile(path, stripes)

    const { temp } = await convert(images, path, 'svg', 'png', { width: 512 })

    const { width, height, at } = await seen(temp)
    expect({ width, height }).toEqual({ width: 512, height: 512 })
    expect([at(254, 100)[0], at(257, 100)[0]]).toEqual([0, 255])
  })

  it.for([
    { root: 'width="60" height="40"', width: 60, height: 40 },
    { root: 'viewBox="0 0 300 200"', width: 300, height: 200 },
    { root: 'width="100%" height="100%" viewBox="0 0 300 200"', width: 300, height: 200 },
    { root: 'width="2in" height="1in"', width: 192, height: 96 },
    { root: 'width="254mm" height="127mm" viewBox="0 0 254 127"', width: 960, height: 480 },
  ])('with $root is $width × $height unless asked otherwise', async ({ root, width, height }) => {
    const path = join(await temporaryFolder(), 'drawing.svg')
    await writeFile(path, svgOf('<rect width="9999" height="9999"/>', root))

    const { temp } = await convert(images, path, 'svg', 'png')

    expect(await seen(temp)).toMatchObject({ width, height })
    expect((await images.inspect(path, 'svg', never)).image).toEqual({ width, height, pages: 1 })
  })
})

it('a page of a PDF is rendered at the size asked for, not enlarged from a smaller one', async () => {
  const path = join(await temporaryFolder(), 'page.pdf')
  await writeFile(path, pdfOf(['0 g 0 0 144 192 re f']))

  const { temp } = await convert(images, path, 'pdf', 'png', { width: 2880 })

  const { width, height, at } = await seen(temp)
  expect({ width, height }).toEqual({ width: 2880, height: 1920 })
  expect([at(1437, 900)[0], at(1442, 900)[0]]).toEqual([0, 255])
})

it('the scale of a drawing is the smallest that needs no enlarging afterwards', () => {
  const natural = { width: 100, height: 50 }
  const scales = [
    {},
    { width: 200 },
    { height: 200 },
    { width: 200, height: 200 },
    { width: 200, height: 200, fit: 'cover' },
  ] as const

  expect(scales.map((asked) => renderScale(natural, asked))).toEqual([1, 2, 4, 2, 4])
})

it.for([
  { target: 'webp', side: 16_384, limit: 16_383, format: 'WebP' },
  { target: 'jpeg', side: 65_536, limit: 65_500, format: 'JPEG' },
  { target: 'avif', side: 20_000, limit: 16_384, format: 'AVIF' },
] as const)('a picture larger than $target can hold is refused by its limit', async ({ target, side, limit, format }) => {
  const path = join(await temporaryFolder(), 'long.png')
  await plain('#123456', { width: side, height: 2 }).png().toFile(path)

  const converting = convert(images, path, 'png', target)

  await expect(converting).rejects.toMatchObject({
    failure: { code: 'picture-too-large', facts: { format, limit, side, option: 'width' } },
  })
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
