/** A value that this window remembers by itself, checked by a schema when it comes back, with everybody told who looks at it. */
import { useSyncExternalStore } from 'react'
import type * as z from 'zod'

export interface Stored<T> {
  get(): T
  set(change: Partial<T>): void
  subscribe(listener: () => void): () => void
}

export function createStored<T extends object>(key: string, schema: z.ZodType<T>, initial: T): Stored<T> {
  let value = read(key, schema) ?? initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set: (change) => {
      value = { ...value, ...change }
      localStorage.setItem(key, JSON.stringify(value))
      for (const listener of listeners) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function read<T>(key: string, schema: z.ZodType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(localStorage.getItem(key) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function useStored<T>(stored: Stored<T>): T {
  return useSyncExternalStore(stored.subscribe, stored.get)
}
