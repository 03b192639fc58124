/**
 * From a drop to jobs: what has to be asked is asked, files that the engine cannot reach are sent, and what it refuses is kept to be
 * shown with its reasons. One drop is one batch.
 */
import type { ConversionOutput } from '../../shared/outputs.ts'
import type { ConvertRequest } from '../../shared/wire/contract.ts'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { failure, toFailure, type Failure } from '../../shared/failure.ts'
import { formatOfName, type FormatId, factsOf } from '../../shared/formats.ts'
import type { Job, ProviderChoice } from '../../shared/job.ts'
import { locationOf, sourcesOf } from '../../shared/job-sources.ts'
import type { Options } from '../../shared/options.ts'
import type { Calls } from '../wire/live.ts'
import {
  canCombine,
  combinedTargets,
  parted,
  pieceOf,
  sortedByName,
  type Combination,
  type Combining,
  type CombinedFile,
} from './combining.ts'
import { useConversion, type Conversion, type TargetByFamily } from './conversion.ts'
import type { Dropped, RefusedFile } from './dropped-files.ts'
import type { DroppedFile, Host, Located, UploadState } from '../wire/host.ts'
import { grouped, type Group, type Pairings } from './pairings.ts'

export interface RunChanges {
  readonly target: FormatId
  readonly options: Options
  readonly with: ProviderChoice
}

export interface AddingState {
  /** Kinds that have no target yet. */
  readonly asking: { readonly groups: readonly Group<unknown>[]; readonly answer: (others: TargetByFamily | null) => void } | null
  /** Files that become one, before anything of them is queued. */
  readonly combining: Combining | null
  readonly uploading: (UploadState & { readonly stop: () => void }) | null
  readonly refused: readonly RefusedFile[]
  readonly passed: number
}

export interface Adding {
  readonly state: Pick<StoreApi<AddingState>, 'getState' | 'getInitialState' | 'subscribe'>
  addFiles(dropped: Dropped): Promise<void>
  /** Paths on the engine's machine, or web addresses. */
  addSources(sources: readonly string[]): Promise<void>
  /** The same sources once more, perhaps as something else or by another provider. */
  again(jobs: readonly Job[], change?: RunChanges): Promise<void>
  /** Conversions that have not begun become one, which takes their place. */
  combine(jobs: readonly Job[]): Promise<void>
  /** The list of what becomes one, in another order or with less in it. */
  arrange(pieces: readonly CombinedFile[]): void
  dismiss(): void
}

/** More would make a frame too large. */
const sourcesPerRequest = 1000
const maxRefused = 1000
const idle: AddingState = { asking: null, combining: null, uploading: null, refused: [], passed: 0 }

export interface AddingPorts {
  readonly calls: Calls
  readonly host: Host
  /** Asked at each drop, which may come before the window has anything else. */
  readonly pairings: () => Promise<Pairings>
  /** `12 files`, in the user's language. */
  readonly filesLabel: (count: number) => string
}

