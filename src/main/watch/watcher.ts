/**
 * Watches one folder: scans where something may have changed and now and then everything, and leads its files on. One thing at a time, in
 * turns; whoever else wants to touch the folder's ledger waits for the turn to end.
 *
 * | state    | what is done                                       | leads to                                                                |
 * | -------- | -------------------------------------------------- | ----------------------------------------------------------------------- |
 * | starting | what a crash left is taken up, the root is checked | watching; offline                                                       |
 * | watching | events, scans, pending files                       | offline; watching anew where the mount is another; polled without watches |
 * | offline  | the root is checked now and then                   | watching                                                                |
 *
 * A turn that fails is followed by another one that takes up and scans everything: whatever it was about is found again.
 */
import { toFailure } from '../../shared/failure.ts'
import type { FolderHealth, Why } from '../../shared/folders.ts'
import type { Clock, Log, Random } from '../engine/ports.ts'
import type { LedgerLine, SightingStore, WatchedFolder } from '../store/ledger.ts'
import { watchEvents, type ChangedPath, type FsEvents } from './fs-events.ts'
import type { ScanContext } from './ledger.ts'
import { createLifecycle, type LifecyclePorts } from './lifecycle.ts'
import { listerFor, type Lister } from './lister.ts'
import { listFolder } from './listing.ts'
import { hasNoEvents, mountOf, type Mount } from '../files/mounts.ts'
import { createRootCheck, markRoot, type Root } from './root-check.ts'
import { createScanner, localConcurrency, networkConcurrency } from './scanner.ts'
import { createPendingFiles } from './stability.ts'
import { contextOf, type WatchContext } from './watch-context.ts'

export interface WatcherPorts extends Omit<
  LifecyclePorts,
  'context' | 'pending' | 'rescan' | 'isThere' | 'signal' | 'concurrency'
> {
  readonly random: Random
  readonly platform: NodeJS.Platform
  /** The folder as it is stored now. */
  readonly folder: () => WatchedFolder
  readonly save: (change: Partial<Pick<WatchedFolder, 'mark' | 'begunAtMs'>>) => void
  readonly freshMark: () => string
  /** What `status` answers is another. */
  readonly changed: () => void
  /** Nothing of the folder is being scanned, or will be soon; asked often. */
  readonly atRest: () => void
}

export interface WatcherStatus {
  readonly health: FolderHealth
  readonly lookedAtMs: number | null
  readonly nextLookAtMs: number | null
}

export interface Watcher {
  status(): WatcherStatus
  /** Scans all of it at its next turn. */
  scan(): void
  /** A job of one of its files has ended, or waits for the user. */
  jobEnded(lineId: number): void
  /** Runs between two turns. */
  between<T>(work: () => Promise<T> | T): Promise<T>
  stop(): Promise<void>
}

/** How long a turn may take to end. */
const graceMs = 5_000
/** After a turn that failed: whatever the trouble is, it is not tried again at once. */
const afterTroubleMs = 5_000
/** Where a file went wrong as it was seen, the folder is scanned again so soon. */
const rescanTroubleMs = 60_000
/** No turn comes later after another, unless that one took long. */
const maxWaitMs = 60_000

