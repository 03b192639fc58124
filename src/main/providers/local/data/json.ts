/** JSON read strictly and exactly, and written. Not JSON.parse: that one rounds figures, drops doubled keys and puts keys that look like numbers first. */
import { JobError } from '../../../../shared/failure.ts'
import { Figure, isList, isMap, maxDepth, Moment, notAs, placeOf, tooDeep, type Data } from './value.ts'

const figurePattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const blankPattern = /[ \t\n\r]*/y
/** Up to the end of the string, or to what has to be looked at. */
const plainPattern = /[^"\\\u0000-\u001f]*/y // oxlint-disable-line no-control-regex -- what JSON forbids
const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** @throws JobError `source-damaged` with the line where it is no JSON, or with the key that stands there twice. */
export function parseJson(text: string): Data {
  let at = 0

  function bad(what: string): JobError {
    const before = text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    return new JobError('source-damaged', { reason: `${what} (${line}:${column})` })
  }
  function blanks(): void {
    blankPattern.lastIndex = at
    blankPattern.exec(text)
    at = blankPattern.lastIndex
  }
  function word(name: string, meant: Data): Data {
    if (!text.startsWith(name, at)) throw bad(text.charAt(at) || 'EOF')
    at += name.length
    return meant
  }
  function string(): string {
    at += 1
    let found = ''
    for (;;) {
      plainPattern.lastIndex = at
      plainPattern.exec(text)
      found += text.slice(at, plainPattern.lastIndex)
      at = plainPattern.lastIndex
      const next = text.charAt(at)
      if (next === '"') {
        at += 1
        return found
      }
      if (next !== '\\') throw bad(next === '' ? 'EOF' : `U+${next.charCodeAt(0).toString(16).padStart(4, '0')}`)
      const kind = text.charAt(at + 1)
      const code = text.slice(at + 2, at + 6)
      if (kind === 'u' && /^[\da-fA-F]{4}$/.test(code)) {
        found += String.fromCharCode(Number.parseInt(code, 16))
        at += 6
      } else {
        const plain = escapes[kind]
        if (plain === undefined) throw bad(`\\${kind}`)
        found += plain
        at += 2
      }
    }
  }
  function list(depth: number): Data {
    const items: Data[] = []
    at += 1
    blanks()
    if (text.charAt(at) === ']') {
      at += 1
      return items
    }
    for (;;) {
      items.push(value(depth))
      const next = text.charAt(at)
      if (next !== ',' && next !== ']') throw bad(next || 'EOF')
      at += 1
      if (next === ']') return items
    }
  }
  function map(depth: number): Data {
    const entries = new Map<string, Data>()
    at += 1
    blanks()
    if (text.charAt(at) === '}') {
      at += 1
      return entries
    }
    for (;;) {
      blanks()
      if (text.charAt(at) !== '"') throw bad(text.charAt(at) || 'EOF')
      const key = string()
      if (entries.has(key)) throw bad(JSON.stringify(key))
      blanks()
      if (text.charAt(at) !== ':') throw bad(text.charAt(at) || 'EOF')
      at += 1
      entries.set(key, value(depth))
      const next = text.charAt(at)
      if (next !== ',' && next !== '}') throw bad(next || 'EOF')
      at += 1
      if (next === '}') return entries
    }
  }
  /** With the blanks around it. */
  function value(depth: number): Data {
    if (depth > maxDepth) throw tooDeep()
    blanks()
    const data = bare(depth)
    blanks()
    return data
  }
  function bare(depth: number): Data {
    switch (text.charAt(at)) {
      case '{':
        return map(depth + 1)
      case '[':
        return list(depth + 1)
      case '"':
        return string()
      case 't':
        return word('true', true)
      case 'f':
        return word('false', false)
      case 'n':
        return word('null', null)
      default: {
        figurePattern.lastIndex = at
        const [figure] = figurePattern.exec(text) ?? []
        if (figure === undefined) throw bad(text.charAt(at) || 'EOF')
        at += figure.length
        return new Figure(figure)
      }
    }
  }

  const whole = value(0)
  if (at < text.length) throw bad(text.charAt(at))
  return whole
}

/**
 * @param indent spaces a level; 0: all in one line.
 * @throws JobError `source-unsupported` (`not-as-target`) for what is no number to JSON, `NaN` or without end.
 */
export function jsonText(data: Data, indent: number): string {
  const write = (one: Data, margin: string): string => {
    if (one === null) return 'null'
    if (typeof one === 'boolean') return String(one)
    if (typeof one === 'string') return JSON.stringify(one)
    if (one instanceof Figure && /[Ny]/.test(one.text))
      throw notAs('JSON', one.text, placeOf(data, (other) => other === one) ?? [])
    if (one instanceof Figure) return one.text
    if (one instanceof Moment) return JSON.stringify(one.text)
    const inner = indent === 0 ? '' : `${margin}${' '.repeat(indent)}`
    const [open, close] = isList(one) ? '[]' : '{}'
    const parts = isMap(one)
      ? [...one].map(([key, item]) => `${JSON.stringify(key)}:${indent === 0 ? '' : ' '}${write(item, inner)}`)
      : one.map((item) => write(item, inner))
    if (parts.length === 0) return `${open}${close}`
    return indent === 0 ? `${open}${parts.join(',')}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`
  }
  return write(data, '')
}

/**
 * The items of a list that may be larger than memory, each on its own.
 * @param chunks of text whose first character that is no blank is `[`.
 */
export async function* jsonItems(chunks: AsyncIterable<string>): AsyncGenerator<Data> {
  let held = ''
  let at = 0
  let from = -1
  let depth = 0
  let isQuoted = false
  let isEnded = false as boolean
  const damaged = (): JobError => new JobError('source-damaged', { reason: isEnded ? held.slice(at, at + 20) : 'EOF' })
  const marks = /["\\[\]{},]/g
  let count = 0
  for await (const chunk of chunks) {
    held += chunk
    for (;;) {
      marks.lastIndex = at
      const mark = marks.exec(held)
      if (isEnded && /[^ \t\n\r]/.test(held.slice(at))) throw damaged()
      if (mark === null) {
        at = held.length
        break
      }
      const [found] = mark
      if (isQuoted && found === '\\') {
        // What it escapes may be in the next piece.
        if (mark.index + 1 >= held.length) {
          at = mark.index
          break
        }
        at = mark.index + 2
        continue
      }
      at = mark.index + 1
      if (found === '"') isQuoted = !isQuoted
      else if (isQuoted || found === '\\') continue
      else if (found === '[' || found === '{') {
        depth += 1
        if (depth > maxDepth) throw tooDeep()
        if (depth === 1) {
          if (from >= 0 || held.slice(0, mark.index).trim() !== '') throw damaged()
          from = at
        }
      } else if (found === ',' && depth === 1) {
        yield parseJson(held.slice(from, mark.index))
        count += 1
        from = at
      } else if (found !== ',') {
        depth -= 1
        if (depth > 0) continue
        const last = held.slice(from, mark.index)
        if (count > 0 || /[^ \t\n\r]/.test(last)) yield parseJson(last)
        isEnded = true
        from = at
      }
    }
    // What has been given is let go.
    if (from > 0) {
      held = held.slice(from)
      at -= from
      from = 0
    } else if (from < 0 && at > 1 << 20) throw damaged()
  }
  if (!isEnded) throw damaged()
}
