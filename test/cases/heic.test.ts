/** HEIC written by heif-enc, and read back by programs that had no part in it. */
import { execFileSync } from 'node:child_process'
import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { startMachine } from '../providers/local/machine.ts'
import { plain, twoColours } from '../providers/local/images/studio.ts'
import { negativeOf } from '../support/dng.ts'
import { temporaryFolder } from '../support/folder.ts'
import { exiftool, framesSeen, written } from '../support/readers.ts'

const { convert } = startMachine()
const info = (path: string) => execFileSync('heif-info', [path], { encoding: 'utf8' })

async function photo(format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif' = 'jpeg'): Promise<string> {
  const path = join(await temporaryFolder(), `photo.${format}`)
  await twoColours({ width: 120, height: 80 }).toFormat(format).toFile(path)
  return path
}

const heic = async (path: string, options: Options = {}) => await convert(path, 'heic' satisfies FormatId, options)

describe('a HEIC', () => {
  it.for(['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'] as const)('is made of a picture in %s', async (format) => {
    const made = await heic(await photo(format))

    expect(info(made)).toMatch(/main brand: heic[^]*image: 120x80 .*primary/)
    const { width, height, at } = framesSeen(await convert(made, 'png'))
    expect([width, height]).toEqual([120, 80])
    const [[red = 0, green = 0] = []] = at(10, 40)
    expect(red - green).toBeGreaterThan(80)
  })

  it.for(['bmp', 'psd', 'jxl', 'exr'] as const)('is made of a picture in %s, which libvips does not read', async (format) => {
    const source = join(await temporaryFolder(), `source.${format}`)
    await rename(await convert(await photo('png'), format), source)

    const made = await heic(source)

    expect(info(made)).toMatch(/image: 120x80 .*primary/)
    const [[red = 0, green = 0] = []] = framesSeen(await convert(made, 'png')).at(10, 40)
    expect(red - green).toBeGreaterThan(80)
  })

  it('is made of camera raw, upright', async () => {
    const path = join(await temporaryFolder(), 'IMG_1.dng')
    await writeFile(path, negativeOf({ width: 120, height: 80, colourAt: () => [0.4, 0.02, 0.02], orientation: 6 }))
    expect(info(await heic(path))).toMatch(/image: 80x120 .*primary/)
  })

  it('keeps what a photo says of itself, stands upright, and loses its place where that is asked for', async () => {
    const path = await photo()
    written(path, ['-Artist=Somebody', '-Orientation#=6', '-GPSLatitude=48', '-GPSLatitudeRef=N', '-XMP:Title=Two colours'])

    const made = await heic(path)
    const placeless = exiftool(await heic(path, { preserveLocation: false }))

    expect(info(made)).toContain('image: 80x120')
    expect(exiftool(made)).toMatchObject({ 'IFD0:Artist': 'Somebody', 'GPS:GPSLatitude': 48, 'XMP-dc:Title': 'Two colours' })
    expect(placeless).toMatchObject({ 'IFD0:Artist': 'Somebody' })
    expect(placeless).not.toHaveProperty('GPS:GPSLatitude')
  })

  it('has the size that is asked for, and what can be seen through stays so', async () => {
    const path = join(await temporaryFolder(), 'clear.png')
    await plain('#20a04080', { width: 64, height: 64 }).png().toFile(path)

    const found = info(await heic(path, { width: 32 }))

    expect(found).toMatch(/image: 32x32[^]*alpha channel: yes/)
  })

  it('is smaller with less quality', async () => {
    const path = join(await temporaryFolder(), 'noise.png')
    await sharp({
      create: { width: 64, height: 64, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
    })
      .png()
      .toFile(path)
    const bytes = async (imageQuality: number) => (await stat(await heic(path, { imageQuality }))).size

    expect(await bytes(10)).toBeLessThan(await bytes(90))
  })
})
