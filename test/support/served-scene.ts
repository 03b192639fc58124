/** The served protocol in this process, over a real queue, with keys made on the way. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Session } from '../../src/main/api/session.ts'
import type { Clock } from '../../src/main/engine/ports.ts'
import { apiLimits, serveApi, type ApiLimits } from '../../src/main/served/http/server.ts'
import type { NewApiKey } from '../../src/shared/served.ts'
import { temporaryFolder } from './folder.ts'
import { listeningLog, sessionIn, type Logged } from './sessions.ts'

export interface ServedScene {
  readonly address: string
  readonly home: string
  readonly session: Session
  readonly log: Logged
  key(more?: Partial<NewApiKey>): Promise<string>
  /** Files of uploads and of jobs, below their folders. */
  files(): Promise<readonly string[]>
  stop(): Promise<void>
}

interface Wanted {
  readonly limits?: Partial<Omit<ApiLimits, 'upload'>> & { readonly upload?: Partial<ApiLimits['upload']> }
  readonly keptMs?: number
  readonly clock?: Clock
  /** Of an earlier scene. */
  readonly home?: string
}

export async function servedScene({ limits = {}, keptMs = 3_600_000, clock, home }: Wanted = {}): Promise<ServedScene> {
  const folder = home ?? (await temporaryFolder())
  const log = listeningLog()
  const session = await sessionIn(folder, 'work', log, clock === undefined ? {} : { clock })
  const server = await serveApi({
    session,
    home: folder,
    host: '127.0.0.1',
    port: 0,
    keptMs,
    log,
    limits: { ...apiLimits, lingerMs: 500, ...limits, upload: { ...apiLimits.upload, ...limits.upload } },
  })
  let keys = 0
  let stopped: Promise<void> | null = null
  const stop = async () => {
    await server.stop()
    await session.close()
  }
  onTestFinished(async () => await (stopped ??= stop()))
  return {
    address: server.address,
    home: folder,
    session,
    log,
    key: async (more = {}) => {
      keys += 1
      const wanted: NewApiKey = { name: `key ${keys}`, quota: null, pairs: null, with: 'local', ...more }
      return (await session.client.served.addKey(wanted)).key
    },
    files: async () => await servedFiles(folder),
    stop: async () => await (stopped ??= stop()),
  }
}

/** Below the folders of uploads and of jobs, each without the name that nobody gave it. */
export async function servedFiles(home: string): Promise<readonly string[]> {
  const entries = await readdir(join(home, 'served'), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(home, 'served').length + 1))
    .map((path) => path.replace(/(uploads|jobs)[/\\][^/\\]+[/\\]/, '$1/'))
    .toSorted()
}
