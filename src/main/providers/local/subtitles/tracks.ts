/** Subtitles out of films: FFmpeg takes the tracks of text out as they are, and each becomes a file like any other subtitles. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { LocalEngine } from '../engine.ts'
import { isMediaSource, opening, type MediaSourceId } from '../media/demuxers.ts'
import type { Ffmpeg } from '../media/ffmpeg.ts'
import type { SubtitleFormat } from './pairings.ts'

export interface TrackPorts {
  readonly ffmpeg: Ffmpeg
  readonly inspect: (path: string, signal: AbortSignal) => Promise<MediaFacts>
  /** Of subtitles in files of their own. */
  readonly subtitles: LocalEngine
}

interface Track {
  readonly index: number
  readonly name: string
  readonly path: string
  readonly format: SubtitleFormat
}

export function createTracks({ ffmpeg, inspect, subtitles }: TrackPorts): LocalEngine {
  async function convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    if (order.source.kind !== 'file') throw new JobError('source-not-local')
    const { path } = order.source
    const facts = order.facts ?? (await inspect(path, signal))
    const { format } = facts
    if (!isMediaSource(format)) throw new JobError('source-unknown', { path })
    const folder = await mkdtemp(join(tmpdir(), 'beside-tracks-'))
    const parts: Part[] = []
    try {
      const tracks = tracksOf(facts, path, folder)
      report({ stage: 'converting', done: 0 })
      await unpack({ path, format }, tracks, signal)
      for (const [n, track] of tracks.entries()) {
        // One that holds nothing is there all the same where a film was made with room for it.
        const { size: bytes } = await stat(track.path)
        const source = { kind: 'file', path: track.path, bytes, mtimeMs: 0 } as const
        const options = { ...order.options, sourceEncoding: 'utf-8' }
        const temp = () => order.temp(parts.length)
        const asked = { ...order, source, from: track.format, facts: null, options, temp }
        const made = await subtitles
          .convert(asked, () => {}, signal)
          .catch((error: unknown) => {
            if (isEmpty(error)) return []
            throw error
          })
        parts.push(...made.map((part) => ({ ...part, name: track.name })))
        report({ stage: 'converting', done: (n + 1) / tracks.length })
      }
      if (parts.length === 0) throw new JobError('nothing-found', { path, because: 'no-subtitles' })
      return withDrawn(parts, facts)
    } catch (error) {
      await Promise.all(parts.map(async ({ temp }) => await rm(temp, { force: true })))
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async function unpack(
    { path, format }: { readonly path: string; readonly format: MediaSourceId },
    tracks: readonly Track[],
    signal: AbortSignal,
  ): Promise<void> {
    const outputs = tracks.flatMap((track) => [
      ...['-map', `0:${track.index}`, '-c:s', track.format === 'srt' ? 'srt' : 'copy'],
      ...['-f', muxers[track.format] ?? track.format, `file:${track.path}`],
    ])
    const paths = [path, ...tracks.map((track) => track.path)]
    await ffmpeg.convert({ args: [...opening(format, path), ...outputs], stdin: null, paths, progress: () => {} }, signal)
  }

  return {
    version: async () => null,
    // Where there are none, who writes down what is said comes before who says so.
    suits: ({ facts }) => facts === null || facts.subtitles.length > 0,
    convert,
    stop: async () => {},
  }
}

const muxers: Readonly<Partial<Record<SubtitleFormat, string>>> = { vtt: 'webvtt' }

/** What keeps its own form, styles with it; all other text comes as SubRip. */
const kept: Readonly<Record<string, SubtitleFormat>> = { ass: 'ass', ssa: 'ass', webvtt: 'vtt' }

/** Of several files the first says what none of them holds. */
function withDrawn(parts: readonly Part[], { subtitles }: Pick<MediaFacts, 'subtitles'>): readonly Part[] {
  const count = subtitles.filter(({ kind }) => kind === 'bitmap').length
  if (count === 0) return parts
  const remark = { code: 'drawn-subtitles-left', count } as const
  return parts.map((part, n) => (n === 0 ? { ...part, said: [...(part.said ?? []), remark] } : part))
}

/** @throws JobError where there is no text. */
function tracksOf({ subtitles }: Pick<MediaFacts, 'subtitles'>, path: string, folder: string): readonly Track[] {
  if (subtitles.some(({ isProtected }) => isProtected === true)) throw new JobError('source-protected', { path })
  const texts = subtitles.filter(({ kind, isOpaque }) => kind === 'text' && isOpaque !== true)
  if (subtitles.length === 0) throw new JobError('nothing-found', { path, because: 'no-subtitles' })
  const [first] = subtitles
  if (texts.length === 0 && first !== undefined) {
    if (first.kind === 'text') throw new JobError('source-unsupported', { path, because: 'codec-unknown', found: first.codec })
    throw new JobError('source-unsupported', { path, because: 'drawn-subtitles' })
  }
  const names = new Set<string>()
  return texts.map(({ index = 0, codec, language, title, roles = [] }, n) => {
    const told = [language, title, roles.includes('forced') ? 'forced' : undefined].filter((word) => word !== undefined)
    const plain = told.length === 0 ? String(n + 1) : told.join(' ')
    const name = names.has(plain.toLowerCase()) ? `${plain} ${n + 1}` : plain
    names.add(name.toLowerCase())
    const format = kept[codec] ?? 'srt'
    return { index, name, path: join(folder, `${n}.${format}`), format }
  })
}

function isEmpty(error: unknown): boolean {
  return (
    error instanceof JobError && error.failure.code === 'source-damaged' && error.failure.facts.because === 'nothing-readable'
  )
}
