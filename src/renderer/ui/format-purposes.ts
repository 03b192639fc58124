/** What formats are good for: which are the common ones of a kind, and what somebody finds who searches by name, ending or purpose. */
import type { TFunction } from 'i18next'
import { type Family, type FormatId, factsOf, type KnownFormat } from '../../shared/formats.ts'

/** What a format may be known for. */
export type MainPurpose =
  | 'everywhere'
  | 'web'
  | 'phone'
  | 'lossless'
  | 'small'
  | 'apple'
  | 'windows'
  | 'speech'
  | 'editing'
  | 'print'
  | 'animated'
  | 'graphics'
  | 'photo'
  | 'tv'
  | 'subtitles'
export type Purpose = MainPurpose | 'archive' | 'email' | 'chat' | 'transparent' | 'car'

const purposes = {
  mp3: ['everywhere', 'phone', 'web', 'car', 'email', 'chat', 'speech'],
  aac: ['phone', 'web'],
  m4a: ['apple', 'phone', 'speech', 'small', 'car'],
  alac: ['lossless', 'apple', 'archive'],
  wav: ['editing', 'lossless', 'everywhere', 'windows'],
  flac: ['lossless', 'archive', 'small'],
  ogg: ['web', 'small'],
  opus: ['small', 'speech', 'web', 'chat'],
  aiff: ['editing', 'lossless', 'apple'],
  wma: ['windows', 'car'],
  amr: ['speech', 'phone'],
  ac3: ['tv'],
  mp2: ['tv'],
  au: ['editing'],
  caf: ['apple', 'editing'],
  mka: ['subtitles', 'archive'],
  ape: ['lossless', 'archive'],
  wv: ['lossless', 'archive'],
  mp4: ['everywhere', 'phone', 'web', 'email', 'chat', 'tv', 'apple', 'windows'],
  mkv: ['subtitles', 'archive', 'tv'],
  mov: ['apple', 'editing'],
  webm: ['web', 'small', 'transparent'],
  avi: ['windows', 'tv'],
  wmv: ['windows'],
  flv: ['web'],
  mpeg: ['tv'],
  ts: ['tv'],
  '3gp': ['phone'],
  ogv: ['web'],
  jpeg: ['everywhere', 'photo', 'web', 'phone', 'email', 'chat', 'print'],
  png: ['graphics', 'transparent', 'lossless', 'web', 'archive', 'everywhere'],
  webp: ['web', 'small', 'transparent', 'animated', 'photo'],
  avif: ['small', 'web', 'photo', 'transparent'],
  tiff: ['print', 'archive', 'lossless', 'editing', 'photo'],
  gif: ['animated', 'chat', 'everywhere'],
  svg: ['graphics', 'web', 'transparent'],
  heic: ['photo', 'apple', 'phone', 'small'],
  pdf: ['print', 'everywhere', 'email', 'archive'],
  text: ['everywhere'],
  docx: ['editing', 'windows', 'everywhere', 'email'],
  doc: ['windows', 'editing'],
  odt: ['editing', 'archive'],
  rtf: ['everywhere', 'editing'],
  djvu: ['small', 'archive'],
  xps: ['print', 'windows'],
  xlsx: ['editing', 'windows', 'everywhere'],
  xls: ['windows', 'editing'],
  ods: ['editing', 'archive'],
  csv: ['everywhere', 'small'],
  tsv: ['everywhere', 'small'],
  pptx: ['editing', 'windows', 'everywhere'],
  ppt: ['windows', 'editing'],
  odp: ['editing', 'archive'],
  epub: ['everywhere', 'phone', 'apple'],
  mobi: ['phone'],
  azw3: ['phone'],
  fb2: ['phone'],
  md: ['editing', 'web', 'small'],
  html: ['web', 'everywhere'],
  rst: ['editing'],
  latex: ['print', 'editing'],
  ipynb: ['editing'],
  json: ['web', 'everywhere'],
  ndjson: ['web', 'archive'],
  yaml: ['editing'],
  toml: ['editing'],
  xml: ['web', 'archive'],
  srt: ['everywhere', 'subtitles'],
  vtt: ['web', 'subtitles'],
  ass: ['subtitles', 'editing'],
  ttml: ['tv', 'subtitles'],
  zip: ['everywhere', 'email'],
  '7z': ['small', 'archive'],
  tar: ['everywhere', 'archive'],
  'tar.gz': ['web', 'archive'],
  'tar.xz': ['small', 'archive'],
  'tar.zst': ['small', 'archive'],
  ttf: ['everywhere'],
  otf: ['print', 'editing'],
  woff: ['web'],
  woff2: ['web', 'small'],
  bmp: ['windows'],
  ico: ['windows', 'web', 'graphics'],
  icns: ['apple', 'graphics'],
  jxl: ['small', 'photo', 'lossless', 'archive'],
  jp2: ['photo', 'archive'],
  psd: ['editing', 'print', 'graphics'],
  tga: ['editing', 'graphics'],
  ppm: ['editing'],
  exr: ['editing', 'photo'],
  hdr: ['editing', 'photo'],
  eps: ['print', 'graphics'],
  mxf: ['tv', 'editing'],
} as const satisfies Partial<Record<KnownFormat, readonly [MainPurpose, ...Purpose[]]>>

