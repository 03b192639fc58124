/** What was made and may be wanted again, within bounds: what was not asked for for longest goes first. */

export interface Kept<T> {
  get(key: string): T | undefined
  put(key: string, value: T): void
}

/** @param sizeOf bytes, as far as it matters */
export function createKept<T>(maxBytes: number, sizeOf: (value: T) => number): Kept<T> {
  const kept = new Map<string, T>()
  let bytes = 0
  const drop = (key: string) => {
    const value = kept.get(key)
    if (kept.delete(key)) bytes -= sizeOf(value as T)
  }
  return {
    get: (key) => {
      const known = kept.get(key)
      if (known === undefined) return undefined
      // To the end of the line of those that may go.
      kept.delete(key)
      kept.set(key, known)
      return known
    },
    put: (key, value) => {
      drop(key)
      kept.set(key, value)
      bytes += sizeOf(value)
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break
        drop(oldest)
      }
    },
  }
}
