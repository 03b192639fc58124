/**
 * The verb behind `beside convert` and behind a drop: a request with its defaults filled in is a plan, its sources become drafts, and drafts
 * are committed to the queue, chunk by chunk. Nothing is converted here; names, conflicts
 * and space are decided when a job is prepared.
 */
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import { JobError, failure, toFailure, type Failure } from '../../../shared/failure.ts'
import { anyFormatNamed, endingOf, extensionOf, formatOfName, isKnown, type FormatId } from '../../../shared/formats.ts'
import type { Why } from '../../../shared/folders.ts'
import {
  maxTogether,
  phases,
  type Draft,
  type FileSource,
  type Order,
  type ProviderId,
  type Source,
} from '../../../shared/job.ts'
import type { Options } from '../../../shared/options.ts'
import type { Settings } from '../../../shared/settings.ts'
import { templateTrouble } from '../../../shared/naming.ts'
import type { JobPage, Store } from '../../store/store.ts'
import type { Clock, Inspect, Log } from '../ports.ts'
import type { Passwords } from '../passwords.ts'
import { presetNamed } from '../presets.ts'
import type { Registry } from '../providers/registry.ts'
import { turn } from '../queue/moving.ts'
import { candidatesNow, laneOf, pairingsFor, routerOver, type Routed, type Wanted } from './route.ts'
import { formatOf, walk, type Filter, type Found, type WalkItem } from './walk.ts'

