import { execFileSync } from 'node:child_process'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { magickTargets } from '../../src/main/providers/local/magick/pairings.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { temporaryFolder } from '../support/folder.ts'
import { exiftool, framesSeen, written } from '../support/readers.ts'
import { xcfOf } from '../support/xcf.ts'
import { green, plain, red, twoColours } from '../providers/local/images/studio.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local, convert: converted } = startMachine()

/** Under the ending that says what it is. */
async function convert(path: string, target: FormatId, options: Options = {}): Promise<string> {
  const temp = await converted(path, target, options)
  const named = `${temp}.${target}`
  await rename(temp, named)
  return named
}

const usual = { width: 60, height: 40 } as const
/** What this FFmpeg does not read, or not as a screen shows it. */
const unread: ReadonlySet<FormatId> = new Set(['icns', 'exr', 'hdr', 'psd'])

async function pictureIn(folder: string): Promise<string> {
  const path = join(folder, 'source.png')
  await twoColours(usual).png().toFile(path)
  return path
}

function distance(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.slice(0, 3).map((value, n) => Math.abs(value - (other[n] ?? 0))))
}

it.for(magickTargets)('png becomes %s and png again, as another reader sees both', { timeout: 60_000 }, async (target) => {
  const source = await pictureIn(await temporaryFolder())

  const made = await convert(source, target)
  const back = await convert(made, 'png')

  const isIcon = target === 'ico' || target === 'icns'
  const size = isIcon ? { width: 32, height: 32 } : usual
  const facts = await local.inspect(made, never)
  expect(facts).toMatchObject({ format: target, image: target === 'ico' ? { width: 48, height: 48 } : size })
  const seen = framesSeen(back)
  expect({ width: seen.width, height: seen.height }).toEqual(target === 'ico' ? { width: 48, height: 48 } : size)
  const [left] = seen.at(8, Math.floor(seen.height / 2))
  const [right] = seen.at(seen.width - 8, Math.floor(seen.height / 2))
  expect(distance(left ?? [], red)).toBeLessThan(8)
  expect(distance(right ?? [], green)).toBeLessThan(8)
  if (unread.has(target) || isIcon) return
  const direct = framesSeen(made)
  expect({ width: direct.width, height: direct.height }).toEqual(usual)
  expect(distance(direct.at(8, 20)[0] ?? [], red)).toBeLessThan(8)
})

