/**
 * Writes what describes a recording into a file that FFmpeg has just written without any of it: whatever its length, no more of it is
 * moved than what lies behind the tags. Apart, as the one place that chooses a writer; in a thread of its own.
 */
import type { Tag } from '../../../../shared/media.ts'
import type { TaggedTargetId } from '../media/targets.ts'
import { insert } from './bytes.ts'
import { id3Tag } from './id3.ts'
import { withBroadcastTags, type Metadata, type Piece } from './metadata.ts'
import { writeItems } from './mp4.ts'
import { writeOggComments } from './ogg.ts'
import { blocksOf } from './read.ts'
import { appendChunks } from './riff.ts'
import { flacBlocks } from './vorbis.ts'

/** @param path of a result that nobody has looked at yet. */
export function writeMetadata(path: string, target: TaggedTargetId, given: Metadata): void {
  const metadata = target === 'wav' ? given : withBroadcastTags(given)
  switch (target) {
    case 'mp3':
    case 'mp2':
    case 'aac': {
      const tag = id3Tag(metadata)
      if (tag !== null) insert(path, 0, 0, tag)
      return
    }
    case 'aiff':
      return append(path, id3Pieces('ID3 ', metadata))
    case 'wav':
      return append(path, [...metadata.broadcast, ...infoList(metadata.tags), ...id3Pieces('id3 ', metadata)])
    case 'flac': {
      const written = blocksOf(path)
      const before = written.reduce((sum, { data }) => sum + 4 + data.length, 0)
      return insert(path, 4, before, flacBlocks(written, metadata))
    }
    case 'ogg':
    case 'opus':
      return writeOggComments(path, metadata)
    case 'm4a':
    case 'alac':
      return writeItems(path, metadata)
    case 'mp4':
    case 'mov':
    case '3gp':
      return writeItems(path, { ...metadata, tags: metadata.tags.filter(({ name }) => !byFfmpeg.test(name)) })
  }
}

/** What films say of when and where they were taken has places of its own in MP4, which FFmpeg knows. */
const byFfmpeg = /^(COM\.(APPLE|ANDROID)\..*|LOCATION|LOCATION-.*|CREATION_TIME)$/

function append(path: string, pieces: readonly Piece[]): void {
  if (pieces.length > 0) appendChunks(path, pieces)
}

function id3Pieces(id: string, metadata: Metadata): readonly Piece[] {
  const data = id3Tag(metadata)
  return data === null ? [] : [{ id, data }]
}

/** What programs read that know nothing of ID3 in a WAV. */
const infoNames: Readonly<Record<string, string>> = {
  TITLE: 'INAM',
  ARTIST: 'IART',
  ALBUM: 'IPRD',
  COMMENT: 'ICMT',
  DATE: 'ICRD',
  GENRE: 'IGNR',
  TRACKNUMBER: 'IPRT',
  COPYRIGHT: 'ICOP',
  LANGUAGE: 'ILNG',
}

function infoList(tags: readonly Tag[]): readonly Piece[] {
  const fields = tags.flatMap(({ name, values }) => {
    const id = infoNames[name]
    if (id === undefined) return []
    const data = Buffer.from(`${values.join('; ')}\0`)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(data.length)
    return [Buffer.concat([Buffer.from(id, 'latin1'), size, data, Buffer.alloc(data.length % 2)])]
  })
  return fields.length === 0 ? [] : [{ id: 'LIST', data: Buffer.concat([Buffer.from('INFO'), ...fields]) }]
}
