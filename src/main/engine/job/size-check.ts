/** Pure: whether a result is small enough to be worth keeping. Apart, as it is no fault of a result that it is not. */
import { failure, type FailureOf } from '../../../shared/failure.ts'
import type { Order, Part } from '../../../shared/job.ts'
import { bytesOf } from '../../../shared/job-sources.ts'
import type { Cost } from '../../providers/provider.ts'
import { nothingKnown, type SourceFacts } from './check.ts'

/** Bytes that a result may have so that it is smaller than the source by so many per cent, and by a byte at least. */
export function largestWanted(sourceBytes: number, percent: number): number {
  return Math.min(sourceBytes - 1, Math.floor((sourceBytes * (100 - percent)) / 100))
}

/**
 * Why the result is not kept, or null. Of several parts, and of several sources that become one, all count together.
 * @param known the sources as they were when the work began.
 * @param cost what was paid for it.
 */
export function sizeUnwanted(
  order: Pick<Order, 'source' | 'others' | 'options'>,
  known: SourceFacts,
  parts: readonly Pick<Part, 'bytes'>[],
  cost: Cost | null,
): FailureOf<'would-be-larger'> | null {
  const { onlyIfSmaller: percent } = order.options
  if (percent === undefined) return null
  const sourceBytes = known === nothingKnown ? bytesOf(order) : known.others.reduce((sum, { bytes }) => sum + bytes, known.bytes)
  // Of an address; intake refuses it.
  if (sourceBytes === null) return null
  const resultBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const wantedBytes = largestWanted(sourceBytes, percent)
  if (resultBytes <= wantedBytes) return null
  return failure('would-be-larger', {
    sourceBytes,
    resultBytes,
    ...(percent > 0 && { wantedBytes, percent }),
    ...(cost !== null && cost.amount > 0 && { amount: cost.amount, unit: cost.unit }),
  })
}
