import { english } from './en.ts'
import { englishRemedies } from './remedies.ts'
import type { Translation } from './language.ts'
export const chinese: Translation = { words: english, remedies: englishRemedies, failures: {} as Translation['failures'] }
