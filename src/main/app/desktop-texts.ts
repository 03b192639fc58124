/** What the desktop says outside the window, in the window's languages. Numbers stand alone, so that no language needs forms for them. */
import { fill } from '../../shared/fill.ts'
import { languageOf, type Language } from '../../shared/language.ts'
import de from '../../shared/text/de.json' with { type: 'json' }
import en from '../../shared/text/en.json' with { type: 'json' }
import es from '../../shared/text/es.json' with { type: 'json' }
import fr from '../../shared/text/fr.json' with { type: 'json' }
import ja from '../../shared/text/ja.json' with { type: 'json' }
import zh from '../../shared/text/zh.json' with { type: 'json' }

type Texts = typeof en.desktop

const languages: Readonly<Record<Language, Texts>> = {
  de: de.desktop,
  en: en.desktop,
  es: es.desktop,
  fr: fr.desktop,
  ja: ja.desktop,
  zh: zh.desktop,
}

export type DesktopTexts = ReturnType<typeof withFigures>

/** @param locale of the system, such as `de-CH`, or the language that the user has chosen. */
export function desktopTexts(locale: string): DesktopTexts {
  return withFigures(languages[languageOf([locale])])
}

function withFigures(texts: Texts) {
  return {
    ...texts,
    busy: (left: number, percent: number) => fill(texts.busy, { left, percent }),
    pausedLeft: (left: number) => fill(texts.pausedLeft, { left }),
    waitingLeft: (left: number) => fill(texts.waitingLeft, { left }),
    needsYou: (waiting: number) => fill(texts.needsYou, { waiting }),
    someHeld: (held: number) => fill(texts.someHeld, { held }),
    ended: (done: number, failed: number) => fill(texts.ended, { done, failed: failed === 0 ? '' : failed }),
    notConverted: (count: number) => fill(texts.notConverted, { count }),
    quitTitle: (left: number) => fill(texts.quitTitle, { left }),
  }
}
