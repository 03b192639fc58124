import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Client } from '../../src/shared/wire/client.ts'
import { openSession } from '../../src/main/api/session.ts'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { JobError } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { sessionProcess } from '../support/session-process.ts'
import { listeningLog, queue, request, sessionIn, watching } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

async function tones(folder: string, count: number, seconds: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) => join(folder, `tone ${index}.wav`))
  for (const path of paths) await writeTone(path, seconds)
  return paths
}

async function allDone(client: Client, count: number): Promise<void> {
  const enough = new AbortController()
  const changes = await client.changes({ restMs: 0 }, { signal: enough.signal })
  let { totals } = await client.queue.totals()
  while (totals.done < count) {
    const { value, done } = await changes.next()
    if (done === true) throw new Error('the changes ended')
    totals = value.findLast((change) => change.type === 'totals')?.totals ?? totals
  }
  enough.abort()
}

it('the first holds the queue, the next is its client, and both see the same', async () => {
  const home = await temporaryFolder()
  const first = await sessionIn(home, 'look')
  const second = await sessionIn(home, 'look')
  await second.client.presets.save({ name: 'a', target: 'mp3', options: {} })
  const seen = (await first.client.presets.list()).filter(({ group }) => group === 'own').map(({ name }) => name)
  expect([first.role(), second.role(), seen]).toEqual(['holder', 'guest', ['a']])
})

it('of two that begin at once, one holds and the other joins', async () => {
  const home = await temporaryFolder()
  const sessions = await Promise.all([sessionIn(home, 'work'), sessionProcess(home, 'work'), sessionProcess(home, 'work')])
  const roles = sessions.map(({ role }) => (typeof role === 'function' ? role() : role)).toSorted()
  expect(roles).toEqual(['guest', 'guest', 'holder'])
})

it('a client goes on when the holder has stopped: it holds the queue itself', async () => {
  const home = await temporaryFolder()
  const first = await sessionIn(home, 'look')
  const second = await sessionIn(home, 'look')
  await second.client.presets.save({ name: 'kept', target: 'mp3', options: {} })
  await first.close()
  const presets = await second.ask(async (client) => await client.presets.list())
  expect([second.role(), presets[0]?.name]).toEqual(['holder', 'kept'])
})

it('when the holder is killed at work, a client takes its place and finishes the work', async () => {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  const sources = await tones(folder, 4, 30)
  const holder = await sessionProcess(home, 'work', sources)
  const client = await sessionIn(home, 'work')
  const before = [holder.role, client.role()]
  await holder.kill()
  await client.rejoin()
  await allDone(client.client, sources.length)
  const outputs = sources.map((source) => existsSync(source.replace('.wav', '.flac')))
  expect([before, client.role(), outputs]).toEqual([['holder', 'guest'], 'holder', [true, true, true, true]])
})

it('shows a job that a killed holder has left as queued', async () => {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  const holder = await sessionProcess(home, 'work', await tones(folder, 1, 600))
  const watcher = await sessionIn(home, 'look')
  const until = await watching(watcher.client)
  const { totals } = await watcher.client.queue.totals()
  if (totals.running === 0) await until(({ state }) => state.phase === 'running')
  await holder.kill()
  await watcher.rejoin()
  const [job] = (await watcher.client.jobs.list({ phases: [], batchId: null, after: null, limit: 10 })).jobs
  expect([watcher.role(), job?.state.phase]).toEqual(['holder', 'queued'])
})

it('what a holder had taken in before it went joins itself when it comes again, done or not', async () => {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  const { client } = await sessionIn(home, 'work')
  const sources = await tones(folder, 3, 0.1)
  const batchId = await queue(client, sources.slice(0, 2))
  await allDone(client, 2)
  const events = await Array.fromAsync(await client.batches.convert({ ...request(batchId), sources, again: true }))
  expect(events.at(-1)).toEqual({ type: 'end', added: 1, joined: 2, refused: 0, passed: 0 })
  await allDone(client, 3)
  expect((await readdir(folder)).filter((name) => name.endsWith('.flac')).toSorted()).toEqual([
    'tone 0.flac',
    'tone 1.flac',
    'tone 2.flac',
  ])
})

it('a session that only looks begins nothing', async () => {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  const { client } = await sessionIn(home, 'look')
  await queue(client, await tones(folder, 1, 0.1))
  const { totals } = await client.queue.totals()
  expect([totals.queued, totals.running, totals.done]).toEqual([1, 0, 0])
})

it('and begins as soon as a client comes that wants work done', async () => {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  const { client } = await sessionIn(home, 'look')
  const until = await watching(client)
  await queue(client, await tones(folder, 1, 0.1))
  const worker = await sessionProcess(home, 'work')
  const { state } = await until((job) => job.state.phase === 'done')
  expect([worker.role, state.phase, existsSync(join(folder, 'tone 0.flac'))]).toEqual(['guest', 'done', true])
})

it('gives up with `data-busy` where somebody holds the folder and does not answer', async () => {
  const home = await temporaryFolder()
  const log = listeningLog()
  const held = await compose({ home, log, secrets: fileSecrets(home, {}) })
  onTestFinished(held.stop)
  const opened = openSession({
    home,
    version: '0',
    mode: 'look',
    log,
    patienceMs: 100,
    hold: async () => await compose({ home, log, secrets: fileSecrets(home, {}) }),
  })
  const code = await opened.then(
    () => 'opened',
    (error: unknown) => (error instanceof JobError ? error.failure.code : String(error)),
  )
  expect(code).toBe('data-busy')
})

it('works alone where no socket can be made', async () => {
  const home = await temporaryFolder()
  await mkdir(join(home, 'run', 'beside.sock', 'in the way'), { recursive: true })
  const session = await sessionIn(home, 'look')
  await session.client.presets.save({ name: 'a', target: 'mp3', options: {} })
  expect((await session.client.presets.list())[0]?.name).toBe('a')
})

it('is closed twice without harm, and answers `offline` from then on to nobody', async () => {
  const session = await sessionIn(await temporaryFolder(), 'look')
  await session.close()
  await session.close()
  expect(await session.rejoin().catch((error: unknown) => (error instanceof JobError ? error.failure.code : error))).toBe(
    'offline',
  )
})
