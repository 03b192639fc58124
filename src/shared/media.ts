/**
 * What a file holds: read once by the best reader of its format, used for planning, for progress, for the gate of a result, for what is
 * said of a file in the window and by `beside inspect`. What is not known is null, absent or an empty list that its reader vouches for;
 * a number that nobody read is never 0.
 */
import * as z from 'zod'
import { documentFactsSchema } from './document-facts.ts'
import { isFormatId, type FormatId } from './formats.ts'

export const formatSchema = z.custom<FormatId>(isFormatId, 'not a format that Beside knows')
const figure = z.number().nullable()
/** Lyrics and reports of rippers may be long; a library reads no more of one. */
const text = z.string().max(2 ** 24)

/** What a stream is for, in FFmpeg's words. */
export const streamRoles = [
  'default',
  'forced',
  'comment',
  'original',
  'dub',
  'lyrics',
  'karaoke',
  'hearing_impaired',
  'visual_impaired',
  'clean_effects',
  'descriptions',
  'captions',
] as const
export type StreamRole = (typeof streamRoles)[number]

const streamSchema = z.object({
  /** FFmpeg's name, e.g. `aac`, `h264`, `subrip`; the four letters of the container where FFmpeg knows none. */
  codec: z.string(),
  /** Its number among all streams of the file, from 0, as FFmpeg counts; absent where the file can hold but one. */
  index: z.number().int().optional(),
  /** As the file has it, mostly ISO 639-2; absent where it says nothing. */
  language: z.string().optional(),
  title: text.optional(),
  roles: z.array(z.enum(streamRoles)).readonly().optional(),
  /** First time stamp and end of the last packet, milliseconds; absent where nobody has looked. */
  startMs: z.number().optional(),
  endMs: z.number().optional(),
  /** What it holds before its beginning, which an edit list tells players to leave out, milliseconds; absent where there is next to none. */
  leadInMs: z.number().optional(),
  /** Encrypted: nobody can make anything of it without its key. */
  isProtected: z.literal(true).optional(),
  /** FFmpeg here has no decoder for it. */
  isOpaque: z.literal(true).optional(),
})

export const audioStreamSchema = streamSchema.extend({
  /** Hz, as it is decoded: HE-AAC states half of it in its header. */
  sampleRate: figure,
  channels: figure,
  /** FFmpeg's name, e.g. `5.1(side)`. */
  layout: z.string().optional(),
  /** Bits a sample; null where the codec has none. */
  bitDepth: figure,
  isFloat: z.literal(true).optional(),
  /** Several streams one after the other, as recordings of radio are: its decoder begins anew on the way. */
  isChained: z.literal(true).optional(),
  /** kbit/s. */
  bitrate: figure,
  /** Samples that a player leaves out at the beginning and at the end. */
  gapless: z.object({ delay: z.number(), padding: z.number() }).readonly().optional(),
})
export type AudioStream = Readonly<z.infer<typeof audioStreamSchema>>

/** FFmpeg's names; absent where the file does not say. */
export const colourSchema = z.object({
  primaries: z.string().optional(),
  transfer: z.string().optional(),
  matrix: z.string().optional(),
  range: z.enum(['tv', 'pc']).optional(),
})
export type Colour = Readonly<z.infer<typeof colourSchema>>

/** What a stream of video may carry besides its picture, as everybody calls it. */
export const videoExtras = ['Closed Captions', 'Dolby Vision', 'HDR10+', '360°', '3D'] as const
export type VideoExtra = (typeof videoExtras)[number]

export const videoStreamSchema = streamSchema.extend({
  /** Pixels, as shown (rotation applied; the shape of the pixels not). */
  width: figure,
  height: figure,
  /** Frames a second, on average. */
  fps: figure,
  /** Whether its frames last differently long. */
  hasVariableRate: z.boolean().optional(),
  /** How many frames, where the file says. */
  frames: z.number().int().optional(),
  /** Degrees clockwise that a player turns the picture by; absent where nobody has looked. */
  rotation: z.number().optional(),
  /** Whether its light is coded as PQ or HLG; absent where nobody has looked. */
  hdr: z.boolean().optional(),
  /** FFmpeg's name, e.g. `yuv420p10le`. */
  pixelFormat: z.string().optional(),
  /** Bits a channel. */
  bitDepth: z.number().optional(),
  colour: colourSchema.readonly().optional(),
  /** Display that it was mastered on, as x265 writes it: `G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)`, in 1/50,000 and 1/10,000 nit. */
  mastering: z.string().optional(),
  /** Brightest pixel and brightest average of a frame, nits. */
  lightLevel: z.object({ max: z.number(), average: z.number() }).readonly().optional(),
  extras: z.array(z.enum(videoExtras)).readonly().optional(),
  hasAlpha: z.boolean().optional(),
  /** Which line of a frame comes first where it is two fields of two moments. */
  fields: z.enum(['progressive', 'top', 'bottom']).optional(),
  /** Width of a pixel to its height. */
  sampleAspect: z.tuple([z.number(), z.number()]).readonly().optional(),
})
export type VideoStream = Readonly<z.infer<typeof videoStreamSchema>>

