/**
 * Gives a result what describes its source, once FFmpeg has written its stream: pictures of a kind that the target cannot hold are
 * drawn anew, the rest goes in as it is. Apart from the run that makes the stream.
 */
import { JobError } from '../../../../shared/failure.ts'
import { mainAudio } from '../../../../shared/media.ts'
import type { Reader } from '../reading/reader.ts'
import type { PictureData } from '../tags/metadata.ts'
import { resultRate } from './audio.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import type { MediaJob } from './media.ts'
import type { AudioTarget, TaggedTargetId, VideoTarget } from './targets.ts'

export interface DescriptionPorts {
  readonly ffmpeg: Pick<Ffmpeg, 'draw'>
  readonly writer: Reader
}

export async function describeResult(
  ports: DescriptionPorts,
  target: AudioTarget | VideoTarget,
  job: MediaJob,
  signal: AbortSignal,
): Promise<void> {
  const { path, temp, facts, order } = job
  const { options } = order
  const main = mainAudio(facts) ?? 0
  const stream = facts.audio[main]
  const change = {
    options,
    fromRate: stream?.sampleRate ?? null,
    toRate: stream === undefined ? null : resultRate(stream, target.audio, { ...options, ...job.spending?.audio[main] }),
    lastsMs: facts.durationMs,
  }
  const { tags, chapters, format } = facts
  const pictures = options.preserveMetadata === false ? {} : await redrawn(ports, target, job, signal)
  const into = { temp, target: order.target as TaggedTargetId, change, pictures }
  const task = { kind: 'write tags', path, format, tags, chapters, ...into } as const
  await ports.writer.ask<'write tags'>(task, signal).catch((error: unknown) => {
    throw signal.aborted ? error : writingTrouble(error)
  })
}

/** Pictures of a kind that the target cannot hold, as JPEG; by their number among all. */
async function redrawn(
  { ffmpeg, writer }: DescriptionPorts,
  { pictures: held }: AudioTarget | VideoTarget,
  { path, facts }: MediaJob,
  signal: AbortSignal,
): Promise<Record<number, PictureData>> {
  const isOdd = (type: string, bytes: number) => !held.types.includes(type) || bytes > held.maxBytes
  if (!facts.pictures.some(({ type, bytes }) => isOdd(type, bytes ?? 0))) return {}
  const pictures = await writer.ask<'pictures'>({ kind: 'pictures', path, format: facts.format }, signal)
  const drawn: Record<number, PictureData> = {}
  for (const [n, picture] of pictures.entries()) {
    const { type, data } = picture
    if (!isOdd(type, data.length)) continue
    const args = ['-protocol_whitelist', 'pipe', '-f', demuxers[type] ?? 'image2pipe', '-i', 'pipe:0', ...asJpeg]
    // A picture that nobody can read is no reason to lose the music: it goes along as it is.
    const jpeg = await ffmpeg.draw({ args, stdin: data, paths: [path], progress: () => {} }, signal).catch(() => null)
    signal.throwIfAborted()
    if (jpeg !== null && jpeg.length > 0) drawn[n] = { ...picture, type: 'image/jpeg', data: jpeg }
  }
  return drawn
}

const demuxers: Readonly<Record<string, string>> = {
  'image/webp': 'webp_pipe',
  'image/gif': 'gif',
  'image/bmp': 'bmp_pipe',
  'image/png': 'png_pipe',
}
const asJpeg = ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2pipe', 'pipe:1']

function writingTrouble(error: unknown): unknown {
  if (!(error instanceof JobError) || error.failure.code !== 'source-damaged') return error
  const { reason = '' } = error.failure.facts
  if (/ENOSPC|EDQUOT/.test(reason)) return new JobError('disk-full', {}, { cause: error })
  return new JobError('tool-failed', { tool: 'Beside', reason }, { cause: error })
}
