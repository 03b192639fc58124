/** What a folder's rule says and how its watching fares, as sentences. */
import type { TFunction } from 'i18next'
import type { Folder, Rule } from '../../shared/folders.ts'
import { families, type Family, factsOf } from '../../shared/formats.ts'
import { isSuppliedPreset } from '../../shared/presets.ts'
import { bytesText, waitText } from '../ui/quantities.ts'
import { describeWhy } from '../app/outcomes.ts'
import { providerName } from '../providers/provider-texts.ts'

export const ruleSections = ['outputs', 'files', 'results', 'provider', 'times'] as const
export type RuleSection = (typeof ruleSections)[number]

export function ruleSentence(rule: Rule, t: TFunction): string {
  const more = [
    rule.recursive ? t('folders.subfolders') : null,
    rule.with === 'auto' ? null : t('folders.with', { provider: providerName(rule.with, t) }),
    ...filterTexts(rule, t),
    ...timeTexts(rule, t),
    money(rule, t),
  ]
  const sentence = t('folders.sentence', { targets: targets(rule, t), place: place(rule, t) })
  return [sentence, ...more.filter((part) => part !== null)].join(' · ')
}

/** What a section of the form says, so that it need not be opened to be known. */
export function sectionSentence(section: RuleSection, rule: Rule, t: TFunction): string {
  const texts: Readonly<Record<RuleSection, () => readonly string[]>> = {
    outputs: () => [targets(rule, t)],
    files: () => orElse(filterTexts(rule, t), t('rule.allFiles')),
    results: () => [
      place(rule, t),
      ...(rule.nameTemplate === null ? [] : [rule.nameTemplate]),
      ...(rule.ifExists === null ? [] : [t(`settings.choice.ifExists.${rule.ifExists}`)]),
      ...(rule.afterwards === null ? [] : [`${t('settings.afterwards')}: ${t(`settings.choice.afterwards.${rule.afterwards}`)}`]),
    ],
    provider: () => [...(rule.spend === null || rule.with === 'auto' ? [] : [providerName(rule.with, t)]), money(rule, t)],
    times: () => [
      ...orElse(timeTexts(rule, t), t('rule.immediately')),
      ...(rule.seeing === 'polling' ? [t('rule.polling')] : []),
    ],
  }
  return texts[section]().join(' · ')
}

export function healthWhy({ health }: Folder): string | null {
  return health.why === null ? null : describeWhy(health.why)
}

function targets({ outputs }: Rule, t: TFunction): string {
  const presetTitle = (name: string) => (isSuppliedPreset(name) ? t(`preset.${name}.title`) : name)
  return outputs.map(({ target, preset }) => (target === null ? presetTitle(preset ?? '?') : factsOf(target).title)).join(', ')
}

function place({ out }: Rule, t: TFunction): string {
  return out === null ? t('drop.beside') : t('drop.into', { folder: out })
}

function money({ spend }: Rule, t: TFunction): string {
  if (spend === null) return t('folders.localOnly')
  return t('folders.budget', { amount: spend.cap, per: t(`folders.per.${spend.per}`) })
}

function filterTexts({ kinds, include, exclude, size, age }: Rule, t: TFunction): readonly string[] {
  const isFamily = (kind: string): kind is Family => families.some((family) => family === kind)
  const kindTexts = kinds.map((kind) => (isFamily(kind) ? t(`family.${kind}`) : factsOf(kind).title))
  return [
    ...(kinds.length > 0 ? [t('folders.only', { patterns: kindTexts.join(', ') })] : []),
    ...(include.length > 0 ? [t('folders.only', { patterns: include.join(' ') })] : []),
    ...(exclude.length > 0 ? [t('folders.without', { patterns: exclude.join(' ') })] : []),
    ...(size.minBytes === null ? [] : [t('rule.from', { value: bytesText(size.minBytes) })]),
    ...(size.maxBytes === null ? [] : [t('rule.upTo', { value: bytesText(size.maxBytes) })]),
    ...(age.minMs === null ? [] : [t('rule.older', { value: waitText(age.minMs) })]),
    ...(age.maxMs === null ? [] : [t('rule.younger', { value: waitText(age.maxMs) })]),
  ]
}

function timeTexts({ holdMs, schedule }: Rule, t: TFunction): readonly string[] {
  return [
    ...(holdMs > 0 ? [t('folders.delay', { time: waitText(holdMs) })] : []),
    ...(schedule.length > 0 ? [t('folders.hours')] : []),
  ]
}

function orElse(texts: readonly string[], otherwise: string): readonly string[] {
  return texts.length === 0 ? [otherwise] : texts
}
