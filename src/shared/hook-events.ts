/**
 * What hooks are told: the facts of an event as they are kept with its delivery, as the JSON that is delivered, and as variables in the
 * environment of a program. Pure; names are part of what users write their programs against (docs/HOOKS.md), so none is ever changed.
 */
import * as z from 'zod'
import { describe } from './describe.ts'
import { failure } from './failure.ts'
import { failureSchema, finishedPhases, type Job, type Phase } from './job.ts'
import { bytesOf, locationOf, sourcesOf } from './job-sources.ts'
import type { Batch, Totals } from './model.ts'

const outcomeSchema = z.enum(finishedPhases)
export type HookOutcome = z.infer<typeof outcomeSchema>
const count = z.number().int()

const jobFactsSchema = z.object({
  id: count,
  batch: count,
  /** A path or an address. */
  source: z.string(),
  /** All of them, where several became one. */
  sources: z.array(z.string()).optional(),
  /** Null: an address. */
  sourceBytes: z.number().nullable(),
  from: z.string().nullable(),
  target: z.string(),
  preset: z.string().nullable(),
  provider: z.string(),
  /** The watched folder that it came of. */
  watchedFolder: count.nullable(),
  /** The folder that results go to. */
  folder: z.string(),
  outputs: z.array(z.object({ path: z.string(), bytes: z.number() })),
  outputBytes: z.number(),
  /** Where the source was put, if it was archived. */
  archivedTo: z.string().nullable(),
  /** Why it failed or was skipped. */
  failure: failureSchema.nullable(),
  attempt: count,
  tookMs: z.number().nullable(),
})

const batchFactsSchema = z.object({
  id: count,
  label: z.string(),
  watchedFolder: count.nullable(),
  done: count,
  skipped: count,
  failed: count,
  cancelled: count,
  createdAtMs: z.number(),
})

const folderFactsSchema = z.object({
  id: count,
  path: z.string(),
  /** Where its results go; null: beside their sources. */
  out: z.string().nullable(),
  /** What came of the files that were dealt with since it was last at rest. */
  done: count,
  skipped: count,
  failed: count,
})

const shared = { outcome: outcomeSchema, atMs: z.number() }
export const hookEventSchema = z.discriminatedUnion('about', [
  z.object({ about: z.literal('job'), ...shared, job: jobFactsSchema }),
  z.object({ about: z.literal('batch'), ...shared, batch: batchFactsSchema }),
  z.object({ about: z.literal('folder'), ...shared, folder: folderFactsSchema }),
])
export type HookEvent = z.infer<typeof hookEventSchema>
type EventAbout<About extends HookEvent['about']> = Extract<HookEvent, { about: About }>

/** @param job one that has ended. */
export function jobEvent({ id, batchId, order, state, provider, attempt }: Job, watchedFolder: number | null): EventAbout<'job'> {
  if (!('finishedAtMs' in state)) throw new Error(`job ${id} has not ended`)
  const outputs = state.phase === 'done' ? state.outputs.map(({ path, bytes }) => ({ path, bytes })) : []
  return {
    about: 'job',
    outcome: state.phase,
    atMs: state.finishedAtMs,
    job: {
      id,
      batch: batchId,
      source: locationOf(order.source),
      ...(order.others !== undefined && { sources: sourcesOf(order).map(locationOf) }),
      sourceBytes: bytesOf(order),
      from: order.from,
      target: order.target,
      preset: order.preset,
      provider,
      watchedFolder,
      folder: order.folder,
      outputs,
      outputBytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
      archivedTo: state.phase === 'done' ? state.archivedTo : null,
      failure: 'why' in state ? state.why : null,
      attempt,
      tookMs: state.phase === 'done' ? (state.tookMs ?? null) : null,
    },
  }
}

export function batchEvent(batch: Batch, watchedFolder: number | null, atMs: number): EventAbout<'batch'> {
  const { id, label, createdAtMs, totals } = batch
  const { done, skipped, failed, cancelled } = totals
  return {
    about: 'batch',
    outcome: worstOf(totals),
    atMs,
    batch: { id, label, watchedFolder, done, skipped, failed, cancelled, createdAtMs },
  }
}

export function folderEvent(folder: EventAbout<'folder'>['folder'], atMs: number): EventAbout<'folder'> {
  return { about: 'folder', outcome: worstOf({ ...folder, cancelled: 0 }), atMs, folder }
}

/** Several that ended have the outcome of whatever most needs to be known. */
function worstOf(totals: Pick<Totals, HookOutcome>): HookOutcome {
  const order = ['failed', 'cancelled', 'done', 'skipped'] as const satisfies readonly Phase[]
  return order.find((phase) => totals[phase] > 0) ?? 'skipped'
}

/** What a delivery is sent as, besides its event. */
export interface HookEnvelope {
  readonly key: string
  /** The hook's name. */
  readonly hook: string
  /** From 1. */
  readonly attempt: number
  /** Sent to try the hook out; nothing of it has happened. */
  readonly sample: boolean
}

