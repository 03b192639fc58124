/**
 * An engine in a process of its own that kills itself with SIGKILL at a named point, or lives until its queue is empty.
 * From its environment, as JSON: what to compose, what to queue, where to die. It says `idle` to its parent when nothing is left to do.
 */
import { availableParallelism } from 'node:os'
import { composeOver } from '../../src/main/compose.ts'
import { createEngine } from '../../src/main/engine/engine.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { createOnline } from '../../src/main/providers/registry.ts'
import type { Provider } from '../../src/main/providers/provider.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { ProviderChoice } from '../../src/shared/job.ts'
import type { ConversionOutput } from '../../src/shared/outputs.ts'
import { defaultOnlineProvider, type OnlineProviderId } from '../../src/shared/model.ts'
import { randomHex, systemClock, systemRandom, systemTrash } from '../../src/main/system.ts'
import { fastClock } from './clock.ts'
import { onPath } from './ffmpeg-place.ts'
import { mortal } from './mortal.ts'
import { remoteProvider } from './remote-provider.ts'
import { memoryOf } from './stage.ts'

export interface CrashPlan {
  readonly home: string
  /** Files to queue; none: only what an earlier run left. */
  readonly sources: readonly string[]
  /** MP3 unless set. */
  readonly target?: FormatId
  readonly remote: { readonly base: string; readonly resubmit: 'same-key' | 'never' } | null
  /** One of the real online providers, by its scripted server. */
  readonly online?: { readonly id: OnlineProviderId; readonly base: string; readonly key: string }
  /** By the machines of the fleet that is set up in the data folder. */
  readonly fleet?: true
  /** Where results go; beside their sources unless set. */
  readonly out?: string
  /** As `mortal.ts` names them, `progress` while it converts, or null. */
  readonly dieAt: string | null
  /** Options of the conversion. */
  readonly options?: Record<string, number>
  readonly afterwards?: 'keep' | 'archive'
  /** All sources become one result of that name. */
  readonly together?: string
  /** Each source becomes all of these, instead of the target. */
  readonly outputs?: readonly ConversionOutput[]
}

const plan = JSON.parse(process.env['BESIDE_CRASH_PLAN'] ?? '') as CrashPlan
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (...words) => console.error(...words),
}

// Loaded when the first request is sent, and that may take longer than a hurrying clock lets a provider be silent.
if (plan.online !== undefined) await import('got')
/** Waits between polls pass ten times as fast with the real online providers; the programs of this machine take their own time. */
const clock = plan.online === undefined ? systemClock : fastClock(10)
const store = openStore({ folder: plan.home, log: silent, nowMs: () => Date.now(), randomHex })
const local = createLocal({ clock: systemClock, log: silent, cores: availableParallelism(), ffmpegPlace: onPath })
const key = plan.online?.key ?? 'a key'
const secrets = { get: async () => key, has: async () => true, set: async () => undefined, forget: async () => undefined }

function providers(): readonly Provider[] {
  if (plan.remote !== null) return [remoteProvider(plan.remote.base, plan.remote.resubmit)]
  if (plan.online === undefined) return [local]
  const { id, base } = plan.online
  store.settings.set({ online: { [id]: { ...defaultOnlineProvider, baseUrl: base } } })
  return [
    local,
    ...createOnline({
      settings: () => store.settings.get(),
      secrets,
      clock,
      random: systemRandom,
      log: silent,
      memory: () => memoryOf(),
    }),
  ]
}

function choice(): ProviderChoice {
  if (plan.fleet === true) return 'fleet'
  if (plan.remote === null) return plan.online?.id ?? 'auto'
  return plan.remote.resubmit === 'never' ? 'musicgpt' : 'xconvert'
}

const composed =
  plan.fleet === true
    ? composeOver(mortal(store, plan.dieAt), { home: plan.home, log: silent, secrets: fileSecrets(plan.home, {}) })
    : null
const engine =
  composed?.engine ??
  createEngine({
    store: mortal(store, plan.dieAt),
    providers: providers(),
    inspect: local.inspect,
    clock,
    random: systemRandom,
    log: silent,
    trash: systemTrash,
    secrets,
    downloads: plan.home,
    checks: async () => [],
    machine: () => ({ lanes: local.automatic, power: 'unknown' }),
  })

const watching = new AbortController()
const changes = engine.changes(watching.signal)
if (plan.sources.length > 0) {
  const batchId = engine.openBatch('crash')
  const request = {
    batchId,
    sources: [...plan.sources],
    target: plan.target ?? ('mp3' as const),
    with: choice(),
    options: plan.options ?? {},
    preset: null,
    out: plan.out ?? null,
    recursive: false,
    include: [],
    exclude: [],
    priority: 0,
    afterwards: plan.afterwards ?? ('keep' as const),
    ...(plan.outputs !== undefined && { target: null, outputs: [...plan.outputs] }),
    ...(plan.together !== undefined && { together: true, nameTemplate: plan.together }),
  }
  for await (const event of engine.convert(request, watching.signal)) if (event.type === 'refused') console.error(event)
}
await engine.start()
const isIdle = () => {
  const { queued, running } = engine.totals().totals
  return queued + running === 0
}
if (!isIdle()) {
  for await (const portion of changes) {
    const hasProgress = portion.some((change) => change.type === 'progress' && (change.progress.progress ?? 0) > 0)
    if (plan.dieAt === 'progress' && hasProgress) process.kill(process.pid, 'SIGKILL')
    if (isIdle()) break
  }
}
watching.abort()
await engine.stop()
await composed?.fleet.stop()
await local.stop()
const phases = engine.list({
  phases: ['queued', 'running', 'paused', 'waiting', 'uncertain'],
  batchId: null,
  after: null,
  limit: 1000,
})
const history = engine.history.page({}, null, 1000)
store.close()
process.send?.({ live: phases.jobs, finished: history.jobs })
