/**
 * Pure: the text of a page from where its characters stand. What stands side by side on a line stays on it, with blanks between as wide as they
 * are; columns of running text are read one after the other.
 */
import type { Glyph } from './pdfium.ts'

interface Word extends Glyph {
  /** Width of one of its characters, points. */
  readonly step: number
}

export interface TextLine {
  readonly words: readonly Word[]
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** In the order of reading; each block from the top down. */
export function blocksOf(glyphs: readonly Glyph[]): readonly (readonly TextLine[])[] {
  return columnsOf(wordsOf(turnedToRead(glyphs)), 0).map(linesOf)
}

/** As they stand, or turned by a quarter where most of them run up or down the page. */
function turnedToRead(glyphs: readonly Glyph[]): readonly Glyph[] {
  const runs = { across: 0, down: 0, up: 0 }
  for (const [n, next] of glyphs.entries()) {
    const last = glyphs[n - 1]
    if (last === undefined || last.text.trim() === '' || next.text.trim() === '') continue
    const [right, down] = [next.left - last.left, next.top - last.top]
    runs[Math.abs(right) >= Math.abs(down) ? 'across' : down > 0 ? 'down' : 'up'] += 1
  }
  if (runs.across >= Math.max(runs.down, runs.up)) return glyphs
  return glyphs.map(({ text, left, right, top, bottom }) =>
    runs.down >= runs.up
      ? { text, left: top, right: bottom, top: -right, bottom: -left }
      : { text, left: -bottom, right: -top, top: left, bottom: right },
  )
}

/** As it looks, with a blank line between blocks. */
export function plainText(glyphs: readonly Glyph[]): string {
  return blocksOf(glyphs)
    .map((lines) => {
      const left = Math.min(...lines.map((line) => line.left))
      const step = stepOf(lines.flatMap(({ words }) => words))
      let before: TextLine | null = null
      return lines
        .map((line) => {
          const isApart = before !== null && line.top - before.bottom > (before.bottom - before.top) * paragraphGap
          before = line
          return `${isApart ? '\n' : ''}${textOf(line, left, step)}`
        })
        .join('\n')
    })
    .join('\n\n')
}

/** Shares of a letter's height. */
const wordGap = 0.3
const paragraphGap = 0.6
/** Wider than this stands apart, in widths of a character. */
const cellGap = 2
/** What is left of a line that begins further in is kept up to so many blanks. */
const maxIndent = 60

function wordsOf(glyphs: readonly Glyph[]): readonly Word[] {
  const words: Word[] = []
  let open: Glyph[] = []
  const close = (): void => {
    const [first] = open
    if (first === undefined) return
    const text = open.map((glyph) => glyph.text).join('')
    const [left, right] = [Math.min(...open.map((glyph) => glyph.left)), Math.max(...open.map((glyph) => glyph.right))]
    const [top, bottom] = [Math.min(...open.map((glyph) => glyph.top)), Math.max(...open.map((glyph) => glyph.bottom))]
    words.push({ text, left, right, top, bottom, step: (right - left) / open.length })
    open = []
  }
  for (const glyph of glyphs) {
    if (glyph.text.trim() === '') {
      close()
      continue
    }
    const last = open.at(-1)
    if (last !== undefined && !goesOn(last, glyph)) close()
    open.push(glyph)
  }
  close()
  return words
}

function goesOn(last: Glyph, next: Glyph): boolean {
  const height = Math.max(last.bottom - last.top, 1)
  const isBeside = Math.abs(next.left - last.right) < height * wordGap || (next.left >= last.left && next.left < last.right)
  return isBeside && overlap(last, next) > 0.4
}

/** Of the lower of both, how much is at the height of the other. */
function overlap(one: Pick<Glyph, 'top' | 'bottom'>, other: Pick<Glyph, 'top' | 'bottom'>): number {
  const shared = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
  return shared / Math.max(0.01, Math.min(one.bottom - one.top, other.bottom - other.top))
}

function linesOf(words: readonly Word[]): readonly TextLine[] {
  const lines: { words: Word[]; top: number; bottom: number }[] = []
  for (const word of words.toSorted((one, other) => one.top + one.bottom - other.top - other.bottom)) {
    const line = lines.at(-1)
    if (line !== undefined && overlap(line, word) > 0.5) {
      line.words.push(word)
      // The first word tells how high the line is: else a slanting scan becomes one line.
      continue
    }
    lines.push({ words: [word], top: word.top, bottom: word.bottom })
  }
  return lines.map(({ words: found, top, bottom }) => {
    const sorted = found.toSorted((one, other) => one.left - other.left)
    return { words: sorted, top, bottom, left: sorted[0]?.left ?? 0, right: Math.max(...sorted.map(({ right }) => right)) }
  })
}

const maxDepth = 6
/** Of running text: shorter lines side by side are cells of a table. */
const minColumnCharacters = 22
const minColumnLines = 4

/** Words of each column of running text, or all of them where there are no columns. */
function columnsOf(words: readonly Word[], depth: number): readonly (readonly Word[])[] {
  if (words.length === 0) return []
  const gap = depth === maxDepth ? null : gutterOf(words)
  if (gap === null) return [words]
  const [across, beside] = [words.filter((word) => crosses(word, gap.at)), words.filter((word) => !crosses(word, gap.at))]
  // What runs across the gutter, such as a heading, comes before and after what it parts.
  const bands: { readonly kind: 'across' | 'beside'; readonly words: Word[] }[] = []
  for (const word of [...across, ...beside].toSorted((one, other) => one.top - other.top)) {
    const kind = inBand(word, across) ? 'across' : 'beside'
    const band = bands.at(-1)
    if (band?.kind === kind) band.words.push(word)
    else bands.push({ kind, words: [word] })
  }
  return bands.flatMap((band) =>
    band.kind === 'across'
      ? [band.words]
      : [
          ...columnsOf(
            band.words.filter(({ left }) => left < gap.at),
            depth + 1,
          ),
          ...columnsOf(
            band.words.filter(({ left }) => left >= gap.at),
            depth + 1,
          ),
        ],
  )
}

function inBand(word: Word, across: readonly Word[]): boolean {
  return across.some((one) => overlap(one, word) > 0.5)
}

function crosses({ left, right }: Word, at: number): boolean {
  return left < at && right > at
}

/** Where a white stripe parts two columns of running text; null where none does. */
function gutterOf(words: readonly Word[]): { readonly at: number } | null {
  const lines = linesOf(words)
  if (lines.length < minColumnLines) return null
  const gaps = new Map<number, number>()
  for (const { words: row } of lines) {
    for (const [n, word] of row.entries()) {
      const next = row[n + 1]
      if (next === undefined || next.left - word.right < word.step * cellGap) continue
      const at = Math.round((word.right + next.left) / 2 / gutterStep)
      gaps.set(at, (gaps.get(at) ?? 0) + 1)
    }
  }
  const candidates = [...gaps].toSorted(([, one], [, other]) => other - one).slice(0, 8)
  for (const [position] of candidates) {
    const at = position * gutterStep
    const crossing = words.filter((word) => crosses(word, at))
    const free = words.filter((word) => !inBand(word, crossing))
    const sides = [free.filter(({ right }) => right <= at), free.filter(({ left }) => left >= at)]
    if (sides.every(isRunning) && free.length > words.length / 2) return { at }
  }
  return null
}

const gutterStep = 4

function isRunning(words: readonly Word[]): boolean {
  const lines = linesOf(words)
  if (lines.length < minColumnLines) return false
  const lengths = lines.map((line) => line.words.reduce((sum, { text }) => sum + text.length + 1, -1))
  return (lengths.toSorted((one, other) => one - other)[lengths.length >> 1] ?? 0) >= minColumnCharacters
}

function stepOf(words: readonly Word[]): number {
  const steps = words.map(({ step }) => step).toSorted((one, other) => one - other)
  return Math.max(1, steps[steps.length >> 1] ?? 1)
}

function textOf({ words }: TextLine, left: number, step: number): string {
  let text = ''
  let last: Word | null = null
  for (const word of words) {
    const blanks =
      last === null
        ? Math.min(maxIndent, Math.round((word.left - left) / step))
        : word.left - last.right < Math.max(step, last.step) * cellGap
          ? word.left - last.right < (last.bottom - last.top) * touching
            ? 0
            : 1
          : Math.max(2, Math.round((word.left - left) / step) - text.length)
    text += ' '.repeat(Math.max(0, blanks)) + word.text
    last = word
  }
  return text
}

/** Closer than this in heights of a letter, what came as two words is one. */
const touching = 0.05
