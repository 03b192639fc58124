/** `beside worker` put together: a machine of a fleet by itself, with what renders and nothing else. Apart from `compose`: it opens no data folder. */
import { availableParallelism } from 'node:os'
import type { Hours } from '../shared/hours.ts'
import type { Log } from './engine/ports.ts'
import { knownPins } from './ffmpeg/builds.ts'
import { createFfmpegSupply } from './ffmpeg/supply.ts'
import { parseJoinLine } from './fleet/join-line.ts'
import { packedFfmpeg } from './packed.ts'
import { createLocal } from './providers/local/local.ts'
import { systemClock, systemPower, systemRandom, type Power } from './system.ts'
import { joinFleet } from './worker/machine.ts'
import { restingNow } from './worker/resting.ts'
import type { Worker, WorkerNews } from './worker/worker.ts'

export interface WorkerOptions {
  readonly joinLine: string
  /** Absolute paths of the shared storage on this machine. */
  readonly storage: readonly string[]
  /** As people call it. */
  readonly name: string
  readonly version: string
  /** When it works; none: always. */
  readonly hours: readonly Hours[]
  /** Not while on battery. */
  readonly onMains: boolean
  /** Another than the one that plain Node knows. */
  readonly power?: Power
  /** A data folder whose fetched FFmpeg serves as well. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly told: (news: WorkerNews) => void
}

/** @throws JobError where the line, the storage or the key is no good. */
export async function composeWorker(options: WorkerOptions): Promise<Worker> {
  const { joinLine, storage, name, version, hours, onMains, power = systemPower, home, env, log, told } = options
  const joining = parseJoinLine(joinLine)
  const clock = systemClock
  const ffmpeg = createFfmpegSupply({ home, pins: knownPins(env), named: () => '', packed: packedFfmpeg(), env, clock, log })
  const local = createLocal({ clock, log, cores: availableParallelism(), ffmpegPlace: ffmpeg.place })
  const end = async () => {
    await local.stop()
    await ffmpeg.stop()
  }
  // Nobody need be asked whether he is at a machine that has nothing else to do.
  const terms = { hours, onMains, whenIdle: false }
  const rests = () => restingNow(terms, { nowMs: clock.nowMs(), power, idleMs: null, hasOwnWork: () => false })
  return await joinFleet({
    ...{ joining, storage, name, version, local, rests, clock, log, told, end },
    random: systemRandom,
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
}
