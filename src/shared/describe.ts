/**
 * A failure in English words, for the command line, the log and whoever reads no other language: what happened and why, and what to do.
 * Other languages have the same texts in `text/`. `{x}` is the fact of that name; a part in square brackets vanishes when its fact is
 * absent. `{reason}` is the text of the failure's `because` where it has one, `{cause}` the message of the failure that led to it.
 */
import { contentName, leftText, type ContentTexts } from './content-texts.ts'
import type { Thing } from './things.ts'
import type { Detail } from './details.ts'
import { factsOf, type Failure, type FailureCode, type FailureFacts } from './failure.ts'
import type { Matched, Note, Remark } from './notes.ts'
import { fill } from './fill.ts'
import type { Check } from './machine.ts'
import type { FfmpegFrom } from './ffmpeg.ts'
import english from './text/en.json' with { type: 'json' }

export interface Description {
  /** What happened, and why. */
  readonly message: string
  /** What to do. */
  readonly action: string
}

/** Keys of notes that are no kind of note of their own. */
type OwnKey = 'still-needed' | 'result-missing' | 'is-the-output' | `matched-${Matched['by']}`

/** The texts of one language about what came of a job, and about what was checked. */
export interface OutcomeTexts extends ContentTexts {
  readonly failures: Readonly<Record<FailureCode, string>>
  readonly details: Readonly<Record<Detail, string>>
  readonly units: Readonly<Record<keyof typeof english.units, string>>
  readonly notes: Readonly<Record<Exclude<Note['what'], 'sentence' | 'said' | 'matched'> | OwnKey, string>>
  readonly said: Readonly<Record<Remark['code'], string>>
  readonly advice: Readonly<Record<keyof typeof english.advice, string>>
  readonly checks: Readonly<Record<keyof typeof english.checks, string>>
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
  const spoken = { ...facts, ...unitOf(facts, texts), ...missingContent(facts, texts) }
  return {
    ...facts,
    ...(detail !== undefined && { reason: fill(detail, spoken) }),
    ...(failure.cause !== undefined && { cause: messageOf(failure.cause, texts) }),
  }
}

/** What providers charge in, in words that suit the figure before them; a currency stays as it is. */
function unitOf({ amount, cap, unit }: Readonly<Record<string, unknown>>, texts: OutcomeTexts): { readonly unit?: string } {
  const words: Readonly<Record<string, string>> = texts.units
  const word = words[`${String(unit)}_${Number(cap ?? amount) === 1 ? 'one' : 'other'}`]
  return word === undefined ? {} : { unit: word }
}

/** What a result lacks, in words. */
function missingContent({ thing, name }: FailureFacts, texts: OutcomeTexts): FailureFacts {
  if (typeof thing !== 'string' || !Object.hasOwn(texts.things, thing)) return {}
  const content = { thing: thing as Thing, name: String(name ?? '') }
  return { thing: texts.things[content.thing], name: contentName(content, texts) }
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
    case 'said':
      return fill(texts.said[note.code], note)
    case 'matched':
      return fill(texts.notes[`matched-${note.by}`], { ...note, measure: note.measure.toUpperCase() })
    case 'left':
      return fill(texts.notes.left, { what: leftText(note, texts) })
    default: {
      const { what, ...facts } = note
      return fill(texts.notes[what], { ...facts, ...unitOf(facts, texts) })
    }
  }
}

/** All that a result lacks, as one sentence; empty where that is nothing. */
export function leftSentence(notes: readonly Note[], texts: OutcomeTexts = englishTexts): string {
  const left = notes.flatMap((note) => (note.what === 'left' ? [leftText(note, texts)] : []))
  return left.length === 0 ? '' : fill(texts.notes.left, { what: left.join('; ') })
}

/** A check of this computer: what was checked, what was found, and what to do; empty where nothing is to be done. */
export function describeCheck({ of, version, facts, why }: Check, texts: OutcomeTexts = englishTexts) {
  const { checks } = texts
  const what = of === 'engine' ? String(facts['title']) : of === 'hardware' ? fill(checks.hardware, facts) : checks[of]
  switch (of) {
    case 'ffmpeg-encoders': {
      const missing = String(facts['missing'] ?? '')
      if (missing === '') return { what, found: checks['encoders-complete'], action: '' }
      const encoders = missing.replaceAll('|', checks.or).replaceAll(',', ', ')
      return { what, found: fill(checks['encoders-missing'], { encoders }), action: checks['install-encoders'] }
    }
    case 'hardware': {
      if (why !== null) return { what, found: fill(checks['hardware-refused'], factsOf(why)), action: '' }
      const encoders = String(facts['encoders']).split(',')
      const named = encoders.map((each) => fill(checks[each.endsWith('+10') ? 'encoder-deep' : 'encoder-plain'], titleOf(each)))
      return { what, found: named.join(', '), action: '' }
    }
    case 'webhook-receiver': {
      if (why !== null) return { what, found: fill(checks.receiver, { ...facts, ...why.facts }), action: checks['change-port'] }
      const isLater = facts['listens'] === 'while-working'
      return { what, found: fill(checks[isLater ? 'receiver-while-working' : 'receiver'], facts), action: '' }
    }
    default:
      if (why === null) {
        const from = facts['from'] as FfmpegFrom | undefined
        const found = from === undefined ? (version ?? '') : fill(checks[`from-${from}`], { ...facts, version: version ?? '' })
        return { what, found, action: '' }
      }
      return { what, found: messageOf(why, texts), action: describe(why).action }
  }
}

/** As the window titles the codecs that devices encode. */
const codecTitles: Readonly<Record<string, string>> = { h264: 'H.264', h265: 'H.265', vp9: 'VP9', av1: 'AV1' }

function titleOf(encoder: string): FailureFacts {
  const codec = encoder.replace('+10', '')
  return { codec: codecTitles[codec] ?? codec }
}
