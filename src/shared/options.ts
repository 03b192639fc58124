/**
 * The one vocabulary of conversion options. Providers say which of these they take; the command line, the window's form
 * and the check of stored presets all read this table. Plain data on purpose: `beside formats` must start fast.
 */
import { failure, type Failure } from './failure.ts'
import {
  optionNames,
  ownOptions,
  type OptionName,
  type OptionShape,
  type Options,
  optionTable,
  type OptionValue,
} from './option-table.ts'

export {
  sampleRates,
  bitDepths,
  qualities,
  delimiters,
  optionTable,
  optionNames,
  ownOptions,
  type MatchLevel,
  type OptionName,
  type Options,
  type OptionValue,
} from './option-table.ts'

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

const byLowerCase = new Map(optionNames.map((name) => [name.toLowerCase(), name]))

/** One option from text or a stored value: `('bitrate', '192k')` gives 192. Names are taken in any case and with dashes. */
export function parseOption(name: string, value: unknown): Parsed<{ name: OptionName; value: OptionValue }> {
  const known = byLowerCase.get(name.toLowerCase().replaceAll('-', ''))
  if (known === undefined)
    return { ok: false, failure: failure('option-unknown', { option: name, known: optionNames.join(', ') }) }
  const parsed = parseValue(optionTable[known], value)
  if (parsed !== null) return { ok: true, value: { name: known, value: parsed } }
  return {
    ok: false,
    failure: failure('option-invalid', { option: known, value: shownValue(known, value), allowed: allowedValues(known) }),
  }
}

/** As much of a value as anybody may see. */
function shownValue(name: OptionName, value: unknown): string {
  return optionTable[name].kind === 'secret' ? '••••' : String(value)
}

/** A whole option bag from anything: a preset file, the wire, `--set` pairs. The first wrong entry is the answer. */
export function parseOptions(bag: unknown): Parsed<Options> {
  if (typeof bag !== 'object' || bag === null || Array.isArray(bag)) {
    return { ok: false, failure: failure('option-invalid', { option: 'options', value: String(bag), allowed: 'an object' }) }
  }
  const options: Record<string, OptionValue> = {}
  for (const [name, value] of Object.entries(bag)) {
    if (value === undefined) continue
    const parsed = parseOption(name, value)
    if (!parsed.ok) return parsed
    options[parsed.value.name] = parsed.value.value
  }
  const { trimStart, trimEnd } = options as Options
  if (trimStart !== undefined && trimEnd !== undefined && trimEnd <= trimStart) {
    return {
      ok: false,
      failure: failure('option-invalid', {
        option: 'trimEnd',
        value: `${trimEnd} ms`,
        allowed: `more than trimStart (${trimStart} ms)`,
      }),
    }
  }
  return { ok: true, value: options }
}

/** For whatever outlives the work: passwords are kept nowhere. */
export function withoutSecrets(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => optionTable[name as OptionName].kind !== 'secret'))
}

/** What whoever makes the result is told. */
export function askedOfProvider(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ownOptions.includes(name as OptionName)))
}

/** What says otherwise how good a result is, or how large. */
const besidesMatching = ['imageQuality', 'quality', 'crf', 'maxSize'] as const satisfies readonly OptionName[]

/** Two options that cannot both be kept, or null. */
export function contradictionIn(options: Options): Failure | null {
  if (options.matchQuality === undefined) return null
  const other =
    besidesMatching.find((name) => options[name] !== undefined) ??
    (options.lossless === true ? 'lossless' : options.encoder === 'hardware' ? 'encoder' : undefined)
  return other === undefined ? null : failure('options-contradict', { option: 'matchQuality', other })
}

/** What an option may be, in words: `8000, 16000, …` or `1 to 100`. */
export function allowedValues(name: OptionName): string {
  const shape = optionTable[name]
  const unit = shape.unit === undefined || shape.kind === 'time' ? '' : ` ${shape.unit}`
  switch (shape.kind) {
    case 'choice':
    case 'number-choice': {
      const figures = shape.min === undefined ? [] : [`or ${shape.min} to ${shape.max}`]
      return `${[...(shape.values ?? []), ...figures].join(', ')}${unit}`
    }
    case 'number':
      return `${shape.min} to ${shape.max}${unit}`
    case 'yes-no':
      return 'yes, no'
    case 'time':
      return 'seconds, m:ss or h:mm:ss'
    case 'size':
      return `${sizeText(shape.min ?? 0)} to ${sizeText(shape.max ?? Infinity)}, like 10MB, 700kB or 8MiB`
    case 'url':
      return 'an http or https address'
    case 'text':
    case 'secret':
      return 'text'
    case 'ranges':
      return 'page numbers and ranges, like 1-3,7,10-'
    case 'colour':
      return 'a colour like #ffffff'
  }
}

