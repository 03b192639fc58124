/** How long what was served is kept, and what goes at once. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/main/engine/ports.ts'
import { hashOf } from '../../src/main/served/keys.ts'
import { ownMark } from '../../src/main/served/places.ts'
import { systemClock } from '../../src/main/system.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { ask, conversionOf, ended, post } from '../support/served-client.ts'
import { servedScene } from '../support/served-scene.ts'
import { toneOf } from '../support/tone.ts'

leavesNothingOpen()

const form = conversionOf('mp3', ['a.wav', toneOf(4000)])
const keptMs = 3_600_000

/** The machine's, and so much ahead of it. */
function aheadClock(): Clock & { aheadMs: number } {
  const clock = { ...systemClock, aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  return clock
}

describe('a job that has ended', () => {
  it('is kept for the stated time, and gone with it, swept or not', async () => {
    const clock = aheadClock()
    const { address, key, session, files } = await servedScene({ keptMs, clock })
    const own = await key()
    const id = String((await post(address, '/convert', own, form)).json()['jobid'])
    const expires = Date.parse(String((await ended(address, id, own)).json()['expires']))
    const statuses = async () =>
      await Promise.all(
        ['progress', 'download'].map(async (verb) => (await ask(`${address}/${verb}/${id}`, { key: own })).status),
      )
    clock.aheadMs = expires - Date.now() - 60_000
    await session.client.served.sweep()
    const before = [await statuses(), await files()]
    clock.aheadMs += 61_000
    const after = [await statuses(), await files()]
    await session.client.served.sweep()
    const kept = ['jobs/in/a.wav', 'jobs/out/a.mp3']
    expect([before, after, await statuses(), await files()]).toEqual([[[200, 200], kept], [[404, 404], kept], [404, 404], []])
    // The history is the user's own.
    expect((await session.client.history.sums({})).done).toBe(1)
  })

  it('outlives the one who serves, and is still there for its key', async () => {
    const first = await servedScene({ keptMs })
    const own = await first.key()
    const id = String((await post(first.address, '/convert', own, form)).json()['jobid'])
    await ended(first.address, id, own)
    await first.stop()
    const second = await servedScene({ keptMs, home: first.home })
    const other = await second.key({ name: 'another' })
    const found = await Promise.all([
      ask(`${second.address}/progress/${id}`, { key: own }),
      ask(`${second.address}/download/${id}`, { key: own }),
      ask(`${second.address}/download/${id}`, { key: other }),
    ])
    expect(found.map(({ status }) => status)).toEqual([200, 200, 404])
  })

  it('keeps its result where somebody clears the history, and has none where somebody removes the file', async () => {
    const { address, key, session, home } = await servedScene({ keptMs })
    const own = await key()
    const id = String((await post(address, '/convert', own, form)).json()['jobid'])
    await ended(address, id, own)
    await session.client.history.forget({ ids: 'all' })
    const kept = await ask(`${address}/download/${id}`, { key: own })
    await rm(join(home, 'served', 'jobs', id, 'out'), { recursive: true })
    const gone = await ask(`${address}/download/${id}`, { key: own })
    expect([kept.status, gone.status, gone.json()]).toEqual([200, 404, { detail: 'The result is not there any more.' }])
  })
})

describe('a job that has not ended', () => {
  it('stays, however long it takes', async () => {
    const clock = aheadClock()
    const { address, key, session } = await servedScene({ keptMs, clock })
    const own = await key()
    await session.client.queue.pause()
    const id = String((await post(address, '/convert', own, form)).json()['jobid'])
    clock.aheadMs = 10 * keptMs
    await session.client.served.sweep()
    await session.client.queue.resume()
    expect((await ended(address, id, own)).json()['status']).toBe('completed')
  })

  it('that somebody cancels in the window has failed, and says so', async () => {
    const { address, key, session } = await servedScene({ keptMs })
    const own = await key()
    await session.client.queue.pause()
    const id = String((await post(address, '/convert', own, form)).json()['jobid'])
    await session.client.jobs.cancel({ kind: 'all' })
    expect((await ended(address, id, own)).json()).toMatchObject({ status: 'failed', error: expect.stringContaining('a.wav') })
  })
})

describe('what a crash left', () => {
  it('goes at the next start: half an upload, a folder that belongs to no job, and a client that waited', async () => {
    const first = await servedScene({ keptMs })
    const own = await first.key({ quota: 5 })
    await first.session.client.queue.pause()
    const { home } = first
    const folders = [
      join(home, 'served', 'uploads', '999999999.1-0c7f3f10-3c3e-4a43-9f0e-0d6a3fd0e9a7'),
      // Another one that had the number of this process.
      join(home, 'served', 'uploads', `${process.pid}.1-0c7f3f10-3c3e-4a43-9f0e-0d6a3fd0e9a7`),
      join(home, 'served', 'jobs', 'a'.repeat(32)),
    ]
    for (const folder of folders) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'half.wav'), 'RIFF')
    }
    const upload = `${await ownMark()}-0c7f3f10-3c3e-4a43-9f0e-0d6a3fd0e9a8`
    await mkdir(join(home, 'served', 'uploads', upload), { recursive: true })
    await writeFile(join(home, 'served', 'uploads', upload, 'a.wav'), toneOf(4000))
    // Asked for by a process that is gone by now.
    const wanted = { hash: hashOf(own), upload, files: ['a.wav'], target: 'mp3', keptMs, askedBy: '999999999.1' }
    const begun = await first.session.client.served.begin(wanted)
    await first.stop()
    const second = await servedScene({ keptMs, home })
    const { queued } = (await second.session.client.queue.totals()).totals
    const folder = async (name: string) => await readdir(join(home, 'served', name))
    expect([begun.kind, await folder('uploads'), await folder('jobs'), queued]).toEqual(['begun', [], [], 0])
  })
})

describe('a key that is removed', () => {
  it('takes its jobs along, and nobody can ask for them', async () => {
    const { address, key, session, files } = await servedScene({ keptMs })
    const [own, other] = [await key(), await key()]
    await session.client.queue.pause()
    const [running, others] = [await post(address, '/convert', own, form), await post(address, '/convert', other, form)]
    const removed = await session.client.served.removeKey({ name: 'key 1' })
    await session.client.queue.resume()
    await ended(address, others.json()['jobid'], other)
    const late = await ask(`${address}/progress/${String(running.json()['jobid'])}`, { key: own })
    expect([removed, late.status, await files()]).toEqual([{ jobs: 1 }, 401, ['jobs/in/a.wav', 'jobs/out/a.mp3']])
  })
})
