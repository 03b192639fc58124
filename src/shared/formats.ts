/**
 * The formats Beside knows by name: what family each belongs to, how its files end, and the other names people type.
 * Which of them a provider can read or write is the provider's own data, not stated here.
 */

export const families = ['audio', 'video', 'image', 'document'] as const
export type Family = (typeof families)[number]

export interface FormatFacts {
  /** Words for a person, e.g. in a menu. */
  readonly title: string
  readonly family: Family
  /** File name endings without the dot; the first is the one Beside writes. */
  readonly extensions: readonly [string, ...string[]]
  readonly mime: string
  /** Other names that mean this format on the command line. */
  readonly aliases?: readonly string[]
}

const table = {
  mp3: { title: 'MP3', family: 'audio', extensions: ['mp3'], mime: 'audio/mpeg' },
  aac: { title: 'AAC (ADTS)', family: 'audio', extensions: ['aac'], mime: 'audio/aac' },
  m4a: { title: 'M4A (AAC)', family: 'audio', extensions: ['m4a', 'm4b'], mime: 'audio/mp4' },
  alac: { title: 'M4A (ALAC, lossless)', family: 'audio', extensions: ['m4a'], mime: 'audio/mp4' },
  wav: { title: 'WAV', family: 'audio', extensions: ['wav', 'wave'], mime: 'audio/wav' },
  flac: { title: 'FLAC', family: 'audio', extensions: ['flac'], mime: 'audio/flac' },
  ogg: { title: 'Ogg Vorbis', family: 'audio', extensions: ['ogg', 'oga'], mime: 'audio/ogg', aliases: ['vorbis'] },
  opus: { title: 'Opus', family: 'audio', extensions: ['opus'], mime: 'audio/opus' },
  aiff: { title: 'AIFF', family: 'audio', extensions: ['aiff', 'aif', 'aifc'], mime: 'audio/aiff' },
  wma: { title: 'Windows Media Audio', family: 'audio', extensions: ['wma'], mime: 'audio/x-ms-wma' },
  amr: { title: 'AMR', family: 'audio', extensions: ['amr'], mime: 'audio/amr' },
  ac3: { title: 'Dolby AC-3', family: 'audio', extensions: ['ac3', 'eac3'], mime: 'audio/ac3' },
  mp2: { title: 'MPEG layer II', family: 'audio', extensions: ['mp2'], mime: 'audio/mpeg' },
  au: { title: 'Sun audio', family: 'audio', extensions: ['au', 'snd'], mime: 'audio/basic' },
  caf: { title: 'Core Audio', family: 'audio', extensions: ['caf'], mime: 'audio/x-caf' },
  mka: { title: 'Matroska audio', family: 'audio', extensions: ['mka'], mime: 'audio/x-matroska' },
  ape: { title: "Monkey's Audio", family: 'audio', extensions: ['ape'], mime: 'audio/x-ape' },
  wv: { title: 'WavPack', family: 'audio', extensions: ['wv'], mime: 'audio/x-wavpack' },

  mp4: { title: 'MP4', family: 'video', extensions: ['mp4', 'm4v'], mime: 'video/mp4' },
  mkv: { title: 'Matroska', family: 'video', extensions: ['mkv'], mime: 'video/x-matroska', aliases: ['matroska'] },
  mov: { title: 'QuickTime', family: 'video', extensions: ['mov', 'qt'], mime: 'video/quicktime' },
  webm: { title: 'WebM', family: 'video', extensions: ['webm'], mime: 'video/webm' },
  avi: { title: 'AVI', family: 'video', extensions: ['avi'], mime: 'video/x-msvideo' },
  wmv: { title: 'Windows Media Video', family: 'video', extensions: ['wmv', 'asf'], mime: 'video/x-ms-wmv' },
  flv: { title: 'Flash video', family: 'video', extensions: ['flv'], mime: 'video/x-flv' },
  mpeg: { title: 'MPEG', family: 'video', extensions: ['mpg', 'mpeg', 'vob'], mime: 'video/mpeg' },
  ts: { title: 'MPEG transport stream', family: 'video', extensions: ['ts', 'mts', 'm2ts'], mime: 'video/mp2t' },
  '3gp': { title: '3GP', family: 'video', extensions: ['3gp', '3g2'], mime: 'video/3gpp' },
  ogv: { title: 'Ogg video', family: 'video', extensions: ['ogv'], mime: 'video/ogg' },

  jpeg: { title: 'JPEG', family: 'image', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'], mime: 'image/jpeg' },
  png: { title: 'PNG', family: 'image', extensions: ['png', 'apng'], mime: 'image/png' },
  webp: { title: 'WebP', family: 'image', extensions: ['webp'], mime: 'image/webp' },
  avif: { title: 'AVIF', family: 'image', extensions: ['avif', 'avifs'], mime: 'image/avif' },
  tiff: { title: 'TIFF', family: 'image', extensions: ['tiff', 'tif'], mime: 'image/tiff' },
  gif: { title: 'GIF', family: 'image', extensions: ['gif'], mime: 'image/gif' },
  svg: { title: 'SVG', family: 'image', extensions: ['svg', 'svgz'], mime: 'image/svg+xml' },
  heic: { title: 'HEIC', family: 'image', extensions: ['heic', 'heif', 'hif', 'heics', 'heifs'], mime: 'image/heic' },

  pdf: { title: 'PDF', family: 'document', extensions: ['pdf'], mime: 'application/pdf' },
  text: { title: 'Plain text', family: 'document', extensions: ['txt', 'text'], mime: 'text/plain' },
} as const satisfies Record<string, FormatFacts>

export type FormatId = keyof typeof table

export const formats: Readonly<Record<FormatId, FormatFacts>> = table
export const formatIds = Object.keys(table) as readonly FormatId[]

const byName = new Map<string, FormatId>()
const byExtension = new Map<string, FormatId>()
for (const id of formatIds) {
  for (const extension of formats[id].extensions) if (!byExtension.has(extension)) byExtension.set(extension, id)
}
for (const [extension, id] of byExtension) byName.set(extension, id)
for (const id of formatIds) {
  byName.set(id, id)
  for (const alias of formats[id].aliases ?? []) byName.set(alias, id)
}

/** The format a person means by `name` (`jpg`, `.JPG`, `vorbis`), or null where Beside knows none of that name. */
export function formatNamed(name: string): FormatId | null {
  return byName.get(name.trim().toLowerCase().replace(/^\./, '')) ?? null
}

/** The format that a file name's ending stands for, or null. Contents may say otherwise. */
export function formatOfName(fileName: string): FormatId | null {
  const dot = fileName.lastIndexOf('.')
  return dot <= 0 ? null : (byExtension.get(fileName.slice(dot + 1).toLowerCase()) ?? null)
}

/** Endings that files of quite another kind have as well, and more of them: TypeScript. */
const ambiguousExtensions: ReadonlySet<string> = new Set(['ts', 'mts'])

/** As `formatOfName`, but null where only the contents can tell whether the name means it. */
export function certainFormatOf(fileName: string): FormatId | null {
  const extension = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()
  return ambiguousExtensions.has(extension) ? null : formatOfName(fileName)
}

const cameraRawExtensions: ReadonlySet<string> = new Set([
  '3fr', 'arq', 'arw', 'bay', 'cap', 'cr2', 'cr3', 'crw', 'cs1', 'dc2', 'dcr', 'dng', 'drf', 'eip', 'erf', 'fff', 'gpr', 'iiq', 'k25', 'kdc', 'mdc',
  'mef', 'mos', 'mrw', 'nef', 'nrw', 'orf', 'pef', 'ptx', 'pxn', 'raf', 'rw2', 'rwl', 'rwz', 'sr2', 'srf', 'srw', 'x3f',
]) // prettier-ignore

/** Nothing here reads camera raw. Most of it is TIFF with a small picture in front, so the name has to be asked as well as the contents. */
export function isCameraRawName(fileName: string): boolean {
  return cameraRawExtensions.has(fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase())
}

/** The ending, without the dot, that Beside gives to files of this format. */
export function extensionOf(id: FormatId): string {
  return formats[id].extensions[0]
}

export function isFormatId(value: unknown): value is FormatId {
  return typeof value === 'string' && Object.hasOwn(table, value)
}
