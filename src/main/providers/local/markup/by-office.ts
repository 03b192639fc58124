/**
 * Markdown, notebooks and books as documents on paper: as HTML first, and that by the LibreOffice that comes with Beside. Apart from both, as the
 * way from one to the other.
 */
import { rm } from 'node:fs/promises'
import type { Pairing } from '../../provider.ts'
import type { LocalEngine } from '../engine.ts'

export const byOfficePairings: readonly Pairing[] = [
  { from: ['md', 'ipynb', 'epub'], to: ['docx', 'odt', 'rtf', 'doc'], options: [] },
  {
    from: ['md', 'ipynb', 'epub'],
    to: ['pdf'],
    options: ['paper', 'orientation', 'margin'],
    values: { paper: ['a3', 'a4', 'a5', 'letter', 'legal'] },
    defaults: { paper: { kind: 'value', value: 'a4' }, orientation: { kind: 'value', value: 'portrait' } },
  },
]

/** @param engines `texts` and `books` make HTML of what they read. */
export function createByOffice(engines: {
  readonly office: LocalEngine
  readonly texts: LocalEngine
  readonly books: LocalEngine
}): LocalEngine {
  const { office, texts, books } = engines
  return {
    version: office.version,
    ...(office.warm !== undefined && { warm: office.warm }),
    convert: async (order, report, signal) => {
      const path = order.temp(1)
      const first = order.from === 'epub' ? books : texts
      await first.convert({ ...order, target: 'html', options: {}, temp: () => path }, report, signal)
      try {
        const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
        return await office.convert({ ...order, source, from: 'html' }, report, signal)
      } finally {
        await rm(path, { force: true })
      }
    },
    // Those that it goes through end by themselves.
    stop: async () => {},
  }
}
