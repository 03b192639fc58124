/** Why a file or a folder stands where it stands, in English words; the texts of all languages are in `text/`. */
import { describe } from './describe.ts'
import { fill } from './fill.ts'
import { failureCodes, type Failure } from './failure.ts'
import type { Why, WhyCode } from './folders.ts'
import english from './text/en.json' with { type: 'json' }

/** `{x}` is a fact; a part in square brackets vanishes when its fact is absent. */
export const whyTexts: Readonly<Record<WhyCode, string>> = english.whys

export function describeWhy(why: Why): string {
  if (isFailure(why)) return describe(why).message
  return fillWhy(whyTexts[why.code], why, (cause) => describe(cause).message)
}

/** `{reason}` is what a system said; else the message of the cause, in the language of the text. */
export function fillWhy(text: string, { facts, cause }: Exclude<Why, Failure>, messageOf: (cause: Failure) => string): string {
  return fill(text, { ...(cause !== undefined && { reason: messageOf(cause) }), ...facts })
}

export function isFailure(why: Why): why is Failure {
  return (failureCodes as readonly string[]).includes(why.code)
}