export const subtitleStreamSchema = streamSchema.extend({ kind: z.enum(['text', 'bitmap']) })
export type SubtitleStream = Readonly<z.infer<typeof subtitleStreamSchema>>

/** Data, time codes, and what the container names but FFmpeg knows no kind for. */
export const otherStreamSchema = streamSchema.extend({ kind: z.enum(['data', 'unknown']) })
export type OtherStream = Readonly<z.infer<typeof otherStreamSchema>>

export const attachmentSchema = z.object({
  /** Its number among all streams of the file. */
  index: z.number().int(),
  name: z.string(),
  /** MIME type. */
  type: z.string(),
})

/** What a picture among the tags shows, in the order of the numbers that ID3 and FLAC give them. */
export const pictureKinds = [
  'other',
  'file-icon',
  'other-file-icon',
  'front-cover',
  'back-cover',
  'leaflet',
  'medium',
  'lead-artist',
  'artist',
  'conductor',
  'band',
  'composer',
  'lyricist',
  'recording-location',
  'during-recording',
  'during-performance',
  'screen-capture',
  'fish',
  'illustration',
  'band-logo',
  'publisher-logo',
] as const
export type PictureKind = (typeof pictureKinds)[number]

export const pictureSchema = z.object({
  /** MIME type. */
  type: z.string(),
  kind: z.enum(pictureKinds),
  description: text.optional(),
  /** Absent where nobody has looked. */
  bytes: z.number().optional(),
  /** Where the file holds it as a stream: its number among all streams. */
  index: z.number().int().optional(),
})
export type Picture = Readonly<z.infer<typeof pictureSchema>>

export const chapterSchema = z.object({ startMs: z.number(), endMs: z.number().optional(), title: text })
export type Chapter = Readonly<z.infer<typeof chapterSchema>>

/** Names in capitals as Vorbis comments have them (`TITLE`, `ALBUMARTIST`, `TRACKNUMBER`), whatever the format; own fields keep theirs. */
export const tagSchema = z.object({ name: z.string(), values: z.array(text).readonly() })
export type Tag = Readonly<z.infer<typeof tagSchema>>

/** Kinds of metadata of pictures that are kept whole or not at all. */
export const imageMetadata = ['exif', 'maker-notes', 'location', 'xmp', 'iptc'] as const

export const imageFactsSchema = z.object({
  /** Pixels, as shown (EXIF orientation applied). */
  width: z.number(),
  height: z.number(),
  /** Frames of an animation, or pages of a document. */
  pages: z.number(),
  /** Whether these follow each other in time. */
  isAnimated: z.boolean().optional(),
  /** How long each frame of an animation is shown, ms. */
  delaysMs: z.array(z.number()).readonly().optional(),
  /** How often an animation is shown; 0: for ever. */
  loops: z.number().optional(),
  /** Bits a channel. */
  bitDepth: z.number().optional(),
  /** `signed` and `float` stand for measurements more often than for light. */
  samples: z.enum(['unsigned', 'signed', 'float']).optional(),
  channels: z.number().optional(),
  /** `srgb`, `b-w`, `cmyk`, … in the words of libvips. */
  space: z.string().optional(),
  /** Description of the ICC profile; empty where it has none. */
  profile: z.string().optional(),
  /** Colours said by numbers (ITU-T H.273) instead of a profile. */
  cicp: z.object({ primaries: z.number(), transfer: z.number(), matrix: z.number() }).readonly().optional(),
  hasAlpha: z.boolean().optional(),
  /** Of an animation: whether its first frame can be seen through; stills that are made of it show that one alone. */
  firstHasAlpha: z.boolean().optional(),
  hasGainMap: z.boolean().optional(),
  /** A picture of how far away everything is. */
  hasDepthMap: z.boolean().optional(),
  /** Pictures in the file besides the one that is shown, as the second half of a stereo photo. */
  otherPictures: z.number().optional(),
  /** A short film that goes with a photo. */
  hasMotion: z.boolean().optional(),
  /** Pixels an inch. */
  density: z.object({ x: z.number(), y: z.number() }).readonly().optional(),
  /** EXIF orientation, 1 to 8. */
  orientation: z.number().optional(),
  hasThumbnail: z.boolean().optional(),
  metadata: z.array(z.enum(imageMetadata)).readonly().optional(),
  /** Keywords of the text chunks. */
  texts: z.array(z.string()).readonly().optional(),
})
export type ImageFacts = Readonly<z.infer<typeof imageFactsSchema>>

