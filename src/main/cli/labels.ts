/** What phases and steps are called on a terminal, and why the queue is on hold. */
import { failure, type Failure } from '../../shared/failure.ts'
import type { Hours } from '../../shared/hours.ts'
import type { Job, Phase, ProviderId, Step } from '../../shared/job.ts'
import type { Held } from '../../shared/model.ts'
import { onlineTitles, type Stage } from '../../shared/providers.ts'
import { dayNames } from './arguments.ts'

export const providerTitles: Readonly<Record<ProviderId, string>> = { local: 'this machine', fleet: 'the fleet', ...onlineTitles }

export const stepLabels: Readonly<Record<Step, string>> = {
  prepare: 'preparing',
  submit: 'converting',
  wait: 'waiting for the provider',
  fetch: 'getting the result',
  verify: 'checking',
  place: 'saving',
  afterwards: 'finishing',
}

/** What a provider does with a job. */
export const stageLabels: Readonly<Record<Stage, string>> = {
  uploading: 'uploading',
  queued: 'waiting in its queue',
  processing: 'converting',
  downloading: 'downloading',
  'measuring-loudness': 'measuring loudness',
  'choosing-colours': 'choosing colors',
  'matching-quality': 'looking for the quality',
  drawing: 'drawing',
  converting: 'converting',
}

/** Phases in which a job has a line of its own on a terminal: it rests, for good or until the user decides. */
export const restLabels: Readonly<Partial<Record<Phase, string>>> = {
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
  waiting: 'needs attention',
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
  if (held === null || held === 'paused') return 'paused: `beside queue resume` continues'
  if (held.by === 'battery') return 'on battery: continues when the machine is plugged in'
  if (held.by === 'data') {
    const what = held.why.code === 'disk-full' ? 'the disk of the data folder is full' : 'the data folder cannot be written to'
    return `${what}: continues by itself once that is fixed`
  }
  return `outside its hours: continues at ${timestampText(held.untilMs)}`
}

/** Local time, in an order that sorts. */
export function timestampText(ms: number): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** As it can be typed again. */
export function hoursText({ days, fromMinute, toMinute }: Hours): string {
  const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`
  const named = days.length === 7 ? '' : `${days.map((day) => dayNames[day]).join(',')} `
  return `${named}${clock(fromMinute)}-${clock(toMinute)}`
}