export function createAdding({ calls, host, pairings, filesLabel }: AddingPorts): Adding {
  const state = createStore<AddingState>()(() => idle)
  const refuse = (source: string, why: Failure) => {
    const { refused } = state.getState()
    if (refused.length < maxRefused) state.setState({ refused: [...refused, { source, why }] })
  }
  /** How many conversions are in the queue by it. */
  const convert = async (request: ConvertRequest): Promise<number> => {
    let taken = 0
    let queued = 0
    // What becomes one result is sent as one.
    const step = request.together === true ? request.sources.length : sourcesPerRequest
    for (let first = 0; first < request.sources.length; first += step) {
      const sources = request.sources.slice(first, first + step)
      const more = first + step < request.sources.length
      for await (const event of await calls.batches.convert({ ...request, sources, ...(more && { more }) })) {
        if (event.type === 'refused') refuse(event.source, event.why)
        if (event.type !== 'end') continue
        queued += event.added + event.joined
        taken += event.added + event.joined + event.refused
        state.setState(({ passed }) => ({ passed: passed + event.passed }))
      }
    }
    // Folders, then, and nothing in them that could become this.
    if (taken === 0) for (const path of request.sources) refuse(path, failure('nothing-found', { path }))
    return queued
  }
  const ask = async (groups: readonly Group<unknown>[]): Promise<TargetByFamily | null> => {
    const others = await new Promise<TargetByFamily | null>((answer) => state.setState({ asking: { groups, answer } }))
    state.setState({ asking: null })
    if (others !== null) useConversion.setState((now) => ({ others: { ...now.others, ...others } }))
    return others
  }
  const decide = async <T>(files: readonly T[], nameOf: (file: T) => string) => {
    const known = await pairings()
    const first = grouped(files, nameOf, useConversion.getState(), known)
    const open = first.filter(({ target, targets }) => target === null && targets.length > 0)
    if (open.length > 0 && (await ask(open)) === null) return null
    const groups = grouped(files, nameOf, useConversion.getState(), known)
    for (const { target, files: left, from } of groups) {
      if (target !== null) continue
      const facts = {
        from: from.map((id) => factsOf(id).title).join(', '),
        target: factsOf(useConversion.getState().target).title,
      }
      for (const file of left) refuse(nameOf(file), failure('pair-unsupported', facts))
    }
    return groups.filter(({ target }) => target !== null)
  }
  let previous: Promise<unknown> = Promise.resolve()
  /** Groups that all have a target, or null where the user cancelled. One drop after the other: each has its own question. */
  const decided = async <T>(files: readonly T[], nameOf: (file: T) => string) => {
    const mine = previous.then(async () => await decide(files, nameOf))
    previous = mine.catch(() => {})
    return await mine
  }
  const start = async (groups: readonly Group<Placed>[], label: string) => {
    if (groups.every(({ files }) => files.length === 0)) return
    const now = useConversion.getState()
    const { batchId } = await calls.batches.open({ label })
    for (const { target, files } of groups) {
      if (target === null) continue
      for (const some of Map.groupBy(files, requestKey).values()) await convert(requestOf(now, batchId, target, some))
    }
  }
  const locate = async (wanted: readonly DroppedFile[]): Promise<readonly Located[]> => {
    const stop = new AbortController()
    const report = (progress: UploadState) => state.setState({ uploading: { ...progress, stop: () => stop.abort() } })
    return host.pathsOf?.(wanted.map(({ file }) => file)) ?? (await host.upload?.(wanted, report, stop.signal)) ?? []
  }
  /** Where each of them is, or null where one of them did not arrive: what is missing in a result nobody sees. */
  const placesOf = async (pieces: readonly CombinedFile[]): Promise<readonly string[] | null> => {
    const files = pieces.flatMap(({ at }) => ('file' in at ? [at.file] : []))
    const located = files.length === 0 ? [] : await locate(files)
    const found = new Map(files.map((file, index) => [file, located[index]]))
    const places = pieces.map(({ name, at }) => {
      if ('path' in at) return at.path
      const place = found.get(at.file)
      if (place !== undefined && 'path' in place) return place.path
      refuse(name, place?.why ?? failure('source-missing', { path: name }))
      return null
    })
    return places.includes(null) ? null : places.filter((place) => place !== null)
  }
  /** Asks how these become one, and answers what is queued as one by that. */
  const join = async (pieces: readonly CombinedFile[], target: FormatId): Promise<readonly CombinedFile[]> => {
    const { combining: open } = state.getState()
    const known = await pairings()
    const { taken, leftOut } = parted(pieces, open?.target ?? target, known)
    if (open !== null) {
      state.setState({
        combining: { ...open, pieces: [...open.pieces, ...sortedByName(taken)], leftOut: [...open.leftOut, ...leftOut] },
      })
      return []
    }
    const now = useConversion.getState()
    const options = target === now.target ? now.options : {}
    const chosen = await new Promise<Combination | null>((answer) => {
      state.setState({ combining: { pieces: sortedByName(taken), leftOut, target, options, answer } })
    })
    state.setState({ combining: null })
    const sources = chosen === null ? null : await placesOf(chosen.pieces)
    if (chosen === null || sources === null) return []
    const label = `${chosen.name.slice(0, 300)} → ${factsOf(chosen.target).title}`
    const { batchId } = await calls.batches.open({ label })
    const placed = sources.map((path) => ({ path, root: null }))
    const request = requestOf({ ...now, further: [] }, batchId, chosen.target, placed)
    const queued = await convert({ ...request, options: chosen.options, together: true, nameTemplate: chosen.name })
    return queued === 0 ? [] : chosen.pieces
  }
  /** Whether what is added now becomes one. */
  const joins = async (pieces: readonly CombinedFile[]): Promise<boolean> => {
    if (state.getState().combining !== null) return true
    const now = useConversion.getState()
    if (!now.together) return false
    const known = await pairings()
    return canCombine(known, now) && parted(pieces, now.target, known).taken.length > 1
  }
  const guarded = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) refuse('', toFailure(error))
    } finally {
      state.setState({ uploading: null })
    }
  }

  return {
    state,
    addFiles: async ({ files, refused }) =>
      await guarded(async () => {
        for (const { source, why } of refused) refuse(source, why)
        if (files.length + refused.length === 0) return refuse('', failure('nothing-found'))
        const pieces = files.map((file) => pieceOf(file.path, { file }))
        if (await joins(pieces)) return void (await join(pieces, useConversion.getState().target))
        const groups = await decided(files, ({ path }) => path)
        const wanted = groups?.flatMap((group) => group.files) ?? []
        if (groups === null || wanted.length === 0) return
        const located = await locate(wanted)
        const found = new Map<DroppedFile, Placed>()
        for (const [index, at] of located.entries()) {
          const file = wanted[index]
          if (file === undefined) continue
          if ('why' in at) refuse(file.path, at.why)
          else found.set(file, { path: at.path, root: rootOf(at.path, file.path) })
        }
        const names = wanted.filter((file) => found.has(file)).map(({ path }) => path)
        await start(
          groups.map((group) => ({ ...group, files: group.files.flatMap((file) => found.get(file) ?? []) })),
          labelOf(names, groups, filesLabel),
        )
      }),
    addSources: async (sources) =>
      await guarded(async () => {
        if (sources.length === 0) return refuse('', failure('nothing-found'))
        const pieces = sources.map((path) => pieceOf(path, { path }))
        if (await joins(pieces)) return void (await join(pieces, useConversion.getState().target))
        const groups = await decided(sources, (source) => (URL.canParse(source) ? new URL(source).pathname : source))
        if (groups === null) return
        await start(
          groups.map((group) => ({ ...group, files: group.files.map((path) => ({ path, root: null })) })),
          labelOf(
            groups.flatMap(({ files }) => files),
            groups,
            filesLabel,
          ),
        )
      }),
    again: async (jobs, change) =>
      await guarded(async () => {
        const names = jobs.map(({ order }) => nameOfOrder(order))
        const targets = jobs.map(({ order }) => ({ target: change?.target ?? order.target }))
        const { batchId } = await calls.batches.open({ label: labelOf(names, targets, filesLabel) })
        for (const job of jobs) await convert(requestAgain(job, batchId, change))
      }),
    combine: async (jobs) =>
      await guarded(async () => {
        const pieces = jobs.flatMap((job) =>
          sourcesOf(job.order).map((source) => pieceOf(locationOf(source), { path: locationOf(source), job })),
        )
        const targets = combinedTargets(await pairings(), pieces)
        const { target: wanted } = useConversion.getState()
        const target = targets.includes(wanted) ? wanted : targets[0]
        if (target === undefined) return
        const joined = new Set(await join(pieces, target))
        // One that was taken out of the list is converted as it would have been.
        const kept = new Set(pieces.filter((piece) => !joined.has(piece)).map(({ at }) => ('job' in at ? at.job : null)))
        const ids = jobs.filter((job) => !kept.has(job)).map(({ id }) => id)
        if (ids.length > 0) await calls.jobs.cancel({ kind: 'ids', ids })
      }),
    arrange: (pieces) => state.setState(({ combining }) => ({ combining: combining === null ? null : { ...combining, pieces } })),
    dismiss: () => state.setState({ refused: [], passed: 0 }),
  }
}

