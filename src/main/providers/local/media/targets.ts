/** What this machine writes, as data: the muxer of each format, the codecs that may stay as they are in it, and what else it holds. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { AudioCodecId } from './audio-codecs.ts'
import type { VideoCodecId } from './video-codecs.ts'

interface Muxing {
  readonly muxer: string
  readonly options: readonly string[]
}

export interface AudioHolder {
  readonly encode: AudioCodecId
  /** FFmpeg's names of the codecs that are taken over as they are. */
  readonly copies: readonly string[]
}

export interface AudioTarget extends Muxing {
  readonly kind: 'audio'
  readonly audio: AudioHolder
  readonly tags: Tagging
  /** Who writes chapters: FFmpeg as its muxer does, or Beside among the tags. */
  readonly chapters: 'muxer' | 'tags' | 'none'
  /** Kinds and size of pictures among its tags. */
  readonly pictures: Pictures
}

/**
 * Who writes tags: Beside once FFmpeg is done, or FFmpeg, as Matroska has them or by the names that it has for all other formats.
 * `none`: there is no place for any.
 */
export type Tagging = 'beside' | 'matroska' | 'plain' | 'none'

export interface Pictures {
  readonly types: readonly string[]
  readonly maxBytes: number
}

export interface VideoTarget extends Muxing {
  readonly kind: 'video'
  readonly audio: AudioHolder
  readonly tags: Tagging
  /** Whether it holds one track of audio alone. */
  readonly isOneTrack?: true
  readonly video: {
    /** The first is the default. */
    readonly encode: readonly [VideoCodecId, ...VideoCodecId[]]
    readonly copies: readonly string[]
    /** Whether it can say that the picture is to be turned; where it cannot, a turned picture is encoded upright. */
    readonly holdsRotation: boolean
    /** The frame rates of broadcasts are all that it knows. */
    readonly isBroadcast?: true
    /**
     * Few frames have their times written, or those that repeat the one before are left out: what can be read of a short one is far from
     * its length.
     */
    readonly isRoughlyTimed?: true
    /** A frame lasts until the next one comes; of the last nobody knows how long it does. */
    readonly isUntimed?: true
  }
  readonly subtitles: {
    readonly copies: readonly string[]
    /** What other subtitles in text become; null: they have no place. */
    readonly encode: string | null
  }
  /** Kinds of posters among its tags, or attached to it. */
  readonly pictures: Pictures
  /** Fonts for subtitles. */
  readonly attachments: 'kept' | 'none'
}

const littlePcm = ['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_f64le']
const bigPcm = ['pcm_s8', 'pcm_s16be', 'pcm_s24be', 'pcm_s32be', 'pcm_f32be', 'pcm_f64be']
const isoAudio = ['aac', 'mp3', 'ac3', 'eac3', 'alac']
const bitmapSubtitles = ['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle']

