/** What the reading thread does: tells what a file is, and reads what it holds where a library here can. */
import { stat } from 'node:fs/promises'
import { formats, type FormatId } from '../../../../shared/formats.ts'
import type { MediaFacts, Tag } from '../../../../shared/media.ts'
import type { ContainerId } from './containers.ts'
import type { Recognised } from './recognise.ts'
import type { PictureData } from './tagged-audio.ts'

export type Task =
  | { readonly kind: 'read'; readonly path: string }
  /** The pictures among the tags; `format` by content. */
  | { readonly kind: 'pictures'; readonly path: string; readonly format: FormatId }
  /** What a photo says of itself. */
  | { readonly kind: 'photo tags'; readonly path: string }

export interface FileContents {
  readonly recognised: Recognised
  /** Null where no library here can read it, for whatever reason; FFprobe may. */
  readonly facts: MediaFacts | null
}

export interface Answers {
  readonly read: FileContents
  readonly pictures: readonly PictureData[]
  readonly 'photo tags': readonly Tag[]
}

/** Libraries are loaded when the first file asks for them. */
export async function perform(task: Task): Promise<Answers[Task['kind']]> {
  if (task.kind === 'read') return await read(task.path)
  if (task.kind === 'photo tags') return await (await import('./photo-tags.ts')).readPhotoTags(task.path)
  const { readPictures } = await import('./tagged-audio.ts')
  return await readPictures(task.path, task.format)
}

async function read(path: string): Promise<FileContents> {
  const { recognise } = await import('./recognise.ts')
  const recognised = await recognise(path)
  if (recognised.kind !== 'format') return { recognised, facts: null }
  const { format } = recognised
  if (formats[format].family === 'image' || formats[format].family === 'document') return { recognised, facts: null }
  const { size } = await stat(path)
  // A damaged file and one that a library does not understand look alike from here.
  const facts = await readBy(path, format, size).catch(() => null)
  return { recognised: { kind: 'format', format: facts?.format ?? format }, facts }
}

/** Which library reads what: in a few milliseconds, however long the file is. The rest is left to FFprobe. */
const byTags: ReadonlySet<FormatId> = new Set(['mp3', 'mp2', 'flac', 'ogg', 'opus', 'aiff', 'ape', 'wv', 'm4a'])
const byContainer: ReadonlySet<FormatId> = new Set<ContainerId>(['wav', 'aac'])

async function readBy(path: string, format: FormatId, bytes: number): Promise<MediaFacts | null> {
  if (byContainer.has(format)) {
    const { readContainer } = await import('./containers.ts')
    return await readContainer(path, format as ContainerId, bytes)
  }
  if (!byTags.has(format)) return null
  const { readTaggedAudio } = await import('./tagged-audio.ts')
  return await readTaggedAudio(path, format, bytes)
}
