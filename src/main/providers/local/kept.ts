/** Pure: what is carried over besides sound and picture: tags, cover art, chapters. */
import type { FormatId } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Options } from '../../../shared/options.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'

/** Ogg ties its tags to the stream instead of the file; FFmpeg would leave them behind. */
const tagsInStream: ReadonlySet<FormatId> = new Set(['ogg', 'opus', 'ogv'])
const isoSources: ReadonlySet<FormatId> = new Set(['m4a', 'alac', 'mp4', 'mov', '3gp'])
const isoMuxers: ReadonlySet<string> = new Set(['ipod', 'mp4', 'mov'])

/** What FFmpeg shows as tags of MP4 although it describes the container, and sample counts that hold for the old encoding alone. */
const isoFileTags = ['major_brand', 'minor_version', 'compatible_brands', 'iTunSMPB']
const isoStreamTags = ['handler_name', 'vendor_id']
/** How much a player should turn the old file up or down. */
const gainTags = [
  'REPLAYGAIN_TRACK_GAIN',
  'REPLAYGAIN_TRACK_PEAK',
  'REPLAYGAIN_ALBUM_GAIN',
  'REPLAYGAIN_ALBUM_PEAK',
  'R128_TRACK_GAIN',
  'R128_ALBUM_GAIN',
]

/** Where among FFmpeg's inputs the source is, and the tags that FFmpeg cannot write as comments by itself; null: there are none. */
export interface Inputs {
  readonly source: number
  readonly comments: number | null
}

export function planTags(
  facts: MediaFacts,
  target: AudioTarget | VideoTarget,
  options: Options,
  { source, comments }: Inputs,
): readonly string[] {
  if (options.preserveMetadata === false) return ['-map_metadata', '-1', '-map_chapters', '-1']
  const fromStream = tagsInStream.has(facts.format) && !tagsInStream.has(target.muxer as FormatId)
  const isoLeftovers = isoSources.has(facts.format) && !isoMuxers.has(target.muxer)
  const piped = comments === null ? [] : ['-map_metadata', String(comments)]
  const chapters = target.kind === 'audio' && target.chapters === 'comment' ? -1 : source
  return [
    ...(fromStream ? [...piped, '-map_metadata:g', `${source}:s:a:0`] : [...piped, '-map_metadata', String(source)]),
    // Left to itself FFmpeg takes them from whichever input has some.
    ...['-map_chapters', String(chapters)],
    ...(isoLeftovers ? [...without('', isoFileTags), ...without(':s:a', isoStreamTags)] : []),
    ...(options.normalize === true ? [...without('', gainTags), ...without(':s:a', gainTags)] : []),
  ]
}

function without(specifier: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`-metadata${specifier}`, `${name}=`])
}

/** Cover art as picture streams, for an output whose `before` first video streams are moving pictures. */
export interface Art {
  readonly map: readonly string[]
  readonly codec: readonly string[]
}

export function planArt(
  facts: MediaFacts,
  holds: 'stream' | 'comment' | 'none',
  { preserveMetadata }: Options,
  { source }: Pick<Inputs, 'source'>,
): Art {
  const pictures = facts.pictures ?? []
  // What is a frame of the film and what is its poster cannot be told apart where only the sound goes on.
  if (holds !== 'stream' || preserveMetadata === false || pictures.length === 0) return { map: [], codec: [] }
  const before = facts.video.length
  if (pictures.every((type) => type === 'image/jpeg' || type === 'image/png')) {
    const streams = pictures.map((_, index) => before + index)
    return {
      map: streams.flatMap((stream) => ['-map', `${source}:v:${stream}?`]),
      codec: streams.flatMap((stream) => [`-c:v:${stream}`, 'copy', `-disposition:v:${stream}`, 'attached_pic']),
    }
  }
  // No target holds GIF, BMP or WebP as art: the first picture is enough then.
  return {
    map: ['-map', `${source}:v:${before}?`],
    codec: [`-c:v:${before}`, 'mjpeg', `-q:v:${before}`, '2', `-disposition:v:${before}`, 'attached_pic'],
  }
}
