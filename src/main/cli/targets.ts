/** Several results on the command line: `--to mp4 --to mp3`, `--to mp4,mp3`, and `--to mp4:maxHeight=720` where options are for one of them alone. */
import { InvalidArgumentError } from 'commander'
import { JobError } from '../../shared/failure.ts'
import { factsOf, type FormatId } from '../../shared/formats.ts'
import { parseOptions, type OptionName, type Options } from '../../shared/options.ts'
import { maxOutputs, type ConversionOutput } from '../../shared/outputs.ts'
import type { Client } from '../../shared/wire/client.ts'
import type { ConvertRequest } from '../../shared/wire/contract.ts'
import { UsageError } from './exit.ts'
import { parseFormat, parseOptionSettings, type OptionSetting } from './arguments.ts'

/** A format to convert to, with the options of this result alone. */
export interface Target {
  readonly format: FormatId
  readonly set: readonly OptionSetting[]
}

/** Added to those before it. A piece without `=` belongs to the value before it, as in `pdf:pages=1-3,5`. */
export function parseTargets(text: string, before: readonly Target[] = []): readonly Target[] {
  const colon = text.indexOf(':')
  const added =
    colon === -1 ? text.split(',').map((format) => ({ format: parseFormat(format.trim()), set: [] })) : [withOptions(text, colon)]
  const targets = [...before, ...added]
  if (targets.length > maxOutputs)
    throw new InvalidArgumentError(`No more than ${maxOutputs} results of each source are possible.`)
  return targets
}

function withOptions(text: string, colon: number): Target {
  const settings: string[] = []
  for (const piece of text.slice(colon + 1).split(',')) {
    if (piece.includes('=')) settings.push(piece)
    else if (settings.length > 0) settings.push(`${settings.pop()},${piece}`)
    else throw new InvalidArgumentError('Use format:option=value, like mp4:maxHeight=720.')
  }
  const set = settings.reduce<readonly OptionSetting[]>((found, setting) => parseOptionSettings(setting, found), [])
  return { format: parseFormat(text.slice(0, colon).trim()), set }
}

export function optionsFrom(set: readonly OptionSetting[] = []): Options {
  const parsed = parseOptions(Object.fromEntries(set))
  if (!parsed.ok) throw JobError.from(parsed.failure)
  return parsed.value
}

export function outputOf({ format, set }: Target): ConversionOutput {
  return { target: format, preset: null, options: optionsFrom(set) }
}

export function formatsOf(targets: readonly Target[]): readonly FormatId[] {
  return targets.map(({ format }) => format)
}

/**
 * What each source of a request becomes: one result, or several with options for all that take them.
 * @param passwords options that were not typed.
 */
export function targetsOf(
  targets: readonly Target[] = [],
  preset: string | null,
  set: readonly OptionSetting[] = [],
  passwords: Options,
): Pick<ConvertRequest, 'target' | 'options' | 'preset' | 'outputs'> {
  const [only] = targets
  const isOne = targets.length < 2
  const options = { ...optionsFrom([...set, ...(isOne ? (only?.set ?? []) : [])]), ...passwords }
  if (isOne) return { target: only?.format ?? null, options, preset }
  return { target: null, options, preset: null, outputs: targets.map((target) => ({ ...outputOf(target), preset })) }
}

/**
 * For what is kept without its sources: options that were given for all results go to those whose formats have them.
 * @throws JobError for an option that none of them has.
 */
export async function shareOptions(
  targets: readonly Target[],
  set: readonly OptionSetting[] = [],
  client: Pick<Client, 'formats'>,
): Promise<readonly Target[]> {
  if (targets.length < 2 || set.length === 0) return targets.map((target) => ({ ...target, set: [...set, ...target.set] }))
  const pairings = await client.formats()
  const takes = (format: FormatId, option: OptionName) =>
    pairings.some(({ to, options }) => to.includes(format) && options.includes(option))
  for (const [option] of set) {
    if (targets.some(({ format }) => takes(format, option))) continue
    const titles = targets.map(({ format }) => factsOf(format).title).join(', ')
    throw new UsageError(`The option ${option} applies to none of ${titles}.`, 'See `beside formats --to FORMAT`.')
  }
  return targets.map(({ format, set: own }) => ({ format, set: [...set.filter(([option]) => takes(format, option)), ...own] }))
}