function purposesOf(id: FormatId): readonly Purpose[] {
  return Object.hasOwn(purposes, id) ? purposes[id as keyof typeof purposes] : []
}

/** A dot would part a key in two. */
type WhenKey<Id = keyof typeof purposes> = Id extends `${infer Before}.${infer After}` ? `${Before}-${After}` : Id & string

/** What it is for in a few words; of what has none its endings. */
export function whenText(id: FormatId, t: TFunction): string {
  return Object.hasOwn(purposes, id)
    ? t(`format.when.${id.replace('.', '-') as WhenKey}`)
    : factsOf(id)
        .extensions.map((ending) => `.${ending}`)
        .join(' ')
}

export function mainPurpose(id: FormatId): MainPurpose | null {
  return Object.hasOwn(purposes, id) ? purposes[id as keyof typeof purposes][0] : null
}

/** What people mostly choose, in that order. */
const commonOf: Readonly<Partial<Record<Family, readonly FormatId[]>>> = {
  audio: ['mp3', 'm4a', 'flac', 'wav', 'opus'],
  video: ['mp4', 'webm', 'mkv', 'mov'],
  image: ['jpeg', 'png', 'webp', 'avif'],
  document: ['pdf', 'docx', 'odt'],
  spreadsheet: ['xlsx', 'csv', 'ods'],
  presentation: ['pptx', 'odp'],
  book: ['epub'],
  markup: ['text', 'html', 'md'],
  data: ['json', 'yaml', 'xml'],
  subtitle: ['srt', 'vtt'],
  archive: ['zip', '7z', 'tar.gz'],
  font: ['woff2', 'ttf'],
}

export interface OfferedFormats {
  readonly common: readonly FormatId[]
  readonly more: readonly FormatId[]
}

export function offeredOf(family: Family, offered: readonly FormatId[]): OfferedFormats {
  const common = (commonOf[family] ?? []).filter((id) => offered.includes(id))
  return { common, more: offered.filter((id) => factsOf(id).family === family && !common.includes(id)) }
}

/** Words by which a format is found besides its name and endings, in the user's language. */
export function purposeWords(id: FormatId, t: TFunction): readonly string[] {
  return [whenText(id, t), ...purposesOf(id).map((purpose) => t(`format.purpose.${purpose}`))]
}

/** Those that are meant, the likeliest first: by name or ending, by their beginnings, by what they are for. */
export function formatsFound(offered: readonly FormatId[], search: string, t: TFunction): readonly FormatId[] {
  const query = folded(search.trim()).replace(/^\./, '')
  const words = query.split(/\s+/)
  return offered
    .flatMap((id) => {
      const score = scoreOf(id, query, words, t)
      return score === null ? [] : [{ id, score }]
    })
    .toSorted((one, other) => one.score - other.score)
    .map(({ id }) => id)
}

/** The lower, the likelier; null: not at all. */
function scoreOf(id: FormatId, query: string, words: readonly string[], t: TFunction): number | null {
  const { title, extensions, aliases = [] } = factsOf(id)
  const names = [id, title, ...extensions, ...aliases].map(folded)
  if (names.includes(query)) return 0
  if (names.some((name) => name.startsWith(query))) return 1
  if (names.some((name) => name.includes(query))) return 2
  const hasAll = (texts: readonly string[]) => words.every((word) => folded(texts.join(' ')).includes(word))
  if (!hasAll([...names, ...purposeWords(id, t)])) return null
  const place = purposesOf(id).findIndex((purpose) => hasAll([t(`format.purpose.${purpose}`)]))
  const isCommon = commonOf[factsOf(id).family]?.includes(id) === true
  return (isCommon ? 3 : 50) + (place < 0 ? purposesOf(id).length : place)
}

/** Without accents and capitals: people leave them out. */
function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
}
