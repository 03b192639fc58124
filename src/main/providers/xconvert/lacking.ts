/**
 * Pairs that xconvert was asked for on a guess and has refused: they are not asked for again before a month is over, in this run or a later one.
 * Apart from what it is taken to convert, which is data.
 */
import * as z from 'zod'
import type { RemoteOptions } from '../kit/service.ts'

const monthMs = 30 * 86_400_000
const keptSchema = z.object({
  /** The address that refused. */
  of: z.string(),
  refused: z.record(z.string(), z.number()),
})

export interface Lacking {
  has(featureId: string): boolean
  add(featureId: string): void
}

export function createLacking(options: Pick<RemoteOptions, 'baseUrl' | 'clock' | 'memory'>): Lacking {
  const { clock, memory } = options
  function refused(): Readonly<Record<string, number>> {
    const { data } = keptSchema.safeParse(memory.read())
    return data?.of === options.baseUrl ? data.refused : {}
  }
  const isRecent = (atMs: number | undefined) => atMs !== undefined && clock.nowMs() - atMs < monthMs
  return {
    has: (featureId) => isRecent(refused()[featureId]),
    add: (featureId) => {
      const recent = Object.entries(refused()).filter(([, atMs]) => isRecent(atMs))
      memory.write({ of: options.baseUrl, refused: { ...Object.fromEntries(recent), [featureId]: clock.nowMs() } })
    },
  }
}
