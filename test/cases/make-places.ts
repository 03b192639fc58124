/**
 * Files that say where they were made in every way that files have for it, written by ExifTool and FFmpeg. Words of each place hold one
 * that stands nowhere else, so that a trace of it is found wherever it is.
 */
import { execFileSync } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { mediaSource, ownSource } from '../support/media.ts'
import { written } from '../support/readers.ts'
import { fixture } from '../providers/local/images/studio.ts'
import { id3With, waveWith } from './make-tags.ts'

export const placeWord = 'Canaryville'

/** What stays: title, date, camera, copyright. */
const kept = [
  '-EXIF:Make=Beside',
  '-EXIF:Model=Sample',
  '-EXIF:Copyright=nobody',
  '-EXIF:DateTimeOriginal=2024:05:06 07:08:09',
  '-XMP-dc:Title=A boat',
  '-XMP-xmpRights:WebStatement=https://example.org/rights',
]
const inExif = [
  '-GPSLatitude=52.52',
  '-GPSLatitudeRef=N',
  '-GPSLongitude=13.405',
  '-GPSLongitudeRef=E',
  '-GPSAltitude=34',
  `-GPSProcessingMethod=${placeWord}`,
]
const inXmp = [
  '-XMP-exif:GPSLatitude=52.52',
  '-XMP-exif:GPSLongitude=13.405',
  `-XMP-exif:GPSAreaInformation=${placeWord}`,
  `-XMP-photoshop:City=${placeWord}`,
  `-XMP-photoshop:State=${placeWord}`,
  `-XMP-photoshop:Country=${placeWord}`,
  `-XMP-iptcCore:Location=${placeWord}`,
  '-XMP-iptcCore:CountryCode=XCV',
  `-XMP-iptcExt:LocationShown={City=${placeWord},CountryName=${placeWord},GPSLatitude=52.52}`,
  `-XMP-iptcExt:LocationCreated={City=${placeWord},ProvinceState=${placeWord},Sublocation=${placeWord}}`,
  '-XMP-drone-dji:GpsLatitude=52.52',
]
const inIptc = [
  '-IPTC:ObjectName=A boat',
  `-IPTC:City=${placeWord}`,
  `-IPTC:Sub-location=${placeWord}`,
  `-IPTC:Province-State=${placeWord}`,
  '-IPTC:Country-PrimaryLocationCode=XCV',
  `-IPTC:Country-PrimaryLocationName=${placeWord}`,
  `-IPTC:ContentLocationName=${placeWord}`,
]

/** 60 × 40, to be turned a quarter, in Display P3. @param more bytes of words, of which one segment holds 65,000. */
export async function placedPhoto(folder: string, more = 0): Promise<string> {
  const path = join(folder, 'photo.jpg')
  const thumbnail = join(folder, 'thumbnail.jpg')
  await sharp({ create: { width: 60, height: 40, channels: 3, background: '#c08040' } })
    .withIccProfile('p3')
    .jpeg()
    .toFile(path)
  await sharp({ create: { width: 16, height: 12, channels: 3, background: '#c08040' } })
    .jpeg()
    .toFile(thumbnail)
  written(path, [...kept, ...inExif, ...inXmp, ...inIptc, '-n', '-Orientation=6', `-ThumbnailImage<=${thumbnail}`])
  if (more > 0) {
    const words = join(folder, 'words.txt')
    await writeFile(words, 'words '.repeat(more / 6))
    written(path, [`-XMP-dc:Description<=${words}`])
  }
  return path
}

/** Of any kind that ExifTool writes. */
export async function placedPicture(folder: string, kind: 'png' | 'webp' | 'avif' | 'tiff' | 'gif' | 'heic'): Promise<string> {
  const path = join(folder, `picture.${kind}`)
  const image = sharp({ create: { width: 60, height: 40, channels: 3, background: '#c08040' } }).withIccProfile('p3')
  if (kind === 'heic') await copyFile(fixture('turned.heic'), path)
  else await image.toFormat(kind).toFile(path)
  written(path, [
    ...(kind === 'gif' ? [] : [...kept, ...inExif]),
    ...inXmp,
    '-XMP-dc:Title=A boat',
    ...(kind === 'tiff' ? inIptc : []),
    ...(kind === 'png' ? [`-PNG:Location=${placeWord}`, '-PNG:Comment=hello'] : []),
  ])
  return path
}

/** A film as phones write it, with a place of its tracks as well, in MP4 or QuickTime. */
export async function placedPhoneFilm(kind: 'mp4' | 'mov'): Promise<string> {
  const tags = [
    'title=A boat',
    'creation_time=2024-05-06T07:08:09Z',
    'com.apple.quicktime.make=Apple',
    'com.apple.quicktime.location.ISO6709=+52.5200+013.4050+034/',
    `com.apple.quicktime.location.name=${placeWord}`,
    'location=+52.5200+013.4050/',
    'location-deu=+52.5200+013.4050/',
  ].flatMap((tag) => ['-metadata', tag])
  const movflags = ['-movflags', '+use_metadata_tags']
  const path = await ownSource(`phone.${kind}`, [...filmed, ...tags, ...movflags, '-f', kind])
  written(path, [
    '-ItemList:GPSCoordinates=52.52 13.405 34',
    '-UserData:GPSCoordinates=52.52 13.405 34',
    `-UserData:LocationInformation=${placeWord}`,
  ])
  return path
}

