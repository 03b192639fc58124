/** The languages that Beside speaks, as their tags. */
export const languageTags = ['en', 'de', 'es', 'fr', 'zh', 'ja'] as const
export type Language = (typeof languageTags)[number]
