/**
 * The pictures of a film as files beside its result, for FFmpeg to attach: it does not hand on what Matroska has attached as pictures.
 * Apart, as the one thing of a film that has to be unpacked first.
 */
import { rm, writeFile } from 'node:fs/promises'
import type { Picture } from '../../../../shared/media.ts'
import { pictureWithoutPlace } from '../tags/metadata.ts'
import type { Reader } from '../reading/reader.ts'
import type { Poster } from './film.ts'
import type { MediaJob } from './media.ts'

export interface Posters {
  readonly posters: readonly Poster[]
  /** Removes the files. */
  clear(): Promise<void>
}

export async function unpackPosters(reader: Reader, { path, facts, order }: MediaJob, signal: AbortSignal): Promise<Posters> {
  const isWanted = facts.pictures.length > 0 && order.options.preserveMetadata !== false
  const held = isWanted ? await reader.ask<'pictures'>({ kind: 'pictures', path, format: facts.format }, signal) : []
  const described = held.map((picture, n) => {
    const { description } = held.length === facts.pictures.length ? (facts.pictures[n] ?? picture) : picture
    return { ...picture, description: description ?? '' }
  })
  const found = order.options.preserveLocation === false ? described.flatMap(pictureWithoutPlace) : described
  const posters = found.map((picture, n): Poster => {
    return { path: order.temp(n + (order.options.maxSize === undefined ? 1 : 2)), name: nameOf(picture, n), type: picture.type }
  })
  const clear = async (): Promise<void> => {
    for (const poster of posters) await rm(poster.path, { force: true })
  }
  try {
    for (const [n, { data }] of found.entries()) await writeFile(posters[n]?.path ?? '', data, { flag: 'wx' })
    return { posters, clear }
  } catch (error) {
    await clear()
    throw error
  }
}

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
}

/** Matroska tells a cover by its name. */
function nameOf({ description, kind, type }: Pick<Picture, 'description' | 'kind' | 'type'>, n: number): string {
  if (description !== undefined && /\.\w{2,4}$/.test(description)) return description
  return `${n === 0 ? 'cover' : `${kind}-${n + 1}`}.${endings[type] ?? 'bin'}`
}
