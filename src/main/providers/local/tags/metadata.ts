/**
 * Everything that describes a recording besides its streams, whole, with the bytes of its pictures: what a reader of tags gives and what
 * a writer takes. Pure: how it follows a cut, another sample rate, another loudness.
 */
import { pictureKinds, type Chapter, type MediaFacts, type PictureKind, type Tag } from '../../../../shared/media.ts'
import { isPlaceName } from '../../../../shared/location.ts'
import type { Options } from '../../../../shared/options.ts'
import { coverWithoutPlace } from '../images/location.ts'

/** A picture among the tags, whole. */
export interface PictureData {
  /** MIME type. */
  readonly type: string
  readonly kind: PictureKind
  readonly description: string
  readonly data: Uint8Array
}

/** One frame of ID3v2 by its name in 2.4, or one chunk of RIFF. */
export interface Piece {
  readonly id: string
  readonly data: Buffer
}

export interface Metadata {
  /** By the names of the vocabulary; the text of a song is `LYRICS`. */
  readonly tags: readonly Tag[]
  readonly pictures: readonly PictureData[]
  readonly chapters: readonly Chapter[]
  /** Chunks of broadcast WAV: `bext`, `iXML`, `cue `, and the `LIST` that names the marks. */
  readonly broadcast: readonly Piece[]
  /** Frames of ID3 that say what no other format has a place for. */
  readonly frames: readonly Piece[]
  /** What the format of the file alone has a place for and nobody carries over, by the names it has there. */
  readonly unwritten: readonly string[]
}

export const noMetadata: Metadata = { tags: [], pictures: [], chapters: [], broadcast: [], frames: [], unwritten: [] }

/** What is said of it in the model of a file. */
export function metadataFacts(metadata: Metadata): Pick<MediaFacts, 'tags' | 'pictures' | 'chapters' | 'broadcast' | 'foreign'> {
  const { tags, pictures, chapters, broadcast, frames, unwritten } = metadata
  const foreign = [...frames.map(({ id }) => id), ...unwritten]
  return {
    tags,
    pictures: pictures.map(({ type, kind, description, data }) => ({
      type,
      kind,
      bytes: data.length,
      ...(description !== '' && { description }),
    })),
    chapters,
    broadcast: broadcast.flatMap(({ id }) => chunkNames[id] ?? []),
    ...(foreign.length > 0 && { foreign }),
  }
}

const chunkNames: Readonly<Record<string, 'bext' | 'iXML' | 'cue'>> = { bext: 'bext', iXML: 'iXML', 'cue ': 'cue' }

export interface Alteration {
  readonly options: Options
  /** Samples a second before and after; null where nobody knows. */
  readonly fromRate: number | null
  readonly toRate: number | null
  readonly lastsMs: number | null
}

/** As it holds for what was made: chapters and marks move with a cut, counts of samples with the rate. */
export function changed(metadata: Metadata, { options, fromRate, toRate, lastsMs }: Alteration): Metadata {
  if (options.preserveMetadata === false) return noMetadata
  const ratio = fromRate === null || toRate === null ? 1 : toRate / fromRate
  const skipped = toRate === null ? 0 : Math.round(((options.trimStart ?? 0) / 1000) * toRate)
  const whole = options.preserveLocation === false ? withoutPlace(metadata) : metadata
  return {
    ...whole,
    tags: options.normalize === true ? whole.tags.filter(({ name }) => !gainNames.test(name)) : whole.tags,
    chapters: trimmed(whole.chapters, options, lastsMs),
    broadcast: whole.broadcast.map((piece) => resampled(piece, ratio, skipped, toRate)),
  }
}

/** Nobody can look into what programs have for themselves there; Adobe's write XMP into the first. */
export const opaqueFrames: ReadonlySet<string> = new Set(['PRIV', 'GEOB'])

function withoutPlace(metadata: Metadata): Metadata {
  return {
    ...metadata,
    tags: metadata.tags.filter(({ name }) => !isPlaceName(name)),
    pictures: metadata.pictures.flatMap(pictureWithoutPlace),
    broadcast: metadata.broadcast.flatMap((piece) => (piece.id === 'iXML' ? recorderWithoutPlace(piece) : piece)),
    frames: metadata.frames.filter(({ id }) => !opaqueFrames.has(id)),
  }
}

/** None where nobody here knows whether it tells a place. */
export function pictureWithoutPlace(picture: PictureData): readonly PictureData[] {
  const data = coverWithoutPlace(picture.type, picture.data)
  return data === null ? [] : [{ ...picture, data }]
}

/** What a recorder writes of where it stood, name or coordinates; none where its text is not written in bytes of their own. */
function recorderWithoutPlace({ id, data }: Piece): readonly Piece[] {
  if (data.subarray(0, 4).includes(0)) return []
  const text = data.toString('latin1').replaceAll(/<(LOCATION|recordingLoc|recStudio)\b[^>]*?(?:\/>|>.*?<\/\1\s*>)\s*/gis, '')
  return [{ id, data: Buffer.from(text, 'latin1') }]
}

