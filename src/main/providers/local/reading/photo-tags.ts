/** What a photo says of itself, by its EXIF. Runs in the reading thread. Apart, so that its library is loaded when it is asked for. */
import { open } from 'node:fs/promises'
import exif from 'exifreader'
import type { TagName } from '../../../../shared/media-info.ts'
import { listed, type Tag } from '../media/tags.ts'

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

const names: Readonly<Partial<Record<TagName, readonly string[]>>> = {
  title: ['ImageDescription'],
  artist: ['Artist'],
  date: ['DateTimeOriginal', 'DateTime'],
  camera: ['Model', 'Make'],
  lens: ['LensModel'],
  copyright: ['Copyright'],
  software: ['Software'],
}

function photoTags(found: Readonly<Record<string, { readonly description?: unknown } | undefined>>): readonly Tag[] {
  const textOf = (name: string): string | undefined => {
    const text = found[name]?.description
    if (typeof text !== 'string' && typeof text !== 'number') return undefined
    // EXIF writes dates with colons.
    return String(text).replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3 ')
  }
  const [time, aperture, iso] = ['ExposureTime', 'FNumber', 'ISOSpeedRatings'].map(textOf)
  const exposure = [time && `${time} s`, aperture, iso && `ISO ${iso}`].filter((part) => part !== undefined && part !== '')
  return [...listed(names, textOf), ...(exposure.length === 0 ? [] : [{ name: 'exposure' as const, text: exposure.join(' · ') }])]
}