const filmed = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=10:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
]

/** Matroska with Vorbis, whose header has tags of its own, subtitles of a drone, a track of a walk, a font and a cover. */
export async function placedMatroska(folder: string): Promise<string> {
  const vorbis = await ownSource('placed.ogg', [
    ...['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'libvorbis', '-metadata', `LOCATION=${placeWord}`, '-f', 'ogg'],
  ])
  const subtitles = join(folder, 'drone.srt')
  await writeFile(subtitles, `1\n00:00:00,000 --> 00:00:00,900\nGPS(13.4050,52.5200,34) ${placeWord}\n`)
  const spoken = join(folder, 'spoken.srt')
  await writeFile(spoken, '1\n00:00:00,000 --> 00:00:00,900\nThe GPS says 5 miles.\n')
  const [walk, font, cover] = ['walk.gpx', 'letters.ttf', 'cover.jpg'].map((name) => join(folder, name))
  await writeFile(walk ?? '', `<gpx><wpt lat="52.52" lon="13.405"><name>${placeWord}</name></wpt></gpx>`)
  await writeFile(font ?? '', 'letters')
  await writeFile(cover ?? '', await readFile(await placedPhoto(folder)))
  const attached = [
    ['walk.gpx', 'application/gpx+xml'],
    ['letters.ttf', 'font/ttf'],
    ['cover.jpg', 'image/jpeg'],
  ].flatMap(([name = '', type = ''], n) => ['-attach', join(folder, name), `-metadata:s:t:${n}`, `mimetype=${type}`])
  const tags = [
    ...['-metadata', 'title=A boat', '-metadata', `RECORDING_LOCATION=${placeWord}`, '-metadata', 'LATITUDE=52.52'],
    ...['-metadata:s:v:0', `LOCATION=${placeWord}`, '-metadata:s:a:0', 'title=Waves'],
  ]
  return await ownSource('placed.mkv', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=10:duration=1', '-i', vorbis, '-i', subtitles, '-i', spoken],
    ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map_metadata', '-1'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'copy', '-c:s', 'srt'],
    ...attached,
    ...tags,
    ...['-f', 'matroska'],
  ])
}

/** By Mutagen: fields and a cover in a FLAC. */
const withFields = `
import sys
from mutagen.flac import FLAC, Picture
path, cover, *fields = sys.argv[1:]
song = FLAC(path)
for field in fields:
    name, value = field.split('=', 1)
    song[name] = value
picture = Picture()
picture.type, picture.mime, picture.data = 3, 'image/jpeg', open(cover, 'rb').read()
song.add_picture(picture)
song.save()
`

/** Songs: fields of their own, frames of programs, a cover that is a photo. */
export async function placedSong(folder: string, kind: 'mp3' | 'm4a' | 'flac' | 'wav'): Promise<string> {
  const path = join(folder, `song.${kind}`)
  const cover = await placedPhoto(folder)
  switch (kind) {
    case 'mp3': {
      const text = (name: string, value: string) => Buffer.from(`\0${name}\0${value}`, 'latin1')
      const tag = id3With(3, [
        ['TIT2', Buffer.from('\0A boat', 'latin1')],
        ['TXXX', text('LOCATION', placeWord)],
        ['TXXX', text('Recording Location', placeWord)],
        ['TXXX', text('MOOD', 'calm')],
        ['PRIV', Buffer.from(`XMP\0<x>${placeWord}</x>`, 'latin1')],
        ['APIC', Buffer.concat([Buffer.from('\0image/jpeg\0\x03\0', 'latin1'), await readFile(cover)])],
      ])
      await writeFile(path, Buffer.concat([tag, await readFile(await mediaSource('mp3'))]))
      return path
    }
    case 'm4a':
      await copyFile(await mediaSource('m4a'), path)
      written(path, ['-ItemList:Title=A boat', '-ItemList:GPSCoordinates=52.52 13.405 34', `-ItemList:CoverArt<=${cover}`])
      return path
    case 'flac': {
      await copyFile(await mediaSource('flac'), path)
      const fields = ['TITLE=A boat', `LOCATION=${placeWord}`, `VENUE=${placeWord}`, 'GEO_LAT=52.52', 'MOOD=calm']
      execFileSync('/usr/bin/python3', ['-c', withFields, path, cover, ...fields])
      return path
    }
    case 'wav': {
      const ixml = `<BWFXML><SCENE>A boat</SCENE><LOCATION><LOCATION_NAME>${placeWord}</LOCATION_NAME></LOCATION></BWFXML>`
      await writeFile(path, waveWith({ iXML: Buffer.from(ixml) }))
      return path
    }
  }
}
