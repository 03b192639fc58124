/**
 * What becomes of each thing that a file may hold in each format that this machine writes: the one table of what is kept, what changes
 * its form and what is left behind. The gate holds every result against it; `npm run contents` prints it into the documentation.
 */
import { belongsTo, things, type ContentItem, type Thing } from '../../../shared/things.ts'
import { isPlaceName } from '../../../shared/location.ts'
import { type FormatId, factsOf } from '../../../shared/formats.ts'
import type { Options } from '../../../shared/options.ts'
import type { Fate } from '../provider.ts'
import { holdsLanguage, isFont, ordinaryHandler, subtitleCodec } from './media/film.ts'
import { gainNames, opaqueFrames } from './tags/metadata.ts'
import { imageTargets, type ImageTarget } from './images/pairings.ts'
import { isMagickSource, magickTargets, type MagickTarget } from './magick/pairings.ts'
import { audioTargets, videoTargets, type AudioTargetId, type VideoTargetId } from './media/targets.ts'

export type LocalTarget = AudioTargetId | VideoTargetId | ImageTarget | MagickTarget

const audios = Object.keys(audioTargets) as AudioTargetId[]
const videos = Object.keys(videoTargets) as VideoTargetId[]
/** Whose tags Beside writes, into places of their own. */
const described = ['mp3', 'mp2', 'aac', 'm4a', 'alac', 'wav', 'flac', 'ogg', 'opus', 'aiff'] as const satisfies AudioTargetId[]
const lossy = ['mp3', 'mp2', 'aac', 'm4a', 'ogg', 'opus', 'wma', 'ac3', 'amr', 'mka'] as const satisfies AudioTargetId[]
const lossless = ['wav', 'flac', 'alac', 'aiff', 'caf', 'au', 'wv', 'tta'] as const satisfies AudioTargetId[]
/** Where pixels are made square. */
const squares: ReadonlySet<VideoTargetId> = new Set(['mpeg', 'wmv', 'mxf'])
/** Of the formats that films are kept in. */
const rich = ['mp4', 'mov', 'mkv', 'webm'] as const satisfies VideoTargetId[]
const stills = [...imageTargets, ...magickTargets]
/** Of what ImageMagick writes. */
const seeThrough = [
  'bmp',
  'ico',
  'icns',
  'jxl',
  'jp2',
  'psd',
  'tga',
  'exr',
  'dds',
  'qoi',
] as const satisfies readonly MagickTarget[]
const unprofiled = magickTargets.filter((target) => target !== 'psd')

export const localTargets: readonly LocalTarget[] = [...new Set<LocalTarget>([...audios, ...videos, ...stills])]

type Row = Readonly<Partial<Record<Exclude<Fate, 'unasked'>, readonly LocalTarget[]>>>

