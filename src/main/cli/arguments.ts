/** What may stand behind an option or a command, checked while the command line is read; and what a mistyped name may have meant. */
import { InvalidArgumentError } from 'commander'
import { distance } from 'fastest-levenshtein'
import { describe } from '../../shared/describe.ts'
import { failure, type Failure } from '../../shared/failure.ts'
import { anyFormatNamed, families, formatIds, formatNamed, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { Hours } from '../../shared/hours.ts'
import type { ConflictPolicy, ProviderChoice, ProviderId } from '../../shared/job.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import { templateTrouble } from '../../shared/naming.ts'
import { optionNames, parseOption, type OptionName, type OptionValue } from '../../shared/options.ts'
import { shown } from './terminal/text.ts'

export const onlineProviders = [
  'xconvert',
  'musicgpt',
  'converter-app',
  'converso',
] as const satisfies readonly OnlineProviderId[]
export const providers = ['local', 'fleet', ...onlineProviders] as const satisfies readonly ProviderId[]
export const providerChoices = ['auto', ...providers] as const satisfies readonly ProviderChoice[]
export const policies = ['number', 'skip', 'overwrite'] as const satisfies readonly ConflictPolicy[]

/** Any name that a format could have: whether somebody has it is for the engine to say, see `open-formats.ts`. */
export function parseFormat(text: string): FormatId {
  const format = anyFormatNamed(text)
  if (format !== null) return format
  const names = [...formatIds, ...formatIds.flatMap((each) => factsOf(each).extensions)]
  throw new InvalidArgumentError(
    `${textOf(failure('target-unknown', { target: shown(text) }))} ${didYouMean(text, new Set(names))}`.trim(),
  )
}

export type OptionSetting = readonly [name: OptionName, value: OptionValue]

/** `bitrate=192k`, added to those before it. */
export function parseOptionSettings(text: string, before: readonly OptionSetting[] = []): readonly OptionSetting[] {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new InvalidArgumentError('Use option=value, like bitrate=192k.')
  const name = text.slice(0, equals).trim()
  const parsed = parseOption(name, text.slice(equals + 1))
  if (parsed.ok) return [...before, [parsed.value.name, parsed.value.value]]
  const suggestion = parsed.failure.code === 'option-unknown' ? didYouMean(name, optionNames) : ''
  throw new InvalidArgumentError([suggestion, textOf(parsed.failure)].filter((part) => part !== '').join(' '))
}

/** The name of an option, added to those before it. */
export function parseOptionNames(text: string, before: readonly OptionName[] = []): readonly OptionName[] {
  const name = optionNames.find((each) => each.toLowerCase() === text.trim().toLowerCase().replaceAll('-', ''))
  if (name !== undefined) return [...before, name]
  const unknown = failure('option-unknown', { option: text, known: optionNames.join(', ') })
  throw new InvalidArgumentError([didYouMean(text, optionNames), textOf(unknown)].filter((part) => part !== '').join(' '))
}

export function parseNameTemplate(text: string): string {
  const trouble = templateTrouble(text)
  if (trouble !== null) throw new InvalidArgumentError(textOf(trouble))
  return text
}

/** The number of a job or a batch; `#12` is taken as well. */
export function parseId(text: string): number {
  if (!/^#?\d{1,15}$/.test(text))
    throw new InvalidArgumentError('Use a number, as shown by `beside queue list` and `beside history`.')
  return Number(text.replace('#', ''))
}

export function parseIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseId(text)]
}

export function parseTexts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Use a whole number from 1.')
  return Number(text)
}

/** `2026-11-21` (its beginning, here) or `2026-11-21T10:30`, in milliseconds since 1970. */
export function parseMoment(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const ms = new Date(isDay ? `${text}T00:00` : text).getTime()
  if (Number.isNaN(ms) || !/^\d{4}-\d{2}-\d{2}/.test(text))
    throw new InvalidArgumentError('Use a date like 2026-11-21 or 2026-11-21T10:30.')
  return ms
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
}

