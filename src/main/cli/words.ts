/** What phases, steps and providers are called on a terminal. */
import { failure, type Failure } from '../../shared/failure.ts'
import type { Job, Phase, ProviderId, Step } from '../../shared/job.ts'
import type { Held } from '../../shared/model.ts'

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

/** Null where a job was not cancelled. */
export function cancelledWhy({ provider, state }: Job): Failure | null {
  if (state.phase !== 'cancelled') return null
  return failure('cancelled', state.sent === true ? { provider: providerTitles[provider] } : {})
}

/** Why nothing begins, and when it will. */
export function heldText(held: 'paused' | Held | null): string {
  if (held === null || held === 'paused') return 'paused: `beside queue resume` goes on'
  if (held.by === 'battery') return 'on battery: it goes on when the machine is plugged in'
  if (held.by === 'data') {
    const what = held.why.code === 'disk-full' ? 'the disk of the data folder is full' : 'the data folder cannot be written to'
    return `${what}, it goes on by itself when that is put right`
  }
  const at = new Date(held.untilMs)
  const two = (number: number) => String(number).padStart(2, '0')
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `outside of its hours: it goes on at ${date} ${two(at.getHours())}:${two(at.getMinutes())}`
}
