/** What to do about a failure, in English; the other languages hold theirs. */
import type { Remedy } from './failures.ts'

export const englishRemedies: Readonly<Record<Remedy, string>> = {
  file: 'Check that the file is there, readable and complete, then retry.',
  copy: 'Try to open it in a player or viewer. If that fails too, get a good copy.',
  format: 'Choose another format or other options.',
  folder: 'Put the folder right or choose another one, then retry.',
  space: 'Free some space, then retry. Nothing half written was left behind.',
  name: 'Change the name template in Settings.',
  clash: 'Keep both, skip this file, or replace what is there.',
  tool: 'Install what is missing, then retry. Providers shows what that is.',
  retry: 'Retry. If it stays so, the file may be damaged.',
  smaller: 'Make the file smaller, or use another provider.',
  later: 'Nothing to do: it goes on by itself.',
  service: 'Retry later, or use another provider.',
  key: 'Set the key under Providers.',
  money: 'Add credit or raise the cap, or convert on this machine.',
  approve: 'Approve it, or convert on this machine.',
  privacy: 'Convert it on this machine, or change the rule in Settings.',
  doubt: 'Look at your account there, then say what became of it.',
  reconnect: 'Wait until the connection is back, then try again.',
  again: 'Look at how it stands now, then try again.',
  leave: 'Delete it yourself if you no longer want it.',
  report: 'Please report it together with the log file.',
}
