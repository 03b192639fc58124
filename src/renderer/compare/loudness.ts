/** Figures of loudness as people read them, and which of two is louder. Apart, as it is pure. */
import type { MeasuredLoudness } from '../../shared/views.ts'
import { language } from '../app/language.ts'

/** Nobody hears less. */
const audible = 0.5

interface Verdict {
  readonly what: 'louder' | 'quieter' | 'sameLoudness'
  /** LU, above 0. */
  readonly difference: number
}

/** Of the second against the first; null where either is not known or cannot be counted. */
export function loudnessVerdict(before: MeasuredLoudness | undefined, after: MeasuredLoudness | undefined): Verdict | null {
  const [from, to] = [before?.integrated ?? null, after?.integrated ?? null]
  if (from === null || to === null) return null
  const difference = Math.round((to - from) * 10) / 10
  if (Math.abs(difference) < audible) return { what: 'sameLoudness', difference: Math.abs(difference) }
  return { what: difference > 0 ? 'louder' : 'quieter', difference: Math.abs(difference) }
}

/** `−16.2 LUFS`, to the tenth as meters show it. */
export function decibelText(value: number, unit: string): string {
  const figure = new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)
  return `${figure.replace('-', '−')}\u00a0${unit}`
}