/** Chunks of broadcast WAV. */
export const broadcastChunks = ['bext', 'iXML', 'cue'] as const

export const mediaFactsSchema = z.object({
  /** By content. */
  format: formatSchema,
  bytes: z.number(),
  /** Milliseconds as the file states them; null for stills and for streams that do not say. A hint: headers lie. */
  durationMs: figure,
  /** Where the file states none: a guess from its bitrate, good enough for a progress bar and for nothing else. */
  roughMs: z.number().optional(),
  audio: z.array(audioStreamSchema).readonly(),
  /** Moving pictures only, the one that a player shows first; cover art is not one. */
  video: z.array(videoStreamSchema).readonly(),
  subtitles: z.array(subtitleStreamSchema).readonly(),
  others: z.array(otherStreamSchema).readonly(),
  attachments: z.array(attachmentSchema).readonly(),
  image: imageFactsSchema.nullable(),
  /** Absent where it is no document, and nobody has looked into it as one. */
  document: documentFactsSchema.optional(),
  /** Cover art and its like. */
  pictures: z.array(pictureSchema).readonly(),
  chapters: z.array(chapterSchema).readonly(),
  tags: z.array(tagSchema).readonly(),
  broadcast: z.array(z.enum(broadcastChunks)).readonly(),
  /** What its format alone has a place for, by the names it has there, e.g. `PRIV`; absent where there is none. */
  foreign: z.array(z.string()).readonly().optional(),
  /** By what names it says where it was made besides its tags, as of a track or of a photo, e.g. `GPS`, `photoshop:City`; absent where there are none. */
  places: z.array(z.string()).readonly().optional(),
  /** Bytes are missing at its end: it states more than it holds. */
  isCutOff: z.literal(true).optional(),
})
export type MediaFacts = Readonly<z.infer<typeof mediaFactsSchema>>

/**
 * What two honest files of the same audio may differ by, ms: encoder delay, padding and a last partial frame. A share of what is short,
 * so that half of it cannot be missing.
 * @param headerShare of what a header says and nobody has counted.
 */
export function lengthSlackMs(lastsMs: number, headerShare = 0.02): number {
  return Math.max(150, Math.min(500, lastsMs * 0.1)) + lastsMs * headerShare
}

/**
 * The track that a player begins with, by its place among the tracks of audio: the one marked so, and never one that speaks about the
 * picture while there is another. Null where there is no audio.
 */
export function mainAudio({ audio }: Pick<MediaFacts, 'audio'>): number | null {
  const rank = ({ roles = [], isOpaque, isProtected }: AudioStream): number => {
    const isUnread = isOpaque === true || isProtected === true
    const isAbout = asides.some((role) => roles.includes(role))
    return (isUnread ? 0 : 4) + (isAbout ? 0 : 2) + (roles.includes('default') ? 1 : 0)
  }
  const [best] = audio.map((stream, index) => ({ index, rank: rank(stream) })).toSorted((one, other) => other.rank - one.rank)
  return best?.index ?? null
}

const asides: readonly StreamRole[] = [
  'comment',
  'descriptions',
  'visual_impaired',
  'hearing_impaired',
  'clean_effects',
  'karaoke',
]

/** A file of which no more is known; readers fill in what they find. */
export function emptyFacts(format: MediaFacts['format'], bytes: number): MediaFacts {
  const none = {
    audio: [],
    video: [],
    subtitles: [],
    others: [],
    attachments: [],
    pictures: [],
    chapters: [],
    tags: [],
    broadcast: [],
  }
  return { format, bytes, durationMs: null, image: null, ...none }
}

/** Whether FFmpeg's name of a transfer means light beyond what an ordinary screen shows. */
export function isHdrTransfer(transfer: string | undefined): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67'
}
