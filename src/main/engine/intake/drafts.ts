/**
 * From the sources of a plan to drafts: each file is recognized, and each of its results gets a provider and a lane, or a reason why there is none.
 * What becomes one result of several sources is one draft.
 */
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { failure, toFailure, type Failure } from '../../../shared/failure.ts'
import { anyFormatNamed, endingOf, extensionOf, formatOfName, isKnown, type FormatId } from '../../../shared/formats.ts'
import type { Why } from '../../../shared/folders.ts'
import { maxTogether, type Draft, type FileSource, type Order, type ProviderId, type Source } from '../../../shared/job.ts'
import type { Options } from '../../../shared/options.ts'
import type { Provider } from '../../providers/provider.ts'
import type { ConvertPorts, Plan } from './convert.ts'
import { optionsFor } from './outputs.ts'
import { candidatesNow, laneOf, pairingsFor, routerOver, shareRun, type Routed, type Wanted } from './route.ts'
import { formatOf, walk, type Found, type WalkItem } from './walk.ts'

/** How sources become drafts, with the providers as they are now. */
interface Recognition {
  route(wanted: Wanted): Routed
  lane(provider: ProviderId, order: Pick<Wanted, 'from' | 'target' | 'options'>, bytes: number | null): string
  /** Results of one source that one run can make, in one lane: so they are begun together. */
  inOneLane(drafts: readonly Draft[]): readonly Draft[]
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
    inOneLane: (drafts) => inOneLane(drafts, (id) => registry.get(id)),
    vouched: ({ path, root }) => {
      const id = anyFormatNamed(endingOf(path) ?? '')
      if (id === null) return null
      // Whoever names a file and a provider means both; in a folder, and of any provider, only what a catalogue lists.
      const isMeant = root === null && plan.with !== 'auto' && plan.with !== 'local'
      const isListed = found.some(
        ({ capabilities }) =>
          capabilities !== null && plan.results.some(({ target }) => pairingsFor(capabilities, id, target).length > 0),
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

type Taken = { readonly kind: 'draft'; readonly draft: Draft; readonly name: string } | Untaken
/** `output`: which of several results it is about; absent: all of them. */
type Untaken =
  | { readonly kind: 'refused'; readonly name: string; readonly why: Failure; readonly output?: number }
  | { readonly kind: 'passed'; readonly name: string; readonly why: Why; readonly output?: number }

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
    if (isSomeTaken(taken)) counter += 1
    yield* taken
  }
  const paths = addresses.length === 0 ? plan.sources : plan.sources.filter((source) => !addressStart.test(source))
  for await (const item of walk(paths, plan.filter, signal)) {
    const taken = await takeItem(plan, item, counter, recognition)
    if (isSomeTaken(taken)) counter += 1
    yield* taken
  }
}

function isSomeTaken(taken: readonly Taken[]): boolean {
  return taken.some(({ kind }) => kind === 'draft')
}

/** Whoever joins the files of a folder once more does not mean what came of it the first time. */
const formerResult: Why = { code: 'own-output', facts: {} }

/** One draft of all sources. Where one of them cannot be used there is none: what is missing in a result nobody sees. */
async function* joinedDraft(plan: Plan, counter: number, recognition: Recognition, signal: AbortSignal): AsyncGenerator<Taken> {
  const files: { readonly source: FileSource; readonly from: FormatId; readonly found: Found }[] = []
  const own = new Set(plan.results.map(({ name, target }) => `${name}.${extensionOf(target)}`))
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
    else if (item.root !== null && own.has(basename(item.path))) yield { kind: 'passed', name: item.path, why: formerResult }
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
  if (others.length === 0) return yield* draftsFor(plan, order, recognition)
  const together = [...new Set(files.map(({ from }) => from))]
  const whole = draftsFor(plan, { ...order, others: others.map(({ source }) => source) }, recognition, together)
  if (isSomeTaken(whole) || together.length === 1) return yield* whole
  // Which of them it is about; all can be of kinds that each alone could be part of such a result.
  for (const { source, from } of files) {
    const [alone] = draftsFor(plan, { ...order, source, from }, recognition, [from])
    if (alone?.kind === 'refused') yield refuse(source.path, alone.why)
  }
  if (refused === 0) yield* whole
  else yield refuse(path, failure('not-possible', { because: 'together-incomplete' }))
}

async function takeItem(plan: Plan, item: WalkItem, counter: number, recognition: Recognition): Promise<readonly Taken[]> {
  if ('left' in item) return [{ kind: 'passed', name: item.path, why: item.left }]
  if ('why' in item) return [{ kind: 'refused', name: item.path, why: item.why }]
  return await takeFile(plan, item, counter, recognition)
}

async function takeFile(plan: Plan, found: Found, counter: number, recognition: Recognition): Promise<readonly Taken[]> {
  const { path, stats, root } = found
  const leave = (why: Failure): readonly Taken[] => [{ kind: root === null ? 'refused' : 'passed', name: path, why }]
  if (stats.size === 0) return [{ kind: 'refused', name: path, why: failure('source-empty', { path }) }]
  const source: Source = { kind: 'file', path, bytes: stats.size, mtimeMs: stats.mtimeMs }
  const taken = (from: FormatId) => draftsFor(plan, { source, from, folder: folderOf(plan, found), counter }, recognition)
  const from = await formatOf(found, recognition.sniff)
  const asFound = typeof from === 'string' ? taken(from) : []
  if (isSomeTaken(asFound)) return keepingSource(root === null ? asFound : asFound.filter((each) => !isOfAnotherKind(each)))
  const vouched = recognition.vouched(found)
  const asNamed = vouched === null || vouched === from ? [] : taken(vouched)
  if (isSomeTaken(asNamed)) return keepingSource(asNamed)
  if (asFound.length > 0) {
    // A folder may hold anything; only what was named outright is refused for being of another kind.
    const isLeft = root !== null && asFound.every(isOfAnotherKind)
    return isLeft ? asFound.slice(0, 1).map((each): Taken => ('why' in each ? { ...each, kind: 'passed' } : each)) : asFound
  }
  if (from === null || typeof from === 'string') return leave(failure('source-unknown', { path }))
  return leave(from)
}

function isOfAnotherKind(taken: Taken): boolean {
  return taken.kind === 'refused' && taken.why.code === 'pair-unsupported'
}

/** Beside its source, or under the folder for results at the place that it had in its tree. */
function folderOf({ out, root: met }: Plan, { path, root }: Found): string {
  const folder = dirname(path)
  if (out === null) return folder
  const top = root ?? met
  const place = top === null ? '' : relative(top, folder)
  return isAbsolute(place) || place.split(sep)[0] === '..' ? out : join(out, place)
}

function takeAddress(plan: Plan, address: string, counter: number, recognition: Recognition): readonly Taken[] {
  if (plan.confinement !== undefined)
    return [{ kind: 'refused', name: address, why: failure('outside-allowed', { path: address }) }]
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    return [{ kind: 'refused', name: address, why: failure('source-unknown', { path: address, because: 'only-http' }) }]
  }
  const from = formatOfName(new URL(address).pathname)
  const source: Source = { kind: 'url', url: address }
  return draftsFor(plan, { source, from, folder: plan.out ?? plan.downloadFolder, counter }, recognition)
}

