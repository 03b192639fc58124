/** Converso on stage: the provider, its scripted server, and a tone at an address that the server can fetch. */
import { expect } from 'vitest'
import { createConverso } from '../../../src/main/providers/converso/index.ts'
import type { RemoteOptions } from '../../../src/main/providers/kit/service.ts'
import type { Wish } from '../../support/order.ts'
import { conversoKey, conversoServer, type ConversoServer } from '../../support/servers/converso.ts'
import { tone } from '../../support/servers/convert.ts'
import type { Reply } from '../../support/servers/reply.ts'
import type { Misbehaviour } from '../../support/servers/server.ts'
import { memoryOf, onStage, type Stage, type Subject } from '../../support/stage.ts'

interface ConversoSubject extends Subject {
  readonly server: ConversoServer
}

export async function converso(_folder: string, wish: Partial<Wish> = {}): Promise<ConversoSubject> {
  const server = await conversoServer()
  const url = server.lend(await tone('wav'))
  return {
    server,
    create: createConverso,
    key: conversoKey,
    wish: { source: { kind: 'url', url }, from: 'mp4', target: 'mp3', options: {}, facts: null, ...wish },
    made: () => server.made(),
    saying: (word) => saying({ status: word, progress: 50, currentStep: word }),
    failedWord: 'Failed',
    errorBody: (message) => ({ success: false, error: { code: 'SOMETHING_ELSE', message } }),
    wrongKey: 'key-rejected',
    codes: [
      ['submit', 400, 'conversion-failed'],
      ['submit', 401, 'key-rejected'],
      ['submit', 403, 'not-allowed'],
      ['submit', 404, 'provider-error'],
      ['submit', 429, 'rate-limited'],
      ['submit', 500, 'provider-error'],
      ['submit', 503, 'provider-down'],
      ['submit', 504, 'answer-lost'],
      ['poll', 401, 'key-rejected'],
      ['poll', 404, 'gone'],
      ['poll', 429, 'rate-limited'],
      ['poll', 500, 'provider-down'],
      ['result', 401, 'key-rejected'],
      ['result', 404, 'gone'],
      ['result', 410, 'gone'],
      ['result', 503, 'provider-down'],
    ],
  }
}

/** A poll whose data say something else. */
export function saying(facts: Readonly<Record<string, unknown>>): Misbehaviour {
  const alter = (reply: Reply): Reply => {
    const body = reply.body as { readonly data: object }
    return { ...reply, body: { ...body, data: { ...body.data, ...facts } } }
  }
  return { kind: 'altered', alter }
}

/** An answer in the error envelope instead of what was asked for. */
export function complaint(status: number, code: string, message = 'no'): Misbehaviour {
  return { kind: 'instead', reply: { status, body: { success: false, error: { code, message, details: { field: 'x' } } } } }
}

export interface ConversoStage extends Stage {
  readonly server: ConversoServer
}

export async function stageFor(wish: Partial<Wish> = {}): Promise<ConversoStage> {
  let server: ConversoServer | undefined
  const stage = await onStage(async (folder) => {
    const made = await converso(folder, wish)
    server = made.server
    return made
  })
  if (server === undefined) throw new Error('no server')
  return { ...stage, server }
}

/** What a provider beside the one on stage is made from. */
export function alone({ clock, server }: ConversoStage): RemoteOptions {
  const quiet = (): void => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const random = { next: () => 0.5, key: () => 'a-fresh-key' }
  return { baseUrl: server.base, key: async () => conversoKey, clock, random, log, bytesPerSecond: null, memory: memoryOf() }
}

/** The play is over: the provider is stopped, and nothing is open or has leaked. */
export async function end(stage: ConversoStage): Promise<void> {
  await stage.provider.stop()
  await stage.server.quiet()
  expect([stage.server.leaks, stage.clock.waiting()]).toEqual([[], 0])
}