/** What is set, each as it is typed: `10MB` for 10000000, `192` for 192. Read again, it is the same, but for what is secret. */
export function optionTexts(options: Options): readonly (readonly [name: OptionName, text: string])[] {
  return (Object.entries(options) as [OptionName, OptionValue][]).map(([name, value]) => [
    name,
    optionTable[name].kind === 'size' && typeof value === 'number' ? sizeText(value) : shownValue(name, value),
  ])
}

function parseValue(shape: OptionShape, value: unknown): OptionValue | null {
  switch (shape.kind) {
    case 'number': {
      const number = toNumber(value, shape.unit)
      if (number === null || number < (shape.min ?? -Infinity) || number > (shape.max ?? Infinity)) return null
      return shape.whole === true && !Number.isInteger(number) ? null : number
    }
    case 'number-choice': {
      const number = toNumber(value)
      return number !== null && shape.values?.includes(number) === true ? number : null
    }
    case 'choice': {
      if (typeof value === 'string' && shape.values?.includes(value.toLowerCase()) === true) return value.toLowerCase()
      const number = shape.min === undefined ? null : toNumber(value)
      return number !== null && number >= (shape.min ?? 0) && number <= (shape.max ?? 0) ? number : null
    }
    case 'yes-no':
      if (typeof value === 'boolean') return value
      if (typeof value !== 'string') return null
      if (/^(yes|true|on|1)$/i.test(value)) return true
      return /^(no|false|off|0)$/i.test(value) ? false : null
    case 'time':
      return typeof value === 'number' ? (Number.isFinite(value) && value >= 0 ? Math.round(value) : null) : parseTimeMs(value)
    case 'size': {
      const bytes = toBytes(value)
      return bytes !== null && bytes >= (shape.min ?? 0) && bytes <= (shape.max ?? Infinity) ? bytes : null
    }
    case 'text':
      return typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null
    case 'secret':
      return typeof value === 'string' && value.length > 0 && value.length <= 1024 ? value : null
    case 'ranges':
      return typeof value === 'string' ? rangesText(value) : null
    case 'colour':
      return typeof value === 'string' && /^#[\da-f]{6}$/i.test(value.trim()) ? value.trim().toLowerCase() : null
    case 'url':
      return typeof value === 'string' && /^https?:\/\/\S+$/i.test(value) && URL.canParse(value) ? value : null
  }
}

/** Without blanks; null for what names no pages, or names them backwards. */
function rangesText(value: string): string | null {
  const text = value.replaceAll(/\s+/g, '')
  if (text === '' || text.length > 255) return null
  const isRight = text.split(',').every((part) => {
    const [, from = '', dash = '', to = ''] = /^(\d{0,6})(-?)(\d{0,6})$/.exec(part) ?? []
    if (from === '' && to === '') return false
    if (Number(from || 1) < 1 || (dash === '' && to !== '')) return false
    return to === '' || Number(to) >= Number(from || 1)
  })
  return isRight ? text : null
}

/** Which of so many pages are meant, from 0, in the order in which they are named. All where nothing is said. */
export function pagesIn(ranges: string | undefined, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, page) => page)
  if (ranges === undefined) return all
  return ranges.split(',').flatMap((part) => {
    const [from = '', to = from] = part.split('-')
    return all.slice(Math.max(1, Number(from || 1)) - 1, to === '' ? count : Number(to))
  })
}

/** Units that are typed along with a figure. */
const typedUnits: Readonly<Partial<Record<string, RegExp>>> = { 'kbit/s': / *k(bit\/s|bps)?$/i, '%': / *%$/ }

function toNumber(value: unknown, unit = ''): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  const text = value.trim().replace(typedUnits[unit] ?? '', '')
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

/** By thousands, as file managers, shops and limits of e-mail count; by 1024 where that is said. The larger ones first. */
const sizeUnits = [
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const

/** Whole bytes; null for what is no size. */
function toBytes(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : null
  const [, figure, unit = ''] = (typeof value === 'string' && /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(value.trim())) || []
  if (figure === undefined) return null
  const asked = unit.toLowerCase().replace(/^b(ytes)?$/, '')
  const factor =
    asked === '' ? 1 : sizeUnits.find(([name]) => [name.toLowerCase(), name.slice(0, -1).toLowerCase()].includes(asked))?.[1]
  return factor === undefined ? null : Math.round(Number(figure) * factor)
}

/** As it is typed, `9.5MB`: in the largest unit that needs no more than two decimals, else in bytes. */
export function sizeText(bytes: number): string {
  const fitting = sizeUnits.find(([, factor]) => bytes >= factor && Number.isInteger((bytes * 100) / factor))
  return fitting === undefined ? `${bytes}B` : `${bytes / fitting[1]}${fitting[0]}`
}

/** `90`, `1:30`, `1:02:03.5` to milliseconds; null for anything else. */
function parseTimeMs(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/.exec(value.trim())
  if (match === null) return null
  const [, hours = '0', minutes = '0', seconds = '0'] = match
  if (match[2] !== undefined && Number(seconds) >= 60) return null
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000)
}
