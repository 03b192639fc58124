/** The kinds of things that files hold, and how each is found again in another file. What holds which: `contents.ts`. */
import type { Family } from './formats.ts'

export const things = [
  // streams
  'video-track',
  'audio-track',
  'subtitles',
  'subtitle-style',
  'bitmap-subtitles',
  'attachment',
  'data-stream',
  'opaque-stream',
  'language',
  'stream-title',
  'stream-role',
  // among the tags
  'tag',
  'lyrics',
  'picture',
  'chapters',
  'broadcast',
  'format-data',
  // audio
  'channels',
  'sample-depth',
  'float-samples',
  // moving pictures
  'transparency',
  'hdr',
  'mastering',
  'video-extra',
  'interlacing',
  'pixel-shape',
  'rotation',
  'frame-times',
  'colour-depth',
  // pictures
  'frames',
  'pages',
  'measured-samples',
  'colour-profile',
  'gain-map',
  'depth-map',
  'other-pictures',
  'motion',
  'density',
  'thumbnail',
  'text-chunk',
  'exif',
  'maker-notes',
  'location',
  'xmp',
  'iptc',
] as const
export type Thing = (typeof things)[number]

/** How much may be said of one thing in a note. */
export const maxNames = 12

/** One thing in one file. */
export interface ContentItem {
  readonly thing: Thing
  /** Which of its kind, e.g. the name of a tag, the codec of a track, `16`; empty where there is but one. */
  readonly name: string
  /** Of a track, where the file says. */
  readonly language?: string | undefined
}

/** How a content is found again in the result, where there is none that is the same in all. */
export type MatchKind =
  /** One of the same name; of a tag, with the same values. */
  | 'name'
  /** Any of its thing: as many have to be there. */
  | 'count'
  /** A number that is not smaller. */
  | 'grade'
  /** A ratio that is as good as the same: containers round it. */
  | 'ratio'

interface Nature {
  readonly match: MatchKind
  /** Of what is graded: the number that is not worth naming. */
  readonly least?: number
  /** Families of formats that can hold it; to whoever asks for another, it was no part of what was asked for. */
  readonly of: readonly Family[]
}

const av = ['audio', 'video'] as const
const videoOnly = ['video'] as const
const seen = ['video', 'image'] as const
const stillOnly = ['image', 'document'] as const

const natures: Readonly<Record<Thing, Nature>> = {
  'video-track': { match: 'count', of: videoOnly },
  'audio-track': { match: 'count', of: av },
  subtitles: { match: 'count', of: videoOnly },
  'subtitle-style': { match: 'name', of: videoOnly },
  'bitmap-subtitles': { match: 'count', of: videoOnly },
  attachment: { match: 'name', of: videoOnly },
  'data-stream': { match: 'count', of: videoOnly },
  'opaque-stream': { match: 'count', of: av },
  language: { match: 'name', of: videoOnly },
  'stream-title': { match: 'name', of: videoOnly },
  'stream-role': { match: 'name', of: videoOnly },
  tag: { match: 'name', of: av },
  lyrics: { match: 'count', of: av },
  picture: { match: 'name', of: av },
  chapters: { match: 'grade', least: 0, of: av },
  broadcast: { match: 'name', of: av },
  'format-data': { match: 'name', of: av },
  channels: { match: 'grade', least: 1, of: av },
  'sample-depth': { match: 'grade', of: av },
  'float-samples': { match: 'count', of: av },
  transparency: { match: 'count', of: seen },
  hdr: { match: 'name', of: seen },
  mastering: { match: 'name', of: videoOnly },
  'video-extra': { match: 'name', of: videoOnly },
  interlacing: { match: 'count', of: seen },
  'pixel-shape': { match: 'ratio', of: seen },
  rotation: { match: 'name', of: seen },
  'frame-times': { match: 'count', of: seen },
  'colour-depth': { match: 'grade', least: 8, of: seen },
  // Encoders make one of frames that look the same; that they last as long is held against their lengths.
  frames: { match: 'count', least: 1, of: [...seen, 'document', 'markup'] },
  pages: { match: 'grade', least: 1, of: stillOnly },
  'measured-samples': { match: 'name', of: stillOnly },
  'colour-profile': { match: 'count', of: seen },
  'gain-map': { match: 'count', of: stillOnly },
  'depth-map': { match: 'count', of: stillOnly },
  'other-pictures': { match: 'grade', least: 0, of: stillOnly },
  motion: { match: 'count', of: stillOnly },
  density: { match: 'name', of: stillOnly },
  thumbnail: { match: 'count', of: stillOnly },
  'text-chunk': { match: 'name', of: stillOnly },
  exif: { match: 'count', of: stillOnly },
  'maker-notes': { match: 'count', of: stillOnly },
  location: { match: 'count', of: stillOnly },
  xmp: { match: 'count', of: stillOnly },
  iptc: { match: 'count', of: stillOnly },
}

/** Whether files of this family hold the thing at all. */
export function belongsTo(thing: Thing, family: Family): boolean {
  return natures[thing].of.includes(family)
}

/** How a content of the thing is found again. */
export function matchOf(thing: Thing): MatchKind {
  return natures[thing].match
}

/** Whether the name of the thing is a number, of which a result may have less. */
export function isGraded(thing: Thing): boolean {
  return natures[thing].match === 'grade' || natures[thing].least !== undefined
}

/** The number that contents have of a graded thing; null where it is not known. */
export function gradeIn(contents: readonly ContentItem[], thing: Thing): string | null {
  const found = contents.find((content) => content.thing === thing)?.name ?? natures[thing].least
  return found === undefined ? null : String(found)
}
