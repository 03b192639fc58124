/** A film, or a part of it, as a picture that moves. FFmpeg draws and writes it frame by frame, so that its length does not matter. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { MediaFacts, VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { qualityUnlessAsked } from '../images/pairings.ts'
import { isMovingPicture, opening } from '../media/demuxers.ts'
import { decodingLimits, type Ffmpeg } from '../media/ffmpeg.ts'
import { mapOf, type ShownStream } from '../media/frame.ts'
import { fpsUnlessAsked, heightUnlessAsked } from '../media/gif.ts'
import { deinterlacing, reading, toneMapping } from '../media/pixels.ts'
import { planTrim, wantedMs } from '../media/plan.ts'
import { holding, paceOf, planDecoders } from '../media/video.ts'
import { videoCodecs } from '../media/video-codecs.ts'
import { isAnimatedTarget, type AnimatedTarget } from './choice.ts'

export interface Animated {
  readonly path: string
  readonly facts: MediaFacts
  readonly picture: ShownStream
}

export async function animate(
  ffmpeg: Ffmpeg,
  { path, facts, picture }: Animated,
  order: ProviderOrder,
  report: Reporter,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const { options, target } = order
  if (!isAnimatedTarget(target)) throw new JobError('pair-unsupported', { from: order.from, target })
  const { stream, format } = picture
  const encoder = encoderOf(target, await ffmpeg.encoders(signal))
  const input = [...decodingLimits, ...planDecoders([stream]), ...planTrim(options, facts), ...opening(format, path)]
  const isUneven = isMovingPicture(format) && options.fps === undefined
  const output = [
    ...mapOf(stream),
    ...[
      '-vf',
      filtersOf(stream, target, options, isUneven ? holding({ from: format, options, lastsMs: facts.durationMs }) : null),
    ],
    ...(isUneven ? ['-fps_mode', 'vfr', '-enc_time_base', '-1'] : []),
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-c:v', encoder],
    ...planned[target](encoder, options),
  ]
  const temp = order.temp(0)
  const lastsMs = wantedMs(options, facts.durationMs)
  const frames = lastsMs === null ? null : Math.max(1, (lastsMs / 1000) * fpsOf(stream, options))
  report({ stage: 'converting', done: frames === null ? null : 0 })
  const progress = ({ frames: done }: { readonly frames: number }) =>
    report({ stage: 'converting', done: frames === null ? null : Math.min(1, done / frames) })
  await ffmpeg.convert({ args: [...input, ...output, `file:${temp}`], stdin: null, paths: [path, temp], progress }, signal)
  return [{ temp, name: null, format: target, bytes: (await stat(temp)).size }]
}

/** The best first; a build of FFmpeg need not have all. The other encoder of AV1 takes no pictures that are smaller than 64 pixels. */
const encoders: Readonly<Record<AnimatedTarget, readonly string[]>> = {
  webp: ['libwebp_anim'],
  avif: ['libaom-av1', 'libsvtav1'],
}

function encoderOf(target: AnimatedTarget, had: ReadonlySet<string>): string {
  const found = encoders[target].find((name) => had.has(name))
  if (found !== undefined) return found
  throw new JobError('tool-missing', { because: 'encoder-missing', program: 'FFmpeg', encoder: encoders[target].join(' / ') })
}

const planned: Readonly<Record<AnimatedTarget, (encoder: string, options: Options) => readonly string[]>> = {
  webp: (_, { lossless = false, imageQuality = qualityUnlessAsked.webp }) => [
    ...['-lossless', lossless ? '1' : '0', '-quality', String(imageQuality), '-compression_level', '4'],
    ...['-loop', '0', '-f', 'webp'],
  ],
  avif: (name, options) => [
    ...[
      '-crf',
      String(Math.round(((100 - (options.imageQuality ?? qualityUnlessAsked.avif)) * leastQuality) / 100)),
      '-b:v',
      '0',
    ],
    ...videoCodecs.av1.encoders.flatMap((encoder) =>
      encoder.name === name ? [...paceOf(encoder, 'av1', options).settings, ...encoder.settings] : [],
    ),
    ...['-f', 'avif'],
  ],
}
/** Of AV1, where 0 is the best. */
const leastQuality = 63

function fpsOf({ fps }: VideoStream, options: Options): number {
  return options.fps ?? Math.min(fps ?? fpsUnlessAsked, fpsUnlessAsked)
}

/** @param held filters that keep the times that the frames have; null: they become those of an even rate. */
function filtersOf(stream: VideoStream, target: AnimatedTarget, options: Options, held: readonly string[] | null): string {
  const { fps } = options
  const rate = fps === undefined ? `fps=min(source_fps\\,${fpsUnlessAsked})` : `fps=${fps}`
  return [
    ...deinterlacing(stream),
    ...(held ?? [rate]),
    ...(stream.hdr === true ? toneMapping : reading(stream)),
    `scale=${sizeOf(stream, options)}:flags=lanczos`,
    'setsar=1',
    ...pixelsOf(stream, target, options),
  ].join(',')
}

/** As large as asked for and no larger than it is, in square pixels. */
function sizeOf({ width, height, sampleAspect: [wide, high] = [1, 1] }: VideoStream, options: Options): string {
  const shown = { width: ((width ?? 16) * wide) / high, height: height ?? 9 }
  const { width: maxWidth = Infinity, height: maxHeight = options.width === undefined ? heightUnlessAsked : Infinity } = options
  const scale = Math.min(1, maxWidth / shown.width, maxHeight / shown.height)
  return [shown.width, shown.height].map((size) => Math.max(1, Math.round(size * scale))).join(':')
}

/** Viewers take the colours of the one for those of old television, whatever it was made of; the other says what they are. */
function pixelsOf({ hasAlpha, bitDepth = 8 }: VideoStream, target: AnimatedTarget, { lossless }: Options): readonly string[] {
  const sees = hasAlpha === true
  if (target === 'webp' && lossless === true) return [`format=${sees ? 'bgra' : 'bgr0'}`]
  if (target === 'webp') return ['scale=out_color_matrix=bt601:out_range=tv', `format=${sees ? 'yuva420p' : 'yuv420p'}`]
  const marks = 'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709'
  return ['scale=out_color_matrix=bt709:out_range=tv', `format=${bitDepth > 8 ? 'yuv420p10le' : 'yuv420p'}`, marks]
}
