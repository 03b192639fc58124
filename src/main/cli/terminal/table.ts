/** Text in a terminal's columns, where wide characters take two and marks that combine take none; and rows in columns, for any width and for files. */
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import type { Screen } from './screen.ts'

export function widthOf(text: string): number {
  return stringWidth(text)
}

/** At width `columns` wide. The middle goes, so that a name keeps its beginning and its ending. */
export function clipped(text: string, columns: number): string {
  return cliTruncate(text, columns, { position: 'middle' })
}

/** At width `columns` wide; the end goes. */
export function cut(text: string, columns: number): string {
  return cliTruncate(text, columns)
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
}

export function paddedLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - stringWidth(text))) + text
}

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Gives way where the terminal is too narrow, and at which place: a name keeps its ending, a sentence its beginning. */
  readonly yields?: 'in the middle' | 'at the end'
}

/** `cells` are shown as they are: names must be made showable before. In a file nothing is cut off. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], screen: Screen): string {
  const gap = 2
  const wanted = columns.map(({ title }, index) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[index] ?? '')), widthOf(title)),
  )
  const widths = screen.isLive ? fitted(columns, wanted, screen.columns() - gap * (columns.length - 1)) : wanted
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align, yields }, index) => {
        const width = widths[index] ?? 0
        const cell = (yields === 'at the end' ? cut : clipped)(cells[index] ?? '', width)
        return align === 'right' ? paddedLeft(cell, width) : padded(cell, width)
      })
      .join(' '.repeat(gap))
      .trimEnd()
  return [screen.paint('dim', line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n')
}

function fitted(columns: readonly Column[], wanted: readonly number[], room: number): readonly number[] {
  const widths = [...wanted]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    // The widest of those that may gives first.
    const index = columns.reduce(
      (best, { yields }, at) => (yields !== undefined && (best < 0 || (widths[at] ?? 0) > (widths[best] ?? 0)) ? at : best),
      -1,
    )
    const width = widths[index] ?? 0
    if (index < 0 || width <= 8) break
    widths[index] = width - 1
    over -= 1
  }
  return widths
}
