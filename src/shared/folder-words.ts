/** Why a file or a folder stands where it stands, in words. A Record over the codes, so that a new code must have words. */
import { describe, failureTexts, fill } from './describe.ts'
import type { Failure } from './failure.ts'
import type { Why, WhyCode } from './folders.ts'

/** `{x}` is a fact; a part in square brackets vanishes when its fact is absent. */
export const whyTexts: Readonly<Record<WhyCode, string>> = {
  hidden: 'It is hidden.',
  'partial-name': 'Its name says that it is still being downloaded or copied.',
  'temporary-name': 'Its name is that of a temporary file.',
  'sync-name': 'It belongs to a program that keeps folders in step.',
  'unpack-name': 'It is still being unpacked.',
  'system-name': 'It is a file of the system.',
  'not-included': 'None of the patterns to include fits it.',
  excluded: 'The pattern {pattern} leaves it out.',
  'other-kind': '[{kind} is not among the kinds that this folder takes.]',
  'already-target': 'It already is {format}.',
  'too-small': 'It is smaller than the rule wants.',
  'too-big': 'It is larger than the rule wants.',
  'too-old': 'It was there longer than the rule wants.',
  below: 'It is in a folder below, and the rule does not look there.',
  'special-file': 'It is no regular file[ but a {kind}].',
  'own-output': 'Beside made it.',
  'same-file': 'It is another name for {path}.',
  'was-there': 'It was there when the folder began to be watched.',
  'before-change': 'It was there when the rule was changed.',
  'changed-kept': 'It has changed since, and the rule lets such files be.',
  unfinished: 'Another file beside it says that it is still being downloaded[: {path}].',
  empty: 'It is empty.',
  settling: 'It may still be growing.',
  'being-written': 'A program still writes to it.',
  incomplete: 'It ends too early[: {reason}]; the rest may still come.',
  'not-readable-yet': 'It cannot be understood yet[: {reason}]; the rest may still come.',
  unreadable: 'It cannot be read[ ({reason})].',
  'own-work': 'Beside is at work on it.',
  'too-young': 'It is too young.',
  'on-hold': 'It rests for the time that the rule says.',
  'outside-hours': 'It waits for the hours in which the rule converts.',
  'again-later': 'It is tried again later.',
  'spend-cap': 'What the folder may spend is used up[: {reason}]',
  'not-now': 'It cannot be converted now[: {reason}]',
  queued: 'It is in the queue.',
  'waits-for-you': 'It waits for you in the queue.',
  converted: 'It was converted.',
  'given-up': 'It failed {attempts} times[: {reason}]',
  'paid-for':
    'It failed after a provider had taken it[: {reason}] It may have been paid for, so it is tried again by your word alone.',
  forgotten: 'It was converted; the history has been cleared since.',
  'folder-missing': 'The folder is not there.',
  'folder-empty': 'The folder is empty all at once, as if its disk were gone.',
  'folder-other': 'The folder is not the one that was watched: its mark is gone, as if another disk were there.',
  'folder-silent': 'The folder does not answer.',
  'folder-unreadable': 'The folder cannot be read[ ({reason})].',
  'too-many-watches': 'The system takes no more watches, so the folder is looked through now and then instead.',
  'network-folder': 'The folder is on {system}, which tells nobody what others do there, so it is looked through now and then.',
  'asked-for': 'The rule says that the folder is looked through now and then.',
  undecided: 'What becomes of the files that are there has not been said.',
}

export function describeWhy(why: Why): string {
  if (isFailure(why)) return describe(why).message
  return fill(whyTexts[why.code], why.facts)
}

export function isFailure(why: Why): why is Failure {
  return Object.hasOwn(failureTexts, why.code)
}
