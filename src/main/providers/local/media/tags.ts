/** What audio and video say of themselves, by FFprobe, in Beside's own vocabulary. */
import * as z from 'zod'
import type { FormatId } from '../../../../shared/formats.ts'
import { maxTagLength, type TagName } from '../../../../shared/media-info.ts'
import { isMediaSource, opening } from './demuxers.ts'
import type { Ffmpeg } from './ffmpeg.ts'

export interface Tag {
  readonly name: TagName
  readonly text: string
}

const tagged = z.object({ tags: z.record(z.string(), z.string()).catch({}) })
const streamSchema = tagged.extend({ codec_type: z.string().catch('') })
const answerSchema = z.object({ format: tagged.catch({ tags: {} }), streams: z.array(streamSchema).catch([]) })

/** FFmpeg's names, in the order of preference. */
const mediaTags: Readonly<Partial<Record<TagName, readonly string[]>>> = {
  title: ['title'],
  artist: ['artist', 'album_artist', 'author'],
  album: ['album'],
  track: ['track'],
  date: ['date', 'year', 'creation_time'],
  genre: ['genre'],
  composer: ['composer'],
  comment: ['comment', 'description'],
  copyright: ['copyright'],
}

export async function mediaTagsOf(ffmpeg: Ffmpeg, path: string, format: FormatId, signal: AbortSignal): Promise<readonly Tag[]> {
  if (!isMediaSource(format)) return []
  const { answer } = await ffmpeg.probe(
    ['-show_entries', 'format_tags:stream=codec_type:stream_tags', ...opening(format, path)],
    path,
    signal,
  )
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) return []
  // Ogg ties its tags to the audio; what the file says as a whole counts for more, and covers have comments of their own.
  const audioStreams = parsed.data.streams.filter(({ codec_type }) => codec_type === 'audio')
  const found = new Map<string, string>()
  for (const { tags } of [parsed.data.format, ...audioStreams]) {
    for (const [name, text] of Object.entries(tags)) if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), text)
  }
  return listed(mediaTags, (name) => found.get(name))
}

/** @param names what to look for, in the order of preference. */
export function listed(
  names: Readonly<Partial<Record<TagName, readonly string[]>>>,
  textOf: (name: string) => string | undefined,
): readonly Tag[] {
  return (Object.keys(names) as TagName[]).flatMap((name) => {
    const text = names[name]?.map((own) => textOf(own)?.trim() ?? '').find((each) => each !== '')
    return text === undefined ? [] : [{ name, text: text.slice(0, maxTagLength).toWellFormed() }]
  })
}
