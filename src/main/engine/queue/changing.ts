/**
 * Jobs that have not begun get another format, other options, another provider or another priority. What comes of a job is the same as if it had
 * been added so: it is routed by the same rules, and its name is looked for when it is prepared. Each is planned inside the store's transaction,
 * some at a time: one that the runner takes meanwhile has begun, and stays as it was, as does one that cannot become what is wanted.
 */
import { failure, type Failure } from '../../../shared/failure.ts'
import { hasBegun, livePhases, workOf, type Job } from '../../../shared/job.ts'
import { maxReasons, type ChangeAnswer, type JobChange } from '../../../shared/job-change.ts'
import { parseOptions, type Options, type Parsed } from '../../../shared/options.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { Change } from '../../../shared/wire/contract.ts'
import type { JobStore, NewOrder, Selection } from '../../store/store.ts'
import { optionsBySettings } from '../intake/outputs.ts'
import { candidatesNow, laneOf, routerOver, togetherOf, type RoutePorts, type Routed, type Wanted } from '../intake/route.ts'
import type { Passwords } from '../passwords.ts'
import type { Registry } from '../providers/registry.ts'
import { batchSize, turn } from './moving.ts'

export interface ChangingPorts {
  readonly jobs: Pick<JobStore, 'changeOrders' | 'list'>
  readonly passwords: Pick<Passwords, 'seal'>
  readonly registry: Pick<Registry, 'get' | 'ordered' | 'unready'>
  readonly clock: RoutePorts['clock']
  readonly settings: () => Settings
  readonly publish: (change: Change) => void
  /** All are changed that could be. */
  readonly over: () => void
}

export interface Changing {
  change(selection: Selection, change: JobChange, signal: AbortSignal): Promise<ChangeAnswer>
  /** What `change` would answer, with nothing changed. */
  rehearse(selection: Selection, change: JobChange, signal: AbortSignal): Promise<ChangeAnswer>
  /** The order that one job would have. */
  plan(job: Job | null, change: JobChange, signal: AbortSignal): Promise<NewOrder | Failure>
}

export function createChanging(ports: ChangingPorts): Changing {
  const { jobs, publish, over } = ports

  function* idsOf(selection: Selection): Generator<readonly number[]> {
    if (selection.kind === 'ids') {
      const ids = [...new Set(selection.ids)]
      for (let start = 0; start < ids.length; start += batchSize) yield ids.slice(start, start + batchSize)
      return
    }
    const batchId = selection.kind === 'batch' ? selection.batchId : null
    const all: number[] = []
    let after: string | null = null
    do {
      const page: ReturnType<typeof jobs.list> = jobs.list({ phases: livePhases, batchId, after, limit: batchSize })
      all.push(...page.jobs.map(({ id }) => id))
      after = page.next
      if (after !== null) yield []
    } while (after !== null)
    yield* idsOf({ kind: 'ids', ids: all })
  }

  const changeAll = async (
    selection: Selection,
    change: JobChange,
    signal: AbortSignal,
    rehearsed: Map<string, number> | null,
  ) => {
    const plan = await planner(ports, change, signal)
    const sums = createSums()
    for (const ids of idsOf(selection)) {
      for (const done of jobs.changeOrders(ids, plan, rehearsed)) {
        sums.count(done.kind === 'refused' ? done : done.kind)
        if (done.kind !== 'changed' || rehearsed !== null) continue
        publish({ type: 'job', job: done.job })
        if (change.priority !== undefined) publish({ type: 'batch', batchId: done.job.batchId })
      }
      await turn()
      signal.throwIfAborted()
    }
    if (rehearsed === null) over()
    return sums.answer()
  }
  return {
    change: async (selection, change, signal) => await changeAll(selection, change, signal, null),
    rehearse: async (selection, change, signal) => await changeAll(selection, change, signal, new Map()),
    plan: async (job, change, signal) => (await planner(ports, change, signal))(job),
  }
}

