/** What a folder's rule says and how its watching goes, in sentences. */
import type { TFunction } from 'i18next'
import type { Folder, Rule } from '../../shared/folders.ts'
import { formats } from '../../shared/formats.ts'
import { waitText } from '../figures.ts'
import { whyWords } from '../i18n/whys.ts'
import { providerName } from './provider-words.ts'

export function ruleSentence(rule: Rule, t: TFunction): string {
  const targets = rule.outputs.map(({ target, preset }) => (target === null ? (preset ?? '?') : formats[target].title)).join(', ')
  const place = rule.out === null ? t('drop.beside') : t('drop.into', { folder: rule.out })
  const more = [
    rule.recursive ? t('folders.below') : null,
    rule.with === 'auto' ? null : t('folders.with', { provider: providerName(rule.with, t) }),
    rule.include.length > 0 ? t('folders.only', { patterns: rule.include.join(' ') }) : null,
    rule.exclude.length > 0 ? t('folders.without', { patterns: rule.exclude.join(' ') }) : null,
    rule.holdMs > 0 ? t('folders.rests', { time: waitText(rule.holdMs) }) : null,
    rule.schedule.length > 0 ? t('folders.hours') : null,
    rule.spend === null
      ? t('folders.stays')
      : t('folders.spends', { amount: rule.spend.cap, per: t(`folders.per.${rule.spend.per}`) }),
  ]
  return [t('folders.sentence', { targets, place }), ...more.filter((part) => part !== null)].join(' · ')
}

export function healthWhy({ health }: Folder): string | null {
  return health.why === null ? null : whyWords(health.why)
}
