/** Hooks as the API sees them. They can be asked and changed in any process that holds the queue; delivered is only where it works. */
import type { Delivery, DeliveryQuery, HookChange, HookDraft, HookStatus, HookTest } from '../../shared/hooks.ts'

export interface Hooks {
  /** Begins to deliver. */
  start(): void
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
  /** All changes from now on, in portions, with so many milliseconds between two of them at least. Ends with the signal. */
  changes(signal: AbortSignal, restMs?: number): AsyncIterable<readonly HookChange[]>

  /** By name. */
  list(): readonly HookStatus[]
  /**
   * One of that name is replaced, and keeps its secret and its deliveries.
   *
   * @returns the secret that calls are signed with where it was made now: it is told this once.
   * @throws JobError `usage`, `not-found` (no such watched folder).
   */
  save(draft: HookDraft): Promise<{ readonly status: HookStatus; readonly secret: string | null }>
  /** @throws JobError `not-found`, here and below. */
  switch(id: number, to: { readonly on: boolean }): Promise<HookStatus>
  /** With its deliveries, its secret and its log. False where there was none. */
  remove(id: number): Promise<boolean>
  /** A new secret in place of the one before. @throws JobError `not-possible` where nothing is signed. */
  renewSecret(id: number): Promise<string>
  /** Sends a sample now, whether or not the hook is on, and answers what came of it. */
  test(id: number, signal: AbortSignal): Promise<HookTest>
  /** Newest first. */
  deliveries(
    query: DeliveryQuery,
    after: number | null,
    limit: number,
  ): { readonly deliveries: readonly Delivery[]; readonly next: number | null }
  /** Sends those that failed or were given up once more. Answers how many. */
  again(which: { readonly ids: readonly number[] } | { readonly hookId: number }): number
  /** The end of what its program has printed, or its receiver answered. */
  output(id: number, bytes: number): Promise<{ readonly path: string; readonly text: string }>
  /** Resolves when nothing is under way and nothing is due now, or with the signal. */
  settled(signal: AbortSignal): Promise<void>
}