export function createWatcher(ports: WatcherPorts): Watcher {
  const { clock, timings, sightings, log } = ports
  const { path, seeing } = ports.folder().rule
  const abort = new AbortController()
  const { signal } = abort
  const rootCheck = createRootCheck(clock, ports.platform, timings.rootTimeoutMs)
  let health: FolderHealth = { state: 'starting', how: null, why: null }
  /** Why there are no events; null: there are. */
  let polled: Why | null = null
  let mount: Mount | null = null
  let events: FsEvents | null = null
  /** For a full scan of a folder on this machine. */
  let lister: Lister | null = null
  let listersEnded: Promise<unknown> = Promise.resolve()
  let isBlank = false
  let isRecovered = false
  let scanBegunMs: number | null = null
  let scannedAtMs: number | null = null
  const next = { rootMs: -Infinity, scanMs: Infinity, changesMs: Infinity }
  /** A burst of events, as a new folder brings it, may be too much for the system, which then drops some: it is scanned once more. */
  const rescans = new Map<string, number>()
  let lastMs = clock.nowMs()

  const context = (): WatchContext => contextOf(ports.folder(), ports)
  const setHealth = (to: FolderHealth) => {
    const isSame = to.state === health.state && to.how === health.how && to.why?.code === health.why?.code
    health = to
    if (!isSame) ports.changed()
  }
  const stabilityTimings = () => (polled === null ? timings : { ...timings, quietMs: timings.quietMs * timings.networkFactor })
  const concurrency = () => (polled === null ? localConcurrency : networkConcurrency)
  const onChange = (changed: ChangedPath) => {
    if (changed.name !== null && pending.noteEvent(changed.dir, changed.name, clock.nowMs())) return
    scanSoon(changed)
  }
  const scanSoon = (changed: ChangedPath) => {
    scanner.add(changed)
    next.changesMs = Math.min(next.changesMs, clock.nowMs() + timings.gatherMs)
    if (changed.name === null) rescanSoon(changed.dir)
    loop.wake()
  }
  const rescanSoon = (dir: string) => rescans.set(dir, clock.nowMs() + timings.rescanMs)
  const rescanDue = (nowMs: number) => {
    for (const [dir, atMs] of rescans) {
      if (atMs > nowMs) continue
      rescans.delete(dir)
      scanner.add({ dir, name: null })
      next.changesMs = nowMs
    }
  }
  const checkRoot = async () => {
    const folder = ports.folder()
    return await rootCheck.check(path, folder.mark, async () => {
      const { files, folders } = await listFolder(path, 8, signal)
      return files.length + folders.length === 0 && sightings.dirs(folder.id).length > 0
    })
  }
  const pending = createPendingFiles(stabilityTimings, (changed) => scanSoon(changed))
  const lifecycle = createLifecycle({
    ...ports,
    context,
    pending,
    rescan: onChange,
    concurrency,
    isThere: async () => (await checkRoot()).trouble === null,
    signal,
  })
  const scanner = createScanner({
    ledger: ports,
    scanContext: (): ScanContext => ({ context: context(), isBlank }),
    concurrency,
    lister: () => lister,
    isBelievable: async () => (await findTrouble()) === null,
    cover: (dir) => events?.cover(dir),
    covers: (dir) => events?.covers(dir) ?? false,
    onFolderFound: rescanSoon,
    onReconciled: async ({ waiting, withdrawn, recalled, written, troubled }, dir) => {
      const nowMs = clock.nowMs()
      if (troubled.length > 0) rescans.set(dir, nowMs + rescanTroubleMs)
      await lifecycle.cancelAll(withdrawn)
      await lifecycle.cancelIdle(recalled)
      for (const { line, entry } of waiting) pending.add(line, entry, nowMs)
      if (written.length > 0) ports.publish(written)
    },
    onGone: async (lines) => {
      const nowMs = clock.nowMs()
      for (const { id } of lines) pending.remove(id)
      ports.publish(
        sightings.write(
          lines.map(({ id }) => ({ id, change: { goneAtMs: nowMs } })),
          nowMs,
        ),
      )
      await lifecycle.cancelIdle(lines.map(({ id }) => id))
      for (const other of lines.flatMap((line) => secondNames(line, sightings))) onChange(other)
    },
    signal,
  })

  /** Why the folder cannot be watched now, or null. Goes offline and comes back by itself. */
  const findTrouble = async (): Promise<Why | null> => {
    const { trouble, root } = await checkRoot()
    next.rootMs = clock.nowMs() + timings.rootMs
    if (trouble !== null) {
      if (health.state !== 'offline') goOffline(trouble)
      setHealth({ state: 'offline', how: null, why: trouble })
    } else if (root !== null) {
      const now = await mountOf(path, ports.platform)
      // Watches do not outlive the mount that they were set on.
      if (health.state !== 'watching' || now?.id !== mount?.id) await comeOnline(root, now)
    }
    return trouble
  }
  const dropScan = () => {
    scanner.drop()
    scanBegunMs = null
    dropLister()
  }
  const dropLister = () => {
    listersEnded = Promise.all([listersEnded, lister?.stop()])
    lister = null
  }
  const goOffline = (why: Why) => {
    log.warn('a watched folder is offline', { path, why: why.code })
    dropScan()
    pending.clear()
    next.scanMs = Infinity
    closeEvents()
  }
  const closeEvents = () => {
    events?.close()
    events = null
  }
  const comeOnline = async (root: Extract<Root, { kind: 'there' }>, now: Mount | null) => {
    closeEvents()
    mount = now
    if (ports.folder().mark === null) ports.save({ mark: await markRoot(path, root, ports.freshMark()) })
    polled = whyPolled(seeing, now)
    // The end may have come meanwhile, and closed what there was to close.
    if (polled === null && !signal.aborted) events = watchEvents({ root: path, onChange, onEnd: pollInstead })
    setHealth({ state: 'watching', how: polled === null ? 'events' : 'polling', why: polled })
    next.scanMs = clock.nowMs()
  }
  const pollInstead = () => {
    log.warn('the system takes no more watches; the folder is polled', { path })
    polled = { code: 'too-many-watches', facts: {} }
    setHealth({ ...health, how: 'polling', why: polled })
    // What was to come after an hour of events comes now; a scan that is under way is followed by the next one soon.
    if (next.scanMs !== Infinity) next.scanMs = clock.nowMs()
    closeEvents()
    loop.wake()
  }
  const beginScan = async () => {
    dropScan()
    // What is scanned every few seconds is not worth a thread each time.
    lister = polled === null ? await listerFor(path, ports.platform) : null
    scanBegunMs = clock.nowMs()
    const folder = ports.folder()
    isBlank = folder.begunAtMs === null && sightings.dirs(folder.id).length === 0
    next.scanMs = Infinity
    scanner.begin()
  }
  const endScan = (begunMs: number) => {
    const nowMs = clock.nowMs()
    const tookMs = Math.max(0, nowMs - begunMs)
    scanBegunMs = null
    dropLister()
    if (ports.folder().begunAtMs === null) ports.save({ begunAtMs: nowMs })
    isBlank = false
    scannedAtMs = nowMs
    const spread = 0.9 + ports.random.next() * 0.2
    next.scanMs = nowMs + (polled === null ? timings.scanMs * spread : Math.max(timings.pollMs, tookMs * 10))
    ports.changed()
  }
  const noteClock = (nowMs: number) => {
    // The clock was set back: what was reckoned by the old one would come late.
    if (nowMs < lastMs - 1_000) {
      pending.clockSetBack(nowMs)
      next.rootMs = nowMs
      next.changesMs = Math.min(next.changesMs, nowMs)
      if (next.scanMs !== Infinity) next.scanMs = Math.min(next.scanMs, nowMs + timings.scanMs)
    }
    if (nowMs > lastMs + maxWaitMs * 1.5) pending.noteGap({ fromMs: lastMs, toMs: nowMs })
    lastMs = nowMs
  }

  /** Answers after how long the next turn is due. */
  const turn = async (): Promise<number> => {
    noteClock(clock.nowMs())
    if (!isRecovered) await lifecycle.recover()
    isRecovered = true
    // What was enqueued is followed to its end all the same.
    if (!ports.folder().on) {
      ports.atRest()
      return Infinity
    }
    if (clock.nowMs() >= next.rootMs) await findTrouble()
    if (health.state !== 'watching') return next.rootMs - clock.nowMs()
    if (clock.nowMs() >= next.scanMs) await beginScan()
    rescanDue(clock.nowMs())
    if (scanBegunMs !== null || clock.nowMs() >= next.changesMs) {
      const stepped = await scanner.step()
      // It may have found that the folder is not to be believed.
      if (stepped === 'finished' && scanBegunMs !== null) endScan(scanBegunMs)
      // More may have changed while the last piece was scanned.
      if (stepped !== 'more' && !scanner.isBusy()) next.changesMs = Infinity
    }
    const isMore = await lifecycle.turn()
    if (isMore || scanBegunMs !== null) return 0
    if (next.changesMs === Infinity && rescans.size === 0) ports.atRest()
    return Math.min(next.rootMs, next.scanMs, next.changesMs, lifecycle.nextMs(), ...rescans.values()) - clock.nowMs()
  }
  const startOver = () => {
    isRecovered = false
    dropScan()
    if (health.state === 'watching') next.scanMs = clock.nowMs()
  }
  const loop = serialLoop(turn, startOver, clock, log, signal)

  return {
    status: () => ({ health, lookedAtMs: scannedAtMs, nextLookAtMs: Number.isFinite(next.scanMs) ? next.scanMs : null }),
    scan: () => {
      if (health.state !== 'watching') next.rootMs = -Infinity
      else if (scanBegunMs === null) next.scanMs = clock.nowMs()
      loop.wake()
    },
    jobEnded: (lineId) => {
      // What goes wrong there is written down and tried again; only the end is thrown.
      loop.between(async () => await lifecycle.jobEnded(lineId)).catch(() => undefined)
    },
    between: async (work) => await loop.between(work),
    stop: async () => {
      abort.abort()
      closeEvents()
      dropLister()
      // A share that hangs would hold everything up.
      const { promise, resolve } = Promise.withResolvers<void>()
      const cancelTimer = clock.after(graceMs, resolve)
      await Promise.race([loop.ended.then(async () => await listersEnded), promise]).finally(cancelTimer)
    },
  }
}

