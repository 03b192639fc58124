/** Values of settings as they stand on a command line. The schema that checks them everywhere has the last word. */
import { resolve } from 'node:path'
import type { Hours } from '../../../shared/hours.ts'
import { settingsSchema, type Settings } from '../../../shared/model.ts'
import { shown } from '../text.ts'
import { bytes, dayNames, hours } from '../watch/values.ts'

export type SettingName = keyof Settings

/** The first reading of the text that the setting's own schema takes; undefined where there is none. */
export function valueOf(name: SettingName, text: string, cwd: string): unknown {
  const schema = settingsSchema.shape[name]
  for (const reading of readings(name, text.trim(), cwd)) {
    const parsed = schema.safeParse(reading)
    if (parsed.success) return parsed.data
  }
  return undefined
}

function* readings(name: SettingName, text: string, cwd: string): Generator {
  if (name === 'hours') return yield text === '' ? [] : read(() => text.split(';').flatMap((part) => hours(part)))
  if (name === 'lanes') return yield lanesIn(text)
  const isPath = name === 'ffmpegPath' || name === 'downloadFolder'
  yield isPath && text !== '' ? resolve(cwd, text) : text
  if (/^(yes|true|on)$/i.test(text)) yield true
  if (/^(no|false|off)$/i.test(text)) yield false
  if (/^\d+$/.test(text)) yield Number(text)
  if (name === 'bytesPerSecond' && (text === '' || text === 'none')) yield null
  if (name === 'bytesPerSecond' || name === 'diskReserveBytes') yield read(() => bytes(text))
  yield text.split(',').map((part) => part.trim())
}

/** As it can be typed again. */
export function textOf(value: Settings[SettingName]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null) return 'none'
  if (Array.isArray(value))
    return value
      .map((item) => (typeof item === 'string' ? item : hoursText(item)))
      .join(typeof value[0] === 'string' ? ',' : '; ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([kind, width]) => `${kind}=${String(width)}`)
      .join(',')
  return shown(String(value))
}

/** `audio=2,video=1` */
function lanesIn(text: string): Readonly<Record<string, number>> | null {
  const parts = text === '' ? [] : text.split(',').map((part) => /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part))
  return parts.includes(null) ? null : Object.fromEntries(parts.map((part) => [part?.[1] ?? '', Number(part?.[2])]))
}

function hoursText({ days, fromMinute, toMinute }: Hours): string {
  const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`
  const named = days.length === 7 ? '' : `${days.map((day) => dayNames[day]).join(',')} `
  return `${named}${clock(fromMinute)}-${clock(toMinute)}`
}

/** What is read for `beside watch` refuses in its own words; here the setting's meaning says what was wanted. */
function read<T>(reading: () => T): T | null {
  try {
    return reading()
  } catch {
    return null
  }
}
