/** What this machine runs on, as far as plain Node can tell: Linux keeps it in files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../shared/wire/contract.ts'

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
