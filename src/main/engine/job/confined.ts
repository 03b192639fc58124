/**
 * Whether a job stays within the folders that whoever asked for it may use. Apart, as each step of a run asks it anew: between any two of them
 * a link may have come into the way.
 */
import { JobError } from '../../../shared/failure.ts'
import type { Order } from '../../../shared/job.ts'
import { locationOf, sourcesOf } from '../../../shared/job-sources.ts'
import { placeWithin } from '../../files/confinement.ts'

/** @throws JobError `outside-allowed` where a source, or the folder for results, leads elsewhere now. */
export async function requireConfined(order: Order): Promise<void> {
  if (order.confinement === undefined) return
  for (const source of sourcesOf(order)) {
    if (source.kind !== 'file') throw new JobError('outside-allowed', { path: locationOf(source) })
    await requireWithin(order, source.path)
  }
  await requireWithin(order, order.folder)
}

/** @throws JobError `outside-allowed` */
export async function requireWithin({ confinement }: Pick<Order, 'confinement'>, path: string): Promise<void> {
  if (confinement !== undefined && (await placeWithin(path, confinement)) === null)
    throw new JobError('outside-allowed', { path })
}
