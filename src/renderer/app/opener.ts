/** A dialog that anything in the window may open, and that lives once, beside the views. */
import { useSyncExternalStore } from 'react'

export interface Opener<T> {
  open(what: T): void
  close(): void
  use(): T | null
}

export function createOpener<T>(): Opener<T> {
  let shown: T | null = null
  const listeners = new Set<() => void>()
  const set = (what: T | null) => {
    shown = what
    for (const listener of listeners) listener()
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return { open: set, close: () => set(null), use: () => useSyncExternalStore(subscribe, () => shown) }
}
