import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { addressesOf, handshake, maxFrameBytes } from '../../src/main/api/carriers/address.ts'
import { clientOver, type Carrier, type Client } from '../../src/shared/wire/client.ts'
import { connectOver, listen, type Listening } from '../../src/main/api/carriers/socket.ts'
import { routerOf } from '../../src/main/api/router.ts'
import { answerBy } from '../../src/main/api/serve.ts'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { JobError, toFailure } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { refusesOddCalls } from '../support/odd-calls.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { listeningLog, request, type Logged } from '../support/sessions.ts'

leavesNothingOpen()

interface Holder {
  readonly home: string
  readonly listening: Listening
  readonly log: Logged
  readonly works: () => number
}

async function holderIn(home: string): Promise<Holder> {
  const log = listeningLog()
  const { stop, ...held } = await compose({ home, log, secrets: fileSecrets(home, {}) })
  onTestFinished(stop)
  let works = 0
  const router = routerOf(held, { version: '1', pid: process.pid, home }, log)
  const listening = await listen({ home, answer: answerBy(router, log), log, onMode: () => (works += 1) })
  if (listening === null) throw new Error('cannot listen')
  onTestFinished(async () => await listening.stop())
  return { home, listening, log, works: () => works }
}

async function carrierOf({ home }: Holder): Promise<Carrier> {
  const line = await handshake(addressesOf(home, 'beside'))
  const connection = line === null ? null : await connectOver(line, 'look')
  if (connection === null) throw new Error('nobody listens')
  onTestFinished(() => connection.close())
  return connection
}

async function clientOf(holder: Holder): Promise<Client> {
  const carrier = await carrierOf(holder)
  return clientOver(() => carrier)
}

async function rawSocket({ listening }: Holder): Promise<WebSocket> {
  const line = await handshake([{ path: listening.path, shared: false }])
  if (line === null) throw new Error('nobody listens')
  const socket = new WebSocket('ws://beside/look', { createConnection: () => line, maxPayload: 0 })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'answered',
    (error: unknown) => (error instanceof JobError ? error.failure.code : String(error)),
  )
}

it('is a socket that nobody else can reach', async () => {
  const { listening } = await holderIn(await temporaryFolder())
  const folder = await stat(dirname(listening.path))
  expect({ socket: (await stat(listening.path)).isSocket(), mode: folder.mode & 0o777 }).toEqual({ socket: true, mode: 0o700 })
})

it('stands in a private folder of the system where the path of the data folder is too long for a socket', async () => {
  const home = join(await temporaryFolder(), 'long'.repeat(30))
  await mkdir(home)
  const holder = await holderIn(home)
  const { version } = await (await clientOf(holder)).about()
  const folder = await stat(dirname(holder.listening.path))
  expect({ version, short: holder.listening.path.length < 100, mode: folder.mode & 0o777 }).toEqual({
    version: '1',
    short: true,
    mode: 0o700,
  })
})

it('replaces the file that a killed holder has left', async () => {
  const home = await temporaryFolder()
  const [address] = addressesOf(home, 'beside')
  await mkdir(dirname(address?.path ?? ''))
  await writeFile(address?.path ?? '', '')
  expect(await handshake(addressesOf(home, 'beside'))).toBe(null)
  const holder = await holderIn(home)
  expect((await (await clientOf(holder)).about()).version).toBe('1')
})

it('knows a client that wants work done from one that only looks', async () => {
  const holder = await holderIn(await temporaryFolder())
  await clientOf(holder)
  const before = holder.works()
  const line = await handshake(addressesOf(holder.home, 'beside'))
  const worker = line === null ? null : await connectOver(line, 'work')
  onTestFinished(() => worker?.close())
  expect([before, holder.works()]).toEqual([0, 1])
})

it('refuses a frame that is too large before it is sent, and goes on', async () => {
  const client = await clientOf(await holderIn(await temporaryFolder()))
  const sources = Array.from({ length: 600 }, () => 'x'.repeat(65_536))
  const tooMuch = client.batches.convert({ ...request(1), sources })
  expect([await codeOf(tooMuch), (await client.about()).version]).toEqual(['usage', '1'])
})

it('hangs up on a client that sends too much, and on nobody else', async () => {
  const holder = await holderIn(await temporaryFolder())
  const client = await clientOf(holder)
  const socket = await rawSocket(holder)
  socket.send('x'.repeat(maxFrameBytes + 1))
  const [code] = (await once(socket, 'close')) as [number]
  expect([code, (await client.about()).version]).toEqual([1009, '1'])
})

it('hangs up on a client that sends what is no call, and logs it', async () => {
  const holder = await holderIn(await temporaryFolder())
  const socket = await rawSocket(holder)
  socket.send('{"i":')
  const [code] = (await once(socket, 'close')) as [number]
  expect([code, holder.log.lines]).toEqual([1002, ['a client was cut off']])
})

it('refuses calls that do not exist, names of prototypes and inputs that are not in the contract, and logs them', async () => {
  const holder = await holderIn(await temporaryFolder())
  const { link } = await carrierOf(holder)
  await refusesOddCalls(link, await clientOf(holder), holder.log)
})

it('tells other programs of the user what any file holds, by its absolute path', async () => {
  const client = await clientOf(await holderIn(await temporaryFolder()))
  const path = resolve(import.meta.dirname, '../../samples/photo.jpg')
  expect(await client.media.inspect({ path })).toMatchObject({ format: 'jpeg', audio: [], image: { pages: 1 } })
  const relative = await client.media.inspect({ path: 'photo.jpg' }).catch(toFailure)
  expect(relative).toMatchObject({ code: 'usage', facts: { because: 'path-not-absolute' } })
})

it('answers a call that it does not know with words about versions', async () => {
  const client = await clientOf(await holderIn(await temporaryFolder()))
  const newer = client as unknown as { readonly jobs: { readonly polish: (input: object) => Promise<unknown> } }
  expect(await codeOf(newer.jobs.polish({}))).toBe('not-possible')
})

it('fails what waits with `offline` when the holder stops, and leaves no file', async () => {
  const holder = await holderIn(await temporaryFolder())
  const client = await clientOf(holder)
  const changes = await client.changes({ restMs: 0 }, { signal: new AbortController().signal })
  const waiting = codeOf(changes.next())
  await holder.listening.stop()
  const file = existsSync(holder.listening.path)
  expect([await waiting, await codeOf(client.about()), file]).toEqual(['offline', 'offline', false])
})

it('is not taken for a holder where a stranger listens and does not speak', async () => {
  const home = await temporaryFolder()
  const [address] = addressesOf(home, 'beside')
  await mkdir(dirname(address?.path ?? ''))
  const stranger = createServer((line) => line.destroy()).listen(address?.path)
  onTestFinished(async () => await new Promise<void>((closed) => void stranger.close(() => closed())))
  await once(stranger, 'listening')
  const line = await handshake(addressesOf(home, 'beside'))
  expect(line === null ? 'nobody' : await connectOver(line, 'look')).toBe(null)
})
