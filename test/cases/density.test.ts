/** How many dots go to an inch, across and down, arrives in every format, in the way of each. */
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { exiftool } from '../support/readers.ts'
import { all, converted, each } from './conversions.ts'
import { fax, photo, wordyPng } from './make-images.ts'

describe('dots an inch', () => {
  const stated = ['jpeg', 'png', 'tiff', 'webp', 'avif'] as const

  it('of a fax are not as many down as across, in every format', async () => {
    const results = await converted('fax.tif', fax(), stated)
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], stated))
    const dots = all(({ path }) => {
      const said = exiftool(path)
      const [x, y] = [said['IFD0:XResolution'] ?? said['JFIF:XResolution'], said['IFD0:YResolution'] ?? said['JFIF:YResolution']]
      return [Math.round(Number(x)), Math.round(Number(y))]
    }, results)
    expect(dots).toEqual(each([204, 98], stated))
    const png = exiftool(results['png']?.path ?? '')
    expect([png['PNG-pHYs:PixelsPerUnitX'], png['PNG-pHYs:PixelsPerUnitY']]).toEqual([8031, 3858])
  })

  it('stand for the shape of the pixels where a picture states that alone', async () => {
    const plain = { create: { width: 8, height: 8, channels: 3, background: 'red' } } as const
    const bare = await sharp(plain).jpeg().toBuffer()
    // A header whose unit is none; twice as many go across as down.
    const header = Buffer.from('ffe000104a46494600010200000200010000', 'hex')
    const oblong = Buffer.concat([bare.subarray(0, 2), header, bare.subarray(2)])
    const results = await converted('a.jpg', oblong, stated)
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], stated))
    const shapes = all(({ path }) => {
      const said = exiftool(path)
      const [x, y] = [said['IFD0:XResolution'] ?? said['JFIF:XResolution'], said['IFD0:YResolution'] ?? said['JFIF:YResolution']]
      return Number(x) / Number(y)
    }, results)
    expect(shapes).toEqual(each(2, stated))
  })

  it('are not made up where a picture says none', async () => {
    const results = await converted('a.png', wordyPng({}), ['tiff', 'jpeg', 'png'])
    const units = all(({ path }) => exiftool(path)['IFD0:ResolutionUnit'] ?? exiftool(path)['JFIF:ResolutionUnit'], results)
    expect([units['tiff'], units['jpeg'], exiftool(results['png']?.path ?? '')['PNG-pHYs:PixelsPerUnitX']]).toEqual([
      1,
      0,
      undefined,
    ])
  })

  it('stay when nothing else is to be kept', async () => {
    const scan = await sharp(await photo())
      .withDensity(300)
      .jpeg()
      .toBuffer()
    const results = await converted('scan.jpg', scan, ['tiff', 'png'], { preserveMetadata: false })
    expect([
      exiftool(results['tiff']?.path ?? '')['IFD0:XResolution'],
      exiftool(results['png']?.path ?? '')['PNG-pHYs:PixelsPerUnitX'],
    ]).toEqual([300, 11_811])
  })
})
