/** What a photo says of itself, by its EXIF. Runs in the reading thread. Apart, so that its library is loaded when it is asked for. */
import { open } from 'node:fs/promises'
import exif from 'exifreader'
import type { Tag } from '../../../../shared/media.ts'

/** Every camera and every program writes them before the pixels. */
const maxBytes = 512 * 1024

export async function readPhotoTags(path: string): Promise<readonly Tag[]> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return photoTags(exif.load(buffer.subarray(0, bytesRead)))
  } catch {
    // Most pictures have none, and a damaged one shows what can be shown.
    return []
  } finally {
    await file.close()
  }
}

/** Names of the vocabulary, and those of EXIF in the order of preference. */
const names: Readonly<Record<string, readonly string[]>> = {
  TITLE: ['ImageDescription'],
  ARTIST: ['Artist'],
  DATE: ['DateTimeOriginal', 'DateTime'],
  CAMERA: ['Model', 'Make'],
  LENS: ['LensModel'],
  COPYRIGHT: ['Copyright'],
  SOFTWARE: ['Software'],
}

function photoTags(found: Readonly<Record<string, { readonly description?: unknown } | undefined>>): readonly Tag[] {
  const textOf = (name: string): string => {
    const text = found[name]?.description
    if (typeof text !== 'string' && typeof text !== 'number') return ''
    // EXIF writes dates with colons.
    return String(text)
      .replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3 ')
      .trim()
      .toWellFormed()
  }
  const [time = '', aperture = '', iso = ''] = ['ExposureTime', 'FNumber', 'ISOSpeedRatings'].map(textOf)
  const exposure = [time && `${time} s`, aperture, iso && `ISO ${iso}`].filter((part) => part !== '')
  const listed = Object.entries(names).flatMap(([name, own]) => {
    const text = own.map(textOf).find((each) => each !== '')
    return text === undefined ? [] : [{ name, values: [text] }]
  })
  return exposure.length === 0 ? listed : [...listed, { name: 'EXPOSURE', values: [exposure.join(' · ')] }]
}
