/** Store, providers and engine put together: the one place that every entry point starts from. */
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import description from '../../package.json' with { type: 'json' }
import type { Check } from '../shared/machine.ts'
import { failure } from '../shared/failure.ts'
import { createEngine } from './engine/engine.ts'
import { createTrials, type Trials } from './engine/trials.ts'
import { createPreviews, type Previews } from './engine/previews.ts'
import { createViews, type Views } from './engine/views.ts'
import type { Clock, Log, Secrets, Trash } from './engine/ports.ts'
import type { Engine } from './engine/engine-api.ts'
import { createFleetOf, type Fleet } from './fleet/fleet.ts'
import { knownPins } from './ffmpeg/builds.ts'
import { createFfmpegSupply, type FfmpegSupply } from './ffmpeg/supply.ts'
import { createLocal } from './providers/local/local.ts'
import { localPairings } from './providers/local/pairings.ts'
import { createFleet, fleetLanes, orderIdOf } from './fleet/provider.ts'
import { createOnline } from './providers/registry.ts'
import type { FileLog } from './log.ts'
import { createHooks, withHooks } from './hooks/hooks.ts'
import type { Hooks } from './hooks/hooks-api.ts'
import { createPrograms } from './providers/local/process/programs.ts'
import { placeSample } from './sample.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/store.ts'
import { createServed, withServed, type Served } from './served/served.ts'
import { createSupport, type Support } from './support/support.ts'
import { packedFfmpeg } from './packed.ts'
import { createLending, type Lending } from './worker/lending.ts'
import { randomHex, systemClock, systemPower, systemRandom, systemTrash, type Power } from './system.ts'
import { createFolders } from './watch/folders.ts'
import { watchTimings, type WatchTimings } from './watch/watch-context.ts'
import { createReceiver, withReceiver } from './webhooks/receiver.ts'
import type { Folders } from './watch/folders-api.ts'

export interface Composed {
  readonly engine: Engine
  /** They can be asked and changed at once; watched they are from their start on. */
  readonly folders: Folders
  /** What runs after events: delivered from the engine's start to its stop. */
  readonly hooks: Hooks
  /** Machines that convert for this queue. */
  readonly fleet: Fleet
  /** This computer as a machine of a fleet: it takes work from its start on. */
  readonly lending: Lending
  /** What is in the files of jobs, for whoever views the queue. */
  readonly previews: Previews
  /** What the comparison of two of them shows. */
  readonly views: Views
  /** Which FFmpeg is run, and how to come by one. */
  readonly ffmpeg: FfmpegSupply
  /** Conversions tried out before they begin. */
  readonly trials: Trials
  /** Puts the sample into its place; its path. */
  readonly sample: () => Promise<string>
  /** What helps with debugging. */
  readonly support: Support
  /** Conversions for those who have a key. */
  readonly served: Served
  /** Stops watching, then the engine, then closes the store; resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface ComposeOptions {
  /** The data folder. */
  readonly home: string
  readonly log: Log & Partial<Pick<FileLog, 'detailIf'>>
  readonly secrets: Secrets
  /** What the queue and the online providers wait by. */
  readonly clock?: Clock
  /** Another than the ones that plain Node has. */
  readonly trash?: Trash
  readonly power?: Power
  /** How long nobody has touched the computer, in milliseconds; plain Node cannot tell. */
  readonly idleMs?: () => number
  /** Whether this computer, lent, converts for others, whenever that changes. */
  readonly lentBusy?: (isBusy: boolean) => void
  /** Instead of this process's own: proxies, and where programs are. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** How patient the watching is. */
  readonly timings?: WatchTimings
}

