/** What this machine writes, as data: the muxer of each format, the codecs that may stay as they are in it, and what else it holds. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { AudioCodecId } from './audio.ts'
import type { VideoCodecId } from './video.ts'

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
  /** Who writes chapters: FFmpeg as a track of their own, or Beside among the tags. */
  readonly chapters: 'muxer' | 'tags'
  /** Kinds and size of pictures among its tags. */
  readonly pictures: Pictures
}

export interface Pictures {
  readonly types: readonly string[]
  readonly maxBytes: number
}

export interface VideoTarget extends Muxing {
  readonly kind: 'video'
  readonly audio: AudioHolder
  readonly video: {
    /** The first is the default. */
    readonly encode: readonly [VideoCodecId, ...VideoCodecId[]]
    readonly copies: readonly string[]
    /** Whether it can say that the picture is to be turned; where it cannot, a turned picture is encoded upright. */
    readonly holdsRotation: boolean
  }
  readonly subtitles: {
    readonly copies: readonly string[]
    /** What other subtitles in text become. */
    readonly encode: string
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
const ipod = { muxer: 'ipod', options: untagged, chapters: 'muxer', pictures: isoPicture } as const

export const audioTargets = {
  mp3: {
    kind: 'audio',
    muxer: 'mp3',
    options: [...untagged, '-id3v2_version', '0'],
    audio: { encode: 'mp3', copies: ['mp3'] },
    chapters: 'tags',
    pictures: anyPicture,
  },
  aac: {
    kind: 'audio',
    muxer: 'adts',
    options: untagged,
    audio: { encode: 'aac', copies: ['aac'] },
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
    chapters: 'tags',
    pictures: anyPicture,
  },
  flac: {
    kind: 'audio',
    muxer: 'flac',
    options: untagged,
    audio: { encode: 'flac', copies: ['flac'] },
    chapters: 'tags',
    pictures: blockPicture,
  },
  ogg: {
    kind: 'audio',
    muxer: 'ogg',
    options: [],
    audio: { encode: 'vorbis', copies: ['vorbis'] },
    chapters: 'tags',
    pictures: anyPicture,
  },
  opus: {
    kind: 'audio',
    muxer: 'opus',
    options: [],
    audio: { encode: 'opus', copies: ['opus'] },
    chapters: 'tags',
    pictures: anyPicture,
  },
  aiff: {
    kind: 'audio',
    muxer: 'aiff',
    options: untagged,
    audio: { encode: 'pcm-be', copies: bigPcm },
    chapters: 'tags',
    pictures: anyPicture,
  },
} as const satisfies Partial<Record<FormatId, AudioTarget>>

/** The index of MP4 and QuickTime comes to the front when Beside writes the tags. */
export const videoTargets = {
  mp4: {
    kind: 'video',
    muxer: 'mp4',
    options: [],
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
    audio: { encode: 'aac', copies: [...isoAudio, ...littlePcm, ...bigPcm] },
    video: { encode: ['h264', 'h265'], copies: ['h264', 'hevc', 'prores', 'dnxhd', 'mjpeg'], holdsRotation: true },
    subtitles: { copies: ['mov_text'], encode: 'mov_text' },
    pictures: isoPicture,
    attachments: 'none',
  },
  mkv: {
    kind: 'video',
    muxer: 'matroska',
    options: [],
    audio: {
      encode: 'aac',
      copies: [...isoAudio, ...littlePcm, 'mp2', 'dts', 'truehd', 'flac', 'vorbis', 'opus'],
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
    audio: { encode: 'opus', copies: ['opus', 'vorbis'] },
    video: { encode: ['vp9', 'av1'], copies: ['vp8', 'vp9', 'av1'], holdsRotation: false },
    subtitles: { copies: ['webvtt'], encode: 'webvtt' },
    pictures: noPicture,
    attachments: 'none',
  },
} as const satisfies Partial<Record<FormatId, VideoTarget>>

export type AudioTargetId = keyof typeof audioTargets
/** Formats whose tags Beside writes itself, once FFmpeg is done. */
export type TaggedTargetId = AudioTargetId | 'mp4' | 'mov'
export type VideoTargetId = keyof typeof videoTargets

/** How a format is written, or null where this machine writes none. `gif` is a matter of its own. */
export function targetOf(format: FormatId): AudioTarget | VideoTarget | null {
  if (Object.hasOwn(audioTargets, format)) return audioTargets[format as AudioTargetId]
  return Object.hasOwn(videoTargets, format) ? videoTargets[format as VideoTargetId] : null
}

export function isTagged(format: FormatId): format is TaggedTargetId {
  return Object.hasOwn(audioTargets, format) || format === 'mp4' || format === 'mov'
}
