/** Text in a terminal's columns: wide characters take two, marks that combine take none. */
import stringWidth from 'string-width'

export function widthOf(text: string): number {
  return stringWidth(text)
}

/** At most `columns` wide. The middle goes, so that a name keeps its beginning and its ending. */
export function clipped(text: string, columns: number): string {
  if (text.length <= columns && isPlain(text)) return text
  if (stringWidth(text) <= columns) return text
  if (columns < 4) return taken([...characters(text)], columns)
  const all = [...characters(text)]
  const tail = Math.floor((columns - 1) / 3)
  return `${taken(all, columns - 1 - tail)}…${taken(all.toReversed(), tail, 'from the end')}`
}

/** At most `columns` wide; the end goes. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  return columns < 1 ? '' : `${taken([...characters(text)], columns - 1)}…`
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
}

export function paddedLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - stringWidth(text))) + text
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text)
}

const segmenter = new Intl.Segmenter()

function* characters(text: string): Generator<string> {
  for (const { segment } of segmenter.segment(text)) yield segment
}

function taken(from: readonly string[], columns: number, order: 'from the start' | 'from the end' = 'from the start'): string {
  const some: string[] = []
  let used = 0
  for (const character of from) {
    used += stringWidth(character)
    if (used > columns) break
    some.push(character)
  }
  return (order === 'from the end' ? some.toReversed() : some).join('')
}
