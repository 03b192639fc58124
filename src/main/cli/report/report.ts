/** How a command that waits for jobs tells what becomes of them: JSON for programs, lines for people. */
import type { Progress } from '../../../shared/wire/contract.ts'
import type { Failure } from '../../../shared/failure.ts'
import type { Job } from '../../../shared/job.ts'
import type { Running, Tally } from '../tally.ts'

export interface Report {
  /** One of ours has a new value. `progress` is what was last said of it while it runs. */
  job(job: Job, progress: Progress | null): void
  /** One of ours got on. */
  progress(running: Running): void
  refused(source: string, why: Failure, as: 'failed' | 'skipped'): void
  /** Something to know that is no result. */
  notice(text: string): void
  /** Whatever else changed: the live lines are due. */
  changed(): void
  /** Nothing more is drawn: the command goes wrong and says so itself. */
  stop(): void
  /** The last word. */
  end(ending: Ending): void
}

export interface Ending {
  readonly tally: Tally
  readonly tookMs: number
  readonly batchId: number | null
  readonly interrupted: boolean
  /** Where what is left goes on: in another process that runs, or with the next one. */
  readonly goesOn: 'elsewhere' | 'later'
}
