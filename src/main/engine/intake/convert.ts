/**
 * The verb behind `beside convert` and behind a drop: a request with its defaults filled in is a plan, its sources become drafts, and drafts
 * are committed to the queue, chunk by chunk. Nothing is converted here; names, conflicts
 * and space are decided when a job is prepared.
 */
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import { JobError } from '../../../shared/failure.ts'
import type { FormatId } from '../../../shared/formats.ts'
import { phases, type Draft, type Order, type ProviderId } from '../../../shared/job.ts'
import type { JobPage, Store } from '../../store/store.ts'
import type { Clock, Inspect, Log } from '../ports.ts'
import type { Passwords } from '../passwords.ts'
import { presetNamed } from '../presets.ts'
import type { Registry } from '../providers/registry.ts'
import { turn } from '../queue/moving.ts'
import { draftsOf, recognitionFor } from './drafts.ts'
import { resultsOf, type PlannedResult } from './outputs.ts'
import type { Filter } from './walk.ts'

/** A conversion request with every default filled in. */
export interface Plan extends Omit<
  Order,
  'source' | 'others' | 'from' | 'folder' | 'counter' | 'target' | 'options' | 'preset' | 'name'
> {
  readonly sources: readonly string[]
  /** What each source becomes; at least one. */
  readonly results: readonly PlannedResult[]
  /** Which of them are made; all: null. */
  readonly only: ReadonlySet<number> | null
  /** All sources become one result. */
  readonly isTogether: boolean
  /** Absolute folder for results; null: beside each source. */
  readonly out: string | null
  /** The folder that files named outright were met in, if somebody else has walked it. */
  readonly root: string | null
  readonly downloadFolder: string
  readonly filter: Filter
  readonly priority: number
  /** The first run of what is done once more. */
  readonly repeats?: number
}

export interface ConvertPorts {
  readonly store: Store
  readonly registry: Registry
  readonly inspect: Inspect
  readonly clock: Clock
  readonly log: Log
  readonly downloads: string
  readonly passwords: Passwords
  /** Jobs of a batch are in the queue, committed. */
  added(batchId: number): void
}

/** Drafts that go into the queue in one transaction; small enough that nothing else notices. */
const batchSize = 500

export function createConvert(ports: ConvertPorts) {
  const { batches } = ports.store
  /** Until all its sources are in, a batch is not over, whatever becomes of the first ones meanwhile. */
  return async function* fill(request: ConvertRequest, signal: AbortSignal): AsyncGenerator<IntakeEvent> {
    batches.fill(request.batchId)
    try {
      if (request.sources.length > 0) yield* convert(request, signal)
      else yield { type: 'end', added: 0, joined: 0, refused: 0, passed: 0 }
    } finally {
      if (request.more !== true) end(request.batchId)
    }
  }
  /** What is in the queue stays there; that the batch is all of it is said at the next start, where it cannot be kept now. */
  function end(batchId: number): void {
    try {
      batches.filled(batchId)
    } catch (error) {
      ports.log.warn('a batch counts as being filled until the next start', { batchId, error: String(error) })
    }
  }
  async function* convert(request: ConvertRequest, signal: AbortSignal): AsyncGenerator<IntakeEvent> {
    const { store } = ports
    const batch = store.batches.get(request.batchId)
    if (batch === null) throw new JobError('not-found', { because: 'batch', id: String(request.batchId) })
    const planned = planOf(request, store, ports.downloads)
    const plan = { ...planned, results: await sealed(planned.results, ports.passwords) }
    const recognition = await recognitionFor(plan, ports, signal)
    const before = request.again === true ? await jobsBySource(store, batch.id) : null
    let drafts: { draft: Draft; name: string }[] = []
    const count = { added: 0, joined: 0, refused: 0, passed: 0 }
    function* commit(): Generator<IntakeEvent> {
      const rows = store.jobs.add(
        request.batchId,
        drafts.map(({ draft }) => draft),
        ports.clock.nowMs(),
      )
      let fresh = 0
      for (const [index, row] of rows.entries()) {
        const { draft, name = '' } = drafts[index] ?? {}
        if (row.joined) yield { type: 'joined', source: name, jobId: row.id, ...outputOf(draft) }
        else fresh += 1
      }
      for (const { provider, from, target } of kindsOf(drafts.map(({ draft }) => draft)))
        ports.registry.get(provider).expect?.(from, target)
      count.added += fresh
      count.joined += rows.length - fresh
      drafts = []
      if (rows.length === 0) return
      ports.added(request.batchId)
      yield { type: 'added', count: fresh }
    }
    const firstCounter = Object.values(batch.totals).reduce((sum, jobs) => sum + jobs, 1)
    for await (const item of draftsOf(plan, firstCounter, recognition, signal)) {
      const known = before?.get(placeIn(item.name, item.kind === 'draft' ? item.draft.sibling?.output : item.output))
      if (known !== undefined) {
        // Whatever became of it: it may be done already, and its source archived.
        count.joined += 1
        yield { type: 'joined', source: item.name, jobId: known, ...(item.kind === 'draft' && outputOf(item.draft)) }
      } else if (item.kind === 'draft') {
        // All results of a source are there at once, or none is.
        if (drafts.length >= batchSize && item.draft.sibling?.of !== drafts.at(-1)?.draft.sibling?.of) {
          yield* commit()
          await turn()
        }
        drafts.push(item)
      } else {
        count[item.kind] += 1
        const { name: source, output } = item
        if (item.kind === 'refused') yield { type: 'refused', source, why: item.why, ...(output !== undefined && { output }) }
        else yield { type: 'passed', source, why: item.why }
      }
    }
    yield* commit()
    yield { type: 'end', ...count }
  }
}

