import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../../src/main/engine/engine.ts'
import { createStoreOutage } from '../../../src/main/engine/queue/store-outage.ts'
import { systemRandom } from '../../../src/main/system.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'
import { ended } from '../../support/beside.ts'
import { fakeClock, stoppableClock } from '../../support/clock.ts'
import { draftOf, startMs } from '../../support/drafts.ts'
import { testLog } from '../../support/log.ts'
import { remoteProvider } from '../../support/remote-provider.ts'
import { remoteServer } from '../../support/remote-server.ts'
import { fill, mounted } from '../../support/small-disk.ts'
import { storeIn } from '../../support/stored.ts'
import { toneOf } from '../../support/tone.ts'

const facts: MediaFacts = {
  ...emptyFacts('wav', 5),
  durationMs: 1_000,
}

describe('a job whose ticket could not be kept', () => {
  it('is not sent again by itself, and is not said to have failed', async (context) => {
    const place = await mounted()
    if (place === null) return context.skip('no mount is allowed here')
    const { folder, disk } = place
    const server = await remoteServer(toneOf(10), false)
    const store = storeIn(disk)
    const clock = stoppableClock()
    const filler = join(disk, 'filler')
    const makeRoom = () => rmSync(filler, { force: true })
    const provider = remoteProvider(server.base, 'never')
    const engine = createEngine({
      store,
      providers: [
        {
          ...provider,
          submit: async (...asked) => {
            const answer = await provider.submit(...asked)
            fill(filler)
            return answer
          },
        },
      ],
      inspect: async () => facts,
      clock,
      random: systemRandom,
      // There is room again the very moment after: what was not kept is lost all the same.
      log: { ...testLog, info: makeRoom, warn: makeRoom },
      trash: { put: async () => {} },
      secrets: { get: async () => 'a key', has: async () => true, set: async () => {}, forget: async () => {} },
      downloads: folder,
      checks: async () => [],
      machine: () => ({ lanes: { audio: 1, document: 1, hardware: 1, image: 1, video: 1 }, power: 'unknown' }),
    })
    onTestFinished(engine.stop)
    const path = join(folder, 'song.wav')
    await writeFile(path, toneOf(10))
    const order = { source: { kind: 'file', path, bytes: 64, mtimeMs: 0 }, with: 'musicgpt', folder } as const
    const batchId = store.batches.open('song', startMs)
    const [job] = store.jobs.add(batchId, [draftOf('song.wav', { order, provider: 'musicgpt', lane: 'musicgpt' })], startMs)
    const following = new AbortController()
    const changes = engine.changes(following.signal)
    await engine.start()
    const standing = () => store.jobs.running().length + store.jobs.dueLanes(startMs).length
    for await (const portion of changes) {
      if (portion.some((change) => change.type === 'totals' && change.held?.by === 'data')) clock.pass(10_000)
      if (standing() === 0) break
    }
    following.abort()
    const after = store.jobs.get(job?.id ?? 0)
    expect([after === null ? null : ended(after), server.charged.length]).toEqual(['uncertain: answer-lost', 1])
  })
})

describe('a store that can be neither written to nor read', () => {
  const scene = () => {
    const clock = fakeClock(0)
    let trouble: Error | null = new Error('disk I/O error')
    const heard: string[] = []
    const outage = createStoreOutage({
      clock,
      log: testLog,
      repair: async () => {
        heard.push('repair')
      },
      changed: () => {
        if (trouble !== null) throw trouble
        heard.push('changed')
      },
    })
    onTestFinished(async () => {
      await outage.stop()
      expect(clock.waiting()).toBe(0)
    })
    const heal = () => {
      trouble = null
    }
    const later = async () => {
      clock.advance(10_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { outage, heard, heal, later }
  }

  it('stops nothing else, and is over only once those who look on can be told', async () => {
    const { outage, heard, heal, later } = scene()
    outage.begin(new Error('disk I/O error'))
    const first = outage.held()?.by
    await later()
    const second = outage.held()?.by
    heal()
    await later()
    expect({ first, second, third: outage.held(), heard }).toEqual({
      first: 'data',
      second: 'data',
      third: null,
      heard: ['repair', 'repair', 'changed'],
    })
  })
})
