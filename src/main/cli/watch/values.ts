/** What may stand behind the options of `beside watch`, checked while the command line is read. */
import { InvalidArgumentError } from 'commander'
import { families, formatNamed, type Family, type FormatId } from '../../../shared/formats.ts'
import type { Hours } from '../../../shared/hours.ts'
import { nameTemplate } from '../arguments.ts'

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
export function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unit = byteUnits[match?.[2]?.toLowerCase() ?? ' ']
  if (match === null || unit === undefined) throw new InvalidArgumentError('It must be a size like 500k, 20MB or 1.5G.')
  return Math.round(Number(match[1]) * unit)
}

const timeUnits: Readonly<Record<string, number>> = { s: 1e3, min: 60e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 7 * 86_400e3 }

/** `90s`, `10min`, `2h`, `7d`. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim())
  const unit = timeUnits[match?.[2]?.toLowerCase() ?? '']
  if (match === null || unit === undefined) throw new InvalidArgumentError('It must be a time like 90s, 10min, 2h or 7d.')
  return Math.round(Number(match[1]) * unit)
}

export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** `22:00-06:00`, `mon-fri 22:00-06:00`, `sat,sun 0:00-24:00`; added to those before it. */
export function hours(text: string, before: readonly Hours[] = []): readonly Hours[] {
  const match = /^(?:([a-z,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/i.exec(text.trim())
  const days = match === null ? [] : daysIn(match[1] ?? 'sun-sat')
  const [fromMinute, toMinute] = [minuteOf(match?.[2], match?.[3]), minuteOf(match?.[4], match?.[5])]
  if (days.length === 0 || fromMinute === null || toMinute === null) {
    throw new InvalidArgumentError('It must be hours like 22:00-06:00 or "mon-fri 18:30-23:00".')
  }
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
export function kinds(text: string, before: readonly (Family | FormatId)[] = []): readonly (Family | FormatId)[] {
  const plural = text.toLowerCase().replace(/s$/, '')
  const family = families.find((each) => each === text.toLowerCase() || each === plural)
  const kind = family ?? formatNamed(text)
  if (kind === null) throw new InvalidArgumentError(`It must be ${families.join(', ')} or a format.`)
  return [...before, kind]
}

export function amount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It must be a number above 0, or none.')
  return Number(text)
}

/** `none` takes back what was said. */
export function orNone(parse: (text: string) => number): (text: string) => number | 'none' {
  return (text) => (text.trim().toLowerCase() === 'none' ? 'none' : parse(text))
}

/** Nothing at all takes back the whole list. */
export function orNothing<T>(
  parse: (text: string, before?: readonly T[]) => readonly T[],
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before) => (text.trim() === '' ? [] : parse(text, before))
}

/** A template for names; empty: as the settings say. */
export function ruleName(text: string): string {
  return text === '' ? text : nameTemplate(text)
}
