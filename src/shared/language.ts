/** The languages that Beside speaks, as their tags. */
export const languageTags = ['en', 'de', 'es', 'fr', 'zh', 'ja'] as const
export type Language = (typeof languageTags)[number]

/** The first of the system's languages that Beside speaks, English where it speaks none. @param preferred as `de-CH` or `pt_BR.UTF-8`, best first. */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.split(/[-_.@]/)[0]?.toLowerCase()
    const known = languageTags.find((each) => each === base)
    if (known !== undefined) return known
  }
  return 'en'
}
