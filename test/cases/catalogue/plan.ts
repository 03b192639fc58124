/**
 * Which pairs of this machine the catalogue runs, engine by engine, as data. Every engine shows there all that it reads and all that it writes;
 * every pair of them only where it is more than a reader before a writer.
 */
import type { EngineId } from '../../../src/main/providers/local/engine-table.ts'
import { localEngines } from '../../../src/main/providers/local/pairings.ts'
import type { FormatId } from '../../../src/shared/formats.ts'

export interface Pair {
  readonly from: FormatId
  readonly to: FormatId
}

export type Rule =
  | { readonly run: 'every' }
  /** Each format once as a source and once as a target. */
  | { readonly run: 'each' }
  /** Every pair of what most people have, and of the rest each format once. */
  | { readonly run: 'usual'; readonly usual: readonly FormatId[] }
  /** Where every format is shown already, or why it cannot be. */
  | { readonly run: 'elsewhere'; readonly file: string; readonly why?: string }

const every: Rule = { run: 'every' }
const each: Rule = { run: 'each' }
const elsewhere = (file: string, why?: string): Rule => ({ run: 'elsewhere', file, ...(why !== undefined && { why }) })

const usualMedia = [
  'mp3',
  'aac',
  'm4a',
  'alac',
  'wav',
  'flac',
  'ogg',
  'opus',
  'aiff',
  'mp4',
  'mov',
  'mkv',
  'webm',
  'gif',
] as const
const behind = 'another engine makes all of its pairs first where both are there'

export const rules: Readonly<Record<EngineId, Rule>> = {
  images: elsewhere('test/providers/local/images/pairs.test.ts'),
  pdf: every,
  ghostscript: every,
  djvu: every,
  magick: elsewhere('test/cases/magick.test.ts'),
  'heif-enc': elsewhere('test/cases/heic.test.ts'),
  media: { run: 'usual', usual: usualMedia },
  frames: elsewhere('test/cases/frames.test.ts'),
  fonts: elsewhere('test/cases/fonts.test.ts'),
  fontforge: elsewhere('test/cases/fonts.test.ts'),
  ocrmypdf: elsewhere('test/cases/ocr.test.ts', behind),
  tesseract: every,
  ocr: elsewhere('test/cases/ocr.test.ts', behind),
  data: every,
  sheets: every,
  markup: every,
  books: every,
  subtitles: every,
  tracks: elsewhere('test/cases/tracks.test.ts'),
  archives: elsewhere('test/cases/archives.test.ts'),
  office: every,
  byOffice: every,
  pagePictures: elsewhere('test/cases/page-pictures.test.ts'),
  soffice: elsewhere('test/cases/office.test.ts'),
  bySoffice: elsewhere('test/cases/by-office.test.ts', behind),
  pagePicturesBySoffice: elsewhere('test/cases/page-pictures.test.ts', behind),
  // What it reads, it holds as one kind of tree, which all writers write.
  pandoc: each,
  calibre: each,
  'whisper-cpp': elsewhere('test/providers/local/speech/speech.test.ts', 'no package manager of Debian has it'),
  whisper: elsewhere('test/providers/local/speech/speech.test.ts', 'no package manager of Debian has it'),
}

/** Those that are run together, as they share sources and processes that are slow to start; sound and film have a test of their own. */
export const groups: readonly (readonly EngineId[])[] = [
  ['office', 'byOffice', 'pdf', 'ghostscript', 'djvu', 'tesseract'],
  ['data', 'sheets', 'subtitles'],
  ['markup', 'books', 'pandoc', 'calibre'],
]

/** Formats of which no source is made here. */
const unmade: Readonly<Partial<Record<FormatId, string>>> = {
  ape: 'nothing free writes it',
  dsf: 'nothing free writes it',
  dff: 'nothing free writes it',
  rm: 'FFmpeg writes a RealMedia of its own alone',
}

/** Images that FFmpeg takes as videos where they move, and turns away where they do not: test/cases/animations.test.ts. */
const moving: ReadonlySet<FormatId> = new Set(['webp', 'avif'])

/** Whether there is no source of it for the engine. */
export function isUnmade(id: EngineId, from: FormatId): boolean {
  return unmade[from] !== undefined || (id === 'media' && moving.has(from))
}

/** What can only be made where the program is one that can. */
export const unwritten: Readonly<Partial<Record<FormatId, string>>> = {
  typst: 'Pandoc writes it from its third version on, which Debian does not have yet',
  amr: 'hardly any FFmpeg writes it: test/cases/rare-targets.test.ts',
}

/** What each engine makes before any other where all of them are there. */
export const firstChoices: ReadonlyMap<EngineId, readonly Pair[]> = (() => {
  const taken = new Set<string>()
  return new Map(
    localEngines.map(({ id, pairings }) => {
      const pairs: Pair[] = []
      for (const pairing of pairings)
        for (const from of pairing.from)
          for (const to of pairing.to) {
            if (!taken.has(`${from} ${to}`)) pairs.push({ from, to })
            taken.add(`${from} ${to}`)
          }
      return [id, pairs] as const
    }),
  )
})()

export function planOf(id: EngineId): readonly Pair[] {
  const rule = rules[id]
  const pairs = (firstChoices.get(id) ?? []).filter(({ from, to }) => !isUnmade(id, from) && unwritten[to] === undefined)
  switch (rule.run) {
    case 'elsewhere':
      return []
    case 'every':
      return pairs
    case 'each':
      return covering(pairs)
    case 'usual': {
      const isUsual = ({ from, to }: Pair) => rule.usual.includes(from) && rule.usual.includes(to)
      return [
        ...pairs.filter(isUsual),
        ...covering(
          pairs.filter((pair) => !isUsual(pair)),
          rule.usual,
        ),
      ]
    }
  }
}

/** Few pairs in which each format, but for the known ones, is a source once and a target once, by different partners where there are some. */
function covering(pairs: readonly Pair[], known: readonly FormatId[] = []): readonly Pair[] {
  const froms = new Set(known)
  const tos = new Set(known)
  const chosen: Pair[] = []
  const choose = (isWanted: (pair: Pair) => boolean) => {
    for (const pair of pairs)
      if (isWanted(pair)) {
        chosen.push(pair)
        froms.add(pair.from)
        tos.add(pair.to)
      }
  }
  choose(({ from, to }) => !froms.has(from) && !tos.has(to) && from !== to)
  choose(({ from }) => !froms.has(from))
  choose(({ to }) => !tos.has(to))
  return chosen
}
