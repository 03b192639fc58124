/**
 * From lines of the ledger to jobs of the engine, each once. Before a file is handed over, the ledger says which batch it goes into; a
 * crash before, within or after the engine's commit is made good by asking that batch what it has.
 */
import { join } from 'node:path'
import type { ConvertRequest } from '../../shared/wire/contract.ts'
import { toFailure, type Failure } from '../../shared/failure.ts'
import { extensionOf } from '../../shared/formats.ts'
import type { FolderOutput, Rule } from '../../shared/folders.ts'
import { phases } from '../../shared/job.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Settings } from '../../shared/settings.ts'
import type { FolderStore, Line } from '../store/ledger.ts'
import { outputsFor, pathOf, type Ground, type LedgerPorts } from './ground.ts'

export interface HandingPorts extends LedgerPorts {
  readonly engine: Pick<Engine, 'openBatch' | 'convert' | 'batch' | 'list'>
  readonly folders: Pick<FolderStore, 'claimBatch'>
}

/** A result that the engine will not make, and why. */
export interface Refusal {
  readonly line: Line
  readonly why: Failure
}

/** What a rule's file is ordered with. The one place where watched files get their money and their privacy. */
export function requestFor(rule: Rule, output: FolderOutput): Omit<ConvertRequest, 'batchId' | 'sources' | 'out'> {
  return {
    target: output.target,
    options: output.options,
    preset: output.preset,
    with: rule.with,
    // Without the standing permission nothing is sent anywhere, so nothing can be spent.
    localOnly: rule.localOnly || rule.spend === null,
    recursive: false,
    include: [],
    exclude: [],
    // What a person drops goes first.
    priority: -1,
    ...(rule.nameTemplate === null ? {} : { nameTemplate: rule.nameTemplate }),
    ...(rule.ifExists === null ? {} : { ifExists: rule.ifExists }),
    ...(rule.keepDates === null ? {} : { keepDates: rule.keepDates }),
    ...(rule.afterwards === null ? {} : { afterwards: rule.afterwards }),
  }
}

/** Where the results of files of this folder go; null: beside them. */
export function outFor(rule: Rule, dir: string): string | null {
  return rule.out === null ? null : join(rule.out, dir)
}

/**
 * Which results are ordered now. A source that is to go afterwards must not go while a result is not yet ordered: the last one alone
 * takes it along, and comes after the others.
 * @param handed those that were ordered before.
 */
export function nextOutputs(line: Line, handed: readonly number[], ground: Ground, settings: Settings): readonly number[] {
  const missing = outputsFor(line.name, ground).filter((output) => !handed.includes(output))
  const afterwards = ground.folder.rule.afterwards ?? settings.afterwards
  return afterwards === 'keep' || missing.length < 2 ? missing : missing.slice(0, -1)
}

/** @param lines of this folder, of each of which the same results are ordered now. */
export async function handOver(
  lines: readonly Line[],
  outputs: readonly number[],
  ground: Ground,
  ports: HandingPorts,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  const batches = outputs.map((output) => ({ output, batchId: openBatch(lines, output, ground, ports) }))
  const why = { code: 'queued' as const, facts: {} }
  ports.sightings.hand(
    lines.map(({ id }) => id),
    batches,
    why,
    ports.clock.nowMs(),
  )
  const refusals: Refusal[] = []
  for (const batch of batches) refusals.push(...(await give(lines, batch, 'first', ground, ports, signal)))
  return refusals
}

