/**
 * Rows of text, as CSV and TSV have them (RFC 4180): quotes around what holds a separator, a quote or a line's end. Read piece by piece, so that a
 * million rows need no more memory than one. What a cell says is never looked at: `=1+1` and `0012` are text like any other.
 */
import { JobError } from '../../../../shared/failure.ts'
import type { delimiters } from '../../../../shared/options.ts'

export type Cells = readonly string[]

export const separators: Readonly<Record<(typeof delimiters)[number], string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
}

/** More in one cell than this is a quote that never ends, characters. */
const maxCell = 64 * 2 ** 20

/** @throws JobError `source-damaged` for a quote that does not end. */
export async function* csvRows(chunks: AsyncIterable<string>, separator: string): AsyncGenerator<readonly Cells[]> {
  const stops = new RegExp(
    `[${separator === '|' || separator === '\t' ? `\\${separator === '\t' ? 't' : '|'}` : separator}\\n\\r]`,
    'g',
  )
  let held = ''
  let row: string[] = []
  let rows: Cells[] = []

  /** As many whole cells as there are; where the last piece is `isLast`, all. */
  function take(isLast: boolean): void {
    let at = 0
    while (at < held.length) {
      let cell = ''
      let end = at
      if (held.charAt(at) === '"') {
        const closed = closingQuote(held, at + 1, isLast)
        if (closed === null) break
        cell = held.slice(at + 1, closed).replaceAll('""', '"')
        end = closed + 1
      }
      stops.lastIndex = end
      const stop = stops.exec(held)
      if (stop === null && !isLast) break
      const until = stop?.index ?? held.length
      const sign = stop?.[0] ?? ''
      // The second half of a line's end may be in the next piece.
      if (sign === '\r' && until + 1 >= held.length && !isLast) break
      // Behind a closing quote stands nothing in what keeps to the rules; what does not loses nothing.
      row.push(cell + held.slice(end, until))
      at = until + (sign === '' ? 0 : sign === '\r' && held.charAt(until + 1) === '\n' ? 2 : 1)
      if (sign === separator && isLast && at >= held.length) row.push('')
      if (sign === separator) continue
      rows.push(row)
      row = []
    }
    held = held.slice(at)
    if (held.length > maxCell) throw unended()
    if (!isLast) return
    if (held !== '') throw unended()
    if (row.length > 0) rows.push(row)
  }

  for await (const chunk of chunks) {
    held += chunk
    take(false)
    if (rows.length > 0) yield rows
    rows = []
  }
  take(true)
  if (rows.length > 0) yield rows
}

function unended(): JobError {
  return new JobError('source-damaged', { reason: '"' })
}

/** Null where it may be in the next piece, or where a quote may be the first of two. */
function closingQuote(text: string, from: number, isLast: boolean): number | null {
  let at = from
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0 || (quote + 1 >= text.length && !isLast)) return null
    if (text.charAt(quote + 1) !== '"') return quote
    at = quote + 2
  }
}

/** A row that is nothing but an empty line. */
export const isBlank = (row: Cells): boolean => row.length === 1 && row[0] === ''

/** One row with its line's end. */
export function csvLine(row: Cells, separator: string): string {
  // An empty line would be no row at all.
  if (isBlank(row)) return '""\r\n'
  return `${row.map((cell) => csvCell(cell, separator)).join(separator)}\r\n`
}

function csvCell(cell: string, separator: string): string {
  return cell.includes(separator) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/**
 * What stands between the values: of those that are usual the one by which most rows have as many values as the first.
 * @param head some first characters of the text.
 */
export async function separatorOf(head: string, isWhole: boolean): Promise<string> {
  const scores: { readonly separator: string; readonly share: number; readonly columns: number }[] = []
  for (const separator of Object.values(separators)) {
    const rows: Cells[] = []
    try {
      for await (const some of csvRows(pieces(head), separator)) rows.push(...some)
    } catch {
      continue
    }
    const whole = (isWhole || rows.length < 2 ? rows : rows.slice(0, -1)).filter((row) => !isBlank(row))
    const columns = whole[0]?.length ?? 1
    scores.push({ separator, columns, share: whole.filter((row) => row.length === columns).length / Math.max(1, whole.length) })
  }
  const several = scores.filter(({ columns }) => columns > 1)
  const best = several.toSorted((one, other) => other.share - one.share || other.columns - one.columns)[0]
  return best !== undefined && best.share > 0.5 ? best.separator : ','
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text
}
