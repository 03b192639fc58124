import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../../../src/shared/job.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { negativeOf, type Negative } from '../../../support/dng.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { orderIn } from '../../../support/order.ts'
import { exiftool, framesSeen, written } from '../../../support/readers.ts'
import { never, startMachine } from '../machine.ts'

const { local } = startMachine()

const size = { width: 120, height: 80 } as const
/** Of its maker's own, with values that it never writes. */
const unknownPacking = 34713

/** What the sensor saw is red on the left and green on the right; the preview is blue. */
async function negative(more: Partial<Negative> = {}, hasPreview = true): Promise<string> {
  const path = join(await temporaryFolder(), 'IMG_1.dng')
  const small = { width: 60, height: 40 }
  const preview = hasPreview
    ? {
        ...small,
        jpeg: await sharp({ create: { ...small, channels: 3, background: '#2040e0' } })
          .jpeg()
          .toBuffer(),
      }
    : null
  const colourAt = (x: number) => (x < size.width / 2 ? ([0.4, 0.02, 0.02] as const) : ([0.02, 0.4, 0.02] as const))
  await writeFile(path, negativeOf({ ...size, colourAt, ...(preview !== null && { preview }), ...more }))
  return path
}

async function convert(path: string, target: FormatId, options: Options = {}): Promise<Part> {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
  const submitted = await local.submit(order, () => {}, never)
  const [part] = submitted.kind === 'converted' ? submitted.parts : []
  if (part === undefined) throw new Error('no part')
  return part
}

/** Which of the three is by far the strongest. */
function strongest(pixel: readonly number[] | undefined): string {
  const [red = 0, green = 0, blue = 0] = pixel ?? []
  const most = Math.max(red, green, blue)
  const names = [red, green, blue].flatMap((value, n) => (value > most * 0.7 ? [['red', 'green', 'blue'][n]] : []))
  return names.join(' and ')
}

describe('a digital negative', () => {
  it('is developed from what the sensor saw, stands upright, and keeps what it says of itself', async () => {
    const path = await negative({ orientation: 6 })
    written(path, ['-Artist=Somebody', '-ExposureTime=0.01', '-GPSLatitude=48', '-GPSLatitudeRef=N', '-XMP:Title=Two colours'])

    const facts = await local.inspect(path, never)
    const { temp, said } = await convert(path, 'jpeg')

    expect(facts).toMatchObject({ format: 'raw', image: { width: 80, height: 120, orientation: 6, bitDepth: 16 } })
    expect(facts.image?.metadata).toEqual(['exif', 'location', 'xmp'])
    expect(facts.places).toEqual(['GPS'])
    expect(said).toEqual([{ code: 'raw-developed' }])
    const { width, height, at } = framesSeen(temp)
    expect([width, height]).toEqual([80, 120])
    // What was on the left is above once it is turned clockwise.
    expect([strongest(at(40, 20)[0]), strongest(at(40, 100)[0])]).toEqual(['red', 'green'])
    expect(exiftool(temp)).toMatchObject({
      'IFD0:Make': 'A Camera Works',
      'IFD0:Orientation': 1,
      'IFD0:Artist': 'Somebody',
      'ExifIFD:ExposureTime': 0.01,
      'GPS:GPSLatitude': 48,
      'XMP-dc:Title': 'Two colours',
    })
  })

  it('loses its place where that is asked for', async () => {
    const path = await negative()
    written(path, ['-Artist=Somebody', '-GPSLatitude=48', '-GPSLatitudeRef=N'])

    const { temp } = await convert(path, 'jpeg', { preserveLocation: false })

    const found = exiftool(temp)
    expect(found).toMatchObject({ 'IFD0:Artist': 'Somebody' })
    expect(found).not.toHaveProperty('GPS:GPSLatitude')
  })

  it.for(['png', 'tiff', 'webp', 'gif', 'bmp', 'jxl'] as const)('becomes %s', async (target) => {
    const { temp, said } = await convert(await negative(), target)

    expect(said).toEqual([{ code: 'raw-developed' }])
    const { width, height, at } = framesSeen(temp)
    expect([width, height]).toEqual([120, 80])
    expect([strongest(at(30, 40)[0]), strongest(at(90, 40)[0])]).toEqual(['red', 'green'])
  })

  it('becomes an AVIF of its size', async () => {
    const { temp } = await convert(await negative(), 'avif')
    expect(exiftool(temp)).toMatchObject({ 'File:FileType': 'AVIF', 'Composite:ImageSize': '120 80' })
  })

  it('is known by its contents where its name says TIFF', async () => {
    const path = await negative()
    const bytes = await sharp(path).metadata()
    // A reader of TIFF takes the small picture in front for all of it.
    expect([bytes.width, bytes.height]).toEqual([16, 12])
    expect((await local.inspect(path, never)).image).toMatchObject(size)
  })
})

describe('the preview in camera raw', () => {
  it('is taken, as the camera turned it, where that is asked for', async () => {
    const { temp, said } = await convert(await negative({ orientation: 8 }), 'png', { raw: 'preview' })

    expect(said).toEqual([{ code: 'raw-preview' }])
    const { width, height, at } = framesSeen(temp)
    expect([width, height]).toEqual([40, 60])
    expect(strongest(at(20, 30)[0])).toBe('blue')
  })

  it('serves where the values of the sensor cannot be unpacked, and nothing else does where they were asked for', async () => {
    const path = await negative({ compression: unknownPacking })

    const { temp, said } = await convert(path, 'jpeg')

    expect(said).toEqual([{ code: 'raw-preview' }])
    expect(strongest(framesSeen(temp).at(30, 20)[0])).toBe('blue')
    await expect(convert(path, 'jpeg', { raw: 'develop' })).rejects.toMatchObject({
      failure: { code: expect.stringMatching(/^source-/) },
    })
  })

  it('is missed by name where there is none', async () => {
    const path = await negative({}, false)
    await expect(convert(path, 'jpeg', { raw: 'preview' })).rejects.toMatchObject({
      failure: { code: 'source-unsupported', facts: { because: 'no-raw-preview' } },
    })
  })
})