it('PSD and Radiance HDR state their size to readers of their headers', async () => {
  const source = await pictureIn(await temporaryFolder())
  const psd = exiftool(await convert(source, 'psd'))
  const hdr = await readFile(await convert(source, 'hdr'), 'latin1')
  expect([psd['Photoshop:ImageWidth'], psd['Photoshop:ImageHeight']]).toEqual([60, 40])
  expect(hdr).toMatch(/^#\?RADIANCE[^]*-Y 40 \+X 60\n/)
})

describe('what can be seen through', () => {
  it.for(['bmp', 'ico', 'icns', 'jxl', 'jp2', 'psd', 'tga', 'exr', 'dds', 'qoi'] as const)('stays so in %s', async (target) => {
    const path = join(await temporaryFolder(), 'clear.png')
    await plain('#00000000', { width: 64, height: 64 }).png().toFile(path)

    const made = await convert(path, target)

    expect((await local.inspect(made, never)).image?.hasAlpha).toBe(true)
    const { data } = await sharp(await convert(made, 'png'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(data[3]).toBe(0)
  })

  it.for(['ppm', 'pcx', 'hdr', 'jpeg'] as const)('gets the colour behind it that is asked for in %s', async (target) => {
    const path = join(await temporaryFolder(), 'clear.png')
    await plain('#00000000', { width: 64, height: 64 }).png().toFile(path)

    const made = await convert(path, target, { background: '#20a040' })

    const [pixel] = framesSeen(target === 'jpeg' ? made : await convert(made, 'png')).at(32, 32)
    expect(distance(pixel ?? [], green)).toBeLessThan(8)
  })
})

describe('an icon', () => {
  it('holds the sizes that are asked for, each with the whole picture', async () => {
    const path = join(await temporaryFolder(), 'large.png')
    await twoColours({ width: 600, height: 600 }).png().toFile(path)

    const ico = await readFile(await convert(path, 'ico', { iconSizes: '16,48,256' }))
    const icns = await readFile(await convert(path, 'icns', { iconSizes: '32,128,512' }))

    const sides = Array.from({ length: ico.readUInt16LE(4) }, (_, n) => ico[6 + n * 16] || 256)
    expect(sides).toEqual([16, 48, 256])
    const types: string[] = []
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) types.push(icns.toString('latin1', at, at + 4))
    expect(types).toEqual(['icp5', 'ic11', 'ic07', 'ic09', 'ic14'])
    expect(icns.readUInt32BE(4)).toBe(icns.length)
  })

  it('of a size that it has no place for is refused', async () => {
    const source = await pictureIn(await temporaryFolder())
    await expect(convert(source, 'icns', { iconSizes: '20' })).rejects.toMatchObject({
      failure: {
        code: 'option-invalid',
        facts: { option: 'iconSizes', value: '20', allowed: expect.stringContaining('16, 32') },
      },
    })
    await expect(convert(source, 'ico', { iconSizes: '512' })).rejects.toMatchObject({ failure: { code: 'option-invalid' } })
  })

  it('of old macOS is read by its packed pixels and their mask', async () => {
    const path = join(await temporaryFolder(), 'old.icns')
    const entry = (type: string, data: Buffer) => {
      const head = Buffer.alloc(8)
      head.write(type, 'latin1')
      head.writeUInt32BE(data.length + 8, 4)
      return Buffer.concat([head, data])
    }
    // 256 times red, as two runs of 128, then no green and no blue.
    const plane = (value: number) => Buffer.from([253, value, 253, value])
    const packed = Buffer.concat([plane(200), plane(0), plane(0)])
    await writeFile(path, entry('icns', Buffer.concat([entry('is32', packed), entry('s8mk', Buffer.alloc(256, 128))])))

    const { data, info } = await sharp(await convert(path, 'png'))
      .raw()
      .toBuffer({ resolveWithObject: true })

    expect(info).toMatchObject({ width: 16, height: 16, channels: 4 })
    expect([...data.subarray(0, 4)]).toEqual([200, 0, 0, 128])
  })
})

describe('a photo', () => {
  it(
    'keeps what it says of itself in JPEG XL, stands upright, and loses its place where that is asked for',
    { timeout: 120_000 },
    async () => {
      const path = join(await temporaryFolder(), 'photo.jpg')
      await twoColours(usual).jpeg().toFile(path)
      written(path, ['-Artist=Somebody', '-Orientation#=6', '-GPSLatitude=48', '-GPSLatitudeRef=N', '-XMP:Title=Two colours'])

      const made = await convert(path, 'jxl')
      const placeless = await convert(path, 'jxl', { preserveLocation: false })
      const back = await convert(made, 'jpeg')

      const size = { 'IFD0:Orientation': 1, 'IFD0:Artist': 'Somebody' }
      expect(exiftool(back)).toMatchObject({ ...size, 'GPS:GPSLatitude': 48, 'XMP-dc:Title': 'Two colours' })
      expect({ ...exiftool(await convert(placeless, 'jpeg')) }).not.toHaveProperty('GPS:GPSLatitude')
      const png = `${made}.png`
      execFileSync('djxl', [made, png], { stdio: 'ignore' })
      const { width, height, at } = framesSeen(png)
      expect({ width, height }).toEqual({ width: 40, height: 60 })
      // What was on the left is above once it is turned clockwise.
      expect(distance(at(20, 8)[0] ?? [], red)).toBeLessThan(12)
    },
  )

  it('of Photoshop keeps its profile, and what it counts more finely is known', async () => {
    const path = join(await temporaryFolder(), 'deep.psd')
    await writeFile(path, deepPsd())

    const facts = await local.inspect(path, never)

    expect(facts.image).toMatchObject({ width: 4, height: 2, bitDepth: 16, hasAlpha: false })
    expect(local.fate?.({ thing: 'colour-depth', name: '16' }, 'png', {}, 'psd')).toBe('left')
    const [pixel] = framesSeen(await convert(path, 'png')).at(1, 1)
    expect(pixel).toEqual([128, 64, 32])
  })
})

it('layers of GIMP are seen as they lie upon each other', async () => {
  const path = join(await temporaryFolder(), 'layers.xcf')
  const layers = [
    { left: 30, top: 10, width: 20, height: 20, colour: [32, 160, 64] },
    { left: 0, top: 0, width: 60, height: 40, colour: [192, 32, 32] },
  ] as const
  await writeFile(path, xcfOf(60, 40, layers))

  const { width, height, at } = framesSeen(await convert(path, 'png'))

  expect([width, height]).toEqual([60, 40])
  expect([at(5, 5)[0], at(40, 20)[0]]).toEqual([
    [192, 32, 32],
    [32, 160, 64],
  ])
})

it('how finely a JPEG XL of another program counts is known, in a container and without one', async () => {
  const folder = await temporaryFolder()
  const png = join(folder, 'deep.png')
  await twoColours({ width: 60, height: 40 }).toColourspace('rgb16').png().toFile(png)
  const made = [join(folder, 'bare.jxl'), join(folder, 'boxed.jxl')] as const
  execFileSync('cjxl', [png, made[0], '--container=0'], { stdio: 'ignore' })
  execFileSync('cjxl', [png, made[1], '--container=1'], { stdio: 'ignore' })

  for (const path of made) expect((await local.inspect(path, never)).image).toMatchObject({ width: 60, height: 40, bitDepth: 16 })
  expect(local.fate?.({ thing: 'colour-depth', name: '16' }, 'png', {}, 'jxl')).toBe('left')
  // What is written here counts in 8 bits, and says so.
  expect((await local.inspect(await convert(png, 'jxl'), never)).image).toMatchObject({ bitDepth: 8 })
})

/** 4 × 2 pixels of one colour, with 16 bits a channel. */
function deepPsd(): Buffer {
  const head = Buffer.alloc(26)
  head.write('8BPS', 'latin1')
  for (const [at, value] of [[4, 1], [12, 3], [22, 16], [24, 3]] as const) head.writeUInt16BE(value, at) // prettier-ignore
  head.writeUInt32BE(2, 14)
  head.writeUInt32BE(4, 18)
  const plane = (value: number) => Buffer.concat(Array.from({ length: 8 }, () => Buffer.from([value, value])))
  return Buffer.concat([head, Buffer.alloc(12), Buffer.alloc(2), plane(128), plane(64), plane(32)])
}
