/**
 * The log: one JSON object a line in a file of the data folder, the last one kept when it has grown. Several processes write to
 * it; a line is one append. What cannot be logged is let go: a full disk must not stop a conversion.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './engine/ports.ts'

const largestBytes = 2 * 1024 * 1024
/** The size is checked now and then only. */
const linesBetweenChecks = 200

export interface FileLog extends Log {
  /** From now on asked before each line that is of use only for debugging. */
  detailIf(isWanted: () => boolean): void
}

/** @param lowest `debug` writes everything, whatever `detailIf` says later. */
export function fileLog(home: string, lowest: 'debug' | 'info'): FileLog {
  const folder = join(home, 'logs')
  const path = logPath(home)
  let lines = 0
  let isDetailed = () => lowest === 'debug'
  const write = (level: string, text: string, facts: Readonly<Record<string, unknown>> = {}) => {
    try {
      if (lines === 0) mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (lines % linesBetweenChecks === 0) rotate(path)
      lines += 1
      const line = JSON.stringify({ at: new Date().toISOString(), pid: process.pid, level, text, ...facts })
      appendFileSync(path, `${line}\n`, { mode: 0o600 })
    } catch {
      // See above.
    }
  }
  return {
    detailIf: (isWanted) => {
      isDetailed = () => lowest === 'debug' || isWanted()
    },
    debug: (text, facts) => {
      if (isDetailed()) write('debug', text, facts)
    },
    info: (text, facts) => write('info', text, facts),
    warn: (text, facts) => write('warn', text, facts),
    error: (text, facts) => write('error', text, facts),
  }
}

export function logPath(home: string): string {
  return join(home, 'logs', 'beside.log')
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > largestBytes) renameSync(path, `${path}.1`)
}
