/** A machine of a fleet, put together: the one place that `beside worker` starts from. It opens no data folder. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { opensAtMs, type Hours } from '../shared/hours.ts'
import type { Log } from './engine/ports.ts'
import { knownPins } from './ffmpeg/builds.ts'
import { createFfmpegSupply } from './ffmpeg/supply.ts'
import { openBroker } from './fleet/broker.ts'
import { parseJoinLine } from './fleet/join-line.ts'
import { openStorage } from './fleet/storage.ts'
import { requirementText, workKinds } from './fleet/wire.ts'
import { isOnPath } from './files/on-path.ts'
import { packedFfmpeg } from './packed.ts'
import { createLocal } from './providers/local/local.ts'
import { localEngines } from './providers/local/pairings.ts'
import type { Provider } from './providers/provider.ts'
import { randomHex, systemClock, systemPower } from './system.ts'
import { prove } from './worker/proof.ts'
import { createWorker, type Resting, type Worker, type WorkerNews } from './worker/worker.ts'

export interface MachineOptions {
  readonly joinLine: string
  /** Absolute paths of the shared storage on this machine. */
  readonly storage: readonly string[]
  /** As people call it. */
  readonly name: string
  readonly version: string
  /** When it works; none: always. */
  readonly hours: readonly Hours[]
  /** Not while on battery. */
  readonly onMainsOnly: boolean
  /** A data folder whose fetched FFmpeg serves as well. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly told: (news: WorkerNews) => void
}

/** @throws JobError where the line, the storage or the key is no good. */
export async function composeWorker(options: MachineOptions): Promise<Worker> {
  const { joinLine, name, version, hours, onMainsOnly, home, env, log, told } = options
  const { address, key } = parseJoinLine(joinLine)
  const storages = await Promise.all(options.storage.map(async (path) => await openStorage(path, 'expect')))
  const broker = await openBroker({ address, password: key, name, as: 'machine', log })
  const clock = systemClock
  const cores = availableParallelism()
  const ffmpeg = createFfmpegSupply({ home, pins: knownPins(env), named: () => '', packed: packedFfmpeg(), env, clock, log })
  const local = createLocal({ clock, log, cores, ffmpegPlace: ffmpeg.place })
  // Two machines may have one name for a moment, and their parts never.
  const id = createHash('sha256')
    .update(`${name} ${randomHex(8)}`)
    .digest('hex')
    .slice(0, 8)
  const places = placesOf(local)
  const worker = createWorker({
    ...{ name, id, version, broker, storages, local, clock, log, cores, told },
    inspect: local.inspect,
    places: () => places,
    prove: async (heard, signal) => await prove({ machine: id, broker, storages, programs: local.checks, clock }, heard, signal),
    rests: () => restingNow(hours, onMainsOnly, clock.nowMs()),
  })
  const run = async () => {
    try {
      await worker.over
    } finally {
      await broker.stop()
      await local.stop()
      await ffmpeg.stop()
    }
  }
  const over = run()
  over.catch(() => undefined)
  return {
    over,
    drain: worker.drain,
    stop: async () => {
      await worker.stop()
      await over.catch(() => undefined)
    },
  }
}

function restingNow(hours: readonly Hours[], onMainsOnly: boolean, nowMs: number): Resting | null {
  const untilMs = opensAtMs(hours, nowMs)
  if (untilMs > nowMs) return { by: 'hours', untilMs }
  return onMainsOnly && systemPower() === 'battery' ? { by: 'battery' } : null
}

/** How many orders of each kind at once: as many as its own queue would have, and with programs those that it has. */
function placesOf({ concurrency }: Pick<Provider, 'concurrency'>): Readonly<Record<string, number>> {
  const programs = new Set(localEngines.flatMap(({ id, needs }) => (needs === null || id === 'media' ? [] : [needs.program])))
  const here = [null, ...[...programs].filter((program) => isOnPath(program))]
  return Object.fromEntries(
    workKinds.flatMap((kind) => {
      const width = concurrency[`local:${kind}`] ?? 0
      return width === 0 ? [] : here.map((program) => [requirementText({ kind, program }), width] as const)
    }),
  )
}
