/**
 * Where the data of a language is: English comes with Beside, others are those of an installed Tesseract, or files that somebody put into
 * the folder for them. Apart, since it looks at the disk and loads nothing.
 */
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { installLine } from '../../../files/install-line.ts'

export interface LanguageData {
  /** Three letters as Tesseract has them, `eng`, or a name like `chi_sim`. */
  readonly code: string
  /** Absolute; packed by gzip where it ends in `.gz`. */
  readonly path: string
}

const embedded = 'eng'
const ending = '.traineddata'

/** Folders in which installed programs keep theirs, best first; a `*` is any one folder. */
const installed: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '/usr/share/tesseract-ocr/*/tessdata',
    '/usr/share/tessdata',
    '/usr/share/tesseract/tessdata',
    '/usr/local/share/tessdata',
  ],
  darwin: ['/opt/homebrew/share/tessdata', '/usr/local/share/tessdata', '/opt/local/share/tessdata'],
  win32: ['C:\\Program Files\\Tesseract-OCR\\tessdata', 'C:\\Program Files (x86)\\Tesseract-OCR\\tessdata'],
}

export interface LanguagePlaces {
  /** Somebody's own files, before all others; null: there is no such folder. */
  readonly own: string | null
  /** @default the folders of this system */
  readonly folders?: readonly string[]
  /** For a program that does not read what comes with Beside. */
  readonly isWithoutOurs?: true
}

/** Every language whose data is here, by its code. */
export async function languagesHere({
  own,
  folders = installed[process.platform] ?? [],
  isWithoutOurs,
}: LanguagePlaces): Promise<ReadonlyMap<string, LanguageData>> {
  const open = (await Promise.all(folders.map(opened))).flat()
  const [mine, theirs] = await Promise.all([own === null ? [] : dataIn(own), Promise.all(open.map(dataIn))])
  const bestFirst = [...mine, ...(isWithoutOurs ? [] : [{ code: embedded, path: embeddedData() }]), ...theirs.flat()]
  return new Map(bestFirst.toReversed().map((data) => [data.code, data]))
}

async function opened(pattern: string): Promise<readonly string[]> {
  const [before, after] = pattern.split('*')
  if (before === undefined || after === undefined) return [pattern]
  const names = await readdir(before).catch(() => [])
  return names
    .toSorted()
    .toReversed()
    .map((name) => `${before}${name}${after}`)
}

async function dataIn(folder: string): Promise<readonly LanguageData[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => {
    const [, code] = /^([a-zA-Z_]{2,40})\.traineddata(\.gz)?$/.exec(name) ?? []
    // Data that finds orientation and script knows no text.
    return code === undefined || code === 'osd' ? [] : [{ code, path: join(folder, name) }]
  })
}

function embeddedData(): string {
  return createRequire(import.meta.url).resolve(`@tesseract.js-data/${embedded}/4.0.0_best_int/${embedded}${ending}.gz`)
}

/**
 * The data of what an option asks for, `eng` or `eng+deu`.
 * @throws JobError `option-invalid` for what names no language, `tool-missing` where one is not here.
 */
export async function languageData(asked: string, places: LanguagePlaces): Promise<readonly LanguageData[]> {
  const codes = [...new Set(asked.split('+').map((code) => code.trim()))]
  const here = await languagesHere(places)
  return codes.map((code) => {
    if (!/^[a-zA-Z_]{2,40}$/.test(code))
      throw new JobError('option-invalid', { option: 'ocrLanguage', value: asked, allowed: [...here.keys()].join(', ') })
    const data = here.get(code)
    if (data === undefined) throw missing(code, places)
    return data
  })
}

function missing(code: string, { own }: LanguagePlaces): JobError {
  const name = code.toLowerCase()
  const dashed = name.replaceAll('_', '-')
  const install = installLine(
    {
      apt: `tesseract-ocr-${dashed}`,
      dnf: `tesseract-langpack-${name}`,
      pacman: `tesseract-data-${name}`,
      zypper: `tesseract-ocr-traineddata-${dashed}`,
      brew: 'tesseract-lang',
    },
    process.platform,
  )
  return new JobError('tool-missing', {
    because: 'language-missing',
    found: code,
    ...(install !== null && { install }),
    ...(own !== null && { path: own }),
  })
}
