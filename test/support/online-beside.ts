/** A whole Beside with some of the online providers on loopback, keys from its environment, and a clock that hurries. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ProviderStatus } from '../../src/shared/wire/contract.ts'
import type { ProviderId } from '../../src/shared/job.ts'
import type { Store } from '../../src/main/store/store.ts'
import { defaultOnlineProvider, type Caps, type OnlineProviderId } from '../../src/shared/model.ts'
import { testBeside, type Outcome, type TestBeside } from './beside.ts'
import { temporaryFolder } from './folder.ts'
import { fastClock } from './clock.ts'
import { onlineSubjects } from './online.ts'

type Subjects = { readonly [Id in OnlineProviderId]: Awaited<ReturnType<(typeof onlineSubjects)[Id]>> }

export interface OnlineScene extends TestBeside, Subjects {
  /** Where the sources are, and the results. */
  readonly media: string
  /** Goes on after a stop, so many milliseconds later. */
  later(ms: number): Promise<TestBeside>
  /** Converts, and says yes to what it costs where that is asked. */
  agreed(...wanted: Parameters<TestBeside['convert']>): Promise<Outcome>
  setCaps(id: OnlineProviderId, caps: Partial<Caps>): Promise<ProviderStatus>
  status(id: ProviderId): Promise<ProviderStatus>
  files(): Promise<readonly string[]>
}

// Loaded when the first request is sent, and that may take longer than a hurrying clock lets a provider be silent.
await import('got')
const speed = 10

/** @param order of *Automatic*; only these have keys. */
export async function onlineScene(...order: readonly ProviderId[]): Promise<OnlineScene> {
  return await onlineSceneAround((store) => store, order)
}

/** With something around the store, such as a fault. */
export async function onlineSceneAround(
  around: (store: Store, media: string) => Store,
  order: readonly ProviderId[],
): Promise<OnlineScene> {
  const subjects: Subjects = {
    xconvert: await onlineSubjects.xconvert(),
    'converter-app': await onlineSubjects['converter-app'](),
    musicgpt: await onlineSubjects.musicgpt(),
    converso: await onlineSubjects.converso(),
  }
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const all = Object.values(subjects)
  const env = Object.fromEntries(all.filter(({ id }) => order.includes(id)).map(({ variable, key }) => [variable, key]))
  const clock = fastClock(speed)
  const beside = await testBeside(folder, { env, clock, around: (store) => around(store, media) })
  const { engine } = beside
  engine.change({
    providerOrder: [...order],
    downloadFolder: media,
    online: Object.fromEntries(all.map(({ id, server }) => [id, { ...defaultOnlineProvider, baseUrl: server.base }])),
  })
  const status = async (id: ProviderId) => {
    const found = (await engine.providers.list()).find((one) => one.id === id)
    if (found === undefined) throw new Error(`no provider ${id}`)
    return found
  }
  onTestFinished(() => {
    const leaks = all.flatMap(({ server }) => server.leaks)
    if (leaks.length > 0) throw new Error(`a key was seen at ${leaks.join(', ')}`)
  })
  return {
    ...beside,
    ...subjects,
    media,
    later: async (ms) => {
      await beside.stop()
      return await testBeside(folder, { env, clock: { ...clock, nowMs: () => clock.nowMs() + ms } })
    },
    agreed: async (...wanted) => {
      const outcome = await beside.convert(...wanted)
      await engine.approve({ kind: 'batch', batchId: outcome.batchId })
      return { ...outcome, jobs: await beside.settled(outcome.batchId) }
    },
    setCaps: async (id, caps) => {
      const { caps: before } = await status(id)
      return await engine.providers.set({ id, caps: { ...before, ...caps } })
    },
    status,
    files: async () => (await readdir(media)).toSorted(),
  }
}

/** So many files of the same sound. */
export async function songs({ media, xconvert }: OnlineScene, count: number): Promise<readonly string[]> {
  const first = await xconvert.source(media)
  const more = Array.from({ length: count - 1 }, (_, n) => join(media, `song ${n + 2}.wav`))
  for (const path of more) await copyFile(first, path)
  return [first, ...more]
}

export const refusal = (status: number, error: string) => ({ kind: 'instead', reply: { status, body: { error } } }) as const
