/**
 * Markdown, notebooks and books as documents on paper: as HTML first, and that by LibreOffice, the one that comes with Beside or the installed one.
 * Apart from both, as the way from one to the other.
 */
import type { LocalEngine } from '../engine.ts'
import { byWayOf } from '../result.ts'

/** @param engines `texts` and `books` make HTML of what they read. */
export function createByOffice(engines: {
  readonly office: LocalEngine
  readonly texts: LocalEngine
  readonly books: LocalEngine
}): LocalEngine {
  const { office, texts, books } = engines
  return {
    version: office.version,
    ...(office.isInstalled !== undefined && { isInstalled: office.isInstalled }),
    ...(office.warm !== undefined && { warm: office.warm }),
    convert: async (order, report, signal) => {
      const path = order.temp(1)
      const first = order.from === 'epub' ? books : texts
      return await byWayOf(
        path,
        async () => await first.convert({ ...order, target: 'html', options: {}, temp: () => path }, report, signal),
        async (source) => await office.convert({ ...order, source, from: 'html' }, report, signal),
      )
    },
    // Those that it goes through end by themselves.
    stop: async () => {},
  }
}
