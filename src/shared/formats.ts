/**
 * What a format is. Those that Beside knows have facts: a family, how their files end, other names that people type. Any other is a bare ending,
 * since a provider's catalogue may name any. Which of them a provider can read or write is the provider's own data, not stated here.
 */
import { type FormatFacts, formatTable } from './format-table.ts'

export { families, type Family, type FormatFacts } from './format-table.ts'

export type KnownFormat = keyof typeof formatTable
declare const openFormat: unique symbol
/** One of which nothing but its name is known. */
export type OpenFormat = string & { readonly [openFormat]: true }
/** Lower case, without a dot at either end and without anything that means something in a path. */
export type FormatId = KnownFormat | OpenFormat

export const formats: Readonly<Record<KnownFormat, FormatFacts>> = formatTable
export const formatIds = Object.keys(formatTable) as readonly KnownFormat[]

const byName = new Map<string, KnownFormat>()
const byExtension = new Map<string, KnownFormat>()
for (const id of formatIds) {
  for (const extension of formats[id].extensions) if (!byExtension.has(extension)) byExtension.set(extension, id)
}
for (const [extension, id] of byExtension) byName.set(extension, id)
for (const id of formatIds) {
  byName.set(id, id)
  for (const alias of formats[id].aliases ?? []) byName.set(alias, id)
}

export function isKnown(id: FormatId): id is KnownFormat {
  return Object.hasOwn(formatTable, id)
}

/** Of any format: of one that is not known, what its name says. */
export function factsOf(id: FormatId): FormatFacts {
  if (isKnown(id)) return formats[id]
  return { title: id.toUpperCase(), family: 'other', extensions: [id], mime: 'application/octet-stream' }
}

/** The format a person means by `name` (`jpg`, `.JPG`, `vorbis`), or null where Beside knows none of that name. */
export function formatNamed(name: string): KnownFormat | null {
  return byName.get(plain(name)) ?? null
}

/** As `formatNamed`, but whatever could be the name of a format is one; null for what could not. For names that somebody else vouches for. */
export function anyFormatNamed(name: string): FormatId | null {
  const id = plain(name)
  return byName.get(id) ?? (isFormatId(id) ? id : null)
}

function plain(name: string): string {
  return name.trim().toLowerCase().replace(/^\./, '')
}

/**
 * The ending of a file's name or path, lower case and without its dot: `tar.gz` where both belong together; null where it has none.
 */
export function endingOf(path: string): string | null {
  const parts = path
    .slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
    .toLowerCase()
    .split('.')
  const last = parts.at(-1) ?? ''
  const isHiddenName = parts.length === 2 && parts[0] === ''
  if (parts.length < 2 || last === '' || isHiddenName) return null
  const both = parts.slice(-2).join('.')
  return parts.length > 2 && parts.at(-3) !== '' && byExtension.has(both) ? both : last
}

/** The format that a file name's ending stands for, or null. Contents may say otherwise. */
export function formatOfName(fileName: string): KnownFormat | null {
  const ending = endingOf(fileName)
  return ending === null ? null : (byExtension.get(ending) ?? null)
}

/** Endings that files of quite another kind have as well, and more of them: TypeScript, private keys. */
const ambiguousExtensions: ReadonlySet<string> = new Set([
  'ts',
  'mts',
  'key',
  'pages',
  'numbers',
  'sub',
  'hdr',
  'pic',
  'prc',
  'ai',
  'dot',
  'pot',
  'tab',
  'org',
  'wiki',
])

/** As `formatOfName`, but null where only the contents can tell whether the name means it. */
export function certainFormatOf(fileName: string): KnownFormat | null {
  const ending = endingOf(fileName)
  return ending === null || ambiguousExtensions.has(ending) ? null : formatOfName(fileName)
}

/** Most camera raw is TIFF with a small picture in front, so the name has to be asked as well as the contents. */
export function isCameraRawName(fileName: string): boolean {
  return formatOfName(fileName) === 'raw'
}

/** The ending, without the dot, that Beside gives to files of this format. */
export function extensionOf(id: FormatId): string {
  return factsOf(id).extensions[0]
}

/** Whether this can be a format's id, whoever knows it. */
export function isFormatId(value: unknown): value is FormatId {
  return typeof value === 'string' && /^[a-z0-9](?:[a-z0-9+._-]{0,30}[a-z0-9+_-])?$/.test(value)
}

/** Each once: those that Beside knows in the order of the table, then the others by name. */
export function inTableOrder(ids: Iterable<FormatId>): readonly FormatId[] {
  const all = new Set(ids)
  return [...formatIds.filter((id) => all.has(id)), ...[...all].filter((id) => !isKnown(id)).toSorted()]
}
