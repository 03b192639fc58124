/** Jobs for a store: what they are to do. Nothing of them is on the disk. */
import type { Draft, Order } from '../../src/shared/job.ts'

export const startMs = 1_800_000_000_000

export interface DraftWish extends Partial<Omit<Draft, 'order'>> {
  readonly order?: Partial<Order>
  readonly bytes?: number
}

/** `take.wav` in /music to MP3, beside it. */
export function draftOf(name: string, { order, bytes = 1000, ...rest }: DraftWish = {}): Draft {
  return {
    priority: 0,
    provider: 'local',
    lane: 'local:audio',
    reason: { code: 'first' },
    ...rest,
    order: {
      source: { kind: 'file', path: `/music/${name}`, bytes, mtimeMs: 1_700_000_000_000.5 },
      from: 'wav',
      target: 'mp3',
      options: {},
      preset: null,
      with: 'auto',
      localOnly: false,
      folder: '/music',
      name: '{name}',
      ifExists: 'number',
      keepDates: true,
      afterwards: 'keep',
      counter: 1,
      ...order,
    },
  }
}

export function numbered(count: number, wish: DraftWish = {}): readonly Draft[] {
  return Array.from({ length: count }, (_, index) => draftOf(`take ${index + 1}.wav`, wish))
}
