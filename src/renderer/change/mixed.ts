/** Several jobs as one form: what they have in common, where they differ, and what was touched of it. Pure. */
import { type FormatId, factsOf } from '../../shared/formats.ts'
import { hasBegun, workOf, type Job } from '../../shared/job.ts'
import type { JobChange } from '../../shared/job-change.ts'
import type { OptionName, Options } from '../../shared/options.ts'
import { optionsOf, type Pairings, type TargetOptions } from '../add/pairings.ts'

/** Null, and named in `mixed`: they differ. */
export interface Common {
  readonly targets: readonly FormatId[]
  readonly options: Options
  readonly mixed: ReadonlySet<OptionName>
  readonly priority: number | null
}

export function commonOf(jobs: readonly Job[]): Common {
  const bags = jobs.map(({ order }) => order.options)
  const names = [...new Set(bags.flatMap((bag) => Object.keys(bag) as OptionName[]))]
  const [first = {}] = bags
  const mixed = new Set(names.filter((name) => bags.some((bag) => bag[name] !== first[name])))
  const options = Object.fromEntries(Object.entries(first).filter(([name]) => !mixed.has(name as OptionName)))
  const priorities = new Set(jobs.map(({ priority }) => priority))
  const [priority = 0] = priorities
  return {
    targets: [...new Set(jobs.map(({ order }) => order.target))],
    options,
    mixed,
    priority: priorities.size > 1 ? null : priority,
  }
}

/** What the form shows of the options: what is touched as it was touched, of the rest what they have in common. */
export function shownOptions({ options, mixed }: Common, change: JobChange): Pick<Common, 'options' | 'mixed'> {
  const touched = new Set<string>([...(change.reset ?? []), ...Object.keys(change.set ?? {})])
  if (change.options !== undefined) return { options: { ...change.options, ...change.set }, mixed: new Set() }
  const kept = Object.fromEntries(Object.entries(options).filter(([name]) => !touched.has(name)))
  return { options: { ...kept, ...change.set }, mixed: new Set([...mixed].filter((name) => !touched.has(name))) }
}

/** The change after the form was given these options. */
export function withOptions(common: Common, change: JobChange, after: Options): JobChange {
  const before = shownOptions(common, change).options
  let next = change
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]) as ReadonlySet<OptionName>) {
    if (before[name] === after[name]) continue
    const { [name]: _, ...set } = next.set ?? {}
    const reset = (next.reset ?? []).filter((each) => each !== name)
    next =
      after[name] === undefined
        ? { ...next, set, reset: [...reset, name] }
        : { ...next, set: { ...set, [name]: after[name] }, reset }
  }
  return next
}

/** Options that what they are to become does not know. */
export function droppedBy(
  jobs: readonly Job[],
  target: FormatId | undefined,
  change: JobChange,
  pairings: Pairings,
): readonly OptionName[] {
  if (target === undefined || change.options !== undefined) return []
  const known = new Set(jobs.flatMap(({ order }) => optionsOf(pairings, target, order.with).names))
  const names = jobs.flatMap(({ order }) => Object.keys(order.options) as OptionName[])
  return [...new Set(names)].filter((name) => !known.has(name))
}

/** As it is asked for: without what was touched and is as it was. */
export function requestedOf(change: JobChange, dropped: readonly OptionName[]): JobChange {
  const reset = [...new Set([...(change.reset ?? []), ...dropped])]
  const set = Object.fromEntries(Object.entries(change.set ?? {}).filter(([name]) => !dropped.includes(name as OptionName)))
  const { target, options, priority } = change
  return {
    ...(target !== undefined && { target }),
    ...(options !== undefined && { options }),
    ...(reset.length > 0 && { reset }),
    ...(Object.keys(set).length > 0 && { set }),
    ...(priority !== undefined && { priority }),
  }
}

/** What all these formats take; those of one as they are. */
export function optionsOfAll(pairings: Pairings, targets: readonly FormatId[], jobs: readonly Job[]): TargetOptions {
  const choices = new Set(jobs.map(({ order }) => order.with))
  const [choice = 'auto'] = choices.size > 1 ? [] : choices
  const [first, ...others] = targets.map((target) => optionsOf(pairings, target, choice))
  if (first === undefined) return { names: [], takenBy: {}, values: {}, defaults: {} }
  if (others.length === 0) return first
  const names = first.names.filter((name) => others.every((other) => other.names.includes(name)))
  // What one does where nothing is said says nothing of another that does something else.
  const isOfAll = (name: string) =>
    others.every(
      ({ defaults }) => JSON.stringify(defaults[name as OptionName]) === JSON.stringify(first.defaults[name as OptionName]),
    )
  const defaults = Object.fromEntries(Object.entries(first.defaults).filter(([name]) => isOfAll(name)))
  return { ...first, names, takenBy: {}, defaults }
}

export function mayChange({ state }: Job): boolean {
  const work = workOf(state)
  const isIdle = state.phase === 'queued' || state.phase === 'paused' || state.phase === 'waiting'
  return isIdle && work !== null && !hasBegun(work)
}

/** Something here that can be listened to, or seen. */
export function mayTry(job: Job): boolean {
  return mayChange(job) && job.order.source.kind === 'file' && job.order.others === undefined && job.provider === 'local'
}

/** Whether it is a picture that is tried, and no stretch of something that moves. */
export function isStillOf({ order }: Job, { target = order.target }: JobChange = {}): boolean {
  const source = order.from === null ? null : factsOf(order.from).family
  return factsOf(target).family === 'image' && (source !== 'video' || target !== 'gif')
}
