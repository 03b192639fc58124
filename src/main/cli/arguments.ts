/** What may stand behind an option or a command, checked while the command line is read. */
import { InvalidArgumentError } from 'commander'
import { describe } from '../../shared/describe.ts'
import type { Failure } from '../../shared/failure.ts'
import { formatIds, formatNamed, formats, type FormatId } from '../../shared/formats.ts'
import { parseOption, type OptionName, type OptionValue } from '../../shared/options.ts'
import { templateTrouble } from '../../shared/naming.ts'
import { optionNames } from '../../shared/options.ts'
import { didYouMean } from './near.ts'
import { shown } from './text.ts'

export function format(text: string): FormatId {
  const known = formatNamed(text)
  if (known !== null) return known
  const names = [...formatIds, ...formatIds.flatMap((each) => formats[each].extensions)]
  throw new InvalidArgumentError(
    `${wordsOf({ code: 'target-unknown', facts: { target: shown(text) } })} ${didYouMean(text, new Set(names))}`.trim(),
  )
}

export type Setting = readonly [name: OptionName, value: OptionValue]

/** `bitrate=192k`, added to those before it. */
export function settings(text: string, before: readonly Setting[] = []): readonly Setting[] {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new InvalidArgumentError('It must read option=value, like bitrate=192k.')
  const name = text.slice(0, equals).trim()
  const parsed = parseOption(name, text.slice(equals + 1))
  if (parsed.ok) return [...before, [parsed.value.name, parsed.value.value]]
  const hint = parsed.failure.code === 'option-unknown' ? didYouMean(name, optionNames) : ''
  throw new InvalidArgumentError([hint, wordsOf(parsed.failure)].filter((part) => part !== '').join(' '))
}

export function nameTemplate(text: string): string {
  const trouble = templateTrouble(text)
  if (trouble !== null) throw new InvalidArgumentError(wordsOf(trouble))
  return text
}

/** A number of a job or a batch; `#12` is taken as well. */
export function id(text: string): number {
  if (!/^#?\d{1,15}$/.test(text))
    throw new InvalidArgumentError('It must be a number, as `beside queue list` and `beside history` show it.')
  return Number(text.replace('#', ''))
}

export function ids(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, id(text)]
}

export function texts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

/** `2026-11-21` (its beginning, here) or `2026-11-21T10:30`, in milliseconds since 1970. */
export function moment(text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const time = new Date(day ? `${text}T00:00` : text).getTime()
  if (Number.isNaN(time) || !/^\d{4}-\d{2}-\d{2}/.test(text))
    throw new InvalidArgumentError('It must be a date like 2026-11-21 or 2026-11-21T10:30.')
  return time
}

function wordsOf(failure: Failure): string {
  const { message, action } = describe(failure)
  return `${message} ${action}`.trim()
}
