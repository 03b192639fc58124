/**
 * Standard output and standard error as one screen: lines that stay, and below them live lines that are drawn anew. A name never
 * reaches it raw, so that every escape sequence in the output is one of ours.
 */
import { stripVTControlCharacters, styleText } from 'node:util'

export interface Screen {
  /** Whether live lines are shown: standard output is a terminal that can move its cursor. */
  readonly isLive: boolean
  columns(): number
  rows(): number
  /** Lines that stay, on standard output. */
  print(text: string): void
  /** The same on standard error. */
  warn(text: string): void
  /** The live lines, none of them wider than `columns`. */
  show(lines: readonly string[]): void
  /** Resolves once standard output has taken it: for more text than should wait in memory. */
  write(text: string): Promise<void>
  readonly paint: Paint
  /** For standard error, which may go elsewhere. */
  readonly paintWarning: Paint
}
export type Paint = (style: Style, text: string) => string
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Where standard output is no terminal: wide enough for whole paths. */
const columnsOfFile = 120

export interface ScreenOptions {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  readonly live: 'on' | 'off'
}

export function createScreen({ out, err, live }: ScreenOptions): Screen {
  let drawn: readonly string[] = []
  const columns = () => (out.isTTY && out.columns > 0 ? out.columns : columnsOfFile)
  const erasing = () => {
    if (drawn.length === 0) return ''
    // A terminal that has been made narrower has wrapped what was drawn.
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns())), 0)
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}\u001b[J`
  }
  const above = (stream: NodeJS.WriteStream, text: string) => {
    if (drawn.length === 0) {
      stream.write(`${text}\n`)
      return
    }
    out.write(erasing())
    stream.write(`${text}\n`)
    out.write(drawn.join('\n'))
  }
  return {
    isLive: live === 'on',
    columns,
    rows: () => (out.isTTY && out.rows > 0 ? out.rows : 24),
    print: (text) => above(out, text),
    warn: (text) => above(err, text),
    show: (lines) => {
      if (live === 'off') return
      if (lines.length === 0 && drawn.length === 0) return
      out.write(erasing() + lines.join('\n'))
      drawn = lines
    },
    write: (text) =>
      new Promise((resolve, reject) => out.write(text, (error) => (error instanceof Error ? reject(error) : resolve()))),
    paint: (style, text) => styleText(style, text, { stream: out }),
    paintWarning: (style, text) => styleText(style, text, { stream: err }),
  }
}