const anyPicture = { types: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp'], maxBytes: Infinity }
/** The length of a block of FLAC is counted in 24 bits. */
const blockPicture = { ...anyPicture, maxBytes: 2 ** 24 - 2 ** 12 }
const noPicture = { types: [], maxBytes: 0 }
const isoPicture = { types: ['image/jpeg', 'image/png'], maxBytes: Infinity }

/** Beside writes all tags of audio; FFmpeg is not to say who it is. Where it would number the streams of Ogg anew each time, it does. */
const untagged = ['-fflags', '+bitexact']
/** The index comes to the front together with the tags. */
const ipod = { muxer: 'ipod', options: untagged, tags: 'beside', chapters: 'muxer', pictures: isoPicture } as const
const mkvAudio = [...isoAudio, ...littlePcm, 'mp2', 'dts', 'truehd', 'flac', 'vorbis', 'opus']

const plain = { options: untagged, tags: 'plain', chapters: 'none', pictures: noPicture } as const
/** Raw streams, and what is older than tags. */
const bare = { options: untagged, tags: 'none', chapters: 'none', pictures: noPicture } as const

export const audioTargets = {
  mp3: {
    kind: 'audio',
    muxer: 'mp3',
    options: [...untagged, '-id3v2_version', '0'],
    audio: { encode: 'mp3', copies: ['mp3'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  aac: {
    kind: 'audio',
    muxer: 'adts',
    options: untagged,
    audio: { encode: 'aac', copies: ['aac'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  m4a: { kind: 'audio', ...ipod, audio: { encode: 'aac', copies: ['aac'] } },
  alac: { kind: 'audio', ...ipod, audio: { encode: 'alac', copies: ['alac'] } },
  wav: {
    kind: 'audio',
    muxer: 'wav',
    options: untagged,
    audio: { encode: 'pcm-le', copies: littlePcm },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  flac: {
    kind: 'audio',
    muxer: 'flac',
    options: untagged,
    audio: { encode: 'flac', copies: ['flac'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: blockPicture,
  },
  ogg: {
    kind: 'audio',
    muxer: 'ogg',
    options: [],
    audio: { encode: 'vorbis', copies: ['vorbis'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  opus: {
    kind: 'audio',
    muxer: 'opus',
    options: [],
    audio: { encode: 'opus', copies: ['opus'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  aiff: {
    kind: 'audio',
    muxer: 'aiff',
    options: untagged,
    audio: { encode: 'pcm-be', copies: bigPcm },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  mp2: {
    kind: 'audio',
    muxer: 'mp2',
    options: untagged,
    audio: { encode: 'mp2', copies: ['mp2'] },
    tags: 'beside',
    chapters: 'tags',
    pictures: anyPicture,
  },
  wma: {
    kind: 'audio',
    muxer: 'asf',
    options: untagged,
    audio: { encode: 'wma', copies: ['wmav1', 'wmav2', 'wmapro', 'wmalossless'] },
    tags: 'plain',
    chapters: 'muxer',
    pictures: noPicture,
  },
  ac3: { kind: 'audio', muxer: 'ac3', ...bare, audio: { encode: 'ac3', copies: ['ac3'] } },
  amr: { kind: 'audio', muxer: 'amr', ...bare, audio: { encode: 'amr', copies: ['amr_nb'] } },
  caf: { kind: 'audio', muxer: 'caf', ...plain, audio: { encode: 'pcm-be', copies: [...bigPcm, 'alac'] } },
  mka: {
    kind: 'audio',
    muxer: 'matroska',
    options: [],
    audio: { encode: 'aac', copies: mkvAudio },
    tags: 'matroska',
    chapters: 'muxer',
    pictures: noPicture,
  },
  au: { kind: 'audio', muxer: 'au', ...plain, audio: { encode: 'pcm-be', copies: bigPcm } },
  voc: { kind: 'audio', muxer: 'voc', ...bare, audio: { encode: 'pcm-16', copies: [] } },
  wv: { kind: 'audio', muxer: 'wv', ...plain, audio: { encode: 'wavpack', copies: ['wavpack'] } },
  tta: { kind: 'audio', muxer: 'tta', ...plain, audio: { encode: 'tta', copies: ['tta'] } },
} as const satisfies Partial<Record<FormatId, AudioTarget>>

/** Of formats that hold picture and sound alone. */
const poor = {
  kind: 'video',
  options: [],
  subtitles: { copies: [], encode: null },
  pictures: noPicture,
  attachments: 'none',
} as const

/** The index of MP4 and QuickTime comes to the front when Beside writes the tags. */
export const videoTargets = {
  mp4: {
    kind: 'video',
    muxer: 'mp4',
    options: [],
    tags: 'beside',
    audio: { encode: 'aac', copies: isoAudio },
    video: { encode: ['h264', 'h265', 'vp9', 'av1'], copies: ['h264', 'hevc', 'av1'], holdsRotation: true },
    subtitles: { copies: ['mov_text'], encode: 'mov_text' },
    pictures: isoPicture,
    attachments: 'none',
  },
  mov: {
    kind: 'video',
    muxer: 'mov',
    options: [],
    tags: 'beside',
    audio: { encode: 'aac', copies: [...isoAudio, ...littlePcm, ...bigPcm] },
    video: {
      encode: ['h264', 'h265', 'prores', 'dnxhr'],
      copies: ['h264', 'hevc', 'prores', 'dnxhd', 'mjpeg'],
      holdsRotation: true,
    },
    subtitles: { copies: ['mov_text'], encode: 'mov_text' },
    pictures: isoPicture,
    attachments: 'none',
  },
  mkv: {
    kind: 'video',
    muxer: 'matroska',
    options: [],
    tags: 'matroska',
    audio: {
      encode: 'aac',
      copies: mkvAudio,
    },
    video: {
      encode: ['h264', 'h265', 'vp9', 'av1'],
      copies: [
        'h264',
        'hevc',
        'vp8',
        'vp9',
        'av1',
        'mpeg1video',
        'mpeg2video',
        'mpeg4',
        'theora',
        'prores',
        'dnxhd',
        'mjpeg',
        'ffv1',
      ],
      holdsRotation: false,
    },
    subtitles: { copies: ['subrip', 'ass', 'ssa', 'webvtt', ...bitmapSubtitles], encode: 'srt' },
    pictures: anyPicture,
    attachments: 'kept',
  },
  webm: {
    kind: 'video',
    muxer: 'webm',
    options: [],
    tags: 'matroska',
    audio: { encode: 'opus', copies: ['opus', 'vorbis'] },
    video: { encode: ['vp9', 'av1'], copies: ['vp8', 'vp9', 'av1'], holdsRotation: false },
    subtitles: { copies: ['webvtt'], encode: 'webvtt' },
    pictures: noPicture,
    attachments: 'none',
  },
  avi: {
    ...poor,
    muxer: 'avi',
    tags: 'plain',
    audio: { encode: 'mp3', copies: ['mp3', 'mp2', 'ac3'] },
    video: { encode: ['mpeg4'], copies: ['mpeg4', 'mjpeg'], holdsRotation: false },
  },
  wmv: {
    ...poor,
    muxer: 'asf',
    tags: 'plain',
    audio: { encode: 'wma', copies: ['wmav1', 'wmav2', 'wmapro', 'wmalossless'] },
    video: { encode: ['wmv'], copies: ['wmv1', 'wmv2', 'wmv3', 'vc1'], holdsRotation: false },
  },
  mpeg: {
    ...poor,
    muxer: 'vob',
    tags: 'none',
    audio: { encode: 'mp2', copies: ['mp2', 'ac3'] },
    video: {
      encode: ['mpeg2'],
      copies: ['mpeg1video', 'mpeg2video'],
      holdsRotation: false,
      isBroadcast: true,
      isRoughlyTimed: true,
    },
  },
  ts: {
    ...poor,
    muxer: 'mpegts',
    tags: 'none',
    audio: { encode: 'aac', copies: ['aac', 'mp3', 'mp2', 'ac3', 'eac3'] },
    video: {
      encode: ['h264', 'h265'],
      copies: ['h264', 'hevc', 'mpeg1video', 'mpeg2video'],
      holdsRotation: false,
      isUntimed: true,
    },
    subtitles: { copies: ['dvb_subtitle'], encode: null },
  },
  flv: {
    ...poor,
    muxer: 'flv',
    tags: 'plain',
    isOneTrack: true,
    audio: { encode: 'aac', copies: ['aac'] },
    video: { encode: ['h264'], copies: ['h264', 'flv1', 'vp6f'], holdsRotation: false },
  },
  ogv: {
    ...poor,
    muxer: 'ogv',
    tags: 'plain',
    audio: { encode: 'vorbis', copies: ['vorbis'] },
    video: { encode: ['theora'], copies: ['theora'], holdsRotation: false, isRoughlyTimed: true },
  },
  '3gp': {
    kind: 'video',
    muxer: '3gp',
    options: [],
    tags: 'beside',
    audio: { encode: 'aac', copies: ['aac', 'amr_nb', 'amr_wb'] },
    video: { encode: ['h264', 'mpeg4'], copies: ['h264', 'h263', 'mpeg4'], holdsRotation: true },
    subtitles: { copies: ['mov_text'], encode: 'mov_text' },
    pictures: isoPicture,
    attachments: 'none',
  },
  // What is written for machines that cut is encoded for them, whatever it was.
  mxf: {
    ...poor,
    muxer: 'mxf',
    tags: 'none',
    audio: { encode: 'pcm-studio', copies: [] },
    video: { encode: ['mpeg2', 'dnxhr'], copies: [], holdsRotation: false, isBroadcast: true },
  },
} as const satisfies Partial<Record<FormatId, VideoTarget>>

export type AudioTargetId = keyof typeof audioTargets
type TaggedIn<T> = { [Id in keyof T]: T[Id] extends { readonly tags: 'beside' } ? Id : never }[keyof T]
/** Formats whose tags Beside writes itself, once FFmpeg is done. */
export type TaggedTargetId = TaggedIn<typeof audioTargets> | TaggedIn<typeof videoTargets>
export type VideoTargetId = keyof typeof videoTargets

/** How a format is written, or null where this machine writes none. `gif` is a matter of its own. */
export function targetOf(format: FormatId): AudioTarget | VideoTarget | null {
  if (Object.hasOwn(audioTargets, format)) return audioTargets[format as AudioTargetId]
  return Object.hasOwn(videoTargets, format) ? videoTargets[format as VideoTargetId] : null
}

export function isTagged(format: FormatId): format is TaggedTargetId {
  return targetOf(format)?.tags === 'beside'
}

/** MP4 and its relatives: they have edit lists, and tags as items. */
export function isIso({ muxer }: VideoTarget): boolean {
  return muxer === 'mp4' || muxer === 'mov' || muxer === '3gp'
}