/** Every target whose family can hold the thing stands once in its row. */
const rows: Readonly<Record<Thing, Row>> = {
  // A player shows one picture; a second one is left.
  'video-track': { left: videos },
  'audio-track': { kept: videos.filter((target) => target !== 'flv'), left: audios },
  subtitles: { counted: [...rich, '3gp'] },
  'subtitle-style': { kept: ['mkv'], left: ['mp4', 'mov', 'webm'] },
  'bitmap-subtitles': { kept: ['mkv'], left: ['mp4', 'mov', 'webm'] },
  attachment: { kept: ['mkv'], left: ['mp4', 'mov', 'webm'] },
  // A time code is written anew where there is a place for it; of other data nobody knows the meaning.
  'data-stream': { changed: [...rich] },
  'opaque-stream': { left: [...audios, ...videos] },
  language: { kept: [...rich, '3gp', 'ts', 'wmv', 'ogv'] },
  'stream-title': { kept: [...rich, '3gp', 'avi'] },
  'stream-role': { kept: ['mp4', 'mkv', 'webm'], left: ['mov'] },

  // Of the others some have places for a few fields, and some for none.
  tag: { kept: [...described, 'wma', 'caf', 'mka', 'wv', 'tta', ...rich, 'wmv', 'flv', 'ogv', '3gp'] },
  lyrics: { kept: [...described, 'wma', 'caf', 'mka', 'wv', 'tta', ...rich, 'wmv', 'flv', 'ogv', '3gp'] },
  picture: {
    kept: ['mp3', 'mp2', 'aac', 'wav', 'flac', 'ogg', 'opus', 'aiff'],
    counted: ['m4a', 'alac', 'mp4', 'mov', 'mkv', '3gp'],
    left: ['webm'],
  },
  chapters: { kept: [...described, 'wma', 'mka', ...rich, 'wmv', '3gp'] },
  'format-data': { kept: ['mp3', 'mp2', 'aac', 'wav', 'aiff'], left: ['m4a', 'alac', 'flac', 'ogg', 'opus', ...videos] },
  broadcast: { kept: ['wav', 'flac'], left: ['mp3', 'aac', 'm4a', 'alac', 'ogg', 'opus', 'aiff', ...videos] },

  channels: { kept: [...lossless, 'ogg', 'aac', 'm4a', 'opus', 'ac3', 'mka', ...rich, 'ts', 'flv', 'ogv', '3gp', 'mxf'] },
  'sample-depth': { kept: lossless, changed: [...lossy, ...videos], left: ['voc'] },
  'float-samples': {
    kept: ['wav', 'aiff', 'caf', 'au', 'wv'],
    left: ['flac', 'alac', 'tta', 'voc'],
    changed: [...lossy, ...videos],
  },

  transparency: { kept: ['mkv', 'webm', 'gif', 'png', 'webp', 'avif', 'tiff', ...seeThrough], left: ['mp4', 'mov', 'jpeg'] },
  hdr: { kept: [...rich, 'ts'], left: stills },
  mastering: { kept: ['mp4', 'mov', 'mkv', 'ts'], left: ['webm'] },
  // They stand between the frames of a picture that is copied.
  'video-extra': { changed: ['mp4', 'mov', 'mkv', 'mpeg', 'ts', 'flv', '3gp', 'mxf'] },
  interlacing: { changed: [...videos, ...stills] },
  'pixel-shape': { kept: videos.filter((target) => !squares.has(target)), changed: [...squares, ...stills] },
  rotation: { changed: [...videos, ...stills] },
  'frame-times': { changed: [...videos, ...stills] },
  'colour-depth': { kept: ['webm', 'png', 'avif', 'tiff'], left: ['mp4', 'mov', 'mkv', 'jpeg', 'webp', 'gif'] },

  frames: { kept: ['gif', 'webp'], changed: videos, left: ['jpeg', 'png', 'avif', 'tiff'] },
  pages: { kept: stills },
  'measured-samples': { kept: ['tiff'], left: ['jpeg', 'png', 'webp', 'avif', 'gif'] },
  'colour-profile': { kept: ['jpeg', 'png', 'webp', 'avif', 'tiff', 'psd'], changed: ['gif', ...unprofiled, ...videos] },
  'gain-map': { left: stills },
  'depth-map': { left: stills },
  // Of an icon the other sizes, which an icon has anew.
  'other-pictures': { changed: ['ico', 'icns'], left: stills.filter((target) => target !== 'ico' && target !== 'icns') },
  motion: { left: stills },
  density: { kept: ['jpeg', 'png', 'tiff'], changed: ['webp', 'avif', 'gif', ...magickTargets] },
  thumbnail: { changed: stills },
  'text-chunk': { kept: ['png'], changed: ['jpeg', 'webp', 'avif', 'tiff'], left: ['gif'] },
  exif: { kept: ['jpeg', 'png', 'webp', 'avif', 'tiff', 'jxl'], left: ['gif'] },
  'maker-notes': { kept: ['jpeg', 'png', 'webp', 'avif', 'tiff', 'jxl'], left: ['gif'] },
  location: { kept: ['jpeg', 'png', 'webp', 'avif', 'tiff', 'jxl'], left: ['gif'] },
  xmp: { kept: ['jpeg', 'png', 'webp', 'avif', 'tiff', 'jxl'], left: ['gif'] },
  iptc: { kept: ['jpeg', 'tiff'], changed: ['png', 'webp', 'avif', 'jxl'], left: ['gif'] },
}

