/**
 * A machine of a fleet that answers at once, in a process of its own: `JOIN-LINE STORAGE NAME RESULT`. Everything is done that a machine does but the
 * conversion: each order gets a copy of a result that was made before.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { openBroker } from '../../src/main/fleet/broker.ts'
import { parseJoinLine } from '../../src/main/fleet/join-line.ts'
import { openStorage } from '../../src/main/fleet/storage.ts'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { systemClock } from '../../src/main/system.ts'
import { createWorker } from '../../src/main/worker/worker.ts'
import { onPath } from '../support/ffmpeg-place.ts'
import { silentLog } from './scene.ts'

const [line = '', storage = '', name = '', result = ''] = process.argv.slice(2)
const { address, key } = parseJoinLine(line)
const made = await readFile(result)
const broker = await openBroker({ address, password: key, name, as: 'machine', log: silentLog })
const local = createLocal({ clock: systemClock, log: silentLog, cores: 2, ffmpegPlace: onPath })
const worker = createWorker({
  name,
  id: name.replaceAll(/[^0-9a-z]/g, ''),
  version: '0',
  broker,
  storages: [await openStorage(storage, 'expect')],
  local: {
    submit: async (order) => {
      const temp = order.temp(0)
      await writeFile(temp, made)
      return { kind: 'converted', parts: [{ temp, name: null, format: order.target, bytes: made.length }] }
    },
  },
  inspect: local.inspect,
  places: () => ({ short: 16 }),
  prove: async () => [{ check: 'storage', state: 'fine', facts: {} }],
  rests: () => null,
  clock: systemClock,
  log: silentLog,
  cores: 2,
  told: () => undefined,
})
process.once('SIGTERM', () => void worker.stop())
await worker.over
await broker.stop()
await local.stop()
