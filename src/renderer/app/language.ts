/** Which languages there are, which one the user reads, and the texts of it. English is there at once, the others are fetched. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { OutcomeTexts } from '../../shared/describe.ts'
import { languageOf, type Language } from '../../shared/language.ts'
import english from '../../shared/text/en.json' with { type: 'json' }
import type { DesktopPreferences } from '../wire/host.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: (typeof english)['labels']; remedies: (typeof english)['remedies'] }
  }
}

/** What the window reads of a language file; what to do at a command line is said in English alone, and so is a detail without a text. */
export type Translation = Omit<typeof english, 'actions' | 'hints' | 'details'> & {
  readonly details: Partial<(typeof english)['details']>
}

/** By their own names. */
export const languages = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  zh: '简体中文',
  ja: '日本語',
} as const satisfies Readonly<Record<Language, string>>

const fetched: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translation>>> = {
  de: async () => (await import('../../shared/text/de.json')).default,
  es: async () => (await import('../../shared/text/es.json')).default,
  fr: async () => (await import('../../shared/text/fr.json')).default,
  zh: async () => (await import('../../shared/text/zh.json')).default,
  ja: async () => (await import('../../shared/text/ja.json')).default,
}

export async function startLanguage(chosen: Language | 'system'): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: english.labels, remedies: english.remedies } },
    interpolation: { escapeValue: false },
  })
  await setLanguage(chosen)
}

export async function setLanguage(chosen: Language | 'system'): Promise<void> {
  const wanted = chosen === 'system' ? languageOf(navigator.languages) : chosen
  if (wanted !== 'en') {
    const { labels, remedies, failures, details, advice, units, notes, said, checks, things, contents, whys } =
      await fetched[wanted]()
    i18next.addResourceBundle(wanted, 'translation', labels)
    i18next.addResourceBundle(wanted, 'remedies', remedies)
    const outcomes: Omit<OutcomeTexts, 'details'> & Pick<Translation, 'details'> = {
      language: wanted,
      failures,
      details,
      advice,
      units,
      notes,
      said,
      checks,
      things,
      contents,
    }
    i18next.addResourceBundle(wanted, 'outcomes', outcomes)
    i18next.addResourceBundle(wanted, 'whys', whys)
  }
  await i18next.changeLanguage(wanted)
  document.documentElement.lang = wanted
}

export function language(): string {
  return i18next.language
}

/** Tray, menus and notifications speak the language that was chosen in the window. */
export async function syncDesktopLanguage(desktop: DesktopPreferences, chosen: Language | 'system'): Promise<void> {
  const { preferences } = await desktop.state()
  if (preferences.language !== chosen) await desktop.prefer({ language: chosen })
}
