/** What the reading thread does: tells what a file is, reads what it holds where a library here can, and writes its tags. */
import { statSync } from 'node:fs'
import { type FormatId, factsOf } from '../../../../shared/formats.ts'
import type { Chapter, MediaFacts, Tag } from '../../../../shared/media.ts'
import type { TaggedTargetId } from '../media/targets.ts'
import type { Alteration, Metadata, PictureData } from '../tags/metadata.ts'
import { protectedTracks } from './protection.ts'
import type { Recognised } from './recognise.ts'

export type ReadingTask =
  | { readonly kind: 'read'; readonly path: string }
  /** Tags and what is with them, of a file whose streams somebody else has read; `format` by content. */
  | { readonly kind: 'tags'; readonly path: string; readonly format: FormatId }
  /** The pictures among the tags. */
  | { readonly kind: 'pictures'; readonly path: string; readonly format: FormatId }
  /** What a photo says of itself. */
  | { readonly kind: 'photo tags'; readonly path: string }
  | WriteTask

/** Gives a result what describes its source. */
export interface WriteTask {
  readonly kind: 'write tags'
  /** The source, and what it is by content. */
  readonly path: string
  readonly format: FormatId
  /** What others have read of it. */
  readonly tags: readonly Tag[]
  readonly chapters: readonly Chapter[]
  readonly temp: string
  readonly target: TaggedTargetId
  readonly change: Alteration
  /** In the place of pictures that the target cannot hold, by their number among all. */
  readonly pictures: Readonly<Record<number, PictureData>>
}

export interface FileContents {
  readonly recognised: Recognised
  /** Length of the file. */
  readonly bytes: number
  /** Null where no library here can read it, for whatever reason; FFprobe may. */
  readonly facts: MediaFacts | null
}

export interface Answers {
  readonly read: FileContents
  readonly tags: TagFacts
  readonly pictures: readonly PictureData[]
  readonly 'photo tags': readonly Tag[]
  readonly 'write tags': null
}

type TagFacts = Pick<MediaFacts, 'tags' | 'pictures' | 'chapters' | 'broadcast' | 'foreign'>

/** Libraries are loaded when the first file asks for them. */
export async function perform(task: ReadingTask): Promise<Answers[ReadingTask['kind']]> {
  switch (task.kind) {
    case 'read':
      return await read(task.path)
    case 'tags':
      return await tagFacts(task.path, task.format)
    case 'pictures':
      return (await metadataOf(task.path, task.format)).pictures
    case 'photo tags':
      return await (await import('./photo-tags.ts')).readPhotoTags(task.path)
    case 'write tags': {
      await write(task)
      return null
    }
  }
}

async function read(path: string): Promise<FileContents> {
  const stats = statSync(path)
  const { size: bytes } = stats
  // Whoever opens a pipe waits for who writes to it.
  if (!stats.isFile() || bytes === 0) throw new Error('no file that could hold anything')
  const { recognise } = await import('./recognise.ts')
  const recognised = await recognise(path)
  if (recognised.kind !== 'format') return { recognised, bytes, facts: null }
  const { format } = recognised
  if (factsOf(format).family === 'image' || factsOf(format).family === 'document') return { recognised, bytes, facts: null }
  // A damaged file and one that a library does not understand look alike from here.
  const facts = await readBy(path, format, bytes).catch(() => null)
  if (facts === null) return { recognised, bytes, facts }
  const { joined } = await import('../tags/vocabulary.ts')
  const found = await tagFacts(path, facts.format)
  const tags = joined(found.tags, facts.tags)
  return { recognised: { kind: 'format', format: facts.format }, bytes, facts: { ...facts, ...found, tags } }
}

/** Which library reads what: in a few milliseconds, however long the file is. The rest is left to FFprobe. */
const byTags: ReadonlySet<FormatId> = new Set(['mp3', 'mp2', 'flac', 'ogg', 'opus', 'aiff', 'ape', 'm4a'])

async function readBy(path: string, format: FormatId, bytes: number): Promise<MediaFacts | null> {
  if (format === 'wav') return (await import('../tags/riff.ts')).readWave(path, bytes)
  // FFprobe reads what is encrypted, and says which of its streams are.
  if (!byTags.has(format) || (await protectedTracks(path, format)).includes(true)) return null
  const { readTaggedAudio } = await import('./tagged-audio.ts')
  return await readTaggedAudio(path, format, bytes)
}

async function tagFacts(path: string, format: FormatId): Promise<TagFacts> {
  const { metadataFacts } = await import('../tags/metadata.ts')
  return metadataFacts(await metadataOf(path, format))
}

/** Tags that cannot be read are no reason to lose the music. */
async function metadataOf(path: string, format: FormatId): Promise<Metadata> {
  const { readMetadata } = await import('../tags/read.ts')
  const { noMetadata } = await import('../tags/metadata.ts')
  return await readMetadata(path, format).catch(() => noMetadata)
}

async function write({ path, format, tags, chapters, temp, target, change, pictures }: WriteTask): Promise<void> {
  const { changed } = await import('../tags/metadata.ts')
  const { joined } = await import('../tags/vocabulary.ts')
  const { writeMetadata } = await import('../tags/write.ts')
  const own = await metadataOf(path, format)
  const whole = {
    ...own,
    tags: joined(own.tags, tags),
    chapters: own.chapters.length > 0 ? own.chapters : chapters,
    pictures: own.pictures.map((picture, n) => pictures[n] ?? picture),
  }
  writeMetadata(temp, target, changed(whole, change))
}
