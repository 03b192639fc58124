/** A network of its own for a process, with a cable to this one that can be pulled: Linux alone, and who may do so. */
import { execFileSync, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

export const namespacesCanBeMade = canBeMade()

function canBeMade(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const name = `beside-try-${process.pid}`
  const isMade = spawnSync('ip', ['netns', 'add', name]).status === 0
  const hasCables = isMade && spawnSync('ip', ['link', 'add', 'bsd-try', 'type', 'veth', 'peer', 'name', 'bsd-try2']).status === 0
  if (hasCables) spawnSync('ip', ['link', 'del', 'bsd-try'])
  if (isMade) spawnSync('ip', ['netns', 'del', name])
  return hasCables
}

export interface Namespace {
  /** What a program is started with so that it has that network alone. */
  readonly through: readonly string[]
  /** Of this side of the cable, as the other side reaches it. */
  readonly host: string
  pull(): void
  plug(): void
}

export function namespaceWithCable(): Namespace {
  const name = `beside-${process.pid}`
  const [here, there] = ['bsd-here', 'bsd-there']
  const host = '10.213.97.1'
  const ip = (...words: readonly string[]) => void execFileSync('ip', words)
  ip('netns', 'add', name)
  onTestFinished(() => ip('netns', 'del', name))
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('addr', 'add', `${host}/30`, 'dev', here)
  ip('link', 'set', here, 'up')
  ip('-n', name, 'addr', 'add', '10.213.97.2/30', 'dev', there)
  ip('-n', name, 'link', 'set', there, 'up')
  return {
    through: ['ip', 'netns', 'exec', name],
    host,
    pull: () => ip('link', 'set', here, 'down'),
    plug: () => ip('link', 'set', here, 'up'),
  }
}
