/** Store, providers and engine put together: the one place that every entry point starts from. */
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from './engine/engine.ts'
import type { Clock, Log, Secrets, Trash } from './engine/ports.ts'
import type { Engine } from './engine/verbs.ts'
import { createLocal } from './providers/local/local.ts'
import { createOnline } from './providers/online.ts'
import { openStore } from './store/open.ts'
import { randomHex, systemClock, systemRandom, systemTrash } from './system.ts'

export interface Composed {
  readonly engine: Engine
  /** Stops the engine, then closes the store; resolves when all is quiet. */
  stop(): Promise<void>
}

export interface ComposeOptions {
  /** The data folder. */
  readonly home: string
  readonly log: Log
  readonly secrets: Secrets
  /** What the queue and the online providers wait by. */
  readonly clock?: Clock
  /** Another than the one that plain Node has. */
  readonly trash?: Trash
}

/** @throws JobError `data-busy` where another process holds the data folder, `data-newer` where a newer Beside wrote it. */
export async function compose({ home, log, secrets, clock = systemClock, trash = systemTrash }: ComposeOptions): Promise<Composed> {
  const store = openStore({ folder: home, log, nowMs: () => systemClock.nowMs(), randomHex })
  const { ffmpegPath } = store.settings.get()
  const local = createLocal({
    clock: systemClock,
    log,
    cores: availableParallelism(),
    ffmpegPath: ffmpegPath === '' ? null : ffmpegPath,
  })
  const engine = createEngine({
    store,
    providers: [local, ...createOnline({ settings: () => store.settings.get(), secrets, clock, random: systemRandom, log })],
    secrets,
    inspect: local.inspect,
    clock,
    random: systemRandom,
    log,
    trash,
    downloads: join(homedir(), 'Downloads'),
    checks: local.checks,
  })
  return {
    engine,
    stop: async () => {
      await engine.stop()
      store.close()
    },
  }
}
