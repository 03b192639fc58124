/** The engine's ports to this machine: its clock, its dice, its trash. */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Random, Trash } from './engine/ports.ts'

/** The longest time that a timer of Node takes; later ones are set again. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(Math.min(ms, longestTimerMs), undefined, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error
    })
  },
  after: (ms, then) => {
    const timer = setTimeout(then, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = {
  next: () => Math.random(),
  key: () => randomUUID(),
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

export const systemTrash: Trash = {
  put: async (path) => {
    const { default: trash } = await import('trash')
    await trash(path, { glob: false })
  },
}
