/** What came of something, in the user's language: failures with what to do about them, notes, and why a watched file was left or taken. */
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { fillWhy, isFailure, whyTexts } from '../../shared/describe-why.ts'
import {
  adviceOn,
  describeCheck as describeCheckIn,
  englishTexts,
  messageOf,
  noteText,
  type OutcomeTexts,
} from '../../shared/describe.ts'
import { leftText } from '../../shared/content-texts.ts'
import { factsOf, toFailure, type Failure } from '../../shared/failure.ts'
import type { Why } from '../../shared/folders.ts'
import type { Note } from '../../shared/notes.ts'
import type { Check } from '../../shared/machine.ts'
import { remedyOf } from '../../shared/remedies.ts'

export interface FailureText {
  /** What happened, and why. */
  readonly message: string
  /** What to do. */
  readonly action: string
}

export function describeFailure(failure: Failure): FailureText {
  return {
    message: messageOf(withFileName(failure), outcomeTexts()),
    action: adviceOn(failure, outcomeTexts()) ?? i18next.t(remedyOf(failure), { ns: 'remedies' }),
  }
}

export function describeNote(note: Note): string {
  return noteText(note, outcomeTexts())
}

/** What the result of a job lacks, a line a thing. */
export function leftBehind(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => (note.what === 'left' ? [leftText(note, outcomeTexts())] : []))
}

export function describeCheck(check: Check): ReturnType<typeof describeCheckIn> {
  return describeCheckIn(check, outcomeTexts())
}

export function describeWhy(why: Why): string {
  if (isFailure(why)) return describeFailure(why).message
  const own: unknown = i18next.getResource(i18next.language, 'whys', why.code)
  return fillWhy(typeof own === 'string' ? own : whyTexts[why.code], why, (cause) => describeFailure(cause).message)
}

/** Runs what a button does. A failure is shown, since nobody else hears of it. */
export function guarded(work: () => unknown): void {
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      const { message, action } = describeFailure(toFailure(error))
      notifications.show({ title: message, message: action, color: 'red', autoClose: 8000 })
    })
}

export function outcomeTexts(): OutcomeTexts {
  return (i18next.getResourceBundle(i18next.language, 'outcomes') as OutcomeTexts | undefined) ?? englishTexts
}

/** The row says where the file is; in a sentence its name is enough. */
function withFileName(failure: Failure): Failure {
  const { path } = factsOf(failure)
  if (typeof path !== 'string') return failure
  const name = path.split(/[/\\]/).findLast((part) => part !== '') ?? path
  return { ...failure, facts: { ...failure.facts, path: name } } as Failure
}