/** Thing by target; `unasked` where the family of the target holds no such thing. */
export const fates = tableOf()

function tableOf(): Readonly<Record<Thing, Readonly<Record<LocalTarget, Fate>>>> {
  const fateIn = (thing: Thing, target: LocalTarget): Fate => {
    if (!belongsTo(thing, factsOf(target).family)) return 'unasked'
    const found = Object.entries(rows[thing]).find(([, targets]) => targets.includes(target))
    return found === undefined ? 'left' : (found[0] as Fate)
  }
  const cells = (thing: Thing) => Object.fromEntries(localTargets.map((target) => [target, fateIn(thing, target)]))
  return Object.fromEntries(things.map((thing) => [thing, cells(thing)])) as ReturnType<typeof tableOf>
}

/** What `preserveMetadata=no` removes: what describes a file. Never what it takes to show it right: languages, names of attachments, colours. */
export const removable: ReadonlySet<Thing> = new Set([
  'tag',
  'lyrics',
  'picture',
  'chapters',
  'broadcast',
  'format-data',
  'stream-title',
  'thumbnail',
  'text-chunk',
  'exif',
  'maker-notes',
  'location',
  'xmp',
  'iptc',
])

/** What goes along between the formats that have ID3. */
const id3Frame = /^[A-Z0-9]{4}$/

/** What encoders of lossless formats keep of finer samples. */
const maxBits: Readonly<Partial<Record<FormatId, number>>> = {
  flac: 24,
  alac: 24,
  tta: 24,
  wav: 32,
  aiff: 32,
  caf: 32,
  au: 32,
  wv: 32,
}

/** What pictures and encoders of video hold of finer colours. */
const maxBitsOfColour: Readonly<Partial<Record<FormatId, number>>> = { png: 16, tiff: 16, avif: 12, heic: 10, webm: 10 }

/** Whether a TIFF is more than copied. */
function isDrawnAnew({ width, height, preserveMetadata, preserveLocation }: Options): boolean {
  const isAllKept = preserveMetadata !== false && preserveLocation !== false
  return width !== undefined || height !== undefined || !isAllKept
}

/**
 * What may tell a place in a way that nobody here can read, and is left where it does, and what may tell nothing else. Of the rest of a
 * file nothing is lost with it.
 */
function isLeftWithPlace({ thing, name }: ContentItem): boolean {
  if (thing === 'format-data') return opaqueFrames.has(name)
  if (thing === 'attachment') return !isFont(name)
  return withPlace.has(thing)
}

const withPlace: ReadonlySet<Thing> = new Set(['exif', 'maker-notes', 'xmp', 'iptc', 'broadcast', 'picture', 'subtitles'])

/** What ImageMagick reads with 8 bits, whatever is written of it. */
const countsInBytes: ReadonlySet<Thing> = new Set(['colour-depth', 'measured-samples'])

/** The fate of one content, with what was asked for. */
export function fateOf(content: ContentItem, target: FormatId, options: Options, from: FormatId | null = null): Fate {
  // One frame may be solid where others are not, and an encoder leaves out what hides nothing.
  const isFrame = from !== null && factsOf(from).family === 'video' && factsOf(target).family === 'image'
  if (content.thing === 'transparency') {
    // Of two layers FFmpeg writes the one with the colours.
    if (target === 'avif' && options.frames === 'animation') return 'left'
    if (isFrame && fates.transparency[target as LocalTarget] === 'kept') return 'changed'
  }
  if (countsInBytes.has(content.thing) && from !== null && isMagickSource(from)) return 'left'
  const fate = fateWithPlace(content, target, options)
  if (options.preserveLocation !== false) return fate
  const { thing, name } = content
  if (thing === 'location' || ((thing === 'tag' || thing === 'text-chunk') && isPlaceName(name))) return 'unasked'
  return (fate === 'kept' || fate === 'counted') && isLeftWithPlace(content) ? 'left' : fate
}

