/**
 * While the store keeps nothing, as on a full disk, nothing begins: what came of it would be lost. Jobs whose last word could not be
 * kept stand as after a crash, and are put right by the same table once writing works again.
 */
import { JobError, toFailure, type Failure } from '../../../shared/failure.ts'
import type { Held } from '../../../shared/model.ts'
import type { Clock, Log } from '../ports.ts'

const lookAgainMs = 10_000

export interface Stall {
  /** The store did not keep something. */
  begin(error: unknown): void
  /** Null as long as it keeps everything. */
  held(): Held | null
  stop(): Promise<void>
}

export interface StallPorts {
  readonly clock: Clock
  readonly log: Log
  /** Puts right what stands as after a crash. Throws as long as nothing is kept. */
  readonly mend: () => Promise<void>
  /** It has begun, or is over. */
  readonly changed: () => void
}

export function createStall({ clock, log, mend, changed }: StallPorts): Stall {
  let why: Failure | null = null
  let times = 0
  let isStopped = false
  let takeBack = () => {}
  let mending = Promise.resolve()

  const wait = () => {
    if (!isStopped) takeBack = clock.after(lookAgainMs, () => void (mending = lookAgain()))
  }
  const lookAgain = async (): Promise<void> => {
    const before = times
    try {
      await mend()
    } catch (error) {
      why = toFailure(error)
      return wait()
    }
    // Meanwhile another job has ended without a word.
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
    log.info('the store keeps what it is told again')
  }
  return {
    begin: (error) => {
      times += 1
      if (why !== null) return
      why = toFailure(error)
      log.warn('the store keeps nothing now; no job begins until it does', { ...why, error: String(error) })
      wait()
      try {
        changed()
      } catch (cause) {
        // Who looks on cannot be told while the store cannot be read, and is told when it is over.
        log.warn('the store cannot be read either', { error: String(cause) })
      }
    },
    held: () => (why === null ? null : { by: 'data', why }),
    stop: async () => {
      isStopped = true
      takeBack()
      await mending
    },
  }
}

/** Whether something was thrown because the store could not keep it, rather than by the work. SQLite is known by its error's name alone. */
export function isUnkept(error: unknown): boolean {
  const cause = error instanceof JobError ? error.cause : error
  if (!(cause instanceof Error) || cause.name !== 'SqliteError') return false
  return cause !== error || ('code' in cause && String(cause.code).startsWith('SQLITE_IOERR'))
}
