/**
 * What a file holds, in words that a person understands: `1 subtitle track (English, PGS)`. Window, tray and command line say it by
 * the same texts; only the catalogue differs.
 */
import { codecName } from './codecs.ts'
import { isGraded, type ContentItem, type Thing } from './things.ts'
import type { Note } from './notes.ts'
import type { PictureKind, StreamRole } from './media.ts'
import type english from './text/en.json'
import { fill } from './fill.ts'

/** The part of a catalogue that speaks of contents. */
export interface ContentTexts {
  /** The language of the catalogue, e.g. `de`. */
  readonly language: string
  readonly things: Readonly<Record<Thing, string>>
  readonly contents: {
    readonly lines: Readonly<Record<keyof (typeof english)['contents']['lines'], string>>
    readonly words: Readonly<Record<keyof (typeof english)['contents']['words'], string>>
    readonly roles: Readonly<Record<StreamRole, string>>
    readonly pictures: Readonly<Record<PictureKind, string>>
    readonly tags: Readonly<Record<string, string>>
    /** Things that are counted, once for each form that Intl.PluralRules names. */
    readonly counted: Readonly<Record<string, string>>
    /** Things of which a result may have a smaller number. */
    readonly amounts: Readonly<Record<string, string>>
  }
}

export type LeftNote = Extract<Note, { what: 'left' }>

/** Of a note, without the beginning that says that it is not in the result. */
export function leftText(note: LeftNote, texts: ContentTexts): string {
  const { thing, names, result } = note
  const { amounts } = texts.contents
  const [first] = names
  if (Object.hasOwn(amounts, thing)) return fill(amounts[thing] ?? '', { all: first?.name, kept: result })
  const what = countedText(note, texts)
  // Their name is their number.
  return isGraded(thing) ? what : namedText(what, note, texts)
}

function countedText({ thing, count, names, result }: LeftNote, texts: ContentTexts): string {
  const left = isGraded(thing) ? Number(names[0]?.name ?? count) - Number(result ?? 0) : count
  const form = new Intl.PluralRules(texts.language).select(left)
  const { counted } = texts.contents
  const text = counted[`${thing}_${form}`] ?? counted[`${thing}_other`]
  return text === undefined ? texts.things[thing] : fill(text, { count: left })
}

function namedText(what: string, { thing, names, count }: LeftNote, texts: ContentTexts): string {
  const known = names.map((content) => contentName({ thing, ...content }, texts)).filter((name) => name !== '')
  const between = known.some((name) => name.includes(', ')) ? '; ' : ', '
  const more = known.length > 0 && count > names.length ? [`+${count - names.length}`] : []
  return fill(texts.contents.words.named, { what, names: [...known, ...more].join(between) })
}

/** Which of its kind, in words; empty where its thing says all there is to say. */
export function contentName({ thing, name, language }: ContentItem, texts: ContentTexts): string {
  const { roles, pictures, words } = texts.contents
  switch (thing) {
    case 'video-track':
    case 'audio-track':
    case 'subtitles':
    case 'bitmap-subtitles':
      return [...(language === undefined ? [] : [languageName(language, texts)]), codecName(name)].join(', ')
    case 'data-stream':
    case 'subtitle-style':
      return codecName(name)
    case 'language':
      return languageName(name, texts)
    case 'stream-role':
      return Object.hasOwn(roles, name) ? roles[name as StreamRole] : name
    case 'tag':
      return tagLabel(name, texts)
    case 'picture':
      return Object.hasOwn(pictures, name) ? pictures[name as PictureKind] : name
    case 'opaque-stream':
      return name === 'unknown' ? '' : name
    case 'hdr':
      return transferName(name)
    case 'rotation':
      return `${name}°`
    case 'density':
      return `${name} dpi`
    case 'measured-samples':
      return name === 'float' ? words.float : words.signed
    case 'mastering':
    case 'interlacing':
      return ''
    default:
      return name
  }
}

/** As the reader calls it; as the file has it where nobody knows such a language. */
export function languageName(code: string, { language }: Pick<ContentTexts, 'language'>): string {
  try {
    return new Intl.DisplayNames(language, { type: 'language', fallback: 'none' }).of(code) ?? code
  } catch {
    return code
  }
}

/** Common tags in the language of the reader; others as the file names them. */
export function tagLabel(name: string, { contents: { tags } }: ContentTexts): string {
  return Object.hasOwn(tags, name) ? (tags[name] ?? name) : name
}

export function transferName(transfer: string): string {
  if (transfer === 'smpte2084') return 'PQ'
  return transfer === 'arib-std-b67' ? 'HLG' : transfer
}

/** How much was left behind, for where there is room for a number alone. */
export function leftCount(notes: readonly Note[]): number {
  return notes.reduce((sum, note) => sum + (note.what === 'left' ? note.count : 0), 0)
}