/** A source as the engine finds it, with the folder that was dropped and had it somewhere in it. */
interface Placed {
  readonly path: string
  readonly root: string | null
}

/** Files with the same key share a request. A name without a known ending may be a folder's, and only alone can it be reported as empty. */
function requestKey({ path, root }: Placed): string {
  return root ?? (formatOfName(path) === null ? path : '')
}

/** The folder that was dropped, where the engine finds it: a file in it is as far below it there as it was in the drop. */
function rootOf(absolute: string, path: string): string | null {
  const above = path.split('/').slice(1)
  return above.length === 0 ? null : above.reduce((folder) => folderOf(folder), absolute)
}

function requestOf(now: Conversion, batchId: number, target: FormatId, files: readonly Placed[]): ConvertRequest {
  const isChosen = target === now.target
  const root = files[0]?.root ?? null
  return {
    batchId,
    sources: files.map(({ path }) => path),
    ...(root === null ? {} : { root }),
    // Options and further formats were chosen for the bar's format; another kind of file may not even have them.
    ...(isChosen && now.further.length > 0
      ? { target: null, options: {}, preset: null, outputs: outputsOf(now) }
      : { target, options: isChosen ? now.options : {}, preset: isChosen ? now.preset : null }),
    with: now.with,
    out: now.out,
    recursive: true,
    include: [],
    exclude: [],
    priority: 0,
  }
}

