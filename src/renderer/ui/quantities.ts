/** Sizes, times and dates as the user's language writes them. */
import type { Speed } from '../../shared/providers.ts'
import { language } from '../app/language.ts'

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
const made = new Map<string, Intl.NumberFormat>()

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language()} ${JSON.stringify(options)}`
  const known = made.get(key)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat(language(), options)
  made.set(key, format)
  return format
}

export function countText(value: number): string {
  return number({}).format(value)
}

/** `480 kB`, `5.3 MB`: thousands, as file managers count. */
export function bytesText(bytes: number): string {
  let value = bytes
  let step = 0
  while (value >= 999.5 && step < sizeUnits.length - 1) {
    value /= 1000
    step += 1
  }
  const digits = step === 0 || value >= 99.95 ? 0 : 1
  // Short, bytes have no plural in English.
  const unitDisplay = step === 0 ? 'long' : 'short'
  return number({ style: 'unit', unit: sizeUnits[step] ?? 'byte', unitDisplay, maximumFractionDigits: digits }).format(value)
}

/** `MB`, as the user's language has it. */
export function megabyteUnit(): string {
  const parts = number({ style: 'unit', unit: 'megabyte', unitDisplay: 'short' }).formatToParts(1)
  return parts.find(({ type }) => type === 'unit')?.value ?? 'MB'
}

/** `3.1 MB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`
}

/** `12×`, so many times as fast as it is played, or `3.1 MB/s`. */
export function speedText({ of, value }: Speed): string {
  return of === 'bytes' ? rateText(value) : `${number({ maximumFractionDigits: value < 9.95 ? 1 : 0 }).format(value)}×`
}

export function percentText(share: number): string {
  return number({ style: 'percent', maximumFractionDigits: 0 }).format(share)
}

/** How much smaller or larger, with its sign. */
export function changeText(share: number): string {
  return number({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(share)
}

/** `8 s`, `3 min`, `2 h`: one unit, as a wait is felt. */
export function waitText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 90) return unit(seconds, 'second')
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? unit(minutes, 'minute') : unit(Math.round(minutes / 6) / 10, 'hour')
}

/** `0.4 s`, `12 s`, `3 min`: how long something took, close enough to compare. */
export function tookText(ms: number): string {
  return ms < 9950 ? unit(Math.round(ms / 100) / 10, 'second') : waitText(ms)
}

/** `+0.2 s`, `−3.4 s`: how far one clock is from another. */
export function secondsText(ms: number): string {
  const options = {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  } as const
  return number(options).format(ms / 1000)
}

function unit(value: number, name: string): string {
  return number({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 }).format(value)
}

/** `0:04`, `3:05`, `1:02:09`: how long audio or video lasts, as players show it. */
export function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

export function momentText(ms: number): string {
  const day = new Date(ms)
  const now = new Date()
  if (day.toDateString() === now.toDateString()) return moment({ timeStyle: 'short' }, day)
  // The year goes without saying while it lasts.
  if (day.getFullYear() === now.getFullYear())
    return moment({ month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }, day)
  return moment({ dateStyle: 'medium', timeStyle: 'short' }, day)
}

function moment(options: Intl.DateTimeFormatOptions, day: Date): string {
  return new Intl.DateTimeFormat(language(), options).format(day)
}

export function dayText(day: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}
