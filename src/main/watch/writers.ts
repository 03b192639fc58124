/**
 * Which files a program holds open for writing. Linux tells for the programs of the same user (for all of them, if we are root), by
 * a look through /proc that costs some milliseconds; so one look serves all who ask, and the next comes only after a rest.
 * Where the system does not tell, nothing is held.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import type { Clock } from '../engine/ports.ts'

export interface Writers {
  /** Whether a program had the file open for writing at some time after `afterMs`. May wait for the next look. */
  isHeld(path: string, afterMs: number): Promise<boolean>
}

/** A look may take this share of the time. */
const restFactor = 20
const leastRestMs = 200
const longestRestMs = 5_000

/** @param signal ends the waiting. */
export function createWriters(clock: Clock, platform: NodeJS.Platform, signal: AbortSignal): Writers {
  if (platform !== 'linux') return { isHeld: async () => false }
  let last = { begunMs: -Infinity, nextMs: -Infinity, paths: new Set<string>() as ReadonlySet<string> }
  /** Looks follow each other. */
  let ended: Promise<void> = Promise.resolve()
  /** One that has not begun yet: it serves whoever asks now. */
  let coming: Promise<void> | null = null
  const look = async () => {
    const restMs = Math.min(last.nextMs - clock.nowMs(), longestRestMs)
    if (restMs > 0) await clock.sleep(restMs, signal)
    coming = null
    const begunMs = clock.nowMs()
    const { paths, tookMs } = await openForWriting(clock)
    last = { begunMs, nextMs: begunMs + Math.max(leastRestMs, tookMs * restFactor), paths }
  }
  const next = async () => {
    coming ??= ended.then(look)
    const mine = coming
    ended = mine.catch(() => undefined)
    await mine
  }
  return {
    isHeld: async (path, afterMs) => {
      // A clock that was set back leaves a look in the future: that one tells nothing.
      if (last.begunMs < afterMs || last.begunMs > clock.nowMs()) await next()
      return last.paths.has(path) || last.paths.has(await realpath(path).catch(() => path))
    },
  }
}

/** Links in /proc wait for no disk; asked for one process at a time they cost a third of what promises of them would. */
async function openForWriting(clock: Clock): Promise<{ readonly paths: ReadonlySet<string>; readonly tookMs: number }> {
  const found = new Set<string>()
  let tookMs = 0
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const begunMs = clock.nowMs()
    for (const number of or(() => readdirSync(`/proc/${pid}/fd`), [])) {
      const path = or(() => readlinkSync(`/proc/${pid}/fd/${number}`), '')
      if (!path.startsWith('/') || /^\/(dev|proc|sys|memfd:)/.test(path) || found.has(path)) continue
      const info = or(() => readFileSync(`/proc/${pid}/fdinfo/${number}`, 'latin1'), '')
      const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8)
      // O_WRONLY or O_RDWR.
      if ((flags & 3) !== 0) found.add(path)
    }
    // What others do in between is not its own.
    tookMs += Math.max(0, clock.nowMs() - begunMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { paths: found, tookMs }
}

/** Programs end, and close what they had open, while they are looked at. */
function or<T>(ask: () => T, otherwise: T): T {
  try {
    return ask()
  } catch {
    return otherwise
  }
}
