/** What a rule would do now, and why it does so with one file: found out by the same decisions that do it, with nothing written. */
import { basename, dirname, relative, sep } from 'node:path'
import { failure, JobError } from '../../shared/failure.ts'
import type { RuleRehearsal, Rehearsed, Rule, Why } from '../../shared/folders.ts'
import type { Engine } from '../engine/engine-api.ts'
import { codeOf } from '../files/identity.ts'
import { isTempName } from '../engine/job/temp-names.ts'
import type { LedgerLine, WatchedFolder } from '../store/ledger.ts'
import { outputFolder, requestFor } from './enqueue.ts'
import { decide, type ScanContext } from './ledger.ts'
import { listFolder, statFile, type FileEntry } from './listing.ts'
import { contextOf, dirPath, outputsFor, pathOf, type LedgerPorts, type WatchContext } from './watch-context.ts'

export interface RehearsalPorts extends LedgerPorts {
  readonly engine: Pick<Engine, 'rehearse'>
}

interface TakenFile {
  readonly path: string
  readonly dir: string
  readonly bytes: number
}

interface Found {
  readonly take: TakenFile[]
  readonly rest: Rehearsed[]
  readonly reasons: Map<string, number>
  readonly count: { later: number; leave: number }
}

/** Stands for a folder that is not stored: its ledger is empty. */
const noFolder = 0

/** @param stored the folder whose ledger counts, if it is watched already. */
export async function rehearse(
  rule: Rule,
  stored: WatchedFolder | null,
  limit: number,
  ports: RehearsalPorts,
  signal: AbortSignal,
): Promise<RuleRehearsal> {
  const plain = { id: noFolder, version: 1, on: false, existing: null, mark: null, begunAtMs: null, createdAtMs: 0 }
  const context = contextOf({ ...(stored ?? plain), rule }, ports)
  const found: Found = { take: [], rest: [], reasons: new Map(), count: { later: 0, leave: 0 } }
  await walk({ context, isBlank: stored === null }, found, limit, ports, signal)
  return await withResults(context, found, limit, ports, signal)
}

