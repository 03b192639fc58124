/** A small picture of a picture, inside a worker. Nothing of the file is in it but pixels. */
import type { ThumbnailCall } from './call.ts'
import { openSource } from './source.ts'

export async function thumbnail({ source, from, pixels }: ThumbnailCall): Promise<Uint8Array> {
  const options = { width: pixels, height: pixels, preserveMetadata: false }
  const { image } = await openSource({ kind: 'convert', source, from, target: 'webp', page: 0, options, output: '' })
  return image
    .resize({ width: pixels, height: pixels, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .webp({ quality: 78, effort: 2 })
    .toBuffer()
}