/** What a crash cut off is taken up where it stood. Lines whose batch never came to be are handed over as if nothing had been. */
export async function takeUp(ground: Ground, ports: HandingPorts, signal: AbortSignal): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = []
  const byBatch = Map.groupBy(ports.sightings.openHands(ground.folder.id), ({ batchId, output }) => `${batchId} ${output}`)
  for (const hands of byBatch.values()) {
    const [{ batchId, output } = { batchId: 0, output: 0 }] = hands
    const lines = hands.map(({ sightingId }) => ports.sightings.get(sightingId)).filter((line) => line !== null)
    const isThere = ports.engine.batch(batchId) !== null
    const ids = lines.map(({ id }) => id)
    const batch = { output, batchId: isThere ? batchId : openBatch(lines, output, ground, ports) }
    ports.sightings.hand(ids, [batch], { code: 'queued', facts: {} }, ports.clock.nowMs())
    if (folderHas(ground, output))
      refusals.push(...(await give(lines, batch, isThere ? 'again' : 'first', ground, ports, signal)))
    else for (const id of ids) ports.sightings.unhand(id, output)
  }
  return refusals
}

/** The rule may have been changed meanwhile. */
function folderHas({ folder }: Ground, output: number): boolean {
  return folder.rule.outputs[output] !== undefined
}

function openBatch(lines: readonly Line[], output: number, ground: Ground, ports: HandingPorts): number {
  const { folder } = ground
  const [first] = lines
  const what = lines.length === 1 && first !== undefined ? pathOf(ground, first) : folder.rule.path
  const wanted = folder.rule.outputs[output]
  const batchId = ports.engine.openBatch(
    `${what.slice(0, 400)} → ${wanted?.preset ?? (wanted?.target ? extensionOf(wanted.target) : '')}`,
  )
  ports.folders.claimBatch(folder.id, batchId)
  return batchId
}

async function give(
  lines: readonly Line[],
  { output, batchId }: { readonly output: number; readonly batchId: number },
  time: 'first' | 'again',
  ground: Ground,
  ports: HandingPorts,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  const { rule } = ground.folder
  const wanted = rule.outputs[output]
  if (wanted === undefined) return []
  const request = requestFor(rule, wanted)
  const jobs = new Map<string, number>()
  const refused = new Map<string, Failure>()
  const bySource = new Map(lines.map((line) => [pathOf(ground, line), line]))
  const alike = Map.groupBy(
    bySource,
    ([, line]) => `${outputsFor(line.name, ground).at(-1) === output} ${outFor(rule, line.dir)}`,
  )
  for (const some of alike.values()) {
    const sources = some.map(([path]) => path)
    const [[, first] = []] = some
    const isLast = first !== undefined && outputsFor(first.name, ground).at(-1) === output
    const own = {
      out: outFor(rule, first?.dir ?? ''),
      ...(isLast ? {} : { afterwards: 'keep' as const }),
      ...(time === 'again' ? { again: true } : {}),
    }
    try {
      const events = ports.engine.convert({ ...request, ...own, batchId, sources }, signal)
      for await (const event of events) {
        if (event.type === 'joined') jobs.set(event.source, event.jobId)
        else if (event.type === 'refused' || event.type === 'passed') refused.set(event.source, event.why)
      }
    } catch (error) {
      signal.throwIfAborted()
      // The order as a whole makes no sense, as when its preset is gone.
      for (const source of sources) refused.set(source, toFailure(error))
    }
  }
  for (const { id, source } of jobsOf(batchId, ports)) jobs.set(source, id)
  const found = [...bySource].flatMap(([path, line]) => {
    const jobId = jobs.get(path)
    return jobId === undefined ? [] : [{ sightingId: line.id, output, jobId }]
  })
  ports.sightings.handed(found)
  return [...refused].flatMap(([path, why]) => {
    const line = bySource.get(path)
    if (line === undefined || jobs.has(path)) return []
    ports.sightings.refuse(line.id, output)
    return [{ line, why }]
  })
}

function* jobsOf(batchId: number, { engine }: HandingPorts): Generator<{ readonly id: number; readonly source: string }> {
  let after: string | null = null
  do {
    const page: ReturnType<Engine['list']> = engine.list({ phases, batchId, after, limit: 1000 })
    for (const { id, order } of page.jobs) if (order.source.kind === 'file') yield { id, source: order.source.path }
    after = page.next
  } while (after !== null)
}
