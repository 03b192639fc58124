/** An order as the engine gives it to a provider, over a folder of the test's own. */
import { join } from 'node:path'
import type { ProviderOrder } from '../../src/main/providers/provider.ts'

export type Wish = Pick<ProviderOrder, 'source' | 'from' | 'target' | 'options' | 'facts'>

export interface Noted {
  readonly order: ProviderOrder
  /** What the provider has noted so far, as a restart would find it. */
  readonly notes: Record<string, string>
}

/** @param notes of an earlier try of the same submit. */
export function orderIn(folder: string, wish: Wish, notes: Record<string, string> = {}): Noted {
  const order: ProviderOrder = {
    ...wish,
    key: 'one-and-the-same-key',
    notes: { ...notes },
    note: async (name, value) => {
      notes[name] = value
    },
    temp: (n) => join(folder, `.beside-abcdef-1.${n}.part`),
  }
  return { order, notes }
}
