/**
 * Looks into a file, by content: audio and video in the reading thread, pictures by the picture library, the rest by FFprobe.
 * Apart, as the one place that chooses a reader.
 */
import { access, constants, stat } from 'node:fs/promises'
import { JobError, toFailure } from '../../../shared/failure.ts'
import { formatOfName, type FormatId, factsOf } from '../../../shared/formats.ts'
import { emptyFacts, type MediaFacts } from '../../../shared/media.ts'
import type { Inspect } from '../../engine/ports.ts'
import type { Inspector } from './engine.ts'
import { imageSources } from './images/pairings.ts'
import { isMediaSource } from './media/demuxers.ts'
import type { Ffmpeg } from './media/ffmpeg.ts'
import { probe } from './media/ffprobe.ts'
import type { Reader } from './reading/reader.ts'
import { joined } from './tags/vocabulary.ts'

export interface InspectPorts {
  readonly reader: Reader
  readonly ffmpeg: Ffmpeg
  readonly inspectImage: (path: string, format: FormatId, signal: AbortSignal) => Promise<MediaFacts>
  /** Of formats that are neither media nor pictures that the picture library reads. */
  readonly inspectors: readonly Inspector[]
}

export function createInspect({ reader, ffmpeg, inspectImage, inspectors }: InspectPorts): Inspect {
  const byFormat = new Map(inspectors.flatMap((inspector) => inspector.formats.map((format) => [format, inspector])))
  return async (path, signal, named) => {
    const { recognised, facts, bytes } = await reader
      .ask<'read'>({ kind: 'read', path }, signal)
      .catch(async (error: unknown) => {
        if (!signal.aborted) await refuseUnreadable(path)
        throw error
      })
    if (facts !== null) return facts
    // A result has no ending yet, by which alone these are told from outside.
    const unnamed = recognised.kind === 'other' && recognised.found === 'CFB' && named !== undefined && compound.has(named)
    if (unnamed) return (await byFormat.get(named)?.inspect(path, named, signal)) ?? emptyFacts(named, bytes)
    if (recognised.kind === 'other')
      throw new JobError('source-unsupported', { path, because: 'of-another-kind', found: recognised.found })
    if (recognised.kind === 'nothing') return await unrecognised(path, named ?? formatOfName(path), bytes, signal)
    const { format } = recognised
    const inspector = byFormat.get(format)
    if (inspector !== undefined) return await inspector.inspect(path, format, signal)
    if ((imageSources as readonly FormatId[]).includes(format)) return await inspectImage(path, format, signal)
    // Nobody here can look into it.
    if (!isMediaSource(format)) return emptyFacts(format, bytes)
    return await described(await probe(ffmpeg, path, format, signal), path, signal)
  }

  /** FFprobe tells one value of a name, and of pictures the streams; the reader of tags tells all of both. */
  async function described(facts: MediaFacts, path: string, signal: AbortSignal): Promise<MediaFacts> {
    const { pictures } = facts
    const found = await reader.ask<'tags'>({ kind: 'tags', path, format: facts.format }, signal)
    return {
      ...facts,
      tags: joined(found.tags, facts.tags),
      pictures:
        pictures.length === found.pictures.length
          ? found.pictures.map((picture, n) => ({ ...pictures[n], ...picture }))
          : pictures.length > 0
            ? pictures
            : found.pictures,
      chapters: facts.chapters.length > 0 ? facts.chapters : found.chapters,
      broadcast: found.broadcast,
      ...(found.foreign !== undefined && { foreign: found.foreign }),
    }
  }

  /** Text has no signature, and neither have raw streams: the name says what it is worth to be read as. */
  async function unrecognised(path: string, named: FormatId | null, bytes: number, signal: AbortSignal): Promise<MediaFacts> {
    if (named === null) throw new JobError('source-unknown', { path })
    const inspector = byFormat.get(named)
    if (inspector !== undefined && !signed.has(named)) return await inspector.inspect(path, named, signal)
    if (signed.has(named))
      throw new JobError('source-unknown', { path, because: 'not-what-it-says', expected: factsOf(named).title })
    if (!isMediaSource(named)) return emptyFacts(named, bytes)
    const facts = await probe(ffmpeg, path, null, signal).catch((cause: unknown) => {
      const isRefused =
        cause instanceof JobError && (cause.failure.code === 'source-damaged' || cause.failure.code === 'tool-failed')
      if (!isRefused) throw cause
      throw new JobError('source-unknown', { path, because: 'not-what-it-says', expected: factsOf(named).title }, { cause })
    })
    return await described(facts, path, signal)
  }
}

/** What begins with bytes that nothing else begins with: a file that does not is none. */
const signed: ReadonlySet<FormatId> = new Set([
  ...imageSources,
  'docx',
  'xlsx',
  'pptx',
  'odt',
  'ods',
  'odp',
  'xlsb',
  'pages',
  'numbers',
  'key',
  'epub',
  'zip',
  '7z',
  'rar',
  'psd',
  'woff',
  'woff2',
])

/** Files of Office before 2007, all of which are compound files. */
const compound: ReadonlySet<FormatId> = new Set(['doc', 'xls', 'ppt'])

/** Whether it is the file that is at fault, rather than what is in it: asked only where it could not be read. */
async function refuseUnreadable(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw codeOf(cause) === 'ENOENT' ? new JobError('source-missing', { path }, { cause }) : unreadable(cause, path)
  })
  if (!stats.isFile()) throw new JobError('source-not-file', { path, because: stats.isDirectory() ? 'a-folder' : 'a-device' })
  if (stats.size === 0) throw new JobError('source-empty', { path })
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw unreadable(cause, path)
  })
}

/** What has a code of its own, such as a link that leads in a circle, keeps it. */
function unreadable(cause: unknown, path: string): unknown {
  const known = toFailure(cause)
  return known.code === 'internal' ? new JobError('source-unreadable', { path, reason: codeOf(cause) }, { cause }) : cause
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