/** @throws JobError `data-busy` where another process holds the data folder, `data-newer` where a newer Beside wrote it. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { home, log } = options
  return composeOver(openStore({ folder: home, log, nowMs: () => systemClock.nowMs(), randomHex }), options)
}

/** Over a store that is open already; its end is theirs from here on. */
export function composeOver(store: Store, options: ComposeOptions): Composed {
  const { home, log, secrets, clock = systemClock, trash = systemTrash, power = systemPower, timings = watchTimings } = options
  const { env = process.env, idleMs = null, lentBusy = () => undefined } = options
  log.detailIf?.(() => store.settings.get().detailedLog)
  const ffmpeg = createFfmpegSupply({
    home,
    pins: knownPins(env),
    named: () => store.settings.get().ffmpegPath,
    packed: packedFfmpeg(),
    env,
    clock: systemClock,
    log,
  })
  const local = createLocal({
    clock: systemClock,
    log,
    cores: availableParallelism(),
    ffmpegPlace: ffmpeg.place,
    languageFolder: join(home, 'tessdata'),
    speechModel: () => store.settings.get().speechModel,
    concurrency: () => store.settings.get().lanes,
    memory: { read: () => store.memories.get('local'), write: (value) => store.memories.keep('local', value) },
  })
  const online = createOnline({
    settings: () => store.settings.get(),
    secrets,
    clock,
    random: systemRandom,
    log,
    memory: (id) => ({ read: () => store.memories.get(id), write: (value) => store.memories.keep(id, value) }),
  })
  const fleet = createFleetOf({
    home,
    tag: store.tag,
    version: description.version,
    clock,
    log,
    secrets,
    settings: () => store.settings.get().fleet,
    change: (settings) => void store.settings.set({ fleet: settings }),
    isAwaited: (id, order) => {
      const job = store.jobs.get(id)
      return job !== null && orderIdOf(job) === order
    },
    answered: (order) => void queue.providers.calledBack('fleet', { order }),
    changed: () => queue.nudge(),
    waiting: () => store.jobs.queuedIn(fleetLanes).map(({ lane, jobs }) => ({ need: lane.slice(fleetLanes.length), jobs })),
  })
  const queue = createEngine({
    store,
    providers: [
      local,
      createFleet({
        head: fleet.head,
        isSetUp: () => store.settings.get().fleet !== null,
        tag: store.tag,
        laneHere: local.lane,
        ...(local.fate !== undefined && { fate: local.fate }),
        ...(local.copies !== undefined && { copies: local.copies }),
        clock,
        log,
      }),
      ...online,
    ],
    secrets,
    inspect: local.inspect,
    clock,
    random: systemRandom,
    log,
    trash,
    downloads: join(homedir(), 'Downloads'),
    checks: async () => [...(await local.checks()), ...unreadChecks(store)],
    machine: () => ({ lanes: local.automatic, power: power() }),
  })
  const lending = createLending({
    version: description.version,
    local,
    settings: () => store.settings.get().lending,
    change: (settings) => void store.settings.set({ lending: settings }),
    power,
    idleMs,
    hasOwnWork: () => queue.list(running).jobs.some(({ provider }) => provider === 'local'),
    secrets,
    clock,
    random: systemRandom,
    log,
    busy: lentBusy,
  })
  const { calledBack } = queue.providers
  const receiver = createReceiver({ providers: online, secrets, nowMs: () => clock.nowMs(), log, calledBack })
  const hooks = createHooks({
    ...store,
    secrets,
    // Programs of the user's: of their memory Beside says nothing.
    programs: createPrograms({ clock: systemClock, maxBytes: Infinity }),
    clock,
    random: systemRandom,
    log,
    home,
    userHome: homedir(),
  })
  const called = withHooks(withReceiver(queue, receiver), hooks)
  const served = createServed({
    engine: called,
    store: store.served,
    localPairings: async (signal) => (await local.capabilities(signal)).pairings,
    clock,
    random: systemRandom,
    log,
    home,
  })
  const serving = withServed(called, served)
  const engine: Engine = {
    ...serving,
    start: async () => {
      fleet.start()
      await serving.start()
    },
  }
  const folders = createFolders({
    engine,
    folders: store.folders,
    sightings: store.sightings,
    tag: store.tag,
    makerOf: (path) => {
      const owner = store.jobs.ownerOf(path)
      return owner === null ? null : engine.job(owner.jobId)
    },
    hasMadeIn: (folder) => store.jobs.hasOutputsIn(folder),
    jobOf: engine.job,
    presets: engine.presets.list,
    settings: engine.settings,
    canMake: (from, target) => localPairings.some((pairing) => pairing.from.includes(from) && pairing.to.includes(target)),
    inspect: local.inspect,
    clock,
    random: systemRandom,
    log,
    platform: process.platform,
    timings,
  })
  const trials = createTrials({
    engine,
    local,
    inspect: local.inspect,
    clock: systemClock,
    random: systemRandom,
    log,
    folder: join(store.folder, 'trials'),
  })
  const looking = { jobOf: engine.job, trialOf: trials.fileOf, viewer: local.viewer, clock: systemClock }
  return {
    engine,
    folders,
    hooks,
    fleet,
    lending,
    previews: createPreviews(looking),
    views: createViews(looking),
    trials,
    support: createSupport({ engine, folders, hooks, secrets, clock: systemClock }),
    served,
    ffmpeg,
    sample: async () => await placeSample({ home, userHome: homedir() }),
    stop: async () => {
      await folders.stop()
      await lending.stop()
      await ffmpeg.stop()
      await trials.stop()
      await engine.stop()
      await fleet.stop()
      store.close()
    },
  }
}

const running = { phases: ['running'], batchId: null, after: null, limit: 1000 } as const

/** Rows that this version leaves alone because it cannot read them. */
function unreadChecks({ unread }: Store): readonly Check[] {
  const rows = unread.list().map(({ what, name }) => `${what} ${name}`)
  if (rows.length === 0) return []
  const why = failure('internal', { because: 'rows-unreadable', rows: rows.join(', ') })
  return [{ of: 'data', state: 'trouble', version: null, facts: {}, why }]
}