/** A draft for each result of a source, or why there is none. */
function draftsFor(
  plan: Plan,
  own: Pick<Order, 'source' | 'others' | 'folder' | 'counter' | 'from'>,
  recognition: Recognition,
  together?: readonly FormatId[],
): readonly Taken[] {
  const { sources, results, only, isTogether, out, root, downloadFolder, filter, priority, repeats, ...order } = plan
  const { source, from, counter } = own
  const name = source.kind === 'file' ? source.path : source.url
  const bytes = source.kind === 'file' ? source.bytes : null
  const route = (target: FormatId, options: Options) =>
    recognition.route({
      source: source.kind,
      address: source.kind === 'url' ? source.url : null,
      bytes,
      from,
      ...(together !== undefined && { together }),
      target,
      options,
      with: order.with,
      localOnly: order.localOnly,
    })
  const found = optionsFor(results, route)
  if ('code' in found) return [{ kind: 'refused', name, why: found }]
  const isAlone = results.length === 1 && results[0]?.index === 0
  const taken = results.flatMap(({ index: output, target, preset, name: template }, n): readonly Taken[] => {
    if (only?.has(output) === false) return []
    const options = found[n] ?? {}
    const routed = route(target, options)
    if (!routed.ok) return [{ kind: 'refused', name, why: routed.why, ...(!isAlone && { output }) }]
    const lane = recognition.lane(routed.provider, { from, target, options }, bytes)
    const draft: Draft = {
      order: { ...order, ...own, target, options, preset, name: template },
      priority,
      provider: routed.provider,
      lane,
      reason: routed.reason,
      ...(repeats !== undefined && { repeats }),
      ...(!isAlone && { sibling: { of: counter, output } }),
    }
    return [{ kind: 'draft', draft, name }]
  })
  const drafts = recognition.inOneLane(taken.flatMap((each) => (each.kind === 'draft' ? each.draft : [])))
  return [...taken.filter(({ kind }) => kind !== 'draft'), ...drafts.map((draft): Taken => ({ kind: 'draft', draft, name }))]
}

/** The narrowest of their lanes: what makes a film takes a place for films, whatever else it makes. */
function inOneLane(drafts: readonly Draft[], providerOf: (id: ProviderId) => Provider): readonly Draft[] {
  if (drafts.length < 2) return drafts
  return drafts.map((draft) => {
    const provider = providerOf(draft.provider)
    const { concurrency } = provider
    const others = drafts.filter((other) => other.provider === draft.provider && shareRun(provider, draft.order, other.order))
    const [narrowest = draft] = others.toSorted((one, other) => (concurrency[one.lane] ?? 1) - (concurrency[other.lane] ?? 1))
    return { ...draft, lane: narrowest.lane }
  })
}

/** Where one result is refused, the others do not take the source along: whoever asked for both may want to ask again. */
function keepingSource(taken: readonly Taken[]): readonly Taken[] {
  if (taken.every(({ kind }) => kind === 'draft')) return taken
  return taken.map((each) =>
    each.kind === 'draft' ? { ...each, draft: { ...each.draft, order: { ...each.draft.order, afterwards: 'keep' } } } : each,
  )
}
