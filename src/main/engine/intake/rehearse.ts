/** What a conversion request would do. It goes the way of a request up to the commit: nothing is queued and nothing written. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConvertRequest } from '../../../shared/wire/contract.ts'
import { toFailure } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import type { Why } from '../../../shared/folders.ts'
import type { Draft, ProviderId } from '../../../shared/job.ts'
import { numbered } from '../../../shared/naming.ts'
import type { Cost } from '../../providers/provider.ts'
import { inspectForOthers, inspectSource, sourceFormat } from '../job/check.ts'
import { baseName, nameOnDisk } from '../job/destination.ts'
import { planOf, type ConvertPorts } from './convert.ts'
import { draftsOf, recognitionFor } from './drafts.ts'

export type Rehearsal =
  | {
      readonly kind: 'would'
      readonly source: string
      readonly provider: ProviderId
      readonly result: Result | null
      readonly output: number
    }
  /** `output`: which of several results it is about; null: all of them. */
  | { readonly kind: 'would not'; readonly source: string; readonly why: Why; readonly output: number | null }

export interface Result {
  /** Absolute path that the result would get. */
  readonly path: string
  readonly cost: Cost | null
}

type RehearsePorts = Omit<ConvertPorts, 'added' | 'passwords'>

/** No batch has this number: whatever is there was not made by the same one. */
const noBatch = 0

/** @param results for how many sources the name and the cost are found out, which means inspecting the file. */
export async function* rehearse(
  request: Omit<ConvertRequest, 'batchId'>,
  results: number,
  ports: RehearsePorts,
  signal: AbortSignal,
): AsyncGenerator<Rehearsal> {
  const plan = planOf(request, ports.store, ports.downloads)
  const recognition = await recognitionFor(plan, ports, signal)
  const taken = new Set<string>()
  let left = results
  for await (const item of draftsOf(plan, 1, recognition, signal)) {
    if (item.kind !== 'draft') {
      yield { kind: 'would not', source: item.name, why: item.why, output: item.output ?? null }
      continue
    }
    const { provider, sibling: { output } = { output: 0 } } = item.draft
    left -= 1
    if (left < 0) yield { kind: 'would', source: item.name, provider, result: null, output }
    else yield await resultOf(item, taken, ports, signal)
  }
}

async function resultOf(
  { draft, name }: { draft: Draft; name: string },
  taken: Set<string>,
  ports: RehearsePorts,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const { order, sibling: { output } = { output: 0 } } = draft
  try {
    const provider = ports.registry.get(draft.provider)
    const inspect = provider.about.cloud ? inspectForOthers(ports.inspect, order.from) : ports.inspect
    const { facts } = await inspectSource(order, inspect, signal)
    const base = baseName(order, facts, draft.provider, ports.clock.nowMs())
    const { jobs } = ports.store
    const neighbours = { batchOf: () => null, isAwaited: (path: string) => jobs.othersOn(path, 0) > 0 }
    const decision = await nameOnDisk({ batchId: noBatch, order }, base, neighbours, 'early')
    if (decision.kind === 'skip' || decision.kind === 'refuse')
      return { kind: 'would not', source: name, why: decision.why, output }
    const takesNames = decision.kind !== 'go' || decision.as === 'overwrite'
    const isFree = async (path: string) => !taken.has(path) && (takesNames || !(await isThere(path)))
    const path = await firstFree((n) => join(order.folder, numbered(base, extensionOf(order.target), n)), isFree)
    taken.add(path)
    const { source, target, options } = order
    const from = sourceFormat(order, facts)
    const cost = await provider.estimate?.({ source, from, target, options, facts }, signal)
    return { kind: 'would', source: name, provider: draft.provider, result: { path, cost: cost ?? null }, output }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'would not', source: name, why: toFailure(error), output }
  }
}

async function firstFree(candidate: (n: number) => string, isFree: (path: string) => Promise<boolean>): Promise<string> {
  for (let n = 1; ; n += 1) if (await isFree(candidate(n))) return candidate(n)
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
