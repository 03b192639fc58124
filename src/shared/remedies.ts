/**
 * What helps against a failure, as a code that each surface turns into what it has: a sentence, a button, a flag. Whoever only reads a
 * sentence finds one for each code among the texts of its language.
 * Apart, so that every surface reads the same table.
 */
import type { Failure, FailureCode } from './failure.ts'

export type Remedy = keyof typeof remedies

const remedies = {
  'check-file': ['source-missing', 'source-unreadable', 'source-changed', 'interrupted'],
  'get-good-copy': ['source-unknown', 'source-empty', 'source-not-file', 'source-damaged', 'link-loop'],
  'get-free-copy': ['source-protected'],
  'change-format': [
    'source-unsupported',
    'source-excluded',
    'target-unknown',
    'pair-unsupported',
    'option-unknown',
    'option-invalid',
    'option-unsupported',
    'options-contradict',
    'limit-too-small',
    'conversion-failed',
    'usage',
    'preset-unknown',
    'nothing-found',
  ],
  'check-folder': ['outside-allowed', 'folder-missing', 'folder-read-only', 'source-is-target', 'name-too-long'],
  'free-space': ['disk-full'],
  'change-template': ['name-invalid'],
  'choose-name': ['output-exists'],
  'keep-source': ['would-be-larger'],
  'install-tool': ['tool-missing'],
  'fetch-again': ['fetch-failed'],
  retry: ['output-bad', 'tool-failed', 'tool-crashed', 'tool-timeout', 'cancelled'],
  'make-smaller': ['tool-memory', 'too-large', 'picture-too-large'],
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
  'check-queue': ['queue-away'],
  'check-login': ['queue-refused'],
  'check-hook': ['hook-failed'],
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

const byCode = new Map<FailureCode, Remedy>(
  (Object.keys(remedies) as Remedy[]).flatMap((remedy) => remedies[remedy].map((code): [FailureCode, Remedy] => [code, remedy])),
)

export const allRemedies = Object.keys(remedies) as readonly Remedy[]

export function remedyOf({ code }: Failure): Remedy {
  return byCode.get(code) ?? 'report'
}
