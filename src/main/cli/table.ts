/** Rows in columns, for a terminal of any width and for files. */
import type { Screen } from './screen.ts'
import { clipped, cut, padded, paddedLeft, widthOf } from './width.ts'

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
    rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), widthOf(title)),
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
