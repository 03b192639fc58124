/**
 * Many folders listed at once, by threads (`listing-thread`), for scans of everything. For disks of this machine alone: a thread that
 * waits for a share that hangs cannot be ended. Whoever asks is told by a digest that all files of a folder read as they did before.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import pMap from 'p-map'
import { hasNoEvents, mountsBelow, mountOf } from '../files/mounts.ts'
import { markName } from './root-check.ts'
import { statFile, type FileEntry, type Listing } from './listing.ts'

export interface ListedFiles {
  /** Of plain files, with `/` between them, sorted. */
  readonly names: string
  readonly inodes: string
  /** Length in bytes, date of the contents and date of the last change, both in milliseconds, file by file. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** Names of what is no plain file, or cannot be read. */
  readonly others: readonly string[]
  /** Over all that the ledger knows of them; null where there are others. */
  readonly digest: string | null
}

/** A folder as the thread has listed it. */
export interface Listed extends Pick<Listing, 'folders' | 'temps'> {
  /** Null: as the digest says that was sent along. */
  readonly files: ListedFiles | null
}

export interface ListingTask {
  readonly id: number
  readonly folders: readonly AskedFolder[]
  /** Name of a file in them that is Beside's own. */
  readonly own: string
}

export interface AskedFolder {
  readonly path: string
  /** What it came to when its files were last all known; null: not known. */
  readonly digest: string | null
}

export interface Lister {
  /** Whether a folder is on the disk that the thread may wait for. */
  takes(path: string): boolean
  /**
   * Null for those that cannot be listed.
   * @throws the signal's reason, and whatever has ended the thread.
   */
  list(folders: readonly AskedFolder[], signal: AbortSignal): Promise<readonly (Listed | null)[]>
  /** Whoever waits is told at once; resolves when there is no thread. */
  stop(): Promise<void>
}

interface Waiting {
  readonly resolve: (listed: readonly (Listed | null)[]) => void
  readonly reject: (reason: unknown) => void
}

/** Most of a listing is waiting for the system, one file after the other; more threads than that only wait for each other. */
const maxThreads = 2

/** Written just so: the build looks for it, makes the thread a file of its own and puts that one's name here. */
const threadFile = new URL('./listing-thread.ts', import.meta.url)

/** Null where the folder is on no disk of this machine, or the system does not say so. */
export async function listerFor(root: string, platform: NodeJS.Platform): Promise<Lister | null> {
  const mount = await mountOf(root, platform)
  // Without a table of mounts nobody knows where another disk begins.
  if (platform !== 'linux' || mount === null || hasNoEvents(mount)) return null
  return createLister(await mountsBelow(root))
}

/** @param foreign other disks or shares in the tree, with what is below them. */
function createLister(foreign: readonly string[]): Lister {
  const waiting = new Map<number, Waiting>()
  const workers: Worker[] = []
  let ended: Error | null = null
  let lastId = 0
  const end = (error: Error) => {
    ended = error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const startWorker = (): Worker => {
    const fresh = new Worker(threadFile)
    fresh.on('message', ({ id, listed }: { readonly id: number; readonly listed: readonly (Listed | null)[] }) => {
      waiting.get(id)?.resolve(listed)
      waiting.delete(id)
    })
    fresh.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
    return fresh
  }
  const listBy = async (thread: number, folders: readonly AskedFolder[]) => {
    const id = (lastId += 1)
    const { promise, resolve, reject } = Promise.withResolvers<readonly (Listed | null)[]>()
    waiting.set(id, { resolve, reject })
    workers[thread] ??= startWorker()
    workers[thread].postMessage({ id, folders, own: markName } satisfies ListingTask)
    return await promise.finally(() => waiting.delete(id))
  }
  return {
    takes: (path) => ended === null && !foreign.some((point) => path === point || path.startsWith(`${point}/`)),
    list: async (folders, signal) => {
      signal.throwIfAborted()
      if (ended !== null) throw ended
      const share = Math.max(1, Math.ceil(folders.length / Math.min(maxThreads, availableParallelism())))
      const shares: AskedFolder[][] = []
      for (let start = 0; start < folders.length; start += share) shares.push(folders.slice(start, start + share))
      const aborted = Promise.withResolvers<never>()
      const onAbort = () => aborted.reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        const listed = Promise.all(shares.map(async (some, thread) => await listBy(thread, some)))
        return (await Promise.race([listed, aborted.promise])).flat()
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    stop: async () => {
      end(new Error('the listing was stopped'))
      await Promise.all(workers.map(async (worker) => await worker.terminate()))
    },
  }
}

/** The files of a folder, one by one. */
export async function entriesOf(folder: string, { names, inodes, numbers, others }: ListedFiles): Promise<readonly FileEntry[]> {
  const numbered = inodes.split('/')
  const plain = names === '' ? [] : names.split('/')
  const entries = plain.map((name, index): FileEntry => {
    const [bytes = 0, mtimeMs = 0, ctimeMs = 0] = numbers.subarray(index * 3, index * 3 + 3)
    return { name, inode: numbered[index] ?? null, bytes, mtimeMs, ctimeMs, links: 1, trouble: null }
  })
  // Names that are no text may read alike.
  const rest = await pMap(new Set(others), async (name) => await statFile(folder, name), { concurrency: 64 })
  return others.length === 0 ? entries : [...entries, ...rest.filter((entry) => entry !== null)]
}