/** A conversion request with every default filled in. */
export interface Plan extends Omit<Order, 'source' | 'others' | 'from' | 'folder' | 'counter'> {
  readonly sources: readonly string[]
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
  return async function* convert(request: ConvertRequest, signal: AbortSignal): AsyncGenerator<IntakeEvent> {
    const { store } = ports
    const batch = store.batches.get(request.batchId)
    if (batch === null) throw new JobError('not-found', { because: 'batch', id: String(request.batchId) })
    const planned = planOf(request, store, ports.downloads)
    const plan = { ...planned, options: await ports.passwords.seal(planned.options) }
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
        if (row.joined) yield { type: 'joined', source: drafts[index]?.name ?? '', jobId: row.id }
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
      const known = before?.get(item.name)
      if (known !== undefined) {
        // Whatever became of it: it may be done already, and its source archived.
        count.joined += 1
        yield { type: 'joined', source: item.name, jobId: known }
      } else if (item.kind === 'draft') {
        drafts.push(item)
        if (drafts.length >= batchSize) {
          yield* commit()
          await turn()
        }
      } else {
        count[item.kind] += 1
        if (item.kind === 'refused') yield { type: 'refused', source: item.name, why: item.why }
        else yield { type: 'passed', source: item.name, why: item.why }
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
  const preset = request.preset === null ? null : presetNamed(request.preset, store.presets)
  if (request.preset !== null && preset === null) throw new JobError('preset-unknown', { preset: request.preset })
  const target = request.target ?? preset?.target
  if (target === undefined) throw new JobError('usage', { because: 'no-target' })
  const name = request.nameTemplate ?? preset?.nameTemplate ?? settings.nameTemplate
  const trouble: Failure | null = templateTrouble(name)
  if (trouble !== null) throw JobError.from(trouble)
  const isTogether = request.together === true
  // What became part of something larger is not replaced by it.
  const afterwards = isTogether ? 'keep' : (request.afterwards ?? settings.afterwards)
  return {
    sources: request.sources,
    isTogether,
    target,
    options: { ...optionsBySettings(settings), ...preset?.options, ...request.options },
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
      results: request.out,
    },
  }
}

/** What the settings say of options that nobody sets. */
export function optionsBySettings({ keepTags }: Pick<Settings, 'keepTags'>): Options {
  return keepTags ? {} : { preserveMetadata: false }
}

/** Runs of runs all name the first of them. */
function firstRun(id: number | undefined, store: Store): Pick<Plan, 'repeats'> {
  const job = id === undefined ? null : store.jobs.get(id)
  return job === null ? {} : { repeats: job.repeats ?? job.id }
}

/** How sources become drafts, with the providers as they are now. */
interface Recognition {
  route(wanted: Wanted): Routed
  lane(provider: ProviderId, order: Pick<Wanted, 'from' | 'target' | 'options'>, bytes: number | null): string
  /** By content, for files whose name says nothing; null where that says nothing either, why it is not read where it is known to be something else. */
  sniff(path: string): Promise<FormatId | Failure | null>
  /** By its ending, where nobody here knows better what it is and somebody else takes what is called so; null: nobody does. */
  vouched(found: Pick<Found, 'path' | 'root'>): FormatId | null
}

export async function recognitionFor(
  plan: Plan,
  { registry, clock, inspect }: Pick<ConvertPorts, 'registry' | 'clock' | 'inspect'>,
  signal: AbortSignal,
): Promise<Recognition> {
  const found = await candidatesNow({ registry, clock }, plan.with, signal)
  return {
    route: routerOver(found),
    lane: (id, order, bytes) => laneOf(registry.get(id), order, bytes),
    vouched: ({ path, root }) => {
      const id = anyFormatNamed(endingOf(path) ?? '')
      if (id === null) return null
      // Whoever names a file and a provider means both; in a folder, and of any provider, only what a catalogue lists.
      const isMeant = root === null && plan.with !== 'auto' && plan.with !== 'local'
      const isListed = found.some(
        ({ capabilities }) => capabilities !== null && pairingsFor(capabilities, id, plan.target).length > 0,
      )
      return isMeant || (isListed && !isKnown(id)) ? id : null
    },
    sniff: async (path) =>
      await inspect(path, signal).then(
        (facts) => facts.format,
        (error: unknown) => {
          const why = toFailure(error)
          return why.code === 'source-unsupported' ? why : null
        },
      ),
  }
}

type Taken =
  | { readonly kind: 'draft'; readonly draft: Draft; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly why: Failure }
  | { readonly kind: 'passed'; readonly name: string; readonly why: Why }

const addressStart = /^[a-z][a-z0-9+.-]*:\/\//i

export async function* draftsOf(
  plan: Plan,
  firstCounter: number,
  recognition: Recognition,
  signal: AbortSignal,
): AsyncGenerator<Taken> {
  if (plan.isTogether) return yield* joinedDraft(plan, firstCounter, recognition, signal)
  let counter = firstCounter
  const addresses = plan.sources.filter((source) => addressStart.test(source))
  for (const address of addresses) {
    const taken = takeAddress(plan, address, counter, recognition)
    if (taken.kind === 'draft') counter += 1
    yield taken
  }
  const paths = addresses.length === 0 ? plan.sources : plan.sources.filter((source) => !addressStart.test(source))
  for await (const item of walk(paths, plan.filter, signal)) {
    const taken = await takeItem(plan, item, counter, recognition)
    if (taken.kind === 'draft') counter += 1
    yield taken
  }
}

/** Whoever joins the files of a folder once more does not mean what came of it the first time. */
const formerResult: Why = { code: 'own-output', facts: {} }

/** One draft of all sources. Where one of them cannot be used there is none: what is missing in a result nobody sees. */
async function* joinedDraft(plan: Plan, counter: number, recognition: Recognition, signal: AbortSignal): AsyncGenerator<Taken> {
  const files: { readonly source: FileSource; readonly from: FormatId; readonly found: Found }[] = []
  const own = `${plan.name}.${extensionOf(plan.target)}`
  let refused = 0
  const refuse = (name: string, why: Failure): Taken => {
    refused += 1
    return { kind: 'refused', name, why }
  }
  for (const address of plan.sources.filter((source) => addressStart.test(source)))
    yield refuse(address, failure('source-not-local'))
  for await (const item of walk(
    plan.sources.filter((source) => !addressStart.test(source)),
    plan.filter,
    signal,
  )) {
    if ('left' in item) yield { kind: 'passed', name: item.path, why: item.left }
    else if ('why' in item) yield refuse(item.path, item.why)
    else if (item.root !== null && basename(item.path) === own) yield { kind: 'passed', name: item.path, why: formerResult }
    else if (item.stats.size === 0) yield refuse(item.path, failure('source-empty', { path: item.path }))
    else {
      const { path, stats } = item
      const from = await formatOf(item, recognition.sniff)
      if (from === null) yield refuse(path, failure('source-unknown', { path }))
      else if (typeof from !== 'string') yield refuse(path, from)
      else files.push({ source: { kind: 'file', path, bytes: stats.size, mtimeMs: stats.mtimeMs }, from, found: item })
    }
  }
  const [first, ...others] = files
  if (first === undefined) return
  const { path } = first.source
  if (refused > 0) return yield refuse(path, failure('not-possible', { because: 'together-incomplete' }))
  if (files.length > maxTogether)
    return yield refuse(path, failure('not-possible', { because: 'together-too-many', count: maxTogether }))
  const order = { source: first.source, from: first.from, folder: folderOf(plan, first.found), counter }
  if (others.length === 0) return yield draftOf(plan, order, recognition)
  const together = [...new Set(files.map(({ from }) => from))]
  const whole = draftOf(plan, { ...order, others: others.map(({ source }) => source) }, recognition, together)
  if (whole.kind !== 'refused' || together.length === 1) return yield whole
  // Which of them it is about; all can be of kinds that each alone could be part of such a result.
  for (const { source, from } of files) {
    const alone = draftOf(plan, { ...order, source, from }, recognition, [from])
    if (alone.kind === 'refused') yield refuse(source.path, alone.why)
  }
  yield refused === 0 ? whole : refuse(path, failure('not-possible', { because: 'together-incomplete' }))
}

async function takeItem(plan: Plan, item: WalkItem, counter: number, recognition: Recognition): Promise<Taken> {
  if ('left' in item) return { kind: 'passed', name: item.path, why: item.left }
  if ('why' in item) return { kind: 'refused', name: item.path, why: item.why }
  return await takeFile(plan, item, counter, recognition)
}

async function takeFile(plan: Plan, found: Found, counter: number, recognition: Recognition): Promise<Taken> {
  const { path, stats, root } = found
  const leave = (why: Failure): Taken => ({ kind: root === null ? 'refused' : 'passed', name: path, why })
  if (stats.size === 0) return { kind: 'refused', name: path, why: failure('source-empty', { path }) }
  const source: Source = { kind: 'file', path, bytes: stats.size, mtimeMs: stats.mtimeMs }
  const taken = (from: FormatId) => draftOf(plan, { source, from, folder: folderOf(plan, found), counter }, recognition)
  const from = await formatOf(found, recognition.sniff)
  const asFound = typeof from === 'string' ? taken(from) : null
  if (asFound?.kind === 'draft') return asFound
  const vouched = recognition.vouched(found)
  const asNamed = vouched === null || vouched === from ? null : taken(vouched)
  if (asNamed?.kind === 'draft') return asNamed
  if (asFound !== null) {
    // A folder may hold anything; only what was named outright is refused for being of another kind.
    return root !== null && asFound.why.code === 'pair-unsupported' ? { ...asFound, kind: 'passed' } : asFound
  }
  if (from === null || typeof from === 'string') return leave(failure('source-unknown', { path }))
  return leave(from)
}

/** Beside its source, or under the folder for results at the place that it had in its tree. */
function folderOf({ out, root: met }: Plan, { path, root }: Found): string {
  const folder = dirname(path)
  if (out === null) return folder
  const top = root ?? met
  const place = top === null ? '' : relative(top, folder)
  return isAbsolute(place) || place.split(sep)[0] === '..' ? out : join(out, place)
}

function takeAddress(plan: Plan, address: string, counter: number, recognition: Recognition): Taken {
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    return {
      kind: 'refused',
      name: address,
      why: failure('source-unknown', { path: address, because: 'only-http' }),
    }
  }
  const from = formatOfName(new URL(address).pathname)
  const source: Source = { kind: 'url', url: address }
  return draftOf(plan, { source, from, folder: plan.out ?? plan.downloadFolder, counter }, recognition)
}

function draftOf(
  plan: Plan,
  own: Pick<Order, 'source' | 'others' | 'folder' | 'counter' | 'from'>,
  recognition: Recognition,
  together?: readonly FormatId[],
): Taken {
  const { sources, isTogether, out, root, downloadFolder, filter, priority, repeats, ...order } = plan
  const { source, from } = own
  const name = source.kind === 'file' ? source.path : source.url
  const bytes = source.kind === 'file' ? source.bytes : null
  const routed = recognition.route({
    source: source.kind,
    address: source.kind === 'url' ? source.url : null,
    bytes,
    from,
    ...(together !== undefined && { together }),
    target: order.target,
    options: order.options,
    with: order.with,
    localOnly: order.localOnly,
  })
  if (!routed.ok) return { kind: 'refused', name, why: routed.why }
  const lane = recognition.lane(routed.provider, { ...order, from }, bytes)
  const again = repeats === undefined ? {} : { repeats }
  const draft: Draft = { order: { ...order, ...own }, priority, provider: routed.provider, lane, reason: routed.reason, ...again }
  return { kind: 'draft', draft, name }
}
