/**
 * While the store keeps nothing, as on a full disk, nothing begins: what came of it would be lost. Jobs whose last state could not be
 * kept stand as after a crash, and are put right by the same table once writing works again.
 *
 *   works ─begin─► out ─repair fails, or another job lost its state meanwhile─► out, tried again in ten seconds
 *     ▲             │
 *     └──repaired───┘
 */
import { JobError, toFailure, type Failure } from '../../../shared/failure.ts'
import type { Held } from '../../../shared/model.ts'
import type { Clock, Log } from '../ports.ts'

const retryMs = 10_000

export interface StoreOutage {
  /** The store did not keep something. */
  begin(error: unknown): void
  /** Null as long as it keeps everything. */
  held(): Held | null
  stop(): Promise<void>
}

export interface StoreOutagePorts {
  readonly clock: Clock
  readonly log: Log
  /** Puts right what stands as after a crash. Throws as long as nothing is kept. */
  readonly repair: () => Promise<void>
  /** It has begun, or is over. */
  readonly changed: () => void
}

export function createStoreOutage({ clock, log, repair, changed }: StoreOutagePorts): StoreOutage {
  let why: Failure | null = null
  let times = 0
  let isStopped = false
  let cancelTimer = () => {}
  let repairing = Promise.resolve()

  const wait = () => {
    if (!isStopped) cancelTimer = clock.after(retryMs, () => void (repairing = tryAgain()))
  }
  const tryAgain = async (): Promise<void> => {
    const before = times
    try {
      await repair()
    } catch (error) {
      why = toFailure(error)
      return wait()
    }
    // Meanwhile another job has ended, and its state is lost as well.
    if (times !== before) return wait()
    const since = why
    why = null
    try {
      changed()
    } catch (error) {
      why = since
      log.warn('the store can be written to, but not read', { error: String(error) })
      return wait()
    }
    log.info('the store can be written to again')
  }
  return {
    begin: (error) => {
      times += 1
      if (why !== null) return
      why = toFailure(error)
      log.warn('the store cannot be written to; no job begins until it can', { ...why, error: String(error) })
      wait()
      try {
        changed()
      } catch (cause) {
        // Subscribers cannot be informed while the store cannot be read; they are when it is over.
        log.warn('the store cannot be read either', { error: String(cause) })
      }
    },
    held: () => (why === null ? null : { by: 'data', why }),
    stop: async () => {
      isStopped = true
      cancelTimer()
      await repairing
    },
  }
}

/** Whether something was thrown because the store could not keep it, rather than by the work. SQLite is known by its error's name alone. */
export function isUnkept(error: unknown): boolean {
  const cause = error instanceof JobError ? error.cause : error
  if (!(cause instanceof Error) || cause.name !== 'SqliteError') return false
  return cause !== error || ('code' in cause && String(cause.code).startsWith('SQLITE_IOERR'))
}
