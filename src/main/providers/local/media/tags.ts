/**
 * The one vocabulary of tags: names in capitals as Vorbis comments have them, whatever a container or FFmpeg calls them. What describes
 * the container and not what is in it is no tag. Apart, as every reader and writer of tags speaks it.
 */
import type { Tag } from '../../../../shared/media.ts'

/** As FFmpeg has them: names in any case, one value each. */
export type Dictionary = Readonly<Record<string, string>>

/** FFmpeg's own names that stand for others of the vocabulary. */
const renamed: Readonly<Record<string, string>> = {
  ALBUM_ARTIST: 'ALBUMARTIST',
  TRACK: 'TRACKNUMBER',
  DISC: 'DISCNUMBER',
  YEAR: 'DATE',
  AUTHOR: 'ARTIST',
  TSRC: 'ISRC',
  TBPM: 'BPM',
  UNSYNCEDLYRICS: 'LYRICS',
}

/** What describes the container, the encoder or the old encoding. */
const technical =
  /^(ENCODER|ENCODED_BY|ENCODERSETTINGS|MAJOR_BRAND|MINOR_VERSION|COMPATIBLE_BRANDS|ITUNSMPB|ITUNNORM|HANDLER_NAME|VENDOR_ID|DURATION|LANGUAGE|BPS|NUMBER_OF_(FRAMES|BYTES)|_STATISTICS_.*|SOURCE_ID|ALPHA_MODE|STEREO_MODE|WM\/(ENCODINGTIME|ISVBR|MEDIACLASS.*)|DEVICECONFORMANCETEMPLATE|ISVBR)(-[A-Z]{3})?$/

export function isTechnical(name: string): boolean {
  return technical.test(name)
}

/** The name of the vocabulary for a name of FFmpeg's. */
export function tagName(name: string): string {
  const upper = name.toUpperCase()
  if (upper.startsWith('LYRICS-')) return 'LYRICS'
  return renamed[upper] ?? upper
}

/** @param file the dictionary that holds for the file as a whole; of Ogg it is that of the audio. */
export function tagsOf(file: Dictionary): readonly Tag[] {
  const found = new Map<string, string>()
  for (const [own, value] of Object.entries(file)) {
    const name = tagName(own)
    if (!isTechnical(name) && !found.has(name)) found.set(name, value)
  }
  return [...found].map(([name, value]) => ({ name, values: [value] }))
}
