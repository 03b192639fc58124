/** One order, rendered by this machine: beside where the result will be, under names of this attempt, whole and on the disk before it is answered. */
import { open, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { JobError, toFailure } from '../../shared/failure.ts'
import { isKnown } from '../../shared/formats.ts'
import type { Source } from '../../shared/job.ts'
import { attemptSuffix } from '../engine/job/temp-names.ts'
import type { Inspect } from '../engine/ports.ts'
import type { Leased } from '../fleet/broker.ts'
import { localPathOf, type Storage } from '../fleet/storage.ts'
import type { FleetAnswer, FleetOrder } from '../fleet/wire.ts'
import { isSameTime } from '../files/identity.ts'
import type { Provider, Reporter } from '../providers/provider.ts'

export interface RendererPorts {
  /** In the names of files: small letters and digits. */
  readonly machine: string
  /** As people call the machine. */
  readonly name: string
  readonly storages: readonly Storage[]
  readonly local: Pick<Provider, 'submit'>
  readonly inspect: Inspect
}

/**
 * Whatever goes wrong is the answer; only where the lease is lost there is none, and no part is left.
 * @throws the signal's reason.
 */
export async function render(
  { order, attempt, id }: Leased,
  ports: RendererPorts,
  report: Reporter,
  signal: AbortSignal,
): Promise<FleetAnswer> {
  const { machine, storages, local, inspect } = ports
  const written: string[] = []
  const said = (outcome: FleetAnswer['outcome']): FleetAnswer => ({ machine, attempt, outcome })
  try {
    const sources = await sourcesOf(order, storages)
    const prefix = await localPathOf(order.parts, storages, 'name')
    const mine = { order: id, attempt, machine }
    const temp = (n: number): string => {
      const path = prefix + attemptSuffix(mine, n)
      written.push(path)
      return path
    }
    const [source] = sources
    if (source === undefined) throw new JobError('internal')
    const { path } = source
    const facts = await inspect(path, signal)
    const submitted = await local.submit(
      {
        source,
        ...(sources.length > 1 && { sources }),
        from: order.from,
        target: order.target,
        options: order.options,
        facts,
        key: id,
        notes: {},
        note: async () => undefined,
        temp,
      },
      report,
      signal,
    )
    signal.throwIfAborted()
    if (submitted.kind !== 'converted') throw new JobError('internal')
    const parts = []
    for (const [n, { temp: made, ...part }] of submitted.parts.entries()) {
      if (made !== prefix + attemptSuffix(mine, n)) throw new JobError('internal')
      await keep(made)
      // Whoever places it need not look once more. What cannot be read here is for the gate there to refuse, or not.
      const found = isKnown(part.format) ? await inspect(made, signal, part.format).catch(() => null) : null
      parts.push({ ...part, n, bytes: (await stat(made)).size, ...(found !== null && { facts: found }) })
    }
    return said({ kind: 'rendered', on: ports.name, parts })
  } catch (error) {
    for (const made of written) await rm(made, { force: true, recursive: true }).catch(() => undefined)
    signal.throwIfAborted()
    return said({ kind: 'failed', why: toFailure(error) })
  }
}

/** Removes the parts of an attempt whose answer nobody takes. */
export async function discard(
  { id, order, attempt }: Leased,
  { outcome }: FleetAnswer,
  { id: machine, storages }: { readonly id: string; readonly storages: readonly Storage[] },
): Promise<void> {
  if (outcome.kind === 'failed') return
  const prefix = await localPathOf(order.parts, storages, 'name').catch(() => null)
  if (prefix === null) return
  for (const { n } of outcome.parts)
    await rm(prefix + attemptSuffix({ order: id, attempt, machine }, n), { force: true, recursive: true }).catch(() => undefined)
}

/** As they were ordered, or not at all. */
async function sourcesOf(order: FleetOrder, storages: readonly Storage[]): Promise<readonly Extract<Source, { kind: 'file' }>[]> {
  const found = []
  for (const source of order.sources) {
    const path = await localPathOf(source, storages, 'file')
    const stats = await stat(path)
    if (!stats.isFile()) throw new JobError('source-not-file', { path: basename(path) })
    if (stats.size !== source.bytes || !isSameTime(stats.mtimeMs, source.mtimeMs))
      throw new JobError('source-changed', { path: basename(path) })
    found.push({ kind: 'file' as const, path, bytes: source.bytes, mtimeMs: source.mtimeMs })
  }
  return found
}

/** On the disk of whoever has the storage, before anybody is told of it. */
async function keep(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  const folder = await open(dirname(path), 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
