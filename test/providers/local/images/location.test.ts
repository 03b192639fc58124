/** What of a photo tells a place, down to the bytes: what stays stays where it was, and what nobody can read goes. */
import { describe, expect, it } from 'vitest'
import { exifWithoutPlace, hasMakerNote, placesInExif } from '../../../../src/main/providers/local/images/exif-location.ts'
import { placesInXmp, xmpWithoutPlace } from '../../../../src/main/providers/local/images/xmp.ts'
import { isPlaceName } from '../../../../src/shared/location.ts'

interface Value {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** A place in the whole, or bytes. */
  readonly data: number | Buffer
}

/** A TIFF of directories, each at the place that it is given for, in either order of bytes. */
function exifOf(
  directories: Readonly<Record<number, readonly Value[]>>,
  isLittle: boolean,
  values: Readonly<Record<number, Buffer>>,
): Buffer {
  const exif = Buffer.alloc(800)
  const number = (at: number, value: number, bytes: 2 | 4) =>
    isLittle ? exif.writeUIntLE(value, at, bytes) : exif.writeUIntBE(value, at, bytes)
  exif.write(isLittle ? 'II*\0' : 'MM\0*', 'latin1')
  number(4, 8, 4)
  for (const [start, entries] of Object.entries(directories)) {
    number(Number(start), entries.length, 2)
    for (const [n, { tag, type, count, data }] of entries.entries()) {
      const at = Number(start) + 2 + n * 12
      number(at, tag, 2)
      number(at + 2, type, 2)
      number(at + 4, count, 4)
      if (typeof data === 'number') number(at + 8, data, 4)
      else data.copy(exif, at + 8)
    }
  }
  for (const [at, bytes] of Object.entries(values)) bytes.copy(exif, Number(at))
  return exif
}

const maker = { apple: Buffer.from('Apple iOS\0\0\x01MM held', 'latin1'), other: Buffer.from('Maker of Canaryville', 'latin1') }

function photo(isLittle: boolean, note: Buffer): Buffer {
  const directories = {
    8: [
      { tag: 0x010f, type: 2, count: 7, data: 300 },
      { tag: 0x8769, type: 4, count: 1, data: 100 },
      { tag: 0x8825, type: 4, count: 1, data: 200 },
    ],
    100: [
      { tag: 0x9003, type: 2, count: 20, data: 320 },
      { tag: 0x927c, type: 7, count: note.length, data: 360 },
    ],
    200: [
      { tag: 1, type: 2, count: 2, data: Buffer.from('N\0\0\0') },
      { tag: 2, type: 5, count: 3, data: 440 },
      { tag: 27, type: 7, count: 12, data: 480 },
    ],
  }
  const values = {
    300: Buffer.from('Beside\0'),
    320: Buffer.from('2024:05:06 07:08:09\0'),
    360: note,
    440: Buffer.alloc(24, 0x5a),
    480: Buffer.from('Canaryville!'),
  }
  return exifOf(directories, isLittle, values)
}

describe('EXIF', () => {
  it.each([true, false])('loses its place and the note of a maker, in place (little-endian: %s)', (isLittle) => {
    const before = photo(isLittle, maker.other)
    const after = exifWithoutPlace(before) ?? Buffer.alloc(0)

    expect([placesInExif(before), placesInExif(after), hasMakerNote(before), hasMakerNote(after)]).toEqual([
      ['GPS'],
      [],
      true,
      false,
    ])
    expect([after.includes('Canaryville'), after.includes(Buffer.alloc(8, 0x5a)), after.length]).toEqual([
      false,
      false,
      before.length,
    ])
    expect([after.toString('latin1', 300, 306), after.toString('latin1', 320, 339)]).toEqual(['Beside', '2024:05:06 07:08:09'])
  })

  it("keeps Apple's, which tells no place, where it stood", () => {
    const after = exifWithoutPlace(photo(false, maker.apple)) ?? Buffer.alloc(0)
    expect([hasMakerNote(after), after.subarray(360, 360 + maker.apple.length).equals(maker.apple)]).toEqual([true, true])
  })

  it('that cannot be read is none', () => {
    expect(exifWithoutPlace(Buffer.from('nothing of the kind'))).toBeNull()
  })

  it('of which directories lead into each other ends', () => {
    const loop = exifOf(
      {
        8: [
          { tag: 0x8825, type: 4, count: 1, data: 8 },
          { tag: 0x8769, type: 4, count: 1, data: 8 },
        ],
      },
      true,
      {},
    )
    const after = exifWithoutPlace(loop)
    expect(after === null ? [] : placesInExif(after)).toEqual([])
  })
})

const packet = (inside: string, attributes = '') =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:p.s="http://ns.adobe.com/photoshop/1.0/" xmlns:w="http://www.w3.org/2003/01/geo/wgs84_pos#"${attributes}>${inside}</rdf:Description></rdf:RDF></x:xmpmeta>`
const title = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">City of London</rdf:li></rdf:Alt></dc:title>'

describe('XMP', () => {
  it.each([
    ['attributes', packet(title, ' e:GPSLatitude="52,31N" p.s:City="Canaryville"')],
    ['elements', packet(`${title}<e:GPSLatitude>Canaryville</e:GPSLatitude><p.s:State>Canaryville</p.s:State>`)],
    ['a space of places', packet(`${title}<w:alt>Canaryville</w:alt><w:lat>52.5</w:lat>`)],
    ['a name without a prefix', packet(`${title}<City xmlns="http://ns.adobe.com/photoshop/1.0/">Canaryville</City>`)],
  ])('loses it from %s, and keeps a title that speaks of a city', (_, xmp) => {
    const after = xmpWithoutPlace(xmp) ?? ''
    expect([after.includes('Canaryville'), after.includes('52'), placesInXmp(after), after.includes(title)]).toEqual([
      ...[false, false, []],
      true,
    ])
  })

  it('that says nothing else is gone, and so is one that cannot be taken apart', () => {
    const alone = packet('', ' e:GPSLatitude="52,31N"')
    const broken = packet('<e:GPSLatitude>52<dc:title>a</dc:title>')
    expect([alone, broken].map(xmpWithoutPlace)).toEqual([null, null])
  })
})

it('names tell a place by what they mean, in whatever way programs write them', () => {
  const places = ['LOCATION', 'LOCATION-eng', 'com.apple.quicktime.location.ISO6709', 'Recording Location', 'RECORDING_LOCATION']
  const more = [
    'exif:GPSLatitude',
    'GPSCoordinates',
    'GEO_LAT',
    'drone-dji:GpsLongtitude',
    'Iptc4xmpExt:LocationShown',
    'ICNT',
    'VENUE',
  ]
  const others = [
    'TITLE',
    'RELEASECOUNTRY',
    'MusicBrainz Album Release Country',
    'ALLOCATION',
    'rdf:Alt',
    'CiAdrCity',
    'STATEMENT',
  ]
  expect([[...places, ...more].filter((name) => !isPlaceName(name)), others.filter(isPlaceName)]).toEqual([[], []])
})
