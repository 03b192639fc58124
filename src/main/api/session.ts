/**
 * What a program does to work on the queue of a data folder. There is one holder at a time: the first one composes the engine
 * and listens; who comes later is its client. When a holder ends or is killed, one of its clients becomes the holder in its place and the
 * others join that one, so a session outlives everybody else's end. What a call had done when its holder went is not known: streams
 * are followed anew from a snapshot, and only what may be done twice is asked again by itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { JobError } from '../../shared/failure.ts'
import { clientOver, type Carrier, type Client } from '../../shared/wire/client.ts'
import { isOffline } from '../../shared/wire/errors.ts'
import type { Log } from '../engine/ports.ts'
import { addressesOf, handshake, type SessionMode } from './carriers/address.ts'
import type { RouterParts } from './router.ts'
import type { Answer } from './serve.ts'

export interface SessionOptions {
  readonly home: string
  readonly version: string
  /** With `look` an engine is put together, but begins to convert, or to watch and to be lent, only when a client comes that wants it to. */
  readonly mode: SessionMode
  readonly log: Log
  /** How long to wait for a data folder that somebody holds who does not answer yet, or not any more. */
  readonly patienceMs: number
  /** Takes hold of the data folder. Throws `data-busy` where another process has it. */
  readonly hold: () => Promise<RouterParts & { readonly stop: () => Promise<void> }>
}

export interface Session {
  readonly client: Client
  readonly role: () => 'holder' | 'guest'
  /** Answers the calls of pages: by the router of this process, or piped to whoever holds the queue. `offline` when that one goes. */
  readonly answer: Answer
  /** Asks, and asks again once somebody else holds the queue. For what may be done twice. */
  readonly ask: <T>(question: (client: Client) => Promise<T>) => Promise<T>
  /** After `offline`: resolves when there is a holder again, which may be this process. */
  readonly rejoin: () => Promise<void>
  /** A holder puts what runs back into the queue and leaves the rest to the next one. */
  readonly close: () => Promise<void>
}

const betweenTriesMs = 40

/** Where this process stands to the queue. */
interface Place extends Carrier {
  readonly role: 'holder' | 'guest'
  readonly answer: Answer
  close(): void | Promise<void>
}

export async function openSession(options: SessionOptions): Promise<Session> {
  let place = await takePlace(options)
  let moving: Promise<void> | null = null
  let closing: Promise<void> | null = null
  const client = clientOver(() => place)

  const rejoin = (): Promise<void> => {
    if (closing !== null) return Promise.reject(new JobError('offline'))
    if (!place.isLost()) return Promise.resolve()
    moving ??= move().finally(() => (moving = null))
    return moving
  }
  const move = async () => {
    options.log.info('the Beside that held the queue has gone')
    const next = await takePlace(options)
    place = next
  }

  const answer: Answer = async (request) => {
    try {
      if (place.isLost()) await rejoin()
      return await place.answer(request)
    } catch (error) {
      if (!place.isLost()) throw error
      // Whoever asked asks again; by then somebody holds the queue.
      void rejoin().catch((reason: unknown) => options.log.warn('cannot rejoin', { error: String(reason) }))
      throw new JobError('offline', {}, { cause: error })
    }
  }

  const leave = async () => {
    await moving?.catch(() => {})
    await place.close()
  }

  return {
    client,
    role: () => place.role,
    answer,
    rejoin,
    async ask(question) {
      for (;;) {
        try {
          return await question(client)
        } catch (error) {
          if (!isOffline(error) || closing !== null) throw error
          await rejoin()
        }
      }
    },
    close() {
      closing ??= leave()
      return closing
    },
  }
}

async function takePlace(options: SessionOptions): Promise<Place> {
  const addresses = addressesOf(options.home, 'beside')
  const giveUpAtMs = performance.now() + options.patienceMs
  for (;;) {
    const line = await handshake(addresses)
    if (line !== null) {
      const { connectOver } = await import('./carriers/socket.ts')
      const connection = await connectOver(line, options.mode)
      if (connection !== null) return { ...connection, role: 'guest' }
    }
    try {
      return await becomeHolder(options)
    } catch (error) {
      const busy = error instanceof JobError && error.failure.code === 'data-busy'
      if (!busy || performance.now() > giveUpAtMs) throw error
    }
    await sleep(betweenTriesMs)
  }
}

async function becomeHolder({ home, version, mode, log, hold }: SessionOptions): Promise<Place> {
  const { stop, ...held } = await hold()
  const { engine, folders, lending } = held
  let started: Promise<void> | null = null
  const start = async (wanted: SessionMode) => {
    started ??= engine.start()
    await started
    if (wanted !== 'watch') return
    // A Beside that stays open.
    lending.start()
    await folders.start()
  }
  try {
    await (mode === 'look' ? engine.recover() : start(mode))
  } catch (error) {
    await stop()
    throw error
  }
  const [{ routerOf, linkTo }, { answerBy }] = await Promise.all([import('./router.ts'), import('./serve.ts')])
  const router = routerOf(held, { version, pid: process.pid, home }, log)
  const answer = answerBy(router, log)
  const onMode = (wanted: SessionMode) =>
    void start(wanted).catch((error: unknown) => log.error('the engine did not start', { error: String(error) }))
  const listening = import('./carriers/socket.ts').then(async ({ listen }) => await listen({ home, answer, log, onMode }))
  listening.catch((error: unknown) => log.error('no local socket', { error: String(error) }))
  return {
    role: 'holder',
    link: linkTo(router),
    answer,
    isLost: () => false,
    async close() {
      // The socket first: its file must be gone before somebody else can hold the data folder and make it anew.
      await (await listening.catch(() => null))?.stop()
      await started?.catch(() => {})
      await stop()
    },
  }
}
