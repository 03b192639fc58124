/**
 * A failure in English words, for the command line, the log and whoever reads no other language: what happened and why, and what to do.
 * Other languages have the same texts in `text/`. `{x}` is the fact of that name; a part in square brackets vanishes when its fact is
 * absent. `{reason}` is the text of the failure's `because` where it has one, `{cause}` the message of the failure that led to it.
 */
import type { ContentItem, Thing } from './contents.ts'
import type { Detail } from './details.ts'
import { factsOf, type Failure, type FailureCode, type FailureFacts } from './failure.ts'
import type { Note } from './job.ts'
import type { Check } from './wire/contract.ts'
import english from './text/en.json' with { type: 'json' }

export interface Description {
  /** What happened, and why. */
  readonly message: string
  /** What to do. */
  readonly action: string
}

/** The texts of one language about what came of a job, and about what was checked. */
export interface OutcomeTexts {
  readonly failures: Readonly<Record<FailureCode, string>>
  readonly details: Readonly<Record<Detail, string>>
  readonly notes: Readonly<Record<Exclude<Note['what'], 'sentence'> | 'still-needed' | 'is-the-output', string>>
  readonly advice: Readonly<Record<keyof typeof english.advice, string>>
  readonly checks: Readonly<Record<keyof typeof english.checks, string>>
  readonly things: Readonly<Record<Thing, string>>
}

/** What to do about each failure at a command line; a detail may know better: `hints` name flags and commands, `advice` holds everywhere. */
const actions: Readonly<Record<FailureCode, string>> = english.actions
const hints: Readonly<Partial<Record<string, string>>> = english.hints

export const englishTexts: OutcomeTexts = english

export function describe(failure: Failure): Description {
  const facts = factsFor(failure, englishTexts)
  const hint = hints[factsOf(failure)['because'] ?? '']
  const action = adviceOn(failure, englishTexts) ?? fill(hint ?? actions[failure.code], facts)
  return { message: messageOf(failure, englishTexts), action }
}

/** What to do about the detail of a failure, in the language of the texts; null where its code says all there is to say. */
export function adviceOn(failure: Failure, texts: OutcomeTexts): string | null {
  const known: Readonly<Partial<Record<string, string>>> = texts.advice
  const advice = known[factsOf(failure)['because'] ?? '']
  return advice === undefined ? null : fill(advice, factsFor(failure, texts))
}

/** What happened and why, in the language of the texts. */
export function messageOf(failure: Failure, texts: OutcomeTexts): string {
  return fill(texts.failures[failure.code], factsFor(failure, texts))
}

function factsFor(failure: Failure, texts: OutcomeTexts): FailureFacts {
  const facts: FailureFacts = { ...failure.facts }
  const because = facts['because'] ?? ''
  const known: Readonly<Record<string, string>> = { ...english.details, ...texts.details }
  const detail = known[because]
  const words: Readonly<Record<string, string>> = texts.things
  const spoken = facts['thing'] === undefined ? facts : { ...facts, thing: words[facts['thing']] ?? facts['thing'] }
  return {
    ...facts,
    ...(detail !== undefined && { reason: fill(detail, spoken) }),
    ...(failure.cause !== undefined && { cause: messageOf(failure.cause, texts) }),
  }
}

/** What a finished job has to say, in the language of the texts. */
export function noteText(note: Note, texts: OutcomeTexts = englishTexts): string {
  switch (note.what) {
    case 'sentence':
      return note.text
    case 'source-kept': {
      const why = note.because === 'failed' ? (note.reason ?? '') : texts.notes[note.because]
      return fill(texts.notes[note.what], { why })
    }
    case 'left':
      return fill(texts.notes.left, { thing: texts.things[note.thing], names: namesOf(note) })
    default: {
      const { what, ...facts } = note
      return fill(texts.notes[what], facts)
    }
  }
}

/** Which ones, or how many where they have no names. */
function namesOf({ names, count }: Extract<Note, { what: 'left' }>): string {
  if (names.length === 0) return count === 1 ? '' : String(count)
  const more = count - names.length
  return [...names.map(nameText), ...(more > 0 ? [`+${more}`] : [])].join(', ')
}

/** `eng hdmv_pgs_subtitle` is what a file says; nobody needs it translated who looks for that track in it. */
function nameText({ name, language }: Pick<ContentItem, 'name' | 'language'>): string {
  return [language, name].filter((part) => part !== undefined).join(' ')
}

/** A check of this computer: what was checked, what was found, and what to do; empty where nothing is to be done. */
export function describeCheck({ of, version, facts, why }: Check, texts: OutcomeTexts = englishTexts) {
  const { checks } = texts
  const what = checks[of]
  switch (of) {
    case 'ffmpeg-encoders': {
      const missing = String(facts['missing'] ?? '')
      if (missing === '') return { what, found: checks['encoders-complete'], action: '' }
      const encoders = missing.replaceAll('|', checks.or).replaceAll(',', ', ')
      return { what, found: fill(checks['encoders-missing'], { encoders }), action: checks['install-encoders'] }
    }
    case 'webhook-receiver': {
      if (why !== null) return { what, found: fill(checks.receiver, { ...facts, ...why.facts }), action: checks['change-port'] }
      const isLater = facts['listens'] === 'while-working'
      return { what, found: fill(checks[isLater ? 'receiver-while-working' : 'receiver'], facts), action: '' }
    }
    default:
      if (why === null) return { what, found: version ?? '', action: '' }
      return { what, found: messageOf(why, texts), action: describe(why).action }
  }
}

export function fill(text: string, facts: FailureFacts): string {
  const known = (name: string) => String(facts[name] ?? '')
  return text
    .replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
      [...part.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => known(name) !== '') ? part : '',
    )
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => known(name))
}