function fateWithPlace({ thing, name }: ContentItem, target: FormatId, options: Options): Fate {
  if (options.preserveMetadata === false && removable.has(thing)) return 'unasked'
  // One that is larger than all the rest has no room in a JPEG.
  if (thing === 'maker-notes') return 'left'
  if (thing === 'channels' && options.channels !== undefined) return 'unasked'
  if (thing === 'pages' && options.pages !== undefined) return 'unasked'
  if (thing === 'frames' && isOfFrames(options)) return 'unasked'
  // What has to be small may have to do with fewer.
  if ((thing === 'channels' || thing === 'measured-samples') && options.maxSize !== undefined) return 'left'
  // How much to turn up what is not any more.
  if (thing === 'tag' && options.normalize === true && gainNames.test(name)) return 'changed'
  if (thing === 'sample-depth' && options.bitDepth !== undefined) return 'unasked'
  // Whoever asks for fewer bits has not asked for what is louder than they can say to be cut off.
  if (thing === 'float-samples' && options.bitDepth !== undefined) return 'left'
  if (thing === 'colour-depth' && Number(name) > (maxBitsOfColour[target] ?? Infinity)) return 'left'
  // Where the encoder counts the time of frames otherwise than they came, those that look the same are not found again.
  if (thing === 'frames' && target === 'webp') return 'left'
  // A pixel is there or is not: of a picture that is a little transparent all over, all pixels are there.
  if (thing === 'transparency' && target === 'gif') return 'left'
  if (thing === 'measured-samples' && isDrawnAnew(options)) return 'left'
  // They are converted to the colours that are assumed where a file says nothing.
  if (thing === 'colour-profile' && options.preserveMetadata === false) return 'changed'
  if (thing === 'sample-depth' && Number(name) > (maxBits[target] ?? Infinity)) return 'left'
  if (thing === 'format-data' && !id3Frame.test(name)) return 'left'
  if (thing === 'chapters' && (options.trimStart !== undefined || options.trimEnd !== undefined)) return 'changed'
  if (isVideoTarget(target) && !holdsInVideo({ thing, name }, target, options)) return 'left'
  // Both are pictures in the same container.
  return fates[thing][(target === 'heic' ? 'avif' : target) as LocalTarget]
}

/** Whether somebody has said which frames are wanted. */
function isOfFrames({ frames, frameAt }: Options): boolean {
  return frames === undefined ? frameAt !== undefined : frames !== 'animation'
}

function isVideoTarget(target: FormatId): target is VideoTargetId {
  return Object.hasOwn(videoTargets, target)
}

/** Roles that containers have a mark for. */
const rolesIn: Readonly<Partial<Record<FormatId, ReadonlySet<string>>>> = {
  mp4: new Set(['dub', 'comment', 'hearing_impaired', 'visual_impaired', 'descriptions', 'captions', 'forced']),
  mkv: new Set(['original', 'comment', 'hearing_impaired', 'visual_impaired', 'forced']),
  webm: new Set(['forced']),
}
/** The most that any encoder of audio here takes. */
const maxChannels = 8

/** Whether a video of this kind can hold what is named so, with the codec that was asked for. */
function holdsInVideo({ thing, name }: ContentItem, target: VideoTargetId, { videoCodec }: Options): boolean {
  switch (thing) {
    case 'subtitles':
    case 'bitmap-subtitles':
      return subtitleCodec(name, videoTargets[target]) !== null
    // What was copied, or written anew, is not missing; of the rest a word is said.
    case 'data-stream':
    case 'video-extra':
      return false
    case 'language':
      return holdsLanguage(name, target)
    case 'stream-title':
      return (target !== 'mp4' && target !== 'mov' && target !== '3gp') || !ordinaryHandler.test(name)
    case 'stream-role':
      return rolesIn[target]?.has(name) === true
    case 'channels':
      return Number(name) <= maxChannels
    case 'transparency':
      return videoCodec === undefined || videoCodec === 'vp9'
    case 'hdr':
      return videoCodec !== 'h264'
    case 'mastering':
      return videoCodec === undefined || videoCodec === 'h265'
    default:
      return true
  }
}
