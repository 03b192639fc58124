/**
 * A failure in words: what happened and why, and what to do. A Record over the codes, so that a new code must have words.
 * `{x}` is the fact of that name; a sentence part in square brackets vanishes when its fact is absent.
 */
import type { Failure, FailureCode, FailureFacts } from './failure.ts'

export interface Description {
  /** What happened, and why. */
  readonly message: string
  /** What to do. */
  readonly action: string
}

export const failureTexts: Readonly<Record<FailureCode, readonly [message: string, action: string]>> = {
  'source-missing': ['The file is not there[: {path}].', 'Check the name, or put the file back and retry.'],
  'source-unreadable': ['The file cannot be read[: {path}][ ({reason})].', 'Give yourself permission to read it, then retry.'],
  'source-empty': ['The file is empty (0 bytes)[: {path}].', 'Get a complete copy of the file, then retry.'],
  'source-not-file': ['This is not a regular file[ but a {kind}][: {path}].', 'Name a file or a folder.'],
  'source-damaged': [
    'The file is damaged or incomplete[: {reason}].',
    'Try to open it in a player or viewer; get a good copy if that fails too.',
  ],
  'source-changed': ['The file changed while it was converted.', 'Wait until nothing writes to it any more, then retry.'],
  'source-unknown': [
    'The kind of this file is not known[: {path}][ ({reason})].',
    'See `beside formats` for what can be converted.',
  ],
  'source-excluded': ['The file is left out by a filter[: {reason}].', 'Change --include or --exclude to take it.'],
  'link-loop': ['The link leads in a circle[: {path}].', 'Name the real file instead of the link.'],
  usage: ['{reason}', '[{hint}]'],
  'target-unknown': ['There is no format called “{target}”.', 'See `beside formats` for the names.'],
  'pair-unsupported': [
    '{from} cannot be converted to {target}[ with {provider}][: {reason}].',
    'See `beside formats[ --from {id}]` for what it can become.',
  ],
  'option-unknown': ['There is no option called “{option}”.', 'Options are: {known}.'],
  'option-invalid': ['“{value}” does not fit the option {option}.', 'It takes {allowed}.'],
  'option-unsupported': [
    'The option {option} has no meaning for {from} to {target}[ with {provider}].',
    'Leave it out[; possible here: {allowed}].',
  ],
  'preset-unknown': ['There is no preset called “{preset}”.', '[{hint} ]See `beside presets list`.'],
  'source-is-target': [
    'The result would replace its own source[: {path}].',
    'Use --if-exists number, another name or another folder.',
  ],
  'name-invalid': ['“{name}” cannot be a name[: {reason}].', 'Choose another name template.'],
  'name-too-long': [
    'The name or path is too long for this file system[: {path}].',
    'Use a shorter name, or --out with a shorter folder.',
  ],
  'nothing-found': ['Nothing to convert was found[ in {path}].', 'Check the folder, --recursive, --include and --exclude.'],
  'output-exists': ['A file of that name is already there[: {path}].', 'Keep it, or choose --if-exists number or overwrite.'],
  'output-bad': [
    'The result did not pass the check, so it was not kept[: {reason}].',
    'Retry; if it stays so, the source may be damaged.',
  ],
  'folder-missing': ['The folder is not there[: {path}].', 'Put it back or choose another with --out, then retry.'],
  'folder-read-only': [
    'The folder cannot be written to[: {path}].',
    'Give yourself permission, or choose another folder with --out, then retry.',
  ],
  'disk-full': [
    'There is not enough room on the disk[: {path}].',
    'Free some space, then retry. Nothing half written was left behind.',
  ],
  'tool-missing': ['{tool} was not found on this machine.', '[{hint}]'],
  'tool-failed': ['{tool} could not convert the file[: {reason}].', 'Retry with other options or another format.'],
  'tool-crashed': [
    '{tool} crashed on this file[ ({reason})]. Nothing else was touched.',
    'The file may be damaged; try another copy.',
  ],
  'tool-timeout': [
    '{tool} made no progress[ for {seconds} s] and was stopped.',
    'Retry; if it stays so, the file may be damaged.',
  ],
  'tool-memory': ['The conversion needs more memory than it is allowed[: {reason}].', 'Make the picture or video smaller first.'],
  'provider-unknown': ['There is no provider called “{provider}”.', 'See `beside providers list`.'],
  'provider-disabled': ['{provider} is switched off.', 'Switch it on[: `beside providers set {id} --enable`].'],
  'key-missing': ['{provider} needs a key and has none.', 'Set a key[: `beside providers set {id} --key-stdin`].'],
  'key-rejected': ['{provider} does not accept the key[: {reason}].', 'Check the key and set it again.'],
  'not-allowed': ['{provider} does not allow this[: {reason}].', 'Check the plan and the permissions of the key.'],
  'out-of-credit': [
    'The credit at {provider} is used up[: {reason}].',
    'Add credit there and check it[: `beside providers check {id}`], or use another provider.',
  ],
  'cap-reached': ['The spending cap for {provider} is reached[: {reason}].', 'Raise the cap, or wait until it begins anew.'],
  'approval-needed': ['This would cost money[: {reason}].', 'Approve it, or convert it on this machine.'],
  'price-untold': [
    '{provider} does not say beforehand what this costs, so no spending cap can be kept.',
    'Approve it, take the cap away, or convert it on this machine.',
  ],
  private: ['A privacy rule keeps this file on this machine[: {reason}].', 'Convert it locally, or change the rule.'],
  'rate-limited': ['{provider} asks for a slower pace.', 'Nothing to do: it goes on by itself.'],
  'queue-full': ['{provider} has no room for more work now.', 'Nothing to do: it goes on by itself.'],
  'provider-down': ['{provider} is not reachable or out of order[: {reason}].', 'Retry later, or use another provider.'],
  'provider-error': ['{provider} answered with an error[: {reason}].', 'Retry later, or use another provider.'],
  'conversion-failed': [
    '{provider} could not convert the file[: {reason}].',
    'Try other options, another provider or another copy of the file.',
  ],
  'answer-bad': ['{provider} sent an answer that makes no sense[: {reason}].', 'Retry later; if it stays so, report it.'],
  'too-large': ['The file is too large[ for {provider}][: {reason}].', 'Make it smaller, or use another provider.'],
  'source-not-local': [
    'An address on the web can only be converted by an online provider that fetches it itself.',
    'Download the file first, or choose such a provider.',
  ],
  'source-not-public': [
    '{provider} fetches the source itself and needs a public address[: {reason}].',
    'Give a public http(s) address, or convert on this machine.',
  ],
  gone: ['{provider} no longer has the job or its result[: {reason}].', 'Convert it again; that may cost again.'],
  network: ['The network failed[: {reason}].', 'Check the connection; it is tried again by itself.'],
  'answer-lost': [
    'The answer of {provider} was lost, so nobody knows whether it took the job.',
    'Look at your account there, then resolve the job: done, again or forget.',
  ],
  deadline: ['{provider} has not finished within {hours} hours.', 'Look at your account there, then resolve the job.'],
  'out-of-reach': [
    '{provider} has the job, but its result could not be had.[ {reason}]',
    'When that is put right, resolve the job with “again”: it goes on where it was and pays nothing twice.',
  ],
  interrupted: ['The work was interrupted.', 'Nothing to do: it goes on by itself.'],
  cancelled: [
    'Cancelled[ after it was sent to {provider}: work there may go on, and may cost all the same].',
    'Retry to convert it after all.',
  ],
  offline: ['The connection to the running Beside was lost.', 'Run the command again.'],
  'data-newer': [
    'The data folder was written by a newer Beside[ ({reason})]: {path}',
    'Update Beside, or use another BESIDE_HOME.',
  ],
  'data-damaged': [
    'The database was damaged and has been set aside[: {path}].',
    'Nothing was deleted. Beside goes on with a new one[: {hint}].',
  ],
  'data-busy': ['Another program holds the data folder and does not answer[: {path}].', 'End the other Beside, then try again.'],
  'keys-unreadable': [
    'The file with the keys of online providers cannot be used[: {path}][ ({reason})].',
    'Nothing in it was changed. Make it readable for yourself or mend it; or move it away and set the keys again.',
  ],
  'not-found': ['There is no {what}[ {id}].', 'Check the number.'],
  'not-possible': ['That is not possible now[: {reason}].', 'Look at the state of the job first.'],
  'changed-since': [
    'The file has changed since Beside wrote it, so it stays[: {path}].',
    'Delete it yourself if you no longer want it.',
  ],
  internal: ['Something went wrong inside Beside[: {reason}].', 'Please report it with the log file.'],
}

export function describe(failure: Failure): Description {
  const [message, action] = failureTexts[failure.code]
  return { message: fill(message, failure.facts), action: fill(action, failure.facts) }
}

export function fill(text: string, facts: FailureFacts): string {
  const known = (name: string) => facts[name] ?? ''
  return text
    .replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
      [...part.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => known(name) !== '') ? part : '',
    )
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => known(name))
}
