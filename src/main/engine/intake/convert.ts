/** The verb behind `beside convert` and behind a drop: a request, its defaults filled in, to jobs in the queue, chunk by chunk. */
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import { JobError, type Failure } from '../../../shared/failure.ts'
import { phases, type Draft } from '../../../shared/job.ts'
import { templateTrouble } from '../../../shared/naming.ts'
import type { JobPage, Store } from '../../store/store.ts'
import { candidates, laneOf, type CandidatePorts } from '../candidates.ts'
import { turn } from '../queue/moving.ts'
import { takeIn, type IntakePorts, type Plan } from '../intake.ts'
import type { Clock, Inspect, Log } from '../ports.ts'
import { routerOver } from './route.ts'

export interface ConvertPorts {
  readonly store: Store
  readonly candidates: CandidatePorts
  readonly inspect: Inspect
  readonly clock: Clock
  readonly log: Log
  readonly downloads: string
  /** Jobs of a batch are in the queue, committed. */
  added(batchId: number): void
}

/** Drafts that go into the queue in one transaction; small enough that nothing else notices. */
const draftsAtOnce = 500

export function createConvert(ports: ConvertPorts) {
  return async function* convert(request: ConvertRequest, signal: AbortSignal): AsyncGenerator<IntakeEvent> {
    const { store } = ports
    const batch = store.batches.get(request.batchId)
    if (batch === null) throw new JobError('not-found', { what: 'batch', id: String(request.batchId) })
    const plan = planOf(request, store, ports.downloads)
    const intake = await intakeFor(plan, ports, signal)
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
        if (row.joined) yield { type: 'joined', source: drafts[index]?.name ?? '', jobId: row.id }
        else fresh += 1
      }
      count.added += fresh
      count.joined += rows.length - fresh
      drafts = []
      if (rows.length === 0) return
      ports.added(request.batchId)
      yield { type: 'added', count: fresh }
    }
    const firstCounter = Object.values(batch.totals).reduce((sum, jobs) => sum + jobs, 1)
    for await (const taken of takeIn(plan, firstCounter, intake, signal)) {
      const known = before?.get(taken.name)
      if (known !== undefined) {
        // Whatever became of it: it may be done already, and its source archived.
        count.joined += 1
        yield { type: 'joined', source: taken.name, jobId: known }
      } else if (taken.kind === 'draft') {
        drafts.push(taken)
        if (drafts.length >= draftsAtOnce) {
          yield* commit()
          await turn()
        }
      } else {
        count[taken.kind] += 1
        yield { type: taken.kind, source: taken.name, why: taken.why }
      }
    }
    yield* commit()
    yield { type: 'end', ...count }
  }
}

/** How sources become drafts, with the providers as they are now. */
export async function intakeFor(plan: Plan, ports: Omit<ConvertPorts, 'added'>, signal: AbortSignal): Promise<IntakePorts> {
  const found = await candidates(ports.candidates, plan.with, signal)
  return {
    route: routerOver(found),
    lane: (id, from, target, bytes) => laneOf(ports.candidates.providers, id, from, target, bytes),
    sniff: async (path) =>
      await ports.inspect(path, signal).then(
        (facts) => facts.format,
        () => null,
      ),
  }
}

async function jobsBySource(store: Store, batchId: number): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  let after: string | null = null
  do {
    const page: JobPage = store.jobs.list({ phases, batchId, after, limit: 1000 })
    for (const { id, order } of page.jobs) found.set(order.source.kind === 'file' ? order.source.path : order.source.url, id)
    after = page.next
    if (after !== null) await turn()
  } while (after !== null)
  return found
}

/** What the request leaves open is taken from the preset, then from the settings. */
export function planOf(request: Omit<ConvertRequest, 'batchId'>, store: Store, downloads: string): Plan {
  const settings = store.settings.get()
  const preset = request.preset === null ? null : store.presets.get(request.preset)
  if (request.preset !== null && preset === null) throw new JobError('preset-unknown', { preset: request.preset })
  const target = request.target ?? preset?.target
  if (target === undefined)
    throw new JobError('usage', { reason: 'No target format was given.', hint: 'Give --to FORMAT or a preset.' })
  const name = request.nameTemplate ?? preset?.nameTemplate ?? settings.nameTemplate
  const trouble: Failure | null = templateTrouble(name)
  if (trouble !== null) throw new JobError(trouble.code, trouble.facts)
  const afterwards = request.afterwards ?? settings.afterwards
  return {
    sources: request.sources,
    target,
    options: { ...(settings.keepTags ? {} : { preserveMetadata: false }), ...preset?.options, ...request.options },
    preset: request.preset,
    with: request.with ?? preset?.with ?? 'auto',
    localOnly: settings.localOnly || (request.localOnly ?? preset?.localOnly ?? false),
    name,
    ifExists: request.ifExists ?? settings.ifExists,
    keepDates: request.keepDates ?? settings.keepDates,
    afterwards,
    out: request.out,
    root: request.root ?? null,
    downloadFolder: settings.downloadFolder === '' ? downloads : settings.downloadFolder,
    priority: request.priority,
    ...firstRun(request.repeats, store),
    filter: {
      recursive: request.recursive,
      include: request.include,
      exclude: request.exclude,
      skipFolders: afterwards === 'archive' ? [settings.archiveFolder] : [],
    },
  }
}

/** Runs of runs all name the first of them. */
function firstRun(id: number | undefined, store: Store): Pick<Plan, 'repeats'> {
  const job = id === undefined ? null : store.jobs.get(id)
  return job === null ? {} : { repeats: job.repeats ?? job.id }
}
