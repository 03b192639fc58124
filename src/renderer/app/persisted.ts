/** Stores that this browser remembers: plain JSON under a key, checked by a schema when it comes back. Apart, so that each stays in its subject. */
import type * as z from 'zod'
import { create } from 'zustand'
import { persist, type PersistStorage } from 'zustand/middleware'

/** @param kept what of it may be remembered */
export function createPersisted<T extends object>(key: string, schema: z.ZodType<T>, initial: T, kept = (state: T): T => state) {
  return create<T>()(persist(() => initial, { name: key, storage: checkedStorage(schema), partialize: kept }))
}

function checkedStorage<T>(schema: z.ZodType<T>): PersistStorage<T> {
  return {
    getItem: (key) => {
      try {
        const parsed = schema.safeParse(JSON.parse(localStorage.getItem(key) ?? 'null'))
        return parsed.success ? { state: parsed.data, version: 0 } : null
      } catch {
        return null
      }
    },
    setItem: (key, { state }) => localStorage.setItem(key, JSON.stringify(state)),
    removeItem: (key) => localStorage.removeItem(key),
  }
}
