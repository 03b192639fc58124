/** What is known of one thing, as labels with values beside them; long values go on below their beginning. */
import type { Screen } from './screen.ts'
import { padded, widthOf } from './table.ts'

export interface SheetRow {
  readonly label: string
  /** One a line; made showable before. */
  readonly values: readonly string[]
}

const gap = 2
/** What is left for values on the narrowest terminal. */
const minRoom = 24

/** In a file nothing is wrapped. */
export function sheet(rows: readonly SheetRow[], screen: Screen): string {
  const known = rows.filter(({ values }) => values.length > 0)
  const width = known.reduce((widest, { label }) => Math.max(widest, widthOf(label)), 0)
  const room = screen.isLive ? Math.max(minRoom, screen.columns() - gap - width - gap) : Infinity
  const lines = known.flatMap(({ label, values }) =>
    values
      .flatMap((value) => wrapped(value, room))
      .map((text, index) => {
        const name = padded(index === 0 ? label : '', width)
        return `${' '.repeat(gap)}${screen.paint('dim', name)}${' '.repeat(gap)}${text}`.trimEnd()
      }),
  )
  return lines.join('\n')
}

/** Between words; blanks that do not break hold together what belongs together, and are blanks on a terminal. */
function wrapped(text: string, room: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || widthOf(`${last} ${word}`) > room) lines.push(lines.length === 0 ? word : `  ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => line.replaceAll('\u00a0', ' '))
}
