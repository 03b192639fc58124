/**
 * What this machine reads with FFmpeg, as data: the demuxer of each format. FFmpeg is told which to use instead of being left to
 * guess, so that no file can make itself a playlist or a list of other files.
 */
import { factsOf, type FormatId } from '../../../../shared/formats.ts'

const demuxers = {
  mp3: 'mp3',
  aac: 'aac',
  m4a: 'mov',
  alac: 'mov',
  wav: 'wav',
  flac: 'flac',
  ogg: 'ogg',
  opus: 'ogg',
  aiff: 'aiff',
  wma: 'asf',
  amr: 'amr',
  // Reads E-AC-3 as well.
  ac3: 'ac3',
  mp2: 'mp3',
  au: 'au',
  caf: 'caf',
  mka: 'matroska',
  ape: 'ape',
  wv: 'wv',
  dts: 'dts',
  voc: 'voc',
  dsf: 'dsf',
  dff: 'iff',
  tta: 'tta',
  mp4: 'mov',
  mkv: 'matroska',
  mov: 'mov',
  webm: 'matroska',
  avi: 'avi',
  wmv: 'asf',
  flv: 'flv',
  mpeg: 'mpeg',
  ts: 'mpegts',
  '3gp': 'mov',
  ogv: 'ogg',
  mxf: 'mxf',
  rm: 'rm',
  gif: 'gif',
  // An animated one.
  png: 'apng',
} as const satisfies Partial<Record<FormatId, string>>

export type MediaSourceId = keyof typeof demuxers
export const mediaSources = Object.keys(demuxers) as readonly MediaSourceId[]

/** FFmpeg's own names of one container differ from its demuxer's: a list of allowed formats must hold them all. */
const ownNames: Readonly<Record<string, string>> = { mov: 'mov,mp4,m4a,3gp,3g2,mj2', matroska: 'matroska,webm' }

export function isMediaSource(format: FormatId): format is MediaSourceId {
  return Object.hasOwn(demuxers, format)
}

/** Pictures that move: a film without audio, whose last frame lasts as long as it says. */
export function isMovingPicture(format: FormatId): boolean {
  return factsOf(format).family === 'image'
}

/** Input options that open `path` as what it is, as one plain file: no network, no other file that its contents may name. */
export function opening(format: MediaSourceId, path: string): readonly string[] {
  return [
    '-protocol_whitelist',
    'file',
    '-f',
    demuxers[format],
    ...(isUnlisted.has(format) ? longLook : []),
    '-i',
    `file:${path}`,
  ]
}

/** Formats without a list of their streams in front: one that begins late is only found by who looks long enough. */
const isUnlisted: ReadonlySet<FormatId> = new Set(['ts', 'mpeg'])
/** A minute and a half of the fastest broadcasts; FFmpeg stops sooner where the file ends or ten minutes are over. */
const longLook = ['-probesize', '200M', '-analyzeduration', '600M']

/** The same for a file of which nothing is known: anything that this machine reads, and nothing else. */
export function openingUnknown(path: string): readonly string[] {
  const all = [...new Set(Object.values(demuxers))].map((name) => ownNames[name] ?? name)
  return ['-protocol_whitelist', 'file', '-format_whitelist', all.join(','), '-i', `file:${path}`]
}