/** The JSON that a program reads on standard input, and a server gets. */
export function hookBody(event: HookEvent, { key, hook, attempt, sample }: HookEnvelope): string {
  const head = { id: key, event: event.about, outcome: event.outcome, at: new Date(event.atMs).toISOString() }
  return JSON.stringify({ ...head, hook, attempt, sample, ...factsFrom(event) })
}

function factsFrom(event: HookEvent): object {
  if (event.about === 'batch') return { batch: event.batch }
  if (event.about === 'folder') return { folder: event.folder }
  const { failure: why } = event.job
  if (why === null) return { job: event.job }
  // What a program cannot look up is said in words as well.
  return { job: { ...event.job, failure: { code: why.code, ...describe(why), facts: why.facts } } }
}

/** Variables for a program. Each is one text; what is not known is empty. */
export function hookVariables(event: HookEvent, { key, hook, attempt, sample }: HookEnvelope): Readonly<Record<string, string>> {
  const all: Readonly<Record<string, string | number | null>> = {
    BESIDE_DELIVERY: key,
    BESIDE_HOOK: hook,
    BESIDE_ATTEMPT: attempt,
    BESIDE_SAMPLE: sample ? '1' : '',
    BESIDE_EVENT: event.about,
    BESIDE_OUTCOME: event.outcome,
    BESIDE_AT: new Date(event.atMs).toISOString(),
    ...ownVariables(event),
  }
  // The system ends a text where a NUL is, and refuses to start a program with one.
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value ?? '').replaceAll('\0', '')]))
}

function ownVariables(event: HookEvent): Readonly<Record<string, string | number | null>> {
  switch (event.about) {
    case 'job': {
      const { job } = event
      return {
        BESIDE_JOB: job.id,
        BESIDE_BATCH: job.batch,
        BESIDE_SOURCE: job.source,
        BESIDE_SOURCE_BYTES: job.sourceBytes,
        BESIDE_FROM: job.from,
        BESIDE_TARGET: job.target,
        BESIDE_PRESET: job.preset,
        BESIDE_PROVIDER: job.provider,
        BESIDE_WATCHED: job.watchedFolder,
        BESIDE_FOLDER: job.folder,
        BESIDE_OUTPUT: job.outputs[0]?.path ?? '',
        BESIDE_OUTPUTS: job.outputs.length,
        BESIDE_OUTPUT_BYTES: job.outputBytes,
        BESIDE_FAILURE: job.failure?.code ?? '',
        BESIDE_MESSAGE: job.failure === null ? '' : describe(job.failure).message,
      }
    }
    case 'batch': {
      const { id, label, watchedFolder, done, skipped, failed, cancelled } = event.batch
      return {
        BESIDE_BATCH: id,
        BESIDE_LABEL: label,
        BESIDE_WATCHED: watchedFolder,
        ...sums({ done, skipped, failed, cancelled }),
      }
    }
    case 'folder': {
      const { id, path, out, done, skipped, failed } = event.folder
      return { BESIDE_WATCHED: id, BESIDE_FOLDER: path, BESIDE_OUT: out, ...sums({ done, skipped, failed, cancelled: 0 }) }
    }
  }
}

function sums({ done, skipped, failed, cancelled }: Readonly<Record<HookOutcome, number>>) {
  return { BESIDE_DONE: done, BESIDE_SKIPPED: skipped, BESIDE_FAILED: failed, BESIDE_CANCELLED: cancelled }
}

/** An event as one would come, to try a hook out with. */
export function sampleEvent(about: HookEvent['about'], outcome: HookOutcome, folder: string, atMs: number): HookEvent {
  const counts = { done: 0, skipped: 0, failed: 0, cancelled: 0, [outcome]: 1 }
  const { done, skipped, failed } = counts
  switch (about) {
    case 'job':
      return { about, outcome, atMs, job: sampleJob(outcome, folder) }
    case 'batch':
      return { about, outcome, atMs, batch: { id: 0, label: 'sample', watchedFolder: null, ...counts, createdAtMs: atMs } }
    case 'folder':
      return { about, outcome, atMs, folder: { id: 0, path: folder, out: null, done, skipped, failed } }
  }
}

function sampleJob(outcome: HookOutcome, folder: string): EventAbout<'job'>['job'] {
  const source = `${folder}/sample.wav`
  const outputs = outcome === 'done' ? [{ path: `${folder}/sample.mp3`, bytes: 480_000 }] : []
  return {
    id: 0,
    batch: 0,
    source,
    sourceBytes: 5_300_000,
    from: 'wav',
    target: 'mp3',
    preset: null,
    provider: 'local',
    watchedFolder: null,
    folder,
    outputs,
    outputBytes: outcome === 'done' ? 480_000 : 0,
    archivedTo: null,
    failure: outcome === 'failed' ? failure('source-damaged', { path: source }) : null,
    attempt: 1,
    tookMs: outcome === 'done' ? 800 : null,
  }
}
