import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientOver, type Client } from '../../src/shared/wire/client.ts'
import { listen } from '../../src/main/api/carriers/socket.ts'
import { linkTo, routerOf } from '../../src/main/api/router.ts'
import { answerBy } from '../../src/main/api/serve.ts'
import type { Session } from '../../src/main/api/session.ts'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { JobError, toFailure } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { listeningLog, queue, request, sessionIn, watching, type Logged } from '../support/sessions.ts'
import { portOver } from '../support/port.ts'
import { callerOf, webOver } from '../support/web.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const carriers = [
  'in process',
  'over the socket',
  'over the web',
  'over a port',
  'over a port of a guest',
  'over the web of a guest',
] as const

interface Scene {
  readonly client: Client
  readonly folder: string
  readonly log: Logged
}

async function scene(carrier: (typeof carriers)[number]): Promise<Scene> {
  const folder = await temporaryFolder()
  const home = await temporaryFolder()
  const log = listeningLog()
  const { stop, ...held } = await compose({ home, log, secrets: fileSecrets(home, {}) })
  onTestFinished(stop)
  await held.engine.start()
  const broken = { ...held.engine, doctor: async () => await Promise.reject(new TypeError('a mistake of ours')) }
  const router = routerOf({ ...held, engine: broken }, { version: '1.2.3', pid: process.pid, home }, log)
  const answer = answerBy(router, log)
  const own = { link: linkTo(router), isLost: () => false }
  const holder: Session = {
    client: clientOver(() => own),
    answer,
    role: () => 'holder',
    ask: async (question) => await question(holder.client),
    rejoin: async () => {},
    close: async () => {},
  }
  const guest = async () => {
    const listening = await listen({ home, answer, log, onMode: () => {} })
    onTestFinished(async () => await listening?.stop())
    return await sessionIn(home, 'work')
  }
  const overPort = (session: Session) => {
    const { carrier: port } = portOver(session, log)
    return clientOver(() => port)
  }
  const clients: Readonly<Record<typeof carrier, () => Client | Promise<Client>>> = {
    'in process': () => holder.client,
    'over the socket': async () => (await guest()).client,
    'over the web': async () => await callerOf(await webOver(holder, home)),
    'over a port': () => overPort(holder),
    'over a port of a guest': async () => overPort(await guest()),
    'over the web of a guest': async () => await callerOf(await webOver(await guest(), home)),
  }
  return { client: await clients[carrier](), folder, log }
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => null,
    (error: unknown) => (error instanceof JobError ? toFailure(error) : error),
  )
}

describe.each(carriers)('the contract, %s', (carrier) => {
  it('answers who holds the queue', async () => {
    const { client } = await scene(carrier)
    expect(await client.about()).toMatchObject({ version: '1.2.3', pid: process.pid })
  })

  it('takes a file in, tells its changes, and the result is there', async () => {
    const { client, folder } = await scene(carrier)
    const source = join(folder, 'tone.wav')
    await writeTone(source, 0.2)
    const until = await watching(client)
    const batchId = await queue(client, [source])
    const job = await until(({ state }) => state.phase === 'done' || state.phase === 'failed')
    expect({ batch: job.batchId, phase: job.state.phase, there: existsSync(join(folder, 'tone.flac')) }).toEqual({
      batch: batchId,
      phase: 'done',
      there: true,
    })
  })

  it('tells of each source what became of it, and ends with the sums', async () => {
    const { client, folder } = await scene(carrier)
    await writeTone(join(folder, 'tone.wav'), 0.1)
    const { batchId } = await client.batches.open({ label: '' })
    const sources = [join(folder, 'tone.wav'), join(folder, 'nothing.wav')]
    const events = await client.batches.convert({ ...request(batchId), sources })
    const told = await Array.fromAsync(events)
    expect(told).toEqual([
      { type: 'refused', source: sources[1], why: { code: 'source-missing', facts: { path: sources[1] } } },
      { type: 'added', count: 1 },
      { type: 'end', added: 1, joined: 0, refused: 1, passed: 0 },
    ])
  })

  it('brings a failure across with its code and its facts', async () => {
    const { client } = await scene(carrier)
    expect(await failureOf(client.jobs.resolve({ id: 99, as: 'done' }))).toEqual({
      code: 'not-found',
      facts: { because: 'job', id: '99' },
    })
  })

  it('brings the failure of a stream across as well', async () => {
    const { client } = await scene(carrier)
    expect(await failureOf(queue(client, ['/nowhere'], { batchId: 12_345 }))).toEqual({
      code: 'not-found',
      facts: { because: 'batch', id: '12345' },
    })
  })

  it('refuses what does not fit the contract, by the name of the field', async () => {
    const { client } = await scene(carrier)
    const failure = await failureOf(client.jobs.list({ phases: [], batchId: null, after: null, limit: 5000 }))
    expect(failure).toMatchObject({ code: 'usage', facts: { because: 'request-invalid', field: 'limit' } })
  })

  it('makes of what nobody foresaw `internal`, and logs it', async () => {
    const { client, log } = await scene(carrier)
    expect({ failure: await failureOf(client.doctor()), logged: log.lines }).toEqual({
      failure: { code: 'internal', facts: { reason: 'a mistake of ours' } },
      logged: ['a call failed'],
    })
  })

  it('shows a small picture of the files of a job, and tells what is in them, by the job alone', async () => {
    const { client, folder } = await scene(carrier)
    const source = join(folder, 'photo.jpg')
    await copyFile(resolve(import.meta.dirname, '../../samples/photo.jpg'), source)
    const until = await watching(client)
    await queue(client, [source], { target: 'png', options: { width: 300 } })
    const { id } = await until(({ state }) => state.phase === 'done')
    const picture = await client.media.picture({ jobId: id, of: 'source', size: 'row' })
    const head = Buffer.from(picture?.data ?? '', 'base64').toString('latin1', 0, 12)
    expect([picture?.type, /^RIFF.{4}WEBP$/s.test(head)]).toEqual(['image/webp', true])
    expect(await client.media.look({ jobId: id, of: 'output' })).toMatchObject({
      format: 'png',
      image: { width: 300, height: 200 },
    })

    await rm(source)
    expect(await failureOf(client.media.picture({ jobId: id, of: 'source', size: 'row' }))).toMatchObject({
      code: 'source-missing',
    })
    expect(await failureOf(client.media.look({ jobId: 12_345, of: 'source' }))).toMatchObject({ code: 'not-found' })
  })

  it('ends a stream with the signal of its caller', async () => {
    const { client } = await scene(carrier)
    const enough = new AbortController()
    const changes = await client.changes({ restMs: 0 }, { signal: enough.signal })
    const next = changes.next().catch((reason: unknown) => reason)
    enough.abort('enough')
    expect([{ done: true, value: undefined }, 'enough']).toContainEqual(await next)
  })

  it('keeps presets and settings', async () => {
    const { client } = await scene(carrier)
    await client.presets.save({ name: 'evening', target: 'mp3', options: { bitrate: 128 } })
    const { ifExists } = await client.settings.set({ ifExists: 'skip' })
    expect({ ifExists, presets: (await client.presets.list()).slice(0, 2) }).toEqual({
      ifExists: 'skip',
      presets: [
        { name: 'evening', target: 'mp3', options: { bitrate: 128 }, group: 'own' },
        expect.objectContaining({ name: 'podcast', group: 'audio' }),
      ],
    })
  })
})
