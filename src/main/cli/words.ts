/** What phases, steps and providers are called on a terminal. */
import type { Phase, ProviderId, Step } from '../../shared/job.ts'

export const providerTitles: Readonly<Record<ProviderId, string>> = {
  local: 'this machine',
  xconvert: 'XConvert',
  musicgpt: 'MusicGPT',
  'converter-app': 'Converter.app',
  converso: 'Converso',
}

export const stepWords: Readonly<Record<Step, string>> = {
  prepare: 'preparing',
  submit: 'converting',
  wait: 'waiting for the provider',
  fetch: 'fetching',
  verify: 'checking',
  place: 'placing',
  afterwards: 'finishing',
}

/** Phases in which a job has a line of its own on a terminal: it rests, for good or until the user decides. */
export const restWords: Readonly<Partial<Record<Phase, string>>> = {
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
  waiting: 'waits',
  uncertain: 'uncertain',
  paused: 'paused',
}
