/** Values of settings as they stand on a command line. The schema that checks them everywhere has the last word. */
import { resolve } from 'node:path'
import type { Hours } from '../../../shared/hours.ts'
import { settingTable, type SettingName, type SettingShape, type Settings } from '../../../shared/settings.ts'
import { shown } from '../text.ts'
import { bytes, dayNames, hours } from '../watch/values.ts'

/** What the text means as a value of the setting; undefined where the setting's own schema does not take it. */
export function valueOf(name: SettingName, text: string, cwd: string): unknown {
  const { schema, shape } = settingTable[name]
  return schema.safeParse(valueIn(shape, text.trim(), cwd)).data
}

function valueIn(shape: SettingShape, text: string, cwd: string): unknown {
  switch (shape.kind) {
    case 'yes-no':
      return /^(yes|true|on)$/i.test(text) ? true : /^(no|false|off)$/i.test(text) ? false : text
    case 'file':
    case 'folder':
      return text === '' ? text : resolve(cwd, text)
    case 'port':
      return /^\d+$/.test(text) ? Number(text) : text
    case 'bytes':
      if (shape.orNone && (text === '' || text === 'none')) return null
      return /^\d+$/.test(text) ? Number(text) : read(() => bytes(text))
    case 'providers':
      return text.split(',').map((part) => part.trim())
    case 'hours':
      return text === '' ? [] : read(() => text.split(';').flatMap((part) => hours(part)))
    case 'lanes':
      return lanesIn(text)
    case 'choice':
    case 'text':
    case 'template':
    case 'address':
      return text
  }
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