/** Each once. */
function kindsOf(drafts: readonly Draft[]) {
  const kinds = new Map<string, { readonly provider: ProviderId; readonly from: FormatId; readonly target: FormatId }>()
  for (const { provider, order } of drafts) {
    const { from, target } = order
    if (from !== null) kinds.set(`${provider} ${from} ${target}`, { provider, from, target })
  }
  return kinds.values()
}

/** A source of a batch, and which of its results. */
function placeIn(source: string, output = 0): string {
  return `${output} ${source}`
}

function outputOf(draft: Draft | undefined): { readonly output?: number } {
  return draft?.sibling === undefined ? {} : { output: draft.sibling.output }
}

async function sealed(results: readonly PlannedResult[], passwords: Passwords): Promise<readonly PlannedResult[]> {
  return await Promise.all(
    results.map(async ({ base, shared, own, ...result }) => ({
      ...result,
      base: await passwords.seal(base),
      shared: await passwords.seal(shared),
      own: await passwords.seal(own),
    })),
  )
}

async function jobsBySource(store: Store, batchId: number): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  let after: string | null = null
  do {
    const page: JobPage = store.jobs.list({ phases, batchId, after, limit: 1000 })
    for (const { id, order, sibling } of page.jobs)
      found.set(placeIn(order.source.kind === 'file' ? order.source.path : order.source.url, sibling?.output), id)
    after = page.next
    if (after !== null) await turn()
  } while (after !== null)
  return found
}

/** What the request leaves open is taken from the preset, then from the settings. */
export function planOf(request: Omit<ConvertRequest, 'batchId'>, store: Store, downloads: string): Plan {
  const settings = store.settings.get()
  const results = resultsOf(request, store.presets, settings)
  const [{ preset: presetName } = { preset: null }] = results
  const preset = presetName === null ? null : presetNamed(presetName, store.presets)
  const isTogether = request.together === true
  // What became part of something larger is not replaced by it.
  const afterwards = isTogether ? 'keep' : (request.afterwards ?? settings.afterwards)
  return {
    sources: request.sources,
    isTogether,
    results,
    only: request.only === undefined ? null : new Set(request.only),
    with: request.with ?? preset?.with ?? 'auto',
    localOnly: settings.localOnly || (request.localOnly ?? preset?.localOnly ?? false),
    ifExists: request.ifExists ?? settings.ifExists,
    keepDates: request.keepDates ?? settings.keepDates,
    afterwards,
    out: request.out,
    root: request.root ?? null,
    downloadFolder: settings.downloadFolder === '' ? downloads : settings.downloadFolder,
    priority: request.priority,
    ...firstRun(request.repeats, store),
    ...(request.confinement !== undefined && { confinement: request.confinement }),
    filter: {
      recursive: request.recursive,
      include: request.include,
      exclude: request.exclude,
      skipFolders: afterwards === 'archive' ? [settings.archiveFolder] : [],
      results: request.out,
      ...(request.confinement !== undefined && { confinement: request.confinement }),
    },
  }
}

/** Runs of runs all name the first of them. */
function firstRun(id: number | undefined, store: Store): Pick<Plan, 'repeats'> {
  const job = id === undefined ? null : store.jobs.get(id)
  return job === null ? {} : { repeats: job.repeats ?? job.id }
}
