/** A process that hangs in its first calls, as many as it is asked for, across all processes: they are counted by files in a folder. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FromWorker, ToWorker } from '../../../../src/main/providers/local/children/child.ts'

export interface HangingCall {
  readonly folder: string
  readonly hangs: number
}

const send = (message: FromWorker<number>) => process.send?.(message)

process.on('message', (message: ToWorker<HangingCall>) => {
  if (message.kind !== 'call') return
  const { folder, hangs } = message.call
  const before = readdirSync(folder).length
  writeFileSync(join(folder, String(before)), '')
  send({ kind: 'begun' })
  if (before < hangs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  send({ kind: 'done', result: before, rss: 0 })
})
