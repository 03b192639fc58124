/**
 * Keeps one folder: looks at what is hinted at and now and then at everything, and leads its files on. One thing at a time, in turns;
 * whoever else wants to touch the folder's ledger waits for the turn to end.
 */
import type { Health, Why } from '../../shared/folders.ts'
import type { Random } from '../engine/ports.ts'
import type { Line, SightingStore, WatchedFolder } from '../store/ledger.ts'
import type { Sight } from './decide.ts'
import { createGatehouse } from './gatehouse.ts'
import { groundOf, type Ground } from './ground.ts'
import { listen, type Hint, type Hints } from './hints.ts'
import { list } from './listing.ts'
import { createLooks } from './looks.ts'
import { mountOf, tellsNothing, type Mount } from './mounts.ts'
import { isClosedFolder } from './names.ts'
import { createProgress, type ProgressPorts } from './progress.ts'
import { markRoot, type Root } from './root.ts'
import { createSentry } from './sentry.ts'
import { createTurns, longestMs } from './turns.ts'

export interface KeeperPorts extends Omit<ProgressPorts, 'ground' | 'gatehouse' | 'hint' | 'isThere' | 'signal' | 'together'> {
  readonly random: Random
  readonly platform: NodeJS.Platform
  /** The folder as it is stored now. */
  readonly folder: () => WatchedFolder
  readonly save: (change: Partial<Pick<WatchedFolder, 'mark' | 'begunAtMs'>>) => void
  readonly freshMark: () => string
  /** What `status` answers is another. */
  readonly changed: () => void
}

export interface KeeperStatus {
  readonly health: Health
  readonly lookedAtMs: number | null
  readonly nextLookAtMs: number | null
}

export interface Keeper {
  status(): KeeperStatus
  /** Looks through all of it at its next turn. */
  look(): void
  /** A job of one of its files has come to rest. */
  settled(lineId: number): void
  /** Runs between two turns. */
  between<T>(work: () => Promise<T> | T): Promise<T>
  stop(): Promise<void>
}

/** How long a turn may take to end. */
const graceMs = 5_000
/** A file that went wrong as it was seen is looked at again so soon. */
const afterTroubleMs = 60_000

type There = Extract<Root, { kind: 'there' }>

/** Files looked at at once. Of the few threads that wait for disks, one must stay free when a share hangs. */
const together = { near: 64, far: 3 } as const

