/** Pictures as people have them: what is in them arrives, or the job says what it left; and what every viewer shows is converted. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { temporaryFolder } from '../support/folder.ts'
import { exiftool, framesSeen } from '../support/readers.ts'
import { all, converted, each } from './conversions.ts'
import {
  chunk,
  chunkyPng,
  harmless,
  heavyDrawing,
  numberedAvif,
  photo,
  rampTiff,
  stereoPhoto,
  tiffOf,
  turnedPhoto,
  withSegment,
  wordyPng,
  type TiffPage,
} from './make-images.ts'
import { pictureThings } from './make-picture-things.ts'

const targets = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const satisfies readonly FormatId[]

/** The largest difference in any channel. */
function distance(one: readonly number[], other: readonly number[]): number {
  return Math.max(...other.map((part, index) => Math.abs(part - (one[index] ?? Infinity))))
}

describe('faults that every viewer passes over', () => {
  it.for(Object.keys(harmless))('are no damage: %s', async (how) => {
    const sound = await photo()

    const results = await converted('photo.jpg', harmless[how]?.(sound) ?? sound, ['png', 'webp'])

    expect(all(({ end }) => end, results)).toEqual(each('done', ['png', 'webp']))
    const pixels = async (from: string | Buffer) => await sharp(from).removeAlpha().raw().toBuffer()
    expect((await pixels(results['png']?.path ?? '')).equals(await pixels(sound))).toBe(true)
  })

  it.for(Object.keys(harmless))('do not hide that a picture is cut off: %s', async (how) => {
    const cut = (await photo()).subarray(0, 9000)

    const results = await converted('photo.jpg', harmless[how]?.(cut) ?? cut, ['png'])

    expect(results['png']?.end).toContain('damaged')
  })

  it('are no damage: an alpha channel in which nothing is transparent', async () => {
    const opaque = { width: 40, height: 40, channels: 4, background: { r: 200, g: 10, b: 10, alpha: 1 } } as const
    const results = await converted('opaque.png', await sharp({ create: opaque }).png().toBuffer(), ['webp', 'tiff'])

    expect(all(({ end }) => end, results)).toEqual(each('done', ['webp', 'tiff']))
  })

  it('are no damage in a PNG and a WebP either', async () => {
    const broken = wordyPng({ Title: 'x' })
    // The sum of a text, which is behind the header: nobody needs it.
    broken.fill(0, 33 + 8 + 7, 33 + 8 + 11)
    // A last byte that only evens out the file.
    const webp = await evenOut()
    const png = await converted('a.png', broken, ['jpeg'])
    const short = await converted('a.webp', webp, ['jpeg'])
    expect([png['jpeg']?.end, short['jpeg']?.end]).toEqual(['done', 'done'])
  })

  /** Ends with a chunk of one byte, without the byte that evens it out. */
  async function evenOut(): Promise<Buffer> {
    const bytes = await sharp(await photo(60, 40))
      .webp()
      .toBuffer()
    bytes.writeUInt32LE(bytes.length - 8 + 10, 4)
    return Buffer.concat([bytes, Buffer.from('JUNK\x01\0\0\0x', 'latin1')])
  }
})

