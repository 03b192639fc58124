/**
 * Data as trees, exactly as their source has them: figures keep their digits, maps their order and any key. What its formats share, and no
 * more. Apart, as every reader makes it and every writer takes it.
 */
import { JobError } from '../../../../shared/failure.ts'

/** A number as it is written, in the form that JSON has: `12`, `-0.50`, `1e400`. */
export class Figure {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A date, a time or both, as ISO 8601 has them; text to formats that have no kind for it. */
export class Moment {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type DataMap = ReadonlyMap<string, Data>
export type DataList = readonly Data[]
export type Data = null | boolean | string | Figure | Moment | DataList | DataMap

/** Steps into a tree, outermost first. */
export type Way = readonly (string | number)[]

export const isMap = (data: Data | undefined): data is DataMap => data instanceof Map
export const isList = (data: Data | undefined): data is DataList => Array.isArray(data)

/** As people write it: `people[3].name`. */
export function wayText(way: Way): string {
  const text = way
    .map((step) => (typeof step === 'number' ? `[${step}]` : /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('')
  return text.replace(/^\./, '') || '.'
}

/** A value that the target has no place for, and where it stands. */
export function notAs(target: string, what: string, way: Way): JobError {
  return new JobError('source-unsupported', { because: 'not-as-target', target, reason: `${what} (${wayText(way)})` })
}

/** Nobody nests so deep; it is what a call stack holds with ease. */
export const maxDepth = 500

export function tooDeep(): JobError {
  return new JobError('source-damaged', { because: 'nested-too-deep' })
}

/** The same with the keys of every map by name. */
export function sorted(data: Data): Data {
  if (isList(data)) return data.map(sorted)
  if (!isMap(data)) return data
  const keys = [...data.keys()].toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0))
  return new Map(keys.map((key) => [key, sorted(data.get(key) ?? null)]))
}

/** Where in it the first such value stands; null where there is none. */
export function placeOf(data: Data, isSuch: (data: Data) => boolean, way: Way = []): Way | null {
  if (isSuch(data)) return way
  const parts: Iterable<readonly [string | number, Data]> = isMap(data) ? data : isList(data) ? data.entries() : []
  for (const [step, part] of parts) {
    const place = placeOf(part, isSuch, [...way, step])
    if (place !== null) return place
  }
  return null
}
