/**
 * Several results of each source: what a request, a preset or a rule says of them, and what each is called, so that two of one kind never want the same
 * name. Pure: intake, the watching of folders and the window ask the same functions.
 */
import * as z from 'zod'
import { failure, type Failure } from './failure.ts'
import { extensionOf, type FormatId } from './formats.ts'
import { optionsSchema } from './job.ts'
import { formatSchema } from './media.ts'
import type { Preset } from './model.ts'
import { fillTemplate } from './naming.ts'
import { optionTable, optionTexts, type OptionName, type Options } from './options.ts'

/** Results of one source in one request. */
export const maxOutputs = 16

/** Null target: those of the preset, one or several. A preset with a target gives its options alone. */
export const conversionOutputSchema = z.object({
  target: formatSchema.nullable(),
  preset: z.string().nullable(),
  options: optionsSchema,
  /** Absent: the preset's, else as the request and the settings say. */
  nameTemplate: z.string().optional(),
})
export type ConversionOutput = z.infer<typeof conversionOutputSchema>

/** One result of each source, with its options in three layers; a later one counts more. */
export interface PlannedOutput {
  /** Which of all it is, from 0. */
  readonly index: number
  readonly target: FormatId
  /** Of a preset. */
  readonly base: Options
  /** Said of several outputs at once: each has those that it takes, and one that none of them takes is refused. */
  readonly shared: Options
  readonly own: Options
  readonly preset: string | null
  /** Null: as the request and the settings say. */
  readonly nameTemplate: string | null
}

/** All that a preset makes of a source. */
export function outputsOfPreset({ target, options, nameTemplate, further = [] }: Preset): readonly ConversionOutput[] {
  const first = { target, options, ...(nameTemplate !== undefined && { nameTemplate }) }
  return [first, ...further].map((output) => ({ ...output, preset: null }))
}

/**
 * Each result by itself, in order: a preset that has several stands for as many.
 *
 * @param common options that were given for all outputs.
 * @param only which of them are wanted: what is gone of the others matters to nobody.
 * @returns why not, where a preset is gone, nothing says what the source is to become, there are too many, or two are the very same.
 */
export function plannedOutputs(
  outputs: readonly ConversionOutput[],
  common: Options,
  presetNamed: (name: string) => Preset | null,
  only?: readonly number[],
): readonly PlannedOutput[] | Failure {
  const planned: PlannedOutput[] = []
  let index = 0
  for (const { target, preset: name, options, nameTemplate = null } of outputs) {
    const preset = name === null ? null : presetNamed(name)
    if (name !== null && preset === null) {
      if (only?.includes(index) !== false) return failure('preset-unknown', { preset: name })
      index += 1
      continue
    }
    const all = target === null && preset !== null ? outputsOfPreset(preset) : []
    const isSeveral = all.length > 1
    const targets = all.length > 0 ? all : [{ target, options: preset?.options ?? {}, nameTemplate: preset?.nameTemplate }]
    for (const each of targets) {
      if (each.target === null) return failure('usage', { because: 'no-target' })
      planned.push({
        index,
        target: each.target,
        base: each.options,
        shared: isSeveral ? { ...common, ...options } : common,
        own: isSeveral ? {} : options,
        preset: name,
        nameTemplate: nameTemplate ?? each.nameTemplate ?? null,
      })
      index += 1
    }
  }
  if (planned.length > maxOutputs) return failure('usage', { because: 'too-many-outputs', count: maxOutputs })
  // Rules of older versions may have one twice: both are the same job.
  if (only === undefined && new Set(planned.map(keyOf)).size < planned.length)
    return failure('usage', { because: 'same-outputs' })
  return planned
}

function wholeOf({ base, shared, own }: PlannedOutput): Options {
  return { ...base, ...shared, ...own }
}

function keyOf(output: PlannedOutput): string {
  return JSON.stringify([output.target, sorted(wholeOf(output))])
}

function sorted(options: Options): readonly (readonly [string, unknown])[] {
  return Object.entries(options).toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/**
 * The name template of each output. Where two would have the same name, what tells them apart stands behind it: `{name} (720p)`. It follows from
 * the outputs alone, so it is the same whenever they are asked for.
 */
export function templatesOf(outputs: readonly PlannedOutput[], usual: string): readonly string[] {
  const given = outputs.map(({ nameTemplate }) => nameTemplate ?? usual)
  const keys = outputs.map((output, n) => {
    const { width = '', height = '', bitrate = '' } = wholeOf(output)
    const told = fillTemplate(given[n] ?? usual, { name: 'name', width, height, bitrate, preset: output.preset ?? '' })
    return `${told}.${extensionOf(output.target)}`.toLowerCase()
  })
  const names = given.map((template, n) => {
    const rivals = outputs.filter((_, other) => keys[other] === keys[n])
    const own = outputs[n]
    const label = own === undefined || rivals.length < 2 ? '' : labelOf(own, rivals)
    return label === '' ? template : `${template} (${label})`
  })
  // What no label tells apart is counted, as with two passwords.
  return names.map((name, n) => {
    const own = outputs[n]
    const rivals = outputs.slice(0, n).filter((_, at) => names[at] === name && keys[at] === keys[n])
    const before = own === undefined ? 0 : new Set(rivals.map(keyOf)).difference(new Set([keyOf(own)])).size
    return before === 0 ? name : `${name} [${before + 1}]`
  })
}

/** What an output has that its rivals have otherwise, as people say it. */
function labelOf(own: PlannedOutput, rivals: readonly PlannedOutput[]): string {
  const options = wholeOf(own)
  const differs = (name: OptionName) => rivals.some((rival) => wholeOf(rival)[name] !== options[name])
  const isOtherFormat = rivals.some(({ target }) => target !== own.target)
  const told = optionTexts(options).filter(([name]) => optionTable[name].kind !== 'secret' && differs(name))
  return [...(isOtherFormat ? [own.target] : []), ...told.map(([name, text]) => wordOf(name, text))]
    .join(', ')
    .replaceAll(/[{}/\\]/g, '_')
}

/** A figure with its unit tells by itself; a yes or a number needs the name of the option. */
function wordOf(name: OptionName, text: string): string {
  if (name === 'maxHeight' || name === 'height') return `${text}p`
  const { kind, unit } = optionTable[name]
  if (unit === 'kbit/s') return `${text}k`
  if (kind === 'choice' || kind === 'size') return text
  return kind === 'time' ? `${name} ${Number(text) / 1000} s` : `${name} ${text}`
}
