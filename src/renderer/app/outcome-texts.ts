/** A failure in the user's language: what happened, what to do, and which button does it. */
import { englishTexts, messageOf, noteText, type OutcomeTexts } from '../../shared/describe.ts'
import { factsOf, type Failure, type FailureCode } from '../../shared/failure.ts'
import type { Note } from '../../shared/job.ts'
import i18next from 'i18next'

/** What helps; the words for each are in the language files. */
export type Remedy = keyof typeof remedies

const remedies = {
  'check-file': ['source-missing', 'source-unreadable', 'source-changed', 'interrupted'],
  'get-good-copy': ['source-unknown', 'source-empty', 'source-not-file', 'source-damaged', 'link-loop'],
  'change-format': [
    'source-excluded',
    'target-unknown',
    'pair-unsupported',
    'option-unknown',
    'option-invalid',
    'option-unsupported',
    'conversion-failed',
    'usage',
    'preset-unknown',
    'nothing-found',
  ],
  'check-folder': ['folder-missing', 'folder-read-only', 'source-is-target', 'name-too-long'],
  'free-space': ['disk-full'],
  'change-template': ['name-invalid'],
  'choose-name': ['output-exists'],
  'install-tool': ['tool-missing'],
  retry: ['output-bad', 'tool-failed', 'tool-crashed', 'tool-timeout', 'cancelled'],
  'make-smaller': ['tool-memory', 'too-large'],
  wait: ['rate-limited', 'queue-full', 'network'],
  'retry-later': [
    'provider-down',
    'provider-error',
    'answer-bad',
    'provider-unknown',
    'provider-disabled',
    'gone',
    'source-not-local',
    'source-not-public',
  ],
  'set-key': ['key-missing', 'key-rejected', 'not-allowed'],
  'repair-keys': ['keys-unreadable'],
  'add-credit': ['out-of-credit', 'cap-reached'],
  approve: ['approval-needed', 'price-untold'],
  'convert-locally': ['private'],
  'check-account': ['answer-lost', 'deadline'],
  'convert-again': ['out-of-reach'],
  reconnect: ['offline', 'data-busy'],
  'check-state': ['not-found', 'not-possible'],
  'delete-yourself': ['changed-since'],
  report: ['internal', 'data-newer', 'data-damaged'],
} as const satisfies Readonly<Record<string, readonly FailureCode[]>>

const remedyOfCode = new Map<FailureCode, Remedy>(
  (Object.keys(remedies) as Remedy[]).flatMap((remedy) => remedies[remedy].map((code): [FailureCode, Remedy] => [code, remedy])),
)

export const allRemedies = Object.keys(remedies) as readonly Remedy[]

export function remedyOf({ code }: Failure): Remedy {
  return remedyOfCode.get(code) ?? 'report'
}

export function failureWords(failure: Failure): { readonly what: string; readonly todo: string } {
  return {
    what: messageOf(named(failure), outcomeTexts()),
    todo: i18next.t(remedyOf(failure), { ns: 'remedies' }),
  }
}

export function noteWords(note: Note): string {
  return noteText(note, outcomeTexts())
}

function outcomeTexts(): OutcomeTexts {
  return (i18next.getResourceBundle(i18next.language, 'outcomes') as OutcomeTexts | undefined) ?? englishTexts
}

/** The row says where the file is; in a sentence its name is enough. */
function named(failure: Failure): Failure {
  const { path } = factsOf(failure)
  if (typeof path !== 'string') return failure
  const name = path.split(/[/\\]/).findLast((part) => part !== '') ?? path
  return { ...failure, facts: { ...failure.facts, path: name } } as Failure
}
