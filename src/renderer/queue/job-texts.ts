/** The state of a job as texts and figures. */
import i18next, { type TFunction } from 'i18next'
import type { Progress } from '../../shared/wire/contract.ts'
import { factsOf, type Failure } from '../../shared/failure.ts'
import { type Family, factsOf as formatFacts } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import { blamedSource, bytesOf, locationOf, sourcesOf } from '../../shared/job-sources.ts'
import { folderOf, lastPart } from '../add/adding.ts'
import { speedText, waitText } from '../ui/quantities.ts'
import { describeFailure } from '../app/outcomes.ts'
import { providerName } from '../providers/provider-texts.ts'

/** Why a job has not been done. Of several files that become one, it begins with the one that it is about. */
export function describeTrouble(order: Job['order'], why: Failure): ReturnType<typeof describeFailure> {
  const path = blamedSource(order, why)
  if (path === null) return describeFailure(why)
  const { path: _, ...facts } = factsOf(why)
  const { message, action } = describeFailure({ ...why, facts } as Failure)
  return { message: `${lastPart(path)}: ${message}`, action }
}

export type Tone = 'calm' | 'busy' | 'good' | 'warn' | 'bad'

export function toneOf({ state }: Job): Tone {
  switch (state.phase) {
    case 'running':
      return 'busy'
    case 'done':
      return 'good'
    case 'waiting':
    case 'uncertain':
      return 'warn'
    case 'failed':
      return 'bad'
    default:
      return 'calm'
  }
}

export function trouble({ provider, state }: Job): Failure | null {
  if ('why' in state) return state.why
  if (state.phase === 'cancelled' && state.sent === true) {
    return { code: 'cancelled', facts: { provider: providerName(provider, i18next.t) } }
  }
  return state.phase === 'queued' ? state.last : null
}

/** For beside the name of the file, which then need not be repeated. */
export function failureBesideSource(job: Job): Failure | null {
  const failure = trouble(job)
  const { source } = job.order
  if (failure === null || source.kind === 'url' || factsOf(failure)['path'] !== source.path) return failure
  const { path: _, ...facts } = factsOf(failure)
  return { ...failure, facts } as Failure
}

/** How fast it goes and how long it will take yet, as far as that is known. */
export function paceTexts(progress: Progress | undefined, t: TFunction): readonly string[] {
  const { speed = null, leftMs = null } = progress ?? {}
  return [...(speed === null ? [] : [speedText(speed)]), ...(leftMs === null ? [] : [t('job.left', { time: waitText(leftMs) })])]
}

export function stateText(job: Job, t: TFunction, progress?: Progress): string {
  const { state, provider } = job
  // A machine that has it converts it; before that it waits like any other file.
  if (state.phase === 'running' && state.work.step === 'wait' && provider === 'fleet')
    return t(progress?.stage === 'processing' ? 'step.submit' : 'job.awaitsMachine')
  if (state.phase === 'running') return t(`step.${state.work.step}`)
  if (state.phase === 'queued' && state.dueAtMs > Date.now()) {
    return `${t('phase.queued')} · ${t('job.due', { time: waitText(state.dueAtMs - Date.now()) })}`
  }
  return t(`phase.${state.phase}`)
}

/** The machines of the fleet that have had it, one after the other; the last one has it. */
export function machinesOf({ provider }: Pick<Job, 'provider'>, progress: Progress | undefined): readonly string[] {
  const said = provider === 'fleet' ? (progress?.said ?? '') : ''
  return said === '' ? [] : said.split(' → ')
}

/** `render-02`, `render-02, 2nd attempt`; null where no machine has it. */
export function machineText(machines: readonly string[], t: TFunction): string | null {
  const now = machines.at(-1)
  if (now === undefined) return null
  return machines.length === 1 ? now : t('job.onMachine', { machine: now, count: machines.length, ordinal: true })
}

/** Where a source lies, as far as that means something to the user. */
export function folderText({ order: { source } }: Job, t: TFunction): string {
  return source.kind === 'url' ? new URL(source.url).host : placeText(folderOf(source.path), t)
}

/** The whole path of a file, unless it lies in a folder nobody chose. */
export function pathText(path: string, t: TFunction): string {
  const place = placeText(folderOf(path), t)
  return path.startsWith(place) ? path : `${lastPart(path)} (${place})`
}

/** What a browser has sent lies in the inbox. */
function placeText(folder: string, t: TFunction): string {
  const inbox = /[/\\]inbox[/\\][0-9a-f-]{36}(?:[/\\](.+))?$/.exec(folder)
  if (inbox === null) return folder
  return inbox[1] === undefined ? t('job.sent') : `${t('job.sent')} · ${inbox[1]}`
}

/** The engine's reason for its choice of provider, in the user's language. */
export function reasonText({ reason }: Job, t: TFunction): string {
  switch (reason.code) {
    case 'chosen':
      return t('reason.chosen')
    case 'first':
      return t('reason.first')
    case 'first-able':
      return t('reason.firstAble')
    case 'took-over':
      return t('reason.tookOver', { code: reason.why })
  }
}

export function familyOf({ order }: Job): Family | null {
  return order.from === null ? null : formatFacts(order.from).family
}

export function sourceBytes({ order }: Job): number | null {
  return bytesOf(order)
}

export function outputBytes({ state }: Job): number | null {
  return state.phase === 'done' && state.outputs.length > 0 ? state.outputs.reduce((sum, { bytes }) => sum + bytes, 0) : null
}

/** Everything about a job as text, for a report or a mail. */
export function detailsText(job: Job): string {
  const failure = trouble(job)
  const lines = [
    `job ${job.id} (batch ${job.batchId})`,
    ...sourcesOf(job.order).map((source) => `source: ${locationOf(source)}`),
    `target: ${job.order.target} ${JSON.stringify(job.order.options)}`,
    `provider: ${job.provider} (${job.reason.code})`,
    `state: ${job.state.phase}${'work' in job.state ? ` / ${job.state.work.step}` : ''}, attempt ${job.attempt}`,
    ...(failure === null ? [] : [`failure: ${failure.code} ${JSON.stringify(failure.facts)}`, describeFailure(failure).message]),
    ...(job.state.phase === 'done' ? job.state.outputs.map(({ path }) => `output: ${path}`) : []),
  ]
  return lines.join('\n')
}
