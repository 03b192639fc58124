/** Work that somebody waits for, and only for so long. */
import { JobError } from '../../shared/failure.ts'
import type { Clock } from './ports.ts'

/**
 * Ends at the latest when its time is over, whether or not the work follows its signal.
 * @throws JobError `source-unreadable`, or the reason of the caller's signal
 */
export async function inTime<T>(
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
  caller: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller?.throwIfAborted()
  const late = new AbortController()
  const cancelTimer = clock.after(ms, () =>
    late.abort(new JobError('source-unreadable', { because: 'no-preview', seconds: ms / 1000 })),
  )
  const signal = caller === null ? late.signal : AbortSignal.any([caller, late.signal])
  return await until(signal, work(signal)).finally(cancelTimer)
}

/** What the work comes to, or the reason of the signal where that is earlier. */
export async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return await Promise.race([work, over]).finally(() => signal.removeEventListener('abort', onAbort))
}
