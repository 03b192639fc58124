/** Sessions on a data folder of a test, with the real engine behind them. */
import { onTestFinished } from 'vitest'
import { openSession, type Session } from '../../src/main/api/session.ts'
import type { SessionMode } from '../../src/main/api/carriers/address.ts'
import type { Client } from '../../src/shared/wire/client.ts'
import { compose, type ComposeOptions } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import type { ConvertRequest } from '../../src/shared/wire/contract.ts'
import type { Job } from '../../src/shared/job.ts'

export interface Logged extends Log {
  /** What was warned of or worse. */
  readonly lines: readonly string[]
}

export function listeningLog(): Logged {
  const lines: string[] = []
  const keep = (text: string) => void lines.push(text)
  return { lines, debug: () => {}, info: () => {}, warn: keep, error: keep }
}

export async function sessionIn(
  home: string,
  mode: SessionMode,
  log: Log = listeningLog(),
  more: Pick<ComposeOptions, 'clock'> = {},
): Promise<Session> {
  const session = await openSession({
    home,
    version: '0',
    mode,
    log,
    patienceMs: 10_000,
    hold: async () => await compose({ home, log, secrets: fileSecrets(home, {}), ...more }),
  })
  onTestFinished(async () => await session.close())
  return session
}

export async function queue(client: Client, sources: readonly string[], more: Partial<ConvertRequest> = {}): Promise<number> {
  const { batchId } = await client.batches.open({ label: 'test' })
  const events = await client.batches.convert({ ...request(batchId), sources: [...sources], ...more })
  for await (const event of events) if (event.type === 'refused') throw new Error(`refused: ${JSON.stringify(event)}`)
  return batchId
}

export function request(batchId: number): ConvertRequest {
  return {
    batchId,
    sources: [],
    target: 'flac',
    options: {},
    preset: null,
    out: null,
    recursive: false,
    include: [],
    exclude: [],
    priority: 0,
  }
}

/** Changes are coming once this has resolved; its answer then waits for a job that fits. */
export async function watching(client: Client): Promise<(fits: (job: Job) => boolean) => Promise<Job>> {
  const enough = new AbortController()
  onTestFinished(() => enough.abort())
  const changes = await client.changes({ restMs: 0 }, { signal: enough.signal })
  return async (fits) => {
    for await (const portion of changes) {
      const found = portion.find((change) => change.type === 'job' && fits(change.job))
      if (found?.type !== 'job') continue
      enough.abort()
      return found.job
    }
    throw new Error('the changes ended')
  }
}
