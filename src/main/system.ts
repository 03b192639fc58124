/** The engine's ports to this machine: its clock, its randomness, its trash, and what it runs on. Apart, as what a test replaces. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Machine } from '../shared/machine.ts'
import type { Clock, Random, Trash } from './engine/ports.ts'

/** The longest time that a timer of Node takes; later ones are set again. */
const maxTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(Math.min(ms, maxTimerMs), undefined, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error
    })
  },
  after: (ms, then) => {
    const timer = setTimeout(then, Math.min(ms, maxTimerMs))
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

/** What this machine runs on, as far as plain Node knows: Linux keeps it in files. */
export type Power = () => Machine['power']

/** @param folder the kernel's, of one folder for each thing that gives power. */
export function powerBy(folder: string): Power {
  return () => {
    const supplies = namesIn(folder).map((name) => {
      const fact = (file: string) => factIn(join(folder, name, file))
      return { type: fact('type'), online: fact('online'), status: fact('status'), scope: fact('scope') }
    })
    // Mice and headsets have batteries, too.
    const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device')
    if (batteries.length === 0) return 'unknown'
    const isPluggedIn = supplies.some(({ type, online }) => type !== 'Battery' && online === '1')
    return !isPluggedIn && batteries.some(({ status }) => status === 'Discharging') ? 'battery' : 'mains'
  }
}

export const systemPower = powerBy('/sys/class/power_supply')

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function factIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
