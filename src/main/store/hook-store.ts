/**
 * What the store keeps of hooks and their deliveries, as their users see it. As everywhere in the store, one call is one transaction.
 * A delivery comes to be in the transaction of the event that it is about, so neither is there without the other.
 */
import type { Delivery, DeliveryCounts, DeliveryMove, DeliveryQuery, Hook, HookDraft } from '../../shared/hooks.ts'

export interface HookStore {
  /** By name. */
  list(): readonly Hook[]
  get(id: number): Hook | null
  /** One of that name is replaced, and keeps its number, its switch and its deliveries. */
  save(draft: HookDraft, nowMs: number): Hook
  /** Null where there is no such hook. */
  switch(id: number, to: { readonly on: boolean }): Hook | null
  /** With its deliveries. False where there was none. */
  remove(id: number): boolean
}

export interface DeliveryStore {
  /** Called when deliveries have come to be, possibly in the middle of a transaction. Answers how to stop. */
  subscribe(listener: () => void): () => void
  get(id: number): Delivery | null
  /** The next one of a hook that is due, running from then on; null where there is none. Kept soon: a claim that is lost is made again. */
  claim(hookId: number, nowMs: number): Delivery | null
  /** One legal move, or null where it means nothing in the delivery's phase (or there is no such delivery). Kept soon. */
  apply(id: number, move: DeliveryMove): Delivery | null
  /** Those that run and are not among these are due again: their end was not kept. Answers how many. */
  recover(running: readonly number[]): number
  /** When the next one of a hook is due; null: none is. */
  nextDueMs(hookId: number): number | null
  counts(hookId: number): DeliveryCounts
  /** The newest that was tried; null: none was. */
  lastTried(hookId: number): Delivery | null
  /** Newest first. */
  page(
    query: DeliveryQuery,
    after: number | null,
    limit: number,
  ): { readonly deliveries: readonly Delivery[]; readonly next: number | null }
  /** Those of these that failed or were given up, or all of a hook that were, are due again with all their tries. Answers how many. */
  again(which: { readonly ids: readonly number[] } | { readonly hookId: number }): number
  /** Forgets what was delivered or given up long ago, and of each hook what is beyond the newest so many. Answers how many. */
  prune(endedBeforeMs: number, keep: number): number
}
