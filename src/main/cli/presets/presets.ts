/** `beside presets`: list, show, save, remove. */
import { JobError } from '../../../shared/failure.ts'
import { formats, type FormatId } from '../../../shared/formats.ts'
import type { ProviderChoice } from '../../../shared/job.ts'
import type { Preset } from '../../../shared/model.ts'
import { parseOptions } from '../../../shared/options.ts'
import type { Setting } from '../arguments.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { didYouMean } from '../near.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { table } from '../table.ts'
import { shown } from '../text.ts'

export interface SaveWords {
  readonly to: FormatId
  readonly with?: ProviderChoice
  readonly set?: readonly Setting[]
  readonly name?: string
  readonly localOnly?: true
}

export async function list(words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const presets = await all(around)
  if (words.json === true) for (const preset of presets) screen.print(line('preset', { ...preset }))
  else if (presets.length === 0) screen.print('There are no presets yet. `beside presets save NAME --to FORMAT` makes one.')
  else
    screen.print(
      table([{ title: 'NAME' }, { title: 'TO' }, { title: 'OPTIONS', yields: 'at the end' }], presets.map(row), screen),
    )
  return exit.done
}

export async function show(name: string, words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const preset = found(name, await all(around))
  const { screen } = around
  if (words.json === true) {
    screen.print(line('preset', { ...preset }))
    return exit.done
  }
  const facts: readonly (readonly [string, string])[] = [
    ['name', shown(preset.name)],
    ['to', `${preset.target} (${formats[preset.target].title})`],
    ...Object.entries(preset.options).map(([option, value]) => [option, shown(String(value))] as const),
    ...(preset.with === undefined ? [] : [['with', preset.with] as const]),
    ...(preset.nameTemplate === undefined ? [] : [['results named', shown(preset.nameTemplate)] as const]),
    ...(preset.localOnly === true ? [['local only', 'yes'] as const] : []),
  ]
  const widest = Math.max(...facts.map(([fact]) => fact.length))
  for (const [fact, value] of facts) screen.print(`${fact.padEnd(widest)}  ${value}`)
  return exit.done
}

export async function save(name: string, words: SaveWords, around: Around): Promise<ExitStatus> {
  const options = parseOptions(Object.fromEntries(words.set ?? []))
  if (!options.ok) throw new JobError(options.failure.code, options.failure.facts)
  if (name.trim() === '' || name.length > 80)
    throw new JobError('usage', { reason: 'The name of a preset has 1 to 80 characters.' })
  const preset: Preset = {
    name,
    target: words.to,
    options: options.value,
    ...(words.with === undefined ? {} : { with: words.with }),
    ...(words.name === undefined ? {} : { nameTemplate: words.name }),
    ...(words.localOnly === undefined ? {} : { localOnly: words.localOnly }),
  }
  await withSession(around, 'look', async ({ ask }) => await ask((client) => client.presets.save(preset)))
  around.screen.print(`Saved. \`beside convert … --preset ${/^[\w.-]+$/.test(name) ? name : `'${shown(name)}'`}\` uses it.`)
  return exit.done
}

export async function remove(names: readonly string[], around: Around): Promise<ExitStatus> {
  return await withSession(around, 'look', async ({ client, ask }) => {
    const presets = await ask(() => client.presets.list())
    for (const name of names) found(name, presets)
    for (const name of names) await ask(() => client.presets.remove({ name }))
    around.screen.print(names.length === 1 ? 'Removed.' : `${names.length} presets removed.`)
    return exit.done
  })
}

export async function all(around: Around): Promise<readonly Preset[]> {
  return await withSession(around, 'look', async ({ ask }) => await ask((client) => client.presets.list()))
}

export function found(name: string, presets: readonly Preset[]): Preset {
  const preset = presets.find((each) => each.name === name)
  if (preset !== undefined) return preset
  const hint = didYouMean(
    name,
    presets.map((each) => each.name),
  )
  throw new JobError('preset-unknown', { preset: shown(name), ...(hint === '' ? {} : { hint }) })
}

function row({ name, target, options, with: provider, nameTemplate, localOnly }: Preset): string[] {
  const words = [
    ...Object.entries(options).map(([option, value]) => `${option}=${String(value)}`),
    ...(provider === undefined ? [] : [`with ${provider}`]),
    ...(nameTemplate === undefined ? [] : [`named ${nameTemplate}`]),
    ...(localOnly === true ? ['local only'] : []),
  ]
  return [shown(name), target, shown(words.join(' '))]
}
