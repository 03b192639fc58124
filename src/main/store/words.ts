/**
 * Text to words, the same way for what is indexed and for what is looked for. A word is a run of letters and digits without accents,
 * in lower case, so `IMG_1234.final.jpg` is `img`, `1234`, `final`, `jpg`. Scripts that are written without blanks become pairs of
 * neighbouring characters, so that any part of a run is found by its own pairs.
 */
import type Database from 'better-sqlite3'
import { describe } from '../../shared/describe.ts'
import { failure } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import { locationOf, sourcesOf } from '../../shared/job-sources.ts'

const unspaced = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]`
const letter = String.raw`[\p{L}\p{N}\p{M}]`
const runs = new RegExp(String.raw`([${unspaced}&&${letter}]+)|([${letter}--${unspaced}]+)`, 'gv')

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const isPlainAscii = /^[\u0000-\u007f]*$/

/** Longer words are cut, on both sides. */
const maxWordLength = 64

/** Words to index, with the last character of an unspaced run on its own, so that it is found too. */
export function wordsIn(text: string): readonly string[] {
  return split(text, (run) => [...pairs(run), run.at(-1) ?? ''])
}

/** Words to look for, each of them a beginning. */
export function wordsToFind(text: string): readonly string[] {
  return [...new Set(split(text, (run) => (run.length === 1 ? run : pairs(run))))]
}

function split(text: string, unspacedWords: (run: readonly string[]) => readonly string[]): readonly string[] {
  // Most names; ten times as fast.
  if (isPlainAscii.test(text))
    return (
      text
        .toLowerCase()
        .match(/[a-z0-9]+/g)
        ?.map((run) => run.slice(0, maxWordLength)) ?? []
    )
  const words: string[] = []
  for (const [, unspacedRun, run = ''] of plain(text).matchAll(runs)) {
    if (unspacedRun === undefined) words.push(run.slice(0, maxWordLength).toWellFormed())
    else words.push(...unspacedWords(Array.from(unspacedRun)))
  }
  return words
}

function pairs(characters: readonly string[]): string[] {
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`)
}

/** Accents of Latin, Greek and Cyrillic go; what belongs to a syllable or a kana stays. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
}

/** All words by which a finished job is found, each once. */
export function wordsOf({ order, provider, state }: Job): ReadonlySet<string> {
  const { folder, from, target } = order
  const texts = [...sourcesOf(order).map(locationOf), folder, from ?? '', target, provider]
  if (state.phase === 'done') texts.push(...state.outputs.map(({ path }) => path))
  if ('why' in state) texts.push(state.why.code, describe(failure(state.why.code, state.why.facts)).message)
  return new Set(texts.flatMap((text) => wordsIn(text)))
}

/** Keys are kept for each row, and what differs only behind this many characters is rare. */
const maxSortLength = 80

export function sortName(source: string): string {
  const name = source.split(/[/\\]/).findLast((part) => part !== '') ?? source
  return plain(name.slice(0, maxSortLength))
    .replaceAll(/\d{1,10}/g, (digits) => digits.padStart(10, '0'))
    .slice(0, maxSortLength)
}

/** For migrations, which are SQL alone. */
export function defineSortName(db: Database.Database): void {
  db.function('sort_name', { deterministic: true }, (source: unknown) => sortName(String(source)))
}
