/**
 * What a job costs the engine itself, in a process of its own that prints it: many short sounds, with everything done that is done with a file but
 * the conversion, which takes a millisecond and writes a result that was made before.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEngine } from '../../src/main/engine/engine.ts'
import type { Secrets } from '../../src/main/engine/ports.ts'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { openStore } from '../../src/main/store/open.ts'
import { randomHex, systemClock, systemRandom, systemTrash } from '../../src/main/system.ts'
import { onPath } from '../support/ffmpeg-place.ts'
import { writeTone } from '../support/tone.ts'
import { silentLog, timed } from './scene.ts'

const jobs = Number(process.argv[2] ?? 10_000)
const folder = await mkdtemp(join(tmpdir(), 'beside-bench-'))
try {
  const tone = join(folder, 'tone.wav')
  await writeTone(tone, 0.1)
  const result = join(folder, 'result.flac')
  await timed('ffmpeg', ['-v', 'error', '-i', tone, result])
  const made = await readFile(result)
  await rm(result)
  const sources = Array.from({ length: jobs }, (_, n) => join(folder, `${n}.wav`))
  for (const path of sources) await copyFile(tone, path)
  await rm(tone)
  const store = openStore({ folder: join(folder, 'home'), log: silentLog, nowMs: () => Date.now(), randomHex })
  const local = createLocal({ clock: systemClock, log: silentLog, cores: 2, ffmpegPlace: onPath })
  const secrets: Secrets = {
    get: async () => null,
    has: async () => false,
    set: async () => undefined,
    forget: async () => undefined,
  }
  const engine = createEngine({
    store,
    providers: [
      {
        ...local,
        concurrency: local.concurrency,
        submit: async (order) => {
          await sleep(1)
          const temp = order.temp(0)
          await writeFile(temp, made)
          return { kind: 'converted', parts: [{ temp, name: null, format: order.target, bytes: made.length }] }
        },
      },
    ],
    inspect: local.inspect,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    trash: systemTrash,
    secrets,
    downloads: folder,
    checks: async () => [],
    machine: () => ({ lanes: local.automatic, power: 'unknown' }),
  })
  const following = new AbortController()
  const batchId = engine.openBatch('bench')
  const nothing = { options: {}, preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 }
  for await (const event of engine.convert(
    { ...nothing, batchId, sources: [folder], include: ['*.wav'], target: 'flac' },
    following.signal,
  ))
    if (event.type === 'refused') throw new Error(event.why.code)
  const before = process.cpuUsage()
  const begun = performance.now()
  await engine.start()
  for (;;) {
    const { done = 0, failed = 0 } = engine.batch(batchId)?.totals ?? {}
    if (failed > 0) throw new Error('a job failed')
    if (done === jobs) break
    await sleep(200)
  }
  const { user, system } = process.cpuUsage(before)
  const spentMs = (user + system) / 1000
  console.log(
    JSON.stringify({ jobs, engineMs: spentMs / jobs, userMs: user / 1000 / jobs, wallMs: (performance.now() - begun) / jobs }),
  )
  following.abort()
  await engine.stop()
  store.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
