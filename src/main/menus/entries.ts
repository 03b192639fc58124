/**
 * *Convert with Beside* in the menus of file managers, as data that is no system's: for each family of files, by which names and types they
 * are known, and what they can become on this machine. The modules beside this one turn it into what each file manager reads.
 */
import { families, formatIds, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import { languageTags, type Language } from '../../shared/language.ts'
import de from '../../shared/text/de.json' with { type: 'json' }
import en from '../../shared/text/en.json' with { type: 'json' }
import es from '../../shared/text/es.json' with { type: 'json' }
import fr from '../../shared/text/fr.json' with { type: 'json' }
import ja from '../../shared/text/ja.json' with { type: 'json' }
import zh from '../../shared/text/zh.json' with { type: 'json' }
import type { Pairing } from '../providers/provider.ts'
import { embeddedPairings } from '../providers/local/pairings.ts'

export interface MenuFamily {
  readonly family: Family
  /** Without the dot, in lower case. */
  readonly extensions: readonly string[]
  readonly mimes: readonly string[]
  readonly entries: readonly MenuEntry[]
}

/** A line of the submenu, and what the app is started with before the files. */
export interface MenuEntry {
  readonly id: string
  readonly title: (language: Language) => string
  readonly args: readonly string[]
  /** A line is drawn before it. */
  readonly isApart: boolean
}

const texts: Readonly<Record<Language, typeof en.desktop>> = {
  de: de.desktop,
  en: en.desktop,
  es: es.desktop,
  fr: fr.desktop,
  ja: ja.desktop,
  zh: zh.desktop,
}

/** What people convert to, in this order. A menu of everything that can be written would be read by nobody; *Choose…* has the rest. */
const offered: readonly FormatId[] = [
  'mp4', 'mkv', 'webm', 'mov', 'mp3', 'm4a', 'flac', 'wav', 'opus', 'ogg', 'pdf', 'docx', 'odt', 'xlsx', 'ods', 'csv', 'pptx', 'odp', 'epub',
  'text', 'html', 'jpeg', 'png', 'webp', 'avif', 'tiff', 'gif',
] // prettier-ignore

/** Of the kinds that files of a family can become, those that people look for in its menu. */
const kinds: Readonly<Partial<Record<Family, readonly Family[]>>> = {
  audio: ['audio'],
  video: ['video', 'audio', 'image'],
  image: ['image'],
  document: ['document', 'markup', 'image'],
  spreadsheet: ['spreadsheet', 'document'],
  presentation: ['document', 'presentation'],
  book: ['document', 'book', 'markup'],
}

/**
 * What whoever opens the menu of a family finds there. A file that can become none of these is not in it, and does not take the others' entries away:
 * there is always a format that hardly anything is made of.
 */
const core: Readonly<Partial<Record<Family, readonly FormatId[]>>> = {
  audio: ['mp3', 'flac'],
  video: ['mp4', 'mp3'],
  image: ['jpeg', 'png', 'webp'],
  document: ['pdf'],
  spreadsheet: ['xlsx', 'pdf'],
  presentation: ['pdf'],
  book: ['pdf'],
}

/** Ends the name of what is written in TypeScript as well. */
const ambiguous: ReadonlySet<string> = new Set(['ts', 'mts'])

export type MenuText = 'convertWith' | 'lastUsed' | 'chooseFormat' | 'pathTitle' | 'pathText' | 'pathChoice'

export function menuText(name: MenuText, language: Language): string {
  return texts[language][name]
}

/** As the file managers of Linux have the languages of a key: none for English, then `[de]`. */
export function inLanguages(key: string, text: (language: Language) => string): readonly string[] {
  return languageTags.map((tag) => `${tag === 'en' ? key : `${key}[${tag === 'zh' ? 'zh_CN' : tag}]`}=${text(tag)}`)
}

/** @param pairings those that need no program to be installed, unless given: nobody looks for one when a menu is made. */
export function menuFamilies(pairings: readonly Pairing[] = embeddedPairings): readonly MenuFamily[] {
  return families.flatMap((family) => {
    const becomes = (source: FormatId, target: FormatId) => source === target || isPaired(source, target, pairings)
    const wanted = (core[family] ?? []).filter((target) => pairings.some(({ to }) => to.includes(target)))
    const read = formatIds.filter(
      (id) =>
        factsOf(id).family === family &&
        pairings.some(({ from }) => from.includes(id)) &&
        wanted.every((target) => becomes(id, target)),
    )
    const written = offered.filter(
      (target) => kinds[family]?.includes(factsOf(target).family) === true && read.every((source) => becomes(source, target)),
    )
    if (read.length === 0 || written.length === 0) return []
    return [
      {
        family,
        extensions: [...new Set(read.flatMap((id) => factsOf(id).extensions))].filter((each) => !ambiguous.has(each)),
        mimes: [...new Set(read.map((id) => factsOf(id).mime))],
        entries: [...written.map(toFormat), lastUsed, choose],
      },
    ]
  })
}

function isPaired(source: FormatId, target: FormatId, pairings: readonly Pairing[]): boolean {
  return pairings.some(({ from, to }) => from.includes(source) && to.includes(target))
}

function toFormat(id: FormatId): MenuEntry {
  return { id, title: () => factsOf(id).title, args: ['--to', id], isApart: false }
}

const lastUsed: MenuEntry = {
  id: 'last',
  title: (language) => menuText('lastUsed', language),
  args: ['--last'],
  isApart: true,
}
const choose: MenuEntry = {
  id: 'choose',
  title: (language) => menuText('chooseFormat', language),
  args: [],
  isApart: false,
}
