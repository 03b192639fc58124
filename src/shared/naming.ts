/**
 * Output names from a template. Used by the engine and by the live preview in the window, so it is pure and knows nothing of
 * the file system: legal on every system that a shared folder may be read from (Windows' rules are the strictest).
 */
import { failure, type FailureOf } from './failure.ts'

export const nameFields = [
  'name',
  'ext',
  'parent',
  'date',
  'time',
  'counter',
  'preset',
  'provider',
  'width',
  'height',
  'bitrate',
] as const
export type NameField = (typeof nameFields)[number]
export type NameFacts = Readonly<Partial<Record<NameField, string | number>>>

/** Bytes of UTF-8 that nearly every file system allows in one name. */
export const maxNameBytes = 255

/** The first thing wrong with a template, or null. */
export function templateTrouble(template: string): FailureOf<'name-invalid'> | null {
  if (template.trim() === '') return failure('name-invalid', { name: template, because: 'template-empty' })
  if (/[/\\]/.test(template)) return failure('name-invalid', { name: template, because: 'template-slash' })
  for (const [, field = ''] of template.matchAll(/\{([^}]*)\}/g)) {
    if (!(nameFields as readonly string[]).includes(field)) {
      return failure('name-invalid', {
        name: template,
        because: 'template-field',
        field: `{${field}}`,
        known: nameFields.map((known) => `{${known}}`).join(' '),
      })
    }
  }
  return null
}

/** `{name}-{counter}` and its facts to a file name without extension, legal on any file system. Unknown facts become nothing. */
export function fillTemplate(template: string, facts: NameFacts): string {
  const filled = template.replaceAll(/\{([^}]*)\}/g, (_, field: string) => String(facts[field as NameField] ?? ''))
  return filled === String(facts.name) ? filled : legalName(filled)
}

const encoder = new TextEncoder()

// oxlint-disable-next-line no-control-regex -- control characters are what is removed
const illegal = /[<>:"/\\|?*\u0000-\u001f\u007f]/g
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i

/**
 * A name that every system accepts: no separators, no control characters, none of Windows' special ones, no dot or blank at the
 * end, none of its device names. Letters of any script stay. Never empty.
 */
export function legalName(name: string): string {
  const cleaned = name
    .replaceAll(illegal, '_')
    .replace(/[. ]+$/, '')
    .replace(/^ +/, '')
  if (cleaned === '' || cleaned === '.' || cleaned === '..') return '_'
  return reserved.test(cleaned) ? `_${cleaned}` : cleaned
}

/** Whether it is the name of one folder that any system takes: no path, nothing that leads elsewhere, nothing that would be changed. */
export function isFolderName(name: string): boolean {
  return name.trim() === name && legalName(name) === name && encoder.encode(name).length <= maxNameBytes
}

/** A piece of an address as people write it; as it stands where it is no UTF-8 behind its escapes. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The longest ending that a name is taken to have; what is longer, or has blanks, is part of a title: `Dr. Who and the others`. */
const endingPattern = /^(.+)\.([^\s.]{1,32})$/s

/** A file's name in two; the extension is empty where it has none. */
export function parted(fileName: string): { readonly base: string; readonly extension: string } {
  const [, base, extension] = endingPattern.exec(fileName) ?? []
  return base === undefined || extension === undefined ? { base: fileName, extension: '' } : { base, extension }
}

/** What tells several results of one source apart, and how long a name may be. */
export interface NameParts {
  /** Stands between the base and the number: `.2` of the second page of a few, `.02` of many. */
  readonly part?: string
  /** Bytes of UTF-8. */
  readonly maxBytes?: number
}

/**
 * `base` and `extension` as the n-th candidate: `song.mp3`, `song (2).mp3`, … Where the whole would be too long, the base gives way, so
 * that every candidate is a name that can be given.
 */
export function numbered(
  base: string,
  extension: string,
  n: number,
  { part = '', maxBytes = maxNameBytes }: NameParts = {},
): string {
  const behind = `${part}${n === 1 ? '' : ` (${n})`}${extension === '' ? '' : `.${extension}`}`
  return `${fitted(base, behind, maxBytes)}${behind}`
}

/** What tells the one result from the `count` of its job that have no names of their own: `.07` of 12, so that they sort as they follow. */
export function resultNumber(index: number, count: number): string {
  return `.${String(index + 1).padStart(String(count).length, '0')}`
}

/** The longest beginning of `base` that leaves room for what stands behind it, cut between characters as people see them. */
export function fitted(base: string, behind: string, maxBytes = maxNameBytes): string {
  const room = maxBytes - encoder.encode(behind).length
  if (encoder.encode(base).length <= room) return base
  const seen = Array.from(new Intl.Segmenter().segment(base), ({ segment }) => segment)
  const whole = beginning(seen, room)
  // A single one may be longer than a name.
  return whole === '' ? beginning(Array.from(base), room) : whole
}

function beginning(characters: readonly string[], room: number): string {
  let bytes = 0
  const end = characters.findIndex((character) => (bytes += encoder.encode(character).length) > room)
  return (end === -1 ? characters : characters.slice(0, end)).join('')
}
