/** What a job's result is made of: one source, or several that become one. */
import { factsOf, type Failure } from './failure.ts'
import type { Order, Source } from './job.ts'

/** All that its result is made of, in order. */
export function sourcesOf({ source, others = [] }: Pick<Order, 'source' | 'others'>): readonly Source[] {
  return [source, ...others]
}

/** Its path or address. */
export function locationOf(source: Source): string {
  return source.kind === 'file' ? source.path : source.url
}

/** Of all that its result is made of; null where that is an address. */
export function bytesOf(order: Pick<Order, 'source' | 'others'>): number | null {
  return sourcesOf(order).reduce<number | null>(
    (sum, source) => (sum === null || source.kind === 'url' ? null : sum + source.bytes),
    0,
  )
}

/** The one of several sources that a failure is about; null where there is but one, or none is named. */
export function blamedSource(order: Pick<Order, 'source' | 'others'>, why: Failure): string | null {
  const { path } = factsOf(why)
  if (order.others === undefined || typeof path !== 'string') return null
  return sourcesOf(order).some((source) => source.kind === 'file' && source.path === path) ? path : null
}
