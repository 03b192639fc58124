/**
 * Temporary names. They stand beside the output (so that the last step is a rename within one file system), are hidden, short (so that
 * they fit where the final name fits) and follow from the job alone, so that a restart finds what a crash left. Whoever lists folders
 * has to know them.
 *
 * Where machines render for a job, each attempt has names of its own, with its number, the machine's and the order's: one that was given up,
 * and comes back late, writes over nobody else's, and removes nobody else's.
 */
import { join } from 'node:path'

const pattern = /^\.beside-([0-9a-f]{6})-(\d+)\.(?:\d+-[0-9a-z]+-([0-9a-f]+)\.)?\d+\.part/

export function tempPath(folder: string, tag: string, jobId: number, n: number): string {
  return join(folder, `.beside-${tag}-${jobId}.${n}.part`)
}

/** An attempt of a machine at an order. */
export interface Attempt {
  /** A UUID. */
  readonly order: string
  readonly attempt: number
  /** Small letters and digits alone. */
  readonly machine: string
}

/** Behind what stands before the number of a part in `tempPath`. */
export function attemptSuffix({ order, attempt, machine }: Attempt, n: number): string {
  return `.${attempt}-${machine}-${markOf(order)}.${n}.part`
}

/** Whether a part is of an attempt at this order, whoever's. */
export function isOfOrder(name: string, order: string): boolean {
  return pattern.exec(name)?.[3] === markOf(order)
}

/** Enough to tell the orders of one job apart. */
function markOf(order: string): string {
  return order.slice(-8)
}

/** Whether a file name is one of Beside's temporary ones, whichever data folder it belongs to. */
export function isTempName(name: string): boolean {
  return pattern.test(name)
}

/** The job whose temporary result has this name; null where it is no such name, or that of another data folder. */
export function jobOfTemp(name: string, tag: string): number | null {
  const [, owner, id] = pattern.exec(name) ?? []
  return owner === tag ? Number(id) : null
}