describe('a limit is called a limit', () => {
  it('of a format, with its number and the option that helps', async () => {
    const strip = await sharp({ create: { width: 20_000, height: 10, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const results = await converted('strip.png', strip, ['webp', 'avif', 'jpeg'])
    expect(results['webp']?.end).toMatch(/16,?383.*20,?000.*width/s)
    expect(results['avif']?.end).toMatch(/16,?384.*20,?000.*width/s)
    expect(results['jpeg']?.end).toBe('done')
  })

  it('of the renderer of drawings, which draws it smaller where that is asked for', async () => {
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="40000"><rect width="6" height="40000" fill="red"/></svg>'
    const whole = await converted('tall.svg', drawing, ['png'])
    const smaller = await converted('tall.svg', drawing, ['png'], { height: 4000 })
    expect(whole['png']?.end).toMatch(/32,?767.*40,?000.*height/s)
    expect(smaller['png']?.end).toBe('done')
  })

  it('and a photo of 12 MB inside a drawing is within it', async () => {
    const results = await converted('photo.svg', heavyDrawing(12), ['png'])
    const { width, height } = framesSeen(results['png']?.path ?? '')
    expect([results['png']?.end, width, height]).toEqual(['done', 200, 200])
  })
})

describe('numbers that are no colours', () => {
  const kinds: Readonly<Record<string, () => Buffer>> = {
    'grey light from 0 to 1': () => rampTiff(32, 3, 1, (to, at, x) => to.writeFloatLE(x / 63, at)),
    'colours of light from 0 to 1': () => rampTiff(32, 3, 3, (to, at, x) => to.writeFloatLE(x / 63, at)),
    'light beyond white': () => rampTiff(32, 3, 3, (to, at, x) => to.writeFloatLE((x / 63) * 8, at)),
    'depths with no value in places': () =>
      rampTiff(32, 3, 1, (to, at, x) => to.writeFloatLE(x === 20 ? Number.NaN : x * 10.5 - 100, at)),
    doubles: () => rampTiff(64, 3, 1, (to, at, x) => to.writeDoubleLE(x * 10.5 - 100, at)),
    heights: () => rampTiff(16, 2, 1, (to, at, x) => to.writeInt16LE(Math.round((x / 63) * 1500), at)),
    'heights below the sea': () => rampTiff(16, 2, 1, (to, at, x) => to.writeInt16LE((x - 32) * 100, at)),
    'wide numbers with a sign': () => rampTiff(32, 2, 1, (to, at, x) => to.writeInt32LE((x - 32) * 100_000, at)),
    'wide numbers without one': () => rampTiff(32, 1, 1, (to, at, x) => to.writeUInt32LE(x * 60_000_000, at)),
    'small numbers with a sign': () => rampTiff(8, 2, 1, (to, at, x) => to.writeInt8(x - 32, at)),
  }

  it.for(Object.keys(kinds))('become a ramp from black to white, with a word: %s', async (kind) => {
    const results = await converted('ramp.tif', kinds[kind]?.() ?? '', ['jpeg', 'png', 'webp'])

    expect(all(({ end, left }) => [end, left.includes('measured-samples') || left.includes('colour-depth')], results)).toEqual(
      each(['done', true], ['jpeg', 'png', 'webp']),
    )
    for (const { path } of Object.values(results)) {
      const [row = []] = rowSeen(path)
      expect([row[0], row[63]].map((value) => (value ?? 128) < 12 || (value ?? 128) > 243)).toEqual([true, true])
      expect((row[63] ?? 0) - (row[0] ?? 0)).toBeGreaterThan(235)
      const rising = row.filter((value, x) => x === 0 || value >= (row[x - 1] ?? 0) - 3)
      expect(rising.length).toBeGreaterThan(60)
    }
  })

  /** The red of a line from left to right. */
  function rowSeen(path: string): readonly (readonly number[])[] {
    const { at } = framesSeen(path)
    return [Array.from({ length: 64 }, (_, x) => at(x, 30)[0]?.[0] ?? -1)]
  }

  it.for(Object.keys(kinds))('stay what they are in a TIFF: %s', async (kind) => {
    const bytes = kinds[kind]?.() ?? Buffer.alloc(0)
    const results = await converted('ramp.tif', bytes, ['tiff'])
    expect([results['tiff']?.end, results['tiff']?.left]).toEqual(['done', []])
    expect((await readFile(results['tiff']?.path ?? '')).equals(bytes)).toBe(true)
  })

  it('are scaled, with a word, in a TIFF that is resized', async () => {
    const results = await converted('ramp.tif', kinds['heights']?.() ?? '', ['tiff'], { width: 32 })
    expect([results['tiff']?.end, results['tiff']?.left]).toEqual(['done', ['measured-samples']])
  })
})

describe('a PNG', () => {
  it('that says its light or its colors by numbers looks the same in every format', async () => {
    const long = (...values: readonly number[]) =>
      Buffer.from(values.flatMap((value) => [value >>> 24, value >> 16, value >> 8, value]))
    const linear = chunkyPng([128, 55, 200], [chunk('gAMA', long(100_000))])
    const adobe = [31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6000]
    const wide = chunkyPng([150, 100, 100], [chunk('gAMA', long(45_455)), chunk('cHRM', long(...adobe))])
    const usual = chunkyPng([150, 100, 100], [chunk('sRGB', Buffer.from([0])), chunk('gAMA', long(100_000))])
    const cases = [
      { png: linear, seen: [188, 128, 229] },
      { png: wide, seen: [166, 99, 99] },
      { png: usual, seen: [150, 100, 100] },
    ]
    for (const { png, seen } of cases) {
      const results = await converted('a.png', png, ['png', 'jpeg', 'webp'])
      for (const { path } of Object.values(results)) {
        // The profile applied.
        const pixels = await sharp(path).toColourspace('srgb').raw().toBuffer()
        expect(distance([...pixels.subarray(0, 3)], seen)).toBeLessThan(6)
      }
    }
  })

  it('is turned, and keeps what its camera said, also where that stands behind the pixels', async () => {
    const camera = Buffer.from(
      'II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0Cam\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0',
      'latin1',
    )
    const results = await converted('a.png', chunkyPng([9, 9, 9], [], [chunk('eXIf', camera)]), ['jpeg'])
    const told = exiftool(results['jpeg']?.path ?? '')
    expect(['IFD0:Make', 'IFD0:Orientation', 'File:ImageWidth'].map((name) => told[name])).toEqual(['Cam', 1, 4])
  })
})

it('a comment of an old program is read in its alphabet', async () => {
  const results = await converted('a.jpg', withSegment(await photo(), 0xfe, Buffer.from('Müller, Köln', 'latin1')), [
    'jpeg',
    'png',
  ])
  const [jpeg, png] = [exiftool(results['jpeg']?.path ?? ''), exiftool(results['png']?.path ?? '')]
  expect([jpeg['File:Comment'], png['PNG:Comment']]).toEqual(['Müller, Köln', 'Müller, Köln'])
})

describe('pages of a TIFF', () => {
  const [width, height] = [6, 4]
  /** Light at its first pixel; lying on its side. */
  function page(kind: 'grey' | 'rgb' | 'cmyk'): TiffPage {
    const channels = { grey: 1, rgb: 3, cmyk: 4 }[kind]
    const pixels = Buffer.alloc(width * height * channels, kind === 'cmyk' ? 255 : 0)
    pixels.fill(kind === 'cmyk' ? 0 : 255, 0, channels)
    const inEach = (value: number) => Array.from({ length: channels }, () => value)
    const tags: TiffPage['tags'] = {
      256: [3, [width]],
      257: [3, [height]],
      258: [3, inEach(8)],
      259: [3, [1]],
      262: [3, [{ grey: 1, rgb: 2, cmyk: 5 }[kind]]],
      274: [3, [6]],
      277: [3, [channels]],
      278: [3, [height]],
    }
    return { tags, pixels }
  }

  it('stand upright in one file, each in its own kind of colours', async () => {
    const results = await converted('pages.tif', tiffOf([page('cmyk'), page('grey'), page('rgb'), page('grey')]), ['tiff'])
    const path = results['tiff']?.path ?? ''
    const told = exiftool(path)
    const kinds = ['IFD0', 'IFD1', 'IFD2', 'IFD3'].map((name) =>
      ['PhotometricInterpretation', 'ImageWidth', 'ImageHeight', 'Orientation'].map((field) => told[`${name}:${field}`]),
    )
    expect([results['tiff']?.end, results['tiff']?.left, kinds]).toEqual([
      'done',
      [],
      [5, 1, 2, 1].map((kind) => [kind, height, width, 1]),
    ])
    for (const number of [1, 2, 3]) {
      const { data } = await sharp(path, { page: number }).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
      // The first pixel of a page that is turned by a quarter to the right stands at the end of the first line.
      expect([...data.subarray(0, height)]).toEqual([0, 0, 0, 255])
    }
  })
})

describe('a photo with more than a picture in it', () => {
  it('says that the second picture of a stereo photo is left', async () => {
    const results = await converted('a.jpg', stereoPhoto(await photo(), await photo()), ['webp', 'jpeg'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['other-pictures']], ['webp', 'jpeg']))
  })

  it('is no damage, but unsupported, where a sample has 12 bits', async () => {
    const sound = await photo()
    const fine = Buffer.from(sound)
    // The header of the frame: its kind, its length, the bits.
    const at = fine.indexOf(Buffer.from([0xff, 0xc0]))
    fine[at + 1] = 0xc1
    fine[at + 4] = 12
    const results = await converted('a.jpg', fine, ['png'])
    expect(results['png']?.end).toContain('cannot read this kind')
  })

  it('leaves its gain map with a word, and no text that speaks of it', async () => {
    const folder = await temporaryFolder()
    await pictureThings['gain-map'].make(join(folder, 'ultra.jpg'), folder)
    const results = await converted('ultra.jpg', await readFile(join(folder, 'ultra.jpg')), targets)
    expect(all(({ end, left }) => [end, left.includes('gain-map')], results)).toEqual(each(['done', true], targets))
    for (const { path } of Object.values(results)) {
      const text = (await readFile(path)).toString('latin1')
      expect([text.includes('hdrgm'), text.includes('Container:Directory'), text.includes('MPF\0')]).toEqual([
        false,
        false,
        false,
      ])
    }
  })

  it('leaves the film of a motion photo with a word, and keeps what else its XMP says', async () => {
    const xmp = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Camera="http://ns.google.com/photos/1.0/camera/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" Camera:MotionPhoto="1" Camera:MicroVideo="1" Camera:MicroVideoOffset="3024" tiff:Orientation="6" dc:source="a drawer"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Lake</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`
    const bytes = harmless['a film behind its end']?.(withSegment(await photo(), 0xe1, Buffer.from(xmp, 'latin1'))) ?? ''
    const kept = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
    const results = await converted('motion.jpg', bytes, kept)
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['motion']], kept))
    for (const { path } of Object.values(results)) {
      const text = (await readFile(path)).toString('latin1')
      const said = exiftool(path)
      expect([
        /MotionPhoto|MicroVideo/.test(text),
        said['XMP-tiff:Orientation'],
        said['XMP-dc:Source'],
        said['XMP-dc:Title'],
      ]).toEqual([false, undefined, 'a drawer', 'Lake'])
    }
  })

  it('has no small copy that lies on its side, and its maker says what it said', async () => {
    const kept = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
    const results = await converted('side.jpg', await turnedPhoto(), kept, { width: 100 })
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], kept))
    for (const { path } of Object.values(results)) {
      const said = exiftool(path)
      const small = Object.keys(said).filter((name) => name.startsWith('IFD1'))
      expect([small, said['IFD0:Orientation'] ?? 1]).toEqual([[], 1])
      expect((await readFile(path)).includes('maker says something of its own.')).toBe(true)
      expect(await sharp(path).metadata()).toMatchObject({ width: 100, height: 133 })
    }
  })
})

describe('colours that a file says by numbers', () => {
  it('of Display P3 look the same in every format', async () => {
    const results = await converted('p3.avif', await numberedAvif(12, 13), targets)
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], targets))
    for (const { path } of Object.values(results)) {
      // With the profile applied by the library, which had no part in making it.
      const seen = await sharp(path).toColourspace('srgb').removeAlpha().raw().toBuffer()
      expect(distance([...seen.subarray(0, 3)], [244, 41, 31])).toBeLessThan(12)
    }
  })

  it('of PQ and HLG become those of an ordinary screen, with a word', async () => {
    for (const transfer of [16, 18]) {
      const results = await converted('hdr.avif', await numberedAvif(9, transfer), ['jpeg', 'png'])
      expect(all(({ end, left }) => [end, left.includes('hdr')], results)).toEqual(each(['done', true], ['jpeg', 'png']))
      const [[r = 0, g = 255, b = 255] = []] = framesSeen(results['png']?.path ?? '').at(5, 5)
      expect([r > 200, g < r, b < r]).toEqual([true, true, true])
    }
  })
})

describe('texts in a PNG', () => {
  const prompt = 'a lighthouse, Steps: 20, Seed: 42'
  const elsewhere = ['jpeg', 'webp', 'avif', 'tiff'] as const

  it('stay chunks in a PNG, and are the comment of the EXIF elsewhere', async () => {
    const results = await converted('gen.png', wordyPng({ parameters: prompt }), [...elsewhere, 'png'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], [...elsewhere, 'png']))
    const said = all(({ path }) => exiftool(path)['ExifIFD:UserComment'] ?? exiftool(path)['PNG:Parameters'], results)
    expect(said).toEqual(each(prompt, [...elsewhere, 'png']))
  })

  it('are all there, by their keywords, however long and in whatever alphabet', async () => {
    const workflow = `{"nodes": ${JSON.stringify('x'.repeat(90_000))}}`
    const results = await converted('gen.png', wordyPng({ workflow, Title: '灯台' }), [...elsewhere, 'png'])
    expect(all(({ end }) => end, results)).toEqual(each('done', [...elsewhere, 'png']))
    for (const target of elsewhere) {
      const said = String(exiftool(results[target]?.path ?? '')['XMP-exif:UserComment'])
      expect([said.includes(`workflow: ${workflow}`), said.includes('Title: 灯台')]).toEqual([true, true])
    }
    const png = exiftool(results['png']?.path ?? '')
    expect([png['PNG:Workflow'] ?? png['PNG:workflow'], png['PNG:Title']]).toEqual([workflow, '灯台'])
  })

  it('are gone where nothing is to be kept, and left with a word where there is no place', async () => {
    const results = await converted('gen.png', wordyPng({ parameters: prompt }), targets, { preserveMetadata: false })
    for (const { path } of Object.values(results)) expect((await readFile(path)).includes('Steps: 20')).toBe(false)
    const gif = await converted('gen.png', wordyPng({ parameters: prompt }), ['gif'])
    expect(gif['gif']?.left).toEqual(['text-chunk'])
  })
})