type Planner = (job: Job | null) => NewOrder | Failure

/** With the providers as they are now. A change of the priority alone asks none of them anything. */
async function planner(
  { registry, clock, settings, passwords }: ChangingPorts,
  asked: JobChange,
  signal: AbortSignal,
): Promise<Planner> {
  const change: JobChange = {
    ...asked,
    ...(asked.options !== undefined && { options: await passwords.seal(asked.options) }),
    ...(asked.set !== undefined && { set: await passwords.seal(asked.set) }),
  }
  const route = isOfOrder(change) ? routerOver(await candidatesNow({ registry, clock }, change.with ?? 'auto', signal)) : null
  const routed = (wanted: Wanted): Routed => route?.(wanted) ?? { ok: false, why: failure('not-possible') }
  return (job) => {
    const trouble = troubleWith(job, change)
    if (trouble !== null || job === null) return trouble ?? failure('not-found', { because: 'job' })
    const { priority = job.priority } = change
    if (!isOfOrder(change)) return { ...job, priority }
    const { source, from } = job.order
    const options = optionsAfter(job.order.options, change, settings())
    if (!options.ok) return options.failure
    const order = {
      ...job.order,
      options: options.value,
      target: change.target ?? job.order.target,
      with: change.with ?? job.order.with,
    }
    const bytes = source.kind === 'file' ? source.bytes : null
    const { target, with: choice } = order
    const localOnly = order.localOnly || settings().localOnly
    const address = source.kind === 'url' ? source.url : null
    const to = routed({
      ...togetherOf(order),
      source: source.kind,
      address,
      bytes,
      from,
      target,
      options: order.options,
      with: choice,
      localOnly,
    })
    if (!to.ok) return to.why
    return {
      order,
      priority,
      provider: to.provider,
      lane: laneOf(registry.get(to.provider), { from, target, options: order.options }, bytes),
      reason: to.reason,
    }
  }
}

function isOfOrder({ target, options, reset, set, with: choice }: JobChange): boolean {
  return [target, options, reset, set, choice].some((part) => part !== undefined)
}

/** Why the job stays as it is, whatever it was to become; null: it may be changed. */
function troubleWith(job: Job | null, change: JobChange): Failure | null {
  if (job === null) return failure('not-found', { because: 'job' })
  const { phase } = job.state
  if (phase !== 'queued' && phase !== 'paused' && phase !== 'waiting')
    return failure('not-possible', { because: 'job-begun', phase })
  const work = workOf(job.state)
  return isOfOrder(change) && work !== null && hasBegun(work) ? failure('not-possible', { because: 'job-begun', phase }) : null
}

function optionsAfter(before: Options, { options, reset = [], set }: JobChange, settings: Settings): Parsed<Options> {
  const base = options === undefined ? before : { ...optionsBySettings(settings), ...options }
  const kept = Object.entries(base).filter(([name]) => !reset.some((each) => each === name))
  return parseOptions({ ...Object.fromEntries(kept), ...set })
}

interface Sums {
  count(done: 'changed' | 'same' | { readonly id: number; readonly why: Failure }): void
  answer(): ChangeAnswer
}

function createSums(): Sums {
  const sums = { changed: 0, same: 0, refused: 0 }
  const reasons = new Map<string, ChangeAnswer['reasons'][number]>()
  return {
    count: (done) => {
      if (typeof done === 'string') return void (sums[done] += 1)
      sums.refused += 1
      const key = JSON.stringify(done.why)
      const reason = reasons.get(key) ?? { why: done.why, jobs: 0, ids: [] }
      reason.jobs += 1
      if (reason.ids.length < maxReasons) reason.ids.push(done.id)
      reasons.set(key, reason)
    },
    answer: () => ({
      ...sums,
      reasons: [...reasons.values()].toSorted((one, other) => other.jobs - one.jobs).slice(0, maxReasons),
    }),
  }
}
