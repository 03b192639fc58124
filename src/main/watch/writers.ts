/**
 * Which files a program holds open for writing. Linux tells for the programs of the same user (for all of them, if we are root), by
 * a look through /proc that costs some hundredths of a second; so one look serves all who ask, and the next comes only after a rest.
 * Where the system does not tell, nothing is held.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Clock } from '../engine/ports.ts'

export interface Writers {
  /** Whether a program had the file open for writing at some time after `afterMs`. May wait for the next look. */
  isHeld(path: string, afterMs: number): Promise<boolean>
}

/** A look may take this share of the time. */
const restFactor = 20
const leastRestMs = 200

/** @param signal ends the waiting. */
export function createWriters(clock: Clock, platform: NodeJS.Platform, signal: AbortSignal): Writers {
  if (platform !== 'linux') return { isHeld: async () => false }
  let last = { begunMs: -Infinity, nextMs: -Infinity, paths: new Set<string>() as ReadonlySet<string> }
  let coming: Promise<void> | null = null
  const look = async () => {
    const restMs = last.nextMs - clock.nowMs()
    if (restMs > 0) await clock.sleep(Math.min(restMs, 5_000), signal)
    const begunMs = clock.nowMs()
    const paths = await openForWriting()
    const tookMs = Math.max(0, clock.nowMs() - begunMs)
    last = { begunMs, nextMs: begunMs + Math.max(leastRestMs, tookMs * restFactor), paths }
  }
  return {
    isHeld: async (path, afterMs) => {
      while (last.begunMs < afterMs && !signal.aborted) {
        coming ??= look().finally(() => (coming = null))
        await coming
      }
      return last.paths.has(path)
    },
  }
}

async function openForWriting(): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`
    const numbers = await readdir(folder).catch(() => [])
    for (const number of numbers) {
      const path = await readlink(`${folder}/${number}`).catch(() => '')
      if (!path.startsWith('/') || /^\/(dev|proc|sys|memfd:)/.test(path) || found.has(path)) continue
      const info = await readFile(`/proc/${pid}/fdinfo/${number}`, 'latin1').catch(() => '')
      const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8)
      // O_WRONLY or O_RDWR.
      if ((flags & 3) !== 0) found.add(path)
    }
  }
  return found
}
