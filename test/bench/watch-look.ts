/**
 * A Beside in a process of its own that watches a tree for the first time, or once more after a start, and prints how long it took and what of
 * memory: `first|second TREE HOME IDLE-MS`. Alone in a file because it is a program: memory that one look took is not given back for the next.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { silentLog } from './scene.ts'

export interface Looked {
  readonly what: 'first' | 'second'
  /** From the beginning of the watching until every file is in the ledger. */
  readonly knownMs: number
  /** The same, until events are told of every folder as well. */
  readonly watchedMs: number
  /** Resident before the watching began, and the most that ever was. */
  readonly idleMiB: number
  readonly peakMiB: number
  /** Processor time of all threads in the time after. */
  readonly idleCpuMs: number
}

const [what, tree = '', home = '', idleMs = '0'] = process.argv.slice(2)
if (what !== 'first' && what !== 'second') throw new Error('first or second?')
const { engine, folders, stop } = await compose({ home, log: silentLog, secrets: fileSecrets(home, {}) })
engine.pauseAll()
await engine.start()
const idleMiB = process.memoryUsage().rss / 2 ** 20

const begunMs = performance.now()
await folders.start()
if (what === 'first') {
  const rule = { ...plainRule(tree, [{ target: 'mp3', preset: null, options: {} }]), recursive: true }
  await folders.add({ rule, on: true, existing: 'ignore' })
}
const knownMs = performance.now() - begunMs
while (folders.list().every(({ lookedAtMs }) => lookedAtMs === null)) await sleep(5)
const watchedMs = performance.now() - begunMs

const peakMiB = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
// What the look left to be done, such as collecting garbage, is not idling.
if (Number(idleMs) > 0) await sleep(10_000)
const before = process.cpuUsage()
await sleep(Number(idleMs))
const { user, system } = process.cpuUsage(before)
const told: Looked = { what, knownMs, watchedMs, idleMiB, peakMiB, idleCpuMs: (user + system) / 1000 }
process.stdout.write(JSON.stringify(told))
await stop()
