/** Many jobs over MusicGPT's smallest plan: the server counts its questions by a clock that hurries, and we count our own work. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../../src/main/engine/engine.ts'
import type { Clock, Secrets } from '../../src/main/engine/ports.ts'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { createMusicgpt } from '../../src/main/providers/musicgpt/index.ts'
import { openStore } from '../../src/main/store/open.ts'
import { randomHex, systemClock, systemRandom, systemTrash } from '../../src/main/system.ts'
import { onPath } from '../support/ffmpeg-place.ts'
import { fastClock } from '../support/clock.ts'
import { writeTone } from '../support/tone.ts'
import { type Figure, figure } from './figures.ts'
import { silentLog } from './scene.ts'
import { memoryOf } from '../support/stage.ts'

export interface ManyJobs {
  readonly folder: string
  readonly base: string
  readonly jobs: number
  readonly speed: number
}

/** Of the plan; the aim of the most in a minute. */
const asksPerMinute = 20

export async function manyJobs({ folder, base, jobs, speed }: ManyJobs): Promise<readonly Figure[]> {
  const sources = Array.from({ length: jobs }, (_, n) => join(folder, `${n}.wav`))
  for (const path of sources) await writeTone(path, 0.2)
  const clock = fastClock(speed)
  // The network is as fast as ever: only what the provider says about time hurries.
  const networkClock: Clock = { ...systemClock, nowMs: () => clock.nowMs() }
  const key = async () => 'a key'
  const secrets: Secrets = { get: key, has: async () => true, set: async () => undefined, forget: async () => undefined }
  const store = openStore({ folder: join(folder, 'home'), log: silentLog, nowMs: () => Date.now(), randomHex })
  const local = createLocal({ clock: systemClock, log: silentLog, cores: availableParallelism(), ffmpegPlace: onPath })
  const remote = {
    baseUrl: base,
    key,
    clock: networkClock,
    random: systemRandom,
    log: silentLog,
    bytesPerSecond: null,
    memory: memoryOf(),
  }
  const engine = createEngine({
    store,
    providers: [local, createMusicgpt(remote, () => 'free')],
    inspect: local.inspect,
    clock,
    random: systemRandom,
    log: silentLog,
    trash: systemTrash,
    secrets,
    downloads: folder,
    checks: async () => [],
    machine: () => ({ lanes: local.automatic, power: 'unknown' }),
  })
  const following = new AbortController()
  const changes = engine.changes(following.signal)
  const batchId = engine.openBatch('bench')
  const nothing = { options: {}, preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 }
  const request = { ...nothing, batchId, sources, target: 'mp3' as const, with: 'musicgpt' as const }
  for await (const event of engine.convert(request, following.signal))
    if (event.type === 'refused') throw new Error(event.why.code)
  const before = process.cpuUsage()
  const begunMs = clock.nowMs()
  await engine.start()
  for await (const _ of changes) if ((engine.batch(batchId)?.totals.done ?? 0) === jobs) break
  const { user, system } = process.cpuUsage(before)
  const minutes = (clock.nowMs() - begunMs) / 60_000
  following.abort()
  await engine.stop()
  store.close()
  const counts = (await (await fetch(`${base}/counts`)).json()) as { most: number; asks: number; submits: number }
  const label = `${jobs.toLocaleString('en')} jobs over a provider`
  return [
    figure(`${label}: submits`, '', [counts.submits], `${jobs}`),
    figure(`${label}: most questions in a minute`, '', [counts.most], `≤ ${asksPerMinute}`),
    figure(`${label}: questions a minute on average`, '', [counts.asks / minutes], `near ${asksPerMinute}`),
    figure(`${label}: processor time a job`, 'ms', [(user + system) / 1000 / jobs]),
  ]
}