/** `500k`, `1.5 GB`: thousands, as file managers count. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unit = byteUnits[match?.[2]?.toLowerCase() ?? ' ']
  if (match === null || unit === undefined) throw new InvalidArgumentError('Use a size like 500k, 20MB or 1.5G.')
  return Math.round(Number(match[1]) * unit)
}

const timeUnits: Readonly<Record<string, number>> = { s: 1e3, min: 60e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 7 * 86_400e3 }

/** `90s`, `10min`, `2h`, `7d`. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim())
  const unit = timeUnits[match?.[2]?.toLowerCase() ?? '']
  if (match === null || unit === undefined) throw new InvalidArgumentError('Use a time like 90s, 10min, 2h or 7d.')
  return Math.round(Number(match[1]) * unit)
}

export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** `22:00-06:00`, `mon-fri 22:00-06:00`, `sat,sun 0:00-24:00`; added to those before it. */
export function parseHours(text: string, before: readonly Hours[] = []): readonly Hours[] {
  const match = /^(?:([a-z,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/i.exec(text.trim())
  const days = match === null ? [] : daysIn(match[1] ?? 'sun-sat')
  const [fromMinute, toMinute] = [minuteOf(match?.[2], match?.[3]), minuteOf(match?.[4], match?.[5])]
  if (days.length === 0 || fromMinute === null || toMinute === null)
    throw new InvalidArgumentError('Use hours like 22:00-06:00 or "mon-fri 18:30-23:00".')
  return [...before, { days: [...days], fromMinute, toMinute }]
}

function daysIn(text: string): readonly number[] {
  const found = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [first = -1, last = first] = part.split('-').map((name) => dayNames.findIndex((day) => name.startsWith(day)))
    if (first < 0 || last < 0) return []
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day)
      if (day === last) break
    }
  }
  return [...found].toSorted()
}

function minuteOf(hour = '', minute = ''): number | null {
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && minutes <= 1440 ? minutes : null
}

/** A family or a format; added to those before it. */
export function parseKinds(text: string, before: readonly (Family | FormatId)[] = []): readonly (Family | FormatId)[] {
  const singular = text.toLowerCase().replace(/s$/, '')
  const family = families.find((each) => each === text.toLowerCase() || each === singular)
  const kind = family ?? formatNamed(text)
  if (kind === null) throw new InvalidArgumentError(`Use ${families.join(', ')} or a format.`)
  return [...before, kind]
}

export function parseAmount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('Use a number above 0, or none.')
  return Number(text)
}

/** `none` removes what was set. */
export function orNone(parse: (text: string) => number): (text: string) => number | 'none' {
  return (text) => (text.trim().toLowerCase() === 'none' ? 'none' : parse(text))
}

/** An empty text removes the whole list. */
export function orNothing<T>(
  parse: (text: string, before?: readonly T[]) => readonly T[],
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before) => (text.trim() === '' ? [] : parse(text, before))
}

/** A template for names; empty: as the settings say. */
export function parseRuleName(text: string): string {
  return text === '' ? text : parseNameTemplate(text)
}

function textOf(why: Failure): string {
  const { message, action } = describe(why)
  return `${message} ${action}`.trim()
}

/** Names that a mistyped one may have meant: at most three, the nearest first; none where nothing is near. */
export function suggestions(typed: string, names: Iterable<string>): readonly string[] {
  const wanted = typed.toLowerCase()
  const furthest = Math.max(1, Math.floor(wanted.length / 3))
  return [...names]
    .map((name) => ({ name, far: slips(wanted, name.toLowerCase()) }))
    .filter(({ far }) => far <= furthest)
    .toSorted((one, other) => one.far - other.far)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** `Did you mean mp3 or mp2?`, or nothing. */
export function didYouMean(typed: string, names: Iterable<string>): string {
  const found = suggestions(typed, names)
  return found.length === 0 ? '' : `Did you mean ${found.join(' or ')}?`
}

/** Letters to change, add or leave out; two that changed places are one slip, and not two. */
function slips(one: string, other: string): number {
  const edits = distance(one, other)
  return edits === 2 && sorted(one) === sorted(other) ? 1 : edits
}

function sorted(text: string): string {
  return text.split('').toSorted().join('')
}