/** A preset is followed by its name: it may say more than the bar shows. */
function outputsOf({ preset, target, options, further }: Conversion): ConversionOutput[] {
  if (preset !== null) return [{ target: null, preset, options: {} }]
  return [{ target, options }, ...further].map((output) => ({ ...output, preset: null }))
}

function requestAgain({ id, order }: Job, batchId: number, change?: RunChanges): ConvertRequest {
  const { source } = order
  const isBeside = source.kind === 'file' && folderOf(source.path) === order.folder
  return {
    batchId,
    repeats: id,
    sources: sourcesOf(order).map(locationOf),
    ...(order.others !== undefined && { together: true }),
    target: change?.target ?? order.target,
    options: change?.options ?? order.options,
    preset: null,
    with: change?.with ?? order.with,
    localOnly: order.localOnly,
    out: isBeside ? null : order.folder,
    nameTemplate: order.name,
    // The first result is there, and a second run that skips it would be none.
    ifExists: order.ifExists === 'skip' ? 'number' : order.ifExists,
    keepDates: order.keepDates,
    afterwards: order.afterwards,
    recursive: false,
    include: [],
    exclude: [],
    priority: 0,
  }
}

/** `song.wav → MP3`, `Holiday → JPEG`, `12 files → MP3, WebP`. */
function labelOf(
  names: readonly string[],
  groups: readonly { readonly target: FormatId | null }[],
  files: (count: number) => string,
): string {
  const tops = new Set(names.map((name) => name.split('/')[0] ?? name))
  const [top = ''] = tops
  const what = names.length === 1 ? lastPart(names[0] ?? '') : tops.size === 1 && top !== '' ? top : files(names.length)
  const targets = [...new Set(groups.flatMap(({ target }) => (target === null ? [] : [factsOf(target).title])))]
  return `${what.slice(0, 300)} → ${targets.join(', ')}`
}

export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? path
}

export function folderOf(path: string): string {
  return path.replace(/[/\\][^/\\]*$/, '')
}

/** Of all that the result is made of, the first and how many more. */
export function nameOfOrder({ source, others = [] }: Job['order']): string {
  return others.length === 0 ? nameOfSource(source) : `${nameOfSource(source)} + ${others.length}`
}

export function nameOfSource(source: Job['order']['source']): string {
  return lastPart(source.kind === 'file' ? source.path : source.url)
}
