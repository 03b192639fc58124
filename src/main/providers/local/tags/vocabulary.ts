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
  'UNSYNCED LYRICS': 'LYRICS',
  'ALBUM ARTIST': 'ALBUMARTIST',
  TOTALTRACKS: 'TRACKTOTAL',
  TOTALDISCS: 'DISCTOTAL',
  ENCODED_BY: 'ENCODEDBY',
  SORT_NAME: 'TITLESORT',
  SORT_ARTIST: 'ARTISTSORT',
  SORT_ALBUM: 'ALBUMSORT',
  SORT_ALBUM_ARTIST: 'ALBUMARTISTSORT',
  SORT_COMPOSER: 'COMPOSERSORT',
  PUBLISHER: 'LABEL',
  LEAD_PERFORMER: 'PERFORMER',
  SEASON_NUMBER: 'TVSEASON',
  EPISODE_SORT: 'TVEPISODE',
  'WM/YEAR': 'DATE',
}

/** The names of FFmpeg's from which its muxers make those of their formats, with one value each. */
export function dictionaryOf(tags: readonly Tag[]): readonly (readonly [name: string, value: string])[] {
  const valueOf = (wanted: string | undefined) => tags.find(({ name }) => name === wanted)?.values.join('; ')
  return tags.flatMap(({ name, values }) => {
    if (Object.values(totals).includes(name) && valueOf(numberOf(name)) !== undefined) return []
    const total = valueOf(totals[name])
    const value = values.join('; ')
    return [[ffmpegNames[name] ?? name, total === undefined ? value : `${value}/${total}`] as const]
  })
}

function numberOf(total: string): string | undefined {
  return Object.keys(totals).find((number) => totals[number] === total)
}

const ffmpegNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['TITLE', 'ARTIST', 'ALBUM', 'DATE', 'GENRE', 'COMPOSER', 'COMMENT', 'COPYRIGHT', 'LYRICS', 'LANGUAGE', 'PERFORMER'].map(
      (name) => [name, name.toLowerCase()],
    ),
  ),
  ...{ ALBUMARTIST: 'album_artist', TRACKNUMBER: 'track', DISCNUMBER: 'disc', ENCODEDBY: 'encoded_by', LABEL: 'publisher' },
}

/** What describes the container, the encoder or the old encoding. */
const technical =
  /^(ENCODER(_OPTIONS)?|ENCODERSETTINGS|ENCODING|MAJOR_BRAND|MINOR_VERSION|COMPATIBLE_BRANDS|(COMMENT:)?ITUN(SMPB|NORM|ES_CDDB.*)|ITUNPGAP|HANDLER_NAME|VENDOR_ID|DURATION|LENGTH|COVERARTMIME|WAVEFORMATEXTENSIBLE_CHANNEL_MASK|BPS|NUMBER_OF_(FRAMES|BYTES)|_STATISTICS_.*|SOURCE_ID|ALPHA_MODE|STEREO_MODE|WM\/(ENCODINGTIME|ISVBR|MEDIACLASS.*)|DEVICECONFORMANCETEMPLATE|ISVBR)(-[A-Z]{3})?$/

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
  return tidied(Object.entries(file).map(([name, value]) => ({ name, values: [value] }))).filter(({ name }) => !isTechnical(name))
}

/**
 * Each name once, with each of its values once: numbers without their totals, which have a name of their own, and no comment that is
 * there only because an older tag of the same file holds a part of it.
 */
export function tidied(tags: readonly Tag[]): readonly Tag[] {
  const found = new Map<string, readonly string[]>()
  const add = (name: string, values: readonly string[]) => {
    const before = found.get(name) ?? []
    const fresh = values.filter((value, n) => value !== '' && !before.includes(value) && values.indexOf(value) === n)
    if (fresh.length > 0) found.set(name, [...before, ...fresh])
  }
  const names = new Set(tags.map(({ name }) => name.toUpperCase()))
  for (const { name: said, values } of tags) {
    // FFmpeg tells values with a language twice, or beside that of no language.
    const plain = said.replace(furtherOne, '')
    const bare = plain.replace(inLanguage, '')
    const own = names.has(bare.toUpperCase()) ? bare : plain
    const name = tagName(own)
    // A name that stands for another yields to it.
    if (name !== own.toUpperCase() && tags.some((tag) => tag.name.toUpperCase() === name)) continue
    const total = totals[name]
    if (total !== undefined) {
      const [number = '', of] = (values[0] ?? '').split('/')
      add(name, [number.trim()])
      if (of !== undefined && Number(of) > 0) add(total, [of.trim()])
    } else if (name === 'COMPILATION') add(name, [values[0] === 'true' ? '1' : values[0] === 'false' ? '0' : (values[0] ?? '')])
    else if (name === 'ENCODEDBY')
      add(
        name,
        values.filter((value) => !encoders.test(value)),
      )
    else if (!oldComment.test(name)) add(name, values)
  }
  return [...found].map(([name, values]) => ({ name, values: name in totalsOf ? values.slice(0, 1) : values }))
}

/** As ID3 has a second comment, which may not be described like the first. */
const furtherOne = /(?<=^COMMENT(:.+)?)[: ]\(\d+\)$/
/** `LOCATION-eng`. */
const inLanguage = /-[a-z]{3}$/i

const totals: Readonly<Record<string, string>> = { TRACKNUMBER: 'TRACKTOTAL', DISCNUMBER: 'DISCTOTAL' }
const totalsOf: Readonly<Record<string, true>> = { TRACKTOTAL: true, DISCTOTAL: true }
/** Programs, where a person is meant. */
const encoders = /^(Lav[cf]\d|LAME|Lame|reference libFLAC|Xiph)/
const oldComment = /^COMMENT:ID3V1/

/** Names that every reader calls the same: of another name with the same value they are no second telling. */
const alike: ReadonlySet<string> = new Set(['TITLE', 'ARTIST', 'ALBUM', 'ALBUMARTIST', 'DATE', 'GENRE'])

/**
 * What two readers of the same file tell: the first has several values of a name, the second sees names that the first has no word for.
 */
export function joined(first: readonly Tag[], second: readonly Tag[]): readonly Tag[] {
  const said = new Set(first.flatMap(({ values }) => [...values, values.join(';'), values.join('; '), values.join('/')]))
  const more = second.filter(
    ({ name, values }) =>
      !first.some((tag) => tag.name === name) &&
      (alike.has(name) || !values.every((value) => said.has(value) && !/^\d+$/.test(value))),
  )
  return [...first, ...more]
}

/** What libraries of music look for, in ID3 and MP4, under another name than in Vorbis comments. */
export const ownNames: Readonly<Record<string, string>> = {
  MUSICBRAINZ_TRACKID: 'MusicBrainz Track Id',
  MUSICBRAINZ_ARTISTID: 'MusicBrainz Artist Id',
  MUSICBRAINZ_ALBUMID: 'MusicBrainz Album Id',
  MUSICBRAINZ_ALBUMARTISTID: 'MusicBrainz Album Artist Id',
  MUSICBRAINZ_RELEASEGROUPID: 'MusicBrainz Release Group Id',
  MUSICBRAINZ_RELEASETRACKID: 'MusicBrainz Release Track Id',
  MUSICBRAINZ_WORKID: 'MusicBrainz Work Id',
  RELEASECOUNTRY: 'MusicBrainz Album Release Country',
  RELEASESTATUS: 'MusicBrainz Album Status',
  RELEASETYPE: 'MusicBrainz Album Type',
  ACOUSTID_ID: 'Acoustid Id',
  ACOUSTID_FINGERPRINT: 'Acoustid Fingerprint',
}
