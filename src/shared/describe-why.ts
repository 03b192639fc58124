/** Why a file or a folder stands where it stands, in English words; the texts of all languages are in `text/`. */
import { describe, fill } from './describe.ts'
import { failureCodes, type Failure } from './failure.ts'
import type { Why, WhyCode } from './folders.ts'
import english from './text/en.json' with { type: 'json' }

/** `{x}` is a fact; a part in square brackets vanishes when its fact is absent. */
export const whyTexts: Readonly<Record<WhyCode, string>> = english.whys

export function describeWhy(why: Why): string {
  if (isFailure(why)) return describe(why).message
  return fill(whyTexts[why.code], why.facts)
}

export function isFailure(why: Why): why is Failure {
  return (failureCodes as readonly string[]).includes(why.code)
}
