import { describe, expect, it } from 'vitest'
import type { DesktopPreferences } from '../../../src/renderer/wire/host.ts'
import { usualPreferences, type Preferences } from '../../../src/shared/preferences.ts'
import { whyTexts } from '../../../src/shared/describe-why.ts'
import { failureCodes, failure } from '../../../src/shared/failure.ts'
import { allRemedies, remedyOf } from '../../../src/shared/remedies.ts'
import { languageOf } from '../../../src/shared/language.ts'
import { languages, syncDesktopLanguage } from '../../../src/renderer/app/language.ts'
import de from '../../../src/shared/text/de.json' with { type: 'json' }
import en from '../../../src/shared/text/en.json' with { type: 'json' }
import es from '../../../src/shared/text/es.json' with { type: 'json' }
import fr from '../../../src/shared/text/fr.json' with { type: 'json' }
import ja from '../../../src/shared/text/ja.json' with { type: 'json' }
import zh from '../../../src/shared/text/zh.json' with { type: 'json' }

const others = { de, es, fr, zh, ja }

/** `queue.title` and the names that its text leaves open. */
function outline(tree: object, path = ''): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [`${path}${key} ${blanks(value)}`] : outline(value as object, `${path}${key}.`),
  )
}

function blanks(text: string): string {
  return [...text.matchAll(/\{+\w+\}+/g)]
    .map(([blank]) => blank)
    .toSorted()
    .join(' ')
}

describe('the languages of the window', () => {
  it.each(Object.keys(others) as (keyof typeof others)[])(
    '%s says everything that English says, with the same blanks',
    (language) => {
      expect(outline(others[language].labels)).toEqual(outline(en.labels))
      expect(outline(others[language].desktop)).toEqual(outline(en.desktop))
      expect(outline(others[language].remedies)).toEqual(outline(en.remedies))
      expect(outline(others[language].failures).toSorted()).toEqual(outline(en.failures).toSorted())
      expect(outline(others[language].advice)).toEqual(outline(en.advice))
      expect(outline(others[language].said)).toEqual(outline(en.said))
      expect(outline(others[language].units)).toEqual(outline(en.units))
      expect(outline(others[language].details).toSorted()).toEqual(outline(en.details).toSorted())
      expect(outline(others[language].checks)).toEqual(outline(en.checks))
      expect(outline(others[language].things)).toEqual(outline(en.things))
      expect(outline(others[language].contents)).toEqual(outline(en.contents))
      expect(others[language].language).toBe(language)
      expect(outline(others[language].whys).toSorted()).toEqual(outline(whyTexts).toSorted())
    },
  )

  it('none of them is left in English', () => {
    for (const { labels } of Object.values(others)) expect(labels.queue.emptyTitle).not.toBe(en.labels.queue.emptyTitle)
  })

  it('there is something to do about every failure', () => {
    expect(failureCodes.filter((code) => remedyOf(failure(code)) === 'report')).toEqual([
      'data-newer',
      'data-damaged',
      'internal',
    ])
    expect([...allRemedies].toSorted()).toEqual(Object.keys(en.remedies).toSorted())
  })

  it('the first language of the system that Beside speaks is taken, else English', () => {
    expect(languageOf(['pt-BR', 'de-AT', 'fr'])).toBe('de')
    expect(languageOf(['zh-Hant-TW'])).toBe('zh')
    expect([languageOf(['fr_CA.UTF-8']), languageOf(['C.UTF-8']), languageOf(['']), languageOf([])]).toEqual([
      'fr',
      'en',
      'en',
      'en',
    ])
    expect(languageOf(['en-GB', 'de'])).toBe('en')
    expect(languageOf(['pt-BR', '__proto__'])).toBe('en')
    expect(Object.keys(languages)).toEqual(['en', 'de', 'es', 'fr', 'zh', 'ja'])
  })
})

describe('the language of the window', () => {
  it('is set on the desktop where it has another one, and only then', async () => {
    const preferred: Partial<Preferences>[] = []
    let preferences = usualPreferences
    const state = async () => ({ preferences, can: { tray: true, sleep: true, update: false }, webAddress: null })
    const desktop: DesktopPreferences = {
      state,
      prefer: async (change) => {
        preferred.push(change)
        preferences = { ...preferences, ...change }
        return await state()
      },
      onChange: () => {},
    }
    for (const language of ['system', 'de', 'de', 'system'] as const) await syncDesktopLanguage(desktop, language)
    expect(preferred).toEqual([{ language: 'de' }, { language: 'system' }])
  })
})
