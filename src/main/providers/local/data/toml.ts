/** TOML, read and written by its library; what it has no kind for is refused with its place. Apart, as one format of several. */
import { parse, stringify, TomlDate, TomlError } from 'smol-toml'
import { JobError } from '../../../../shared/failure.ts'
import { Figure, isList, isMap, maxDepth, Moment, notAs, tooDeep, type Data, type Way } from './value.ts'

/** @throws JobError `source-damaged` with the line and the library's words. */
export function parseToml(text: string): Data {
  try {
    return dataOf(parse(text, { integersAsBigInt: true, useLegacyDate: true, maxDepth }))
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && /depth/i.test(error.message))) throw tooDeep()
    if (!(error instanceof TomlError)) throw error
    const [, words = ''] = /^(?:Invalid TOML document: )?([^\n]+)/.exec(error.message) ?? []
    throw new JobError('source-damaged', { reason: `${words} (${error.line}:${error.column})` }, { cause: error })
  }
}

function dataOf(value: unknown): Data {
  if (typeof value === 'bigint') return new Figure(String(value))
  if (typeof value === 'number') return figureOf(value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof TomlDate) return new Moment(value.toISOString().replace(/\.000(?=Z|[+-]|$)/, ''))
  if (Array.isArray(value)) return value.map(dataOf)
  return new Map(Object.entries(value as object).map(([key, item]) => [key, dataOf(item)]))
}

/** With a point or an exponent, by which it stays what it is. */
function figureOf(value: number): Figure {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return new Figure(/^-?\d+$/.test(text) ? `${text}.0` : text)
}

/** Where a list has to have a name. */
export const listName = 'items'

/** @throws JobError `source-unsupported` (`not-as-target`) for what TOML has no kind for. */
export function tomlText(data: Data): string {
  const top = isMap(data) ? data : isList(data) ? new Map<string, Data>([[listName, data]]) : null
  if (top === null) throw notAs('TOML', data === null ? 'null' : 'value', [])
  // A figure with a point stays one with a point.
  return `${stringify(plain(top, []), { maxDepth, numbersAsFloat: true }).trimEnd()}\n`
}

const [min, max] = [-(2n ** 63n), 2n ** 63n - 1n]

function plain(data: Data, way: Way): unknown {
  if (way.length > maxDepth) throw tooDeep()
  if (data === null) throw notAs('TOML', 'null', way)
  if (data instanceof Moment) return new TomlDate(data.text)
  if (data instanceof Figure) {
    if (!/^-?\d+$/.test(data.text)) return Number(data.text)
    const whole = BigInt(data.text)
    if (whole < min || whole > max) throw notAs('TOML', data.text, way)
    return whole
  }
  if (isList(data)) return data.map((item, at) => plain(item, [...way, at]))
  if (!isMap(data)) return data
  // Without a prototype, so that any key is one of its own.
  const table: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, item] of data) table[key] = plain(item, [...way, key])
  return table
}
