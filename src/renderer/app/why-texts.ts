/** Why a file or a folder stands where it stands, in the user's language. English has its words in `shared/folder-words.ts`. */
import i18next from 'i18next'
import { fill } from '../../shared/describe.ts'
import { isFailure, whyTexts } from '../../shared/describe-why.ts'
import type { Why } from '../../shared/folders.ts'
import { failureWords } from './outcome-texts.ts'

export function whyWords(why: Why): string {
  if (isFailure(why)) return failureWords(why).what
  const own: unknown = i18next.getResource(i18next.language, 'whys', why.code)
  return fill(typeof own === 'string' ? own : whyTexts[why.code], why.facts)
}
