/**
 * The results that a request asks for of each source, and what each of them is converted with. Options that were given for several outputs go to
 * those that take them: a height to the film, and not to the song; what none of them takes is refused. Apart from how sources are met.
 */
import { JobError, type Failure } from '../../../shared/failure.ts'
import type { FormatId } from '../../../shared/formats.ts'
import { templateTrouble } from '../../../shared/naming.ts'
import type { Options, OptionName } from '../../../shared/options.ts'
import { plannedOutputs, templatesOf, type PlannedOutput } from '../../../shared/outputs.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { ConvertRequest } from '../../../shared/wire/contract.ts'
import type { PresetStore } from '../../store/store.ts'
import { presetNamed } from '../presets.ts'
import type { Routed } from './route.ts'

/** One result of each source of a plan. */
export interface PlannedResult extends Pick<PlannedOutput, 'index' | 'target' | 'base' | 'shared' | 'own' | 'preset'> {
  /** Name template without the extension. */
  readonly name: string
}

/** @throws JobError where the request makes no sense. */
export function resultsOf(
  request: Pick<ConvertRequest, 'target' | 'options' | 'preset' | 'outputs' | 'only' | 'nameTemplate'>,
  presets: PresetStore,
  settings: Settings,
): readonly PlannedResult[] {
  const { target, preset, options } = request
  const outputs = request.outputs ?? [{ target, preset, options: {} }]
  const planned = plannedOutputs(outputs, options, (name) => presetNamed(name, presets), request.only)
  if ('code' in planned) throw JobError.from(planned)
  const called = planned.map((output) => ({ ...output, nameTemplate: request.nameTemplate ?? output.nameTemplate }))
  const names = templatesOf(called, settings.nameTemplate)
  return called.map(({ nameTemplate: _, base, ...output }, n) => {
    const name = names[n] ?? settings.nameTemplate
    const trouble: Failure | null = templateTrouble(name)
    if (trouble !== null) throw JobError.from(trouble)
    return { ...output, base: { ...optionsBySettings(settings), ...base }, name }
  })
}

/** What the settings say of options that nobody sets. */
export function optionsBySettings({ keepTags }: Pick<Settings, 'keepTags'>): Options {
  return keepTags ? {} : { preserveMetadata: false }
}

/**
 * The options of each result, for a source. Of several results each has of the shared options those that it takes.
 *
 * @param route whether a target can be made with options, and if not, why.
 * @returns why not, where a shared option is one that no result takes.
 */
export function optionsFor(
  results: readonly PlannedResult[],
  route: (target: FormatId, options: Options) => Routed,
): readonly Options[] | Failure {
  if (results.length < 2) return results.map(wholeOf)
  const ignored = new Map<OptionName, Failure | null>()
  const options = results.map((result): Options => {
    const { target, base, shared, own } = result
    const whole = wholeOf(result)
    if (route(target, whole).ok) {
      for (const name of namesIn(shared)) ignored.set(name, null)
      return whole
    }
    const taken = namesIn(shared).filter((name) => {
      const routed = route(target, { ...own, [name]: shared[name] })
      const why = routed.ok ? null : routed.why
      const isTaken = why?.code !== 'option-unsupported'
      if (isTaken && why?.code !== 'pair-unsupported') ignored.set(name, null)
      else if (!ignored.has(name)) ignored.set(name, why)
      return isTaken
    })
    return { ...base, ...Object.fromEntries(taken.map((name) => [name, shared[name]])), ...own }
  })
  const refused = [...ignored.values()].find((why) => why?.code === 'option-unsupported')
  return refused ?? options
}

/** One and the same bag for all sources, by which the store knows that they have the same plan. */
const wholes = new WeakMap<PlannedResult, Options>()

function wholeOf(result: PlannedResult): Options {
  const whole = wholes.get(result) ?? { ...result.base, ...result.shared, ...result.own }
  wholes.set(result, whole)
  return whole
}

function namesIn(options: Options): readonly OptionName[] {
  return Object.keys(options) as OptionName[]
}