export function createKeeper(ports: KeeperPorts): Keeper {
  const { clock, pace, sightings, log } = ports
  const { path, seeing, recursive } = ports.folder().rule
  const abort = new AbortController()
  const { signal } = abort
  const sentry = createSentry(clock, ports.platform, pace.silentMs)
  let health: Health = { state: 'starting', how: null, why: null }
  let far: Why | null = null
  let mount: Mount | null = null
  let hints: Hints | null = null
  let isBlank = false
  let isRecovered = false
  let lookBegunMs: number | null = null
  const next = { rootMs: -Infinity, lookMs: Infinity, hintsMs: Infinity }
  let lookedAtMs: number | null = null
  let lastMs = clock.nowMs()

  const ground = (): Ground => groundOf(ports.folder(), ports)
  const setHealth = (to: Health) => {
    const isSame = to.state === health.state && to.how === health.how && to.why?.code === health.why?.code
    health = to
    if (!isSame) ports.changed()
  }
  const patience = () => (far === null ? pace : { ...pace, quietMs: pace.quietMs * pace.farFactor })
  const onHint = (hint: Hint) => {
    if (hint.name !== null && gatehouse.hear(hint.dir, hint.name, clock.nowMs())) return
    lookAt(hint)
  }
  const lookAt = (hint: Hint) => {
    looks.hint(hint)
    next.hintsMs = Math.min(next.hintsMs, clock.nowMs() + pace.gatherMs)
    // What came into a new folder before the system was asked to tell of it is heard of by nobody.
    if (hint.name === null) echoes.set(hint.dir, clock.nowMs() + pace.echoMs)
    turns.wake()
  }
  const gatehouse = createGatehouse(patience, (hint) => lookAt(hint))
  const echoes = new Map<string, number>()
  const echo = (nowMs: number) => {
    for (const [dir, atMs] of echoes) {
      if (atMs > nowMs) continue
      echoes.delete(dir)
      looks.hint({ dir, name: null })
      next.hintsMs = nowMs
    }
  }
  const atOnce = () => (far === null ? together.near : together.far)
  const progress = createProgress({
    ...ports,
    ground,
    gatehouse,
    hint: onHint,
    together: atOnce,
    isThere: async () => (await ask()).trouble === null,
    signal,
  })
  const ask = async () => {
    const folder = ports.folder()
    return await sentry.ask(path, folder.mark, async () => {
      const { files, folders } = await list(path, [], 8, signal)
      return files.length + folders.length === 0 && sightings.dirs(folder.id).length > 0
    })
  }
  const looks = createLooks({
    ledger: ports,
    sight: (): Sight => ({ ground: ground(), isBlank }),
    together: atOnce,
    isBelievable: async () => (await askRoot()) === null,
    onSurvey: async ({ waiting, withdrawn, recalled, written, troubled }, dir) => {
      const nowMs = clock.nowMs()
      if (troubled.length > 0) echoes.set(dir, nowMs + afterTroubleMs)
      await progress.withdraw(withdrawn)
      await progress.recall(recalled)
      for (const { line, entry } of waiting) gatehouse.admit(line, entry, nowMs)
      if (written.length > 0) ports.publish(written)
    },
    onGone: async (lines) => {
      const nowMs = clock.nowMs()
      for (const { id } of lines) gatehouse.leave(id)
      ports.publish(
        sightings.write(
          lines.map(({ id }) => ({ id, change: { goneAtMs: nowMs } })),
          nowMs,
        ),
      )
      await progress.recall(lines.map(({ id }) => id))
      for (const twin of lines.flatMap((line) => secondNames(line, sightings))) onHint(twin)
    },
    signal,
  })

  /** Why the folder cannot be watched now, or null. Goes offline and comes back by itself. */
  const askRoot = async (): Promise<Why | null> => {
    const { trouble, root } = await ask()
    const nowMs = clock.nowMs()
    next.rootMs = nowMs + pace.rootMs
    if (trouble !== null) {
      if (health.state !== 'offline') await goOffline(trouble)
      setHealth({ state: 'offline', how: null, why: trouble })
    } else if (root !== null) {
      const now = await mountOf(path, ports.platform)
      // Watches do not outlive the mount that they were set on.
      if (health.state !== 'watching' || now?.id !== mount?.id) await comeOnline(root, now)
    }
    return trouble
  }
  const goOffline = async (why: Why) => {
    log.warn('a watched folder is offline', { path, why: why.code })
    looks.drop()
    lookBegunMs = null
    gatehouse.clear()
    next.lookMs = Infinity
    await closeHints()
  }
  const closeHints = async () => {
    const old = hints
    hints = null
    await old?.close()
  }
  const comeOnline = async (root: There, now: Mount | null) => {
    await closeHints()
    mount = now
    const folder = ports.folder()
    if (folder.mark === null) ports.save({ mark: await markRoot(path, root, ports.freshMark()) })
    far =
      seeing === 'polling'
        ? { code: 'asked-for', facts: {} }
        : now !== null && tellsNothing(now)
          ? { code: 'network-folder', facts: { system: now.type } }
          : null
    // The end may have come meanwhile, and closed what there was to close.
    if (far === null && !signal.aborted) {
      hints = listen({ root: path, recursive, isClosed: isClosedFolder, onHint, onEnd: overflow })
      await hints.ready
    }
    setHealth({ state: 'watching', how: far === null ? 'events' : 'polling', why: far })
    next.lookMs = clock.nowMs()
  }
  const overflow = () => {
    log.warn('the system takes no more watches; the folder is polled', { path })
    far = { code: 'too-many-watches', facts: {} }
    setHealth({ ...health, how: 'polling', why: far })
    // What was to come after an hour of listening comes now; a look that is under way is followed by the next one soon.
    if (next.lookMs !== Infinity) next.lookMs = clock.nowMs()
    closeHints().catch((error: unknown) => log.warn('the watches of a folder cannot be closed', { path, error: String(error) }))
    turns.wake()
  }
  const beginLook = () => {
    lookBegunMs = clock.nowMs()
    const folder = ports.folder()
    isBlank = folder.begunAtMs === null && sightings.dirs(folder.id).length === 0
    next.lookMs = Infinity
    looks.begin()
  }
  const endLook = (begunMs: number) => {
    const nowMs = clock.nowMs()
    const tookMs = Math.max(0, nowMs - begunMs)
    lookBegunMs = null
    if (ports.folder().begunAtMs === null) ports.save({ begunAtMs: nowMs })
    isBlank = false
    lookedAtMs = nowMs
    const spread = 0.9 + ports.random.next() * 0.2
    next.lookMs = nowMs + (far === null ? pace.lookMs * spread : Math.max(pace.pollMs, tookMs * 10))
    ports.changed()
  }
  const reckon = (nowMs: number) => {
    // The clock was set back: what was reckoned by the old one would come late.
    if (nowMs < lastMs - 1_000) {
      gatehouse.reckon(nowMs)
      next.rootMs = nowMs
      next.hintsMs = Math.min(next.hintsMs, nowMs)
      if (next.lookMs !== Infinity) next.lookMs = Math.min(next.lookMs, nowMs + pace.lookMs)
    }
    if (nowMs > lastMs + longestMs * 1.5) gatehouse.slept({ fromMs: lastMs, toMs: nowMs })
    lastMs = nowMs
  }

  /** Answers after how long the next turn is due. */
  const turn = async (): Promise<number> => {
    reckon(clock.nowMs())
    if (!isRecovered) await progress.recover()
    isRecovered = true
    // What was handed over is followed to its end all the same.
    if (!ports.folder().on) return Infinity
    if (clock.nowMs() >= next.rootMs) await askRoot()
    if (health.state !== 'watching') return next.rootMs - clock.nowMs()
    if (clock.nowMs() >= next.lookMs) beginLook()
    echo(clock.nowMs())
    if (lookBegunMs !== null || clock.nowMs() >= next.hintsMs) {
      const stepped = await looks.step()
      // It may have found that the folder is not to be believed.
      if (stepped === 'finished' && lookBegunMs !== null) endLook(lookBegunMs)
      // More may have been heard while the last piece was looked at.
      if (stepped !== 'more' && !looks.isBusy()) next.hintsMs = Infinity
    }
    const isMore = await progress.turn()
    if (isMore || lookBegunMs !== null) return 0
    return Math.min(next.rootMs, next.lookMs, next.hintsMs, progress.nextMs(), ...echoes.values()) - clock.nowMs()
  }
  /** Whatever the turn was about is found by looking, and by asking the ledger. */
  const startOver = () => {
    isRecovered = false
    looks.drop()
    lookBegunMs = null
    if (health.state === 'watching') next.lookMs = clock.nowMs()
  }
  const turns = createTurns(turn, startOver, clock, log, signal)

  return {
    status: () => ({ health, lookedAtMs, nextLookAtMs: Number.isFinite(next.lookMs) ? next.lookMs : null }),
    look: () => {
      if (health.state !== 'watching') next.rootMs = -Infinity
      else if (lookBegunMs === null) next.lookMs = clock.nowMs()
      turns.wake()
    },
    settled: (lineId) => {
      // What goes wrong there is written down and tried again; only the end is thrown.
      turns.between(async () => await progress.settle(lineId)).catch(() => undefined)
    },
    between: async (work) => await turns.between(work),
    stop: async () => {
      abort.abort()
      await closeHints()
      // A share that hangs would hold everything up.
      const { promise, resolve } = Promise.withResolvers<void>()
      const takeBack = clock.after(graceMs, resolve)
      await Promise.race([turns.ended, promise]).finally(takeBack)
    },
  }
}

/** Other names of a file whose first one is gone before it was dealt with. */
function secondNames(line: Line, sightings: SightingStore): readonly Hint[] {
  if (line.inode === null || line.state === 'done') return []
  return sightings
    .withInode(line.folderId, line.inode)
    .filter(({ goneAtMs, why }) => goneAtMs === null && why.code === 'same-file')
    .map(({ dir, name }) => ({ dir, name }))
}
