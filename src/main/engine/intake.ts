/**
 * From what the user named to drafts: finds the files, asks which provider takes each, refuses with a reason. Nothing is
 * converted and nothing is written here; names, clashes and space are decided when the job is prepared.
 */
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { failure, type Failure } from '../../shared/failure.ts'
import { formatOfName, type FormatId } from '../../shared/formats.ts'
import type { Draft, Order, ProviderId, Source } from '../../shared/job.ts'
import type { Routed, Wanted } from './intake/route.ts'
import { formatOf, walk, type Filter, type Found } from './intake/walk.ts'

/** A conversion request with every default filled in. */
export interface Plan extends Omit<Order, 'source' | 'from' | 'folder' | 'counter'> {
  readonly sources: readonly string[]
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

export interface IntakePorts {
  route(wanted: Wanted): Routed
  lane(provider: ProviderId, from: FormatId | null, target: FormatId, bytes: number | null): string
  /** By content, for files whose name says nothing; null where that says nothing either. */
  sniff(path: string): Promise<FormatId | null>
}

export type Taken =
  | { readonly kind: 'draft'; readonly draft: Draft; readonly name: string }
  | { readonly kind: 'refused' | 'passed'; readonly name: string; readonly why: Failure }

const addressStart = /^[a-z][a-z0-9+.-]*:\/\//i

export async function* takeIn(plan: Plan, firstCounter: number, ports: IntakePorts, signal: AbortSignal): AsyncGenerator<Taken> {
  let counter = firstCounter
  const addresses = plan.sources.filter((source) => addressStart.test(source))
  for (const address of addresses) {
    const taken = takeAddress(plan, address, counter, ports)
    if (taken.kind === 'draft') counter += 1
    yield taken
  }
  const paths = addresses.length === 0 ? plan.sources : plan.sources.filter((source) => !addressStart.test(source))
  for await (const item of walk(paths, plan.filter, signal)) {
    const taken =
      'why' in item ? { kind: 'refused' as const, name: item.path, why: item.why } : await takeFile(plan, item, counter, ports)
    if (taken.kind === 'draft') counter += 1
    yield taken
  }
}

async function takeFile(plan: Plan, found: Found, counter: number, ports: IntakePorts): Promise<Taken> {
  const { path, stats, root } = found
  const leave = (why: Failure): Taken => ({ kind: root === null ? 'refused' : 'passed', name: path, why })
  if (stats.size === 0) return { kind: 'refused', name: path, why: failure('source-empty', { path }) }
  const from = await formatOf(found, ports.sniff)
  if (from === null) return leave(failure('source-unknown', { path }))
  const source: Source = { kind: 'file', path, bytes: stats.size, mtimeMs: stats.mtimeMs }
  const taken = draftOf(plan, { source, from, folder: folderOf(plan, found), counter }, ports)
  if (taken.kind === 'draft' || root === null) return taken
  // A folder may hold anything; only what was named outright is refused for being of another kind.
  return taken.why.code === 'pair-unsupported' ? { ...taken, kind: 'passed' } : taken
}

/** Beside its source, or under the folder for results at the place that it had in its tree. */
function folderOf({ out, root: met }: Plan, { path, root }: Found): string {
  const folder = dirname(path)
  if (out === null) return folder
  const top = root ?? met
  const place = top === null ? '' : relative(top, folder)
  return isAbsolute(place) || place.split(sep)[0] === '..' ? out : join(out, place)
}

function takeAddress(plan: Plan, address: string, counter: number, ports: IntakePorts): Taken {
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    return {
      kind: 'refused',
      name: address,
      why: failure('source-unknown', { path: address, reason: 'only http and https addresses' }),
    }
  }
  const from = formatOfName(new URL(address).pathname)
  const source: Source = { kind: 'url', url: address }
  return draftOf(plan, { source, from, folder: plan.out ?? plan.downloadFolder, counter }, ports)
}

function draftOf(plan: Plan, own: Pick<Order, 'source' | 'folder' | 'counter' | 'from'>, ports: IntakePorts): Taken {
  const { sources, out, root, downloadFolder, filter, priority, repeats, ...order } = plan
  const { source, from } = own
  const name = source.kind === 'file' ? source.path : source.url
  const bytes = source.kind === 'file' ? source.bytes : null
  const routed = ports.route({
    source: source.kind,
    address: source.kind === 'url' ? source.url : null,
    bytes,
    from,
    target: order.target,
    options: order.options,
    with: order.with,
    localOnly: order.localOnly,
  })
  if (!routed.ok) return { kind: 'refused', name, why: routed.why }
  const lane = ports.lane(routed.provider, from, order.target, bytes)
  const again = repeats === undefined ? {} : { repeats }
  const draft: Draft = { order: { ...order, ...own }, priority, provider: routed.provider, lane, reason: routed.reason, ...again }
  return { kind: 'draft', draft, name }
}
