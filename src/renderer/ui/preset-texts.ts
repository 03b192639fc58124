/** What presets are called and what they do, in the user's language; and which of them a search finds, by group. */
import type { TFunction } from 'i18next'
import { factsOf } from '../../shared/formats.ts'
import { presetGroups, type ListedPreset, type PresetGroup } from '../../shared/model.ts'
import { optionTexts } from '../../shared/options.ts'
import { isSuppliedPreset } from '../../shared/presets.ts'

export interface PresetText {
  readonly title: string
  /** What it does. */
  readonly line: string
}

export function presetText({ group, name, target, options, further = [] }: ListedPreset, t: TFunction): PresetText {
  if (group !== 'own' && isSuppliedPreset(name)) return { title: t(`preset.${name}.title`), line: t(`preset.${name}.line`) }
  const lines = [{ target, options }, ...further].map((output) => {
    const parts = optionTexts(output.options).map(([option, text]) => `${option} ${text}`)
    return [factsOf(output.target).title, ...parts].join(' · ')
  })
  return { title: name, line: lines.join(' + ') }
}

interface FoundPresets {
  readonly group: PresetGroup
  readonly presets: readonly (PresetText & { readonly preset: ListedPreset })[]
}

/** Those of which the name, what it does or the format has the text in it; groups without any are left out. */
export function presetsFound(presets: readonly ListedPreset[], search: string, t: TFunction): readonly FoundPresets[] {
  const query = search.trim().toLowerCase()
  const found = presets
    .map((preset) => ({ preset, ...presetText(preset, t) }))
    .filter(({ preset: { name, target }, title, line }) =>
      `${name} ${title} ${line} ${target} ${factsOf(target).title}`.toLowerCase().includes(query),
    )
  return presetGroups
    .map((group) => ({ group, presets: found.filter(({ preset }) => preset.group === group) }))
    .filter((each) => each.presets.length > 0)
}