/** How much a player should turn the old file up or down. */
export const gainNames =
  /^(REPLAYGAIN_(TRACK|ALBUM)_(GAIN|PEAK|RANGE)|REPLAYGAIN_REFERENCE_LOUDNESS|R128_(TRACK|ALBUM)_GAIN|ITUNNORM)$/

/** Chapters as they lie after the cut; the one that is running when it begins stays, from its beginning. */
function trimmed(
  chapters: readonly Chapter[],
  { trimStart = 0, trimEnd = Infinity }: Options,
  lastsMs: number | null,
): readonly Chapter[] {
  const stopMs = Math.min(trimEnd, lastsMs ?? Infinity)
  return chapters
    .filter(({ startMs }, index) => startMs < stopMs && (chapters[index + 1]?.startMs ?? Infinity) > trimStart)
    .map(({ startMs, endMs, title }) => ({
      startMs: Math.max(0, startMs - trimStart),
      ...(endMs !== undefined && { endMs: Math.min(endMs, stopMs) - trimStart }),
      title,
    }))
}

/** Counts of samples since midnight, and since the beginning, as they are at the new rate. */
function resampled({ id, data }: Piece, ratio: number, skipped: number, rate: number | null): Piece {
  const copy = Buffer.from(data)
  if (id === 'bext' && copy.length >= timeReferenceAt + 8) {
    const samples = Math.round(Number(copy.readBigUInt64LE(timeReferenceAt)) * ratio) + skipped
    copy.writeBigUInt64LE(BigInt(samples), timeReferenceAt)
  }
  if (id === 'cue ') return { id, data: resampledMarks(copy, ratio, skipped) }
  if (id === 'iXML' && rate !== null && ratio !== 1)
    return {
      id,
      data: Buffer.from(
        copy.toString('utf8').replace(/<((?:FILE|DIGITIZER|TIMESTAMP)_SAMPLE_RATE|TIMESTAMP_SAMPLE_RATE)>\d+</g, `<$1>${rate}<`),
      ),
    }
  return { id, data: copy }
}

/** In `bext`, behind description, originator, its reference, date and time. */
const timeReferenceAt = 256 + 32 + 32 + 10 + 8
const markBytes = 24

function resampledMarks(cue: Buffer, ratio: number, skipped: number): Buffer {
  const marks: Buffer[] = []
  for (let at = 4; at + markBytes <= cue.length; at += markBytes) {
    const mark = Buffer.from(cue.subarray(at, at + markBytes))
    const moved = (field: number) => Math.round(mark.readUInt32LE(field) * ratio) - skipped
    if (moved(20) < 0) continue
    // Its place in a play list, and its place among the samples.
    mark.writeUInt32LE(Math.max(0, moved(4)), 4)
    mark.writeUInt32LE(moved(20), 20)
    marks.push(mark)
  }
  const count = Buffer.alloc(4)
  count.writeUInt32LE(marks.length)
  return Buffer.concat([count, ...marks])
}

/** What programs that know nothing of `bext` look for, where no tag says otherwise. */
export function withBroadcastTags(metadata: Metadata): Metadata {
  const { tags, broadcast } = metadata
  const bext = broadcast.find(({ id }) => id === 'bext')?.data
  if (bext === undefined || bext.length < timeReferenceAt + 8) return metadata
  const field = (from: number, length: number) =>
    bext
      .toString('latin1', from, from + length)
      .replace(/\0.*$/s, '')
      .trim()
  const found = {
    DESCRIPTION: field(0, 256),
    ORIGINATOR: field(256, 32),
    ORIGINATOR_REFERENCE: field(288, 32),
    ORIGINATION_DATE: field(320, 10),
    ORIGINATION_TIME: field(330, 8),
    TIME_REFERENCE: String(bext.readBigUInt64LE(timeReferenceAt)),
    DATE: field(320, 10),
  }
  const more = Object.entries(found)
    .filter(([name, value]) => value !== '' && !tags.some((tag) => tag.name === name))
    .map(([name, value]) => ({ name, values: [value] }))
  return { ...metadata, tags: [...tags, ...more] }
}

/** The front cover first, for formats that tell no kinds apart. */
export function frontFirst(pictures: readonly PictureData[]): readonly PictureData[] {
  const rank = ({ kind }: PictureData) => (kind === 'front-cover' ? 0 : 1)
  return pictures.toSorted((one, other) => rank(one) - rank(other))
}

/** The number that ID3 and FLAC give a kind. */
export function kindNumber(kind: PictureKind): number {
  return pictureKinds.indexOf(kind)
}

/** Of `TRACKNUMBER` and `TRACKTOTAL`, or of both in one: `3/9`. */
export function pairOf(tags: readonly Tag[], number: string, total: string): string | null {
  const value = (name: string) => tags.find((tag) => tag.name === name)?.values[0]
  const [own, of] = [value(number), value(total)]
  if (own === undefined && of === undefined) return null
  return of === undefined || own?.includes('/') === true ? (own ?? null) : `${own ?? '0'}/${of}`
}