async function walk(scan: ScanContext, found: Found, limit: number, ports: LedgerPorts, signal: AbortSignal): Promise<void> {
  const { context } = scan
  const dirs = ['']
  for (let dir = dirs.pop(); dir !== undefined; dir = dirs.pop()) {
    const here = dir
    const listing = await listFolder(dirPath(context, dir), 32, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (here === '') throw new JobError('folder-missing', { path: context.folder.rule.path, reason: codeOf(error) })
      return { files: [], folders: [] }
    })
    const lines = new Map(ports.sightings.inDir(context.folder.id, dir).map((line) => [line.name, line]))
    for (const entry of listing.files)
      count(await stateAfter(dir, entry, lines.get(entry.name) ?? null, scan, ports), { dir, entry }, scan, found, limit)
    const below = listing.folders.map((name) => (here === '' ? name : `${here}/${name}`))
    dirs.push(...below.filter((each) => context.whyClosed(each) === null).toReversed())
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The state that the file's line would come into. */
async function stateAfter(
  dir: string,
  entry: FileEntry,
  here: LedgerLine | null,
  scan: ScanContext,
  ports: LedgerPorts,
): Promise<Pick<LedgerLine, 'state' | 'why' | 'dueAtMs'>> {
  const { entries } = await decide(dir, entry, here, scan, ports)
  const last = entries.at(-1)
  if (last?.id === null) return last.line
  const before = last === undefined ? here : ports.sightings.get(last.id)
  return { state: 'waiting', why: { code: 'settling', facts: {} }, dueAtMs: null, ...before, ...last?.change }
}

function count(
  { state, why, dueAtMs }: Pick<LedgerLine, 'state' | 'why' | 'dueAtMs'>,
  file: { dir: string; entry: FileEntry },
  { context }: ScanContext,
  found: Found,
  limit: number,
): void {
  const { dir, entry } = file
  const path = pathOf(context, { dir, name: entry.name })
  if (state === 'waiting' && dueAtMs === null) {
    found.take.push({ path, dir, bytes: entry.bytes })
    return
  }
  const verdict = state === 'waiting' || state === 'queued' || state === 'failed' ? 'later' : 'leave'
  found.count[verdict] += 1
  if (verdict === 'leave') found.reasons.set(why.code, (found.reasons.get(why.code) ?? 0) + 1)
  if (found.rest.length < limit) found.rest.push({ path, bytes: entry.bytes, verdict, why, outputs: [] })
}

/** Asks the engine about those that the rule takes: who would convert them, under which names, at what cost; or why not. */
async function withResults(
  context: WatchContext,
  found: Found,
  limit: number,
  ports: RehearsalPorts,
  signal: AbortSignal,
): Promise<RuleRehearsal> {
  const { rule } = context.folder
  const outputs = new Map<string, Rehearsed['outputs']>()
  const refused = new Map<string, Why>()
  const costs = new Map<string, RuleRehearsal['costs'][number]>()
  let unpriced = 0
  const byPath = new Map(found.take.map((file) => [file.path, file]))
  const alike = Map.groupBy(byPath.keys(), (path) => {
    const out = outputFolder(rule, byPath.get(path)?.dir ?? '')
    return JSON.stringify([out, outputsFor(basename(path), context)])
  })
  let left = limit * context.targets.length
  for (const [key, sources] of alike) {
    const [out, only] = JSON.parse(key) as readonly [string | null, readonly number[]]
    for await (const each of ports.engine.rehearse({ ...requestFor(rule, only), sources, out }, left, signal)) {
      left = Math.max(0, left - 1)
      if (each.kind === 'would not') {
        refused.set(each.source, each.why)
        continue
      }
      const { provider, result } = each
      const before = outputs.get(each.source) ?? []
      outputs.set(each.source, result === null ? before : [...before, { path: result.path, provider, cost: result.cost }])
      if (result === null || provider === 'local') continue
      if (result.cost === null) unpriced += 1
      else addCost(costs, provider, result.cost)
    }
  }
  const take = found.take.filter(({ path }) => outputs.has(path))
  const refusals = found.take.filter(({ path }) => !outputs.has(path))
  for (const { path } of refusals) {
    const code = refused.get(path)?.code ?? 'internal'
    found.reasons.set(code, (found.reasons.get(code) ?? 0) + 1)
  }
  const taken = take
    .slice(0, limit)
    .map(({ path, bytes }): Rehearsed => ({ path, bytes, verdict: 'convert', why: null, outputs: outputs.get(path) ?? [] }))
  const others = refusals.map(({ path, bytes }): Rehearsed => ({
    path,
    bytes,
    verdict: 'leave',
    why: refused.get(path) ?? null,
    outputs: [],
  }))
  return {
    convert: take.length,
    later: found.count.later,
    leave: found.count.leave + refusals.length,
    bytes: take.reduce((sum, { bytes }) => sum + bytes, 0),
    reasons: [...found.reasons].toSorted(([, one], [, other]) => other - one).map(([code, files]) => ({ code, files })),
    costs: [...costs.values()],
    unpriced,
    files: [...taken, ...others, ...found.rest].slice(0, limit),
  }
}

function addCost(
  costs: Map<string, RuleRehearsal['costs'][number]>,
  provider: RuleRehearsal['costs'][number]['provider'],
  cost: { readonly amount: number; readonly unit: string },
): void {
  const key = `${provider} ${cost.unit}`
  costs.set(key, { provider, unit: cost.unit, amount: (costs.get(key)?.amount ?? 0) + cost.amount })
}

/** Why a file stands where it stands, or what a folder's rule makes of one that has no line. */
export interface Explanation {
  readonly line: LedgerLine | null
  readonly why: Why
}

/** Null where the path is not in the folder. */
export async function explain(path: string, folder: WatchedFolder, ports: LedgerPorts): Promise<Explanation | null> {
  const place = relative(folder.rule.path, path)
  if (place === '' || place === '..' || place.startsWith(`..${sep}`) || place.startsWith(sep)) return null
  const name = basename(place)
  const dir = dirname(place) === '.' ? '' : dirname(place).replaceAll(sep, '/')
  const line = ports.sightings.at(folder.id, dir, name)
  if (line !== null) return { line, why: line.why }
  const without = (why: Why): Explanation => ({ line: null, why })
  const context = contextOf(folder, ports)
  if (isTempName(name)) return without({ code: 'own-work', facts: {} })
  const closed = context.whyClosed(dir)
  if (closed !== null) return without(closed)
  const entry = await statFile(dirname(path), name)
  if (entry === null) {
    const gone = ports.sightings.lastAt(folder.id, dir, name)
    return gone === null ? without(failure('source-missing', { path })) : { line: gone, why: gone.why }
  }
  const { entries } = await decide(dir, entry, null, { context, isBlank: false }, ports)
  const last = entries.at(-1)
  const why =
    last === undefined ? null : last.id === null ? last.line.why : (last.change.why ?? ports.sightings.get(last.id)?.why ?? null)
  return without(why ?? { code: 'settling', facts: {} })
}