function whyPolled(seeing: WatchedFolder['rule']['seeing'], mount: Mount | null): Why | null {
  if (seeing === 'polling') return { code: 'asked-for', facts: {} }
  return mount !== null && hasNoEvents(mount) ? { code: 'network-folder', facts: { system: mount.type } } : null
}

/** Other names of a file whose first one is gone before it was dealt with. */
function secondNames(line: LedgerLine, sightings: SightingStore): readonly ChangedPath[] {
  if (line.inode === null || line.state === 'done') return []
  return sightings
    .withInode(line.folderId, line.inode)
    .filter(({ goneAtMs, why }) => goneAtMs === null && why.code === 'same-file')
    .map(({ dir, name }) => ({ dir, name }))
}

interface SerialLoop {
  /** There may be something to do. */
  wake(): void
  /** Waits for the turn to end, and the next one waits for this. */
  between<T>(work: () => Promise<T> | T): Promise<T>
  /** Resolves when no turn runs and none will. */
  readonly ended: Promise<void>
}

/**
 * Turns, one after the other, as often as there is something to do; and the work of others in between.
 *
 * @param turn answers after how many milliseconds the next is due.
 * @param onTrouble it failed: what it was about to do has not been done.
 */
function serialLoop(turn: () => Promise<number>, onTrouble: () => void, clock: Clock, log: Log, signal: AbortSignal): SerialLoop {
  let woken = Promise.withResolvers<void>()
  let last: Promise<unknown> = Promise.resolve()
  const inLine = <T>(work: () => Promise<T> | T): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
  const wake = () => woken.resolve()
  signal.addEventListener('abort', wake, { once: true })
  const isOver = () => signal.aborted
  const run = async () => {
    while (!isOver()) {
      woken = Promise.withResolvers()
      const waitMs = await inLine(turn).catch((error: unknown) => {
        if (!signal.aborted) log.error('a turn of a watched folder failed', { ...toFailure(error), error: String(error) })
        onTrouble()
        return afterTroubleMs
      })
      if (waitMs <= 0) {
        await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      if (isOver()) break
      const cancelTimer = clock.after(Math.min(waitMs, maxWaitMs), wake)
      await woken.promise
      cancelTimer()
    }
    await last
  }
  return { wake, between: async (work) => await inLine(work).finally(wake), ended: run() }
}
