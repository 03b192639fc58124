/** MusicGPT on stage: the provider, its scripted server, and a second of a tone to be converted. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createMusicgpt } from '../../../src/main/providers/musicgpt/index.ts'
import type { RemoteOptions } from '../../../src/main/providers/kit/service.ts'
import type { Wish } from '../../support/order.ts'
import { tone } from '../../support/servers/convert.ts'
import { type Budget, musicgptKey, type MusicgptServer, musicgptServer } from '../../support/servers/musicgpt.ts'
import type { Reply } from '../../support/servers/reply.ts'
import type { Misbehaviour } from '../../support/servers/server.ts'
import { memoryOf, onStage, type Stage, type Subject } from '../../support/stage.ts'

interface MusicgptSubject extends Subject {
  readonly server: MusicgptServer
}

interface Setting {
  readonly wish?: Partial<Wish>
  readonly budget?: Budget
  readonly etaSeconds?: number
}

export async function musicgpt(folder: string, { wish = {}, budget, etaSeconds }: Setting = {}): Promise<MusicgptSubject> {
  const path = join(folder, 'Großmutter singt.wav')
  const data = await tone('wav')
  await writeFile(path, data)
  const server = await musicgptServer(budget, etaSeconds)
  return {
    server,
    create: (options) => createMusicgpt(options, () => 'free'),
    key: musicgptKey,
    wish: {
      source: { kind: 'file', path, bytes: data.length, mtimeMs: 0 },
      from: 'wav',
      target: 'mp3',
      options: {},
      facts: null,
      ...wish,
    },
    made: () => server.made(),
    saying: (word) => conversion({ status: word }),
    failedWord: 'Failed',
    errorBody: (message) => ({ success: false, error: message }),
    wrongKey: 'key-rejected',
    codes: [
      ['submit', 400, 'conversion-failed'],
      ['submit', 402, 'out-of-credit'],
      ['submit', 403, 'key-rejected'],
      ['submit', 404, 'provider-error'],
      ['submit', 409, 'provider-error'],
      ['submit', 413, 'too-large'],
      ['submit', 422, 'conversion-failed'],
      ['submit', 429, 'rate-limited'],
      ['submit', 500, 'provider-error'],
      ['submit', 502, 'answer-lost'],
      ['poll', 403, 'key-rejected'],
      ['poll', 404, 'gone'],
      ['poll', 429, 'rate-limited'],
      ['poll', 500, 'provider-down'],
      ['result', 403, 'gone'],
      ['result', 404, 'gone'],
      ['result', 410, 'gone'],
      ['result', 503, 'provider-down'],
    ],
  }
}

/** A poll in which the conversion says something else. */
function conversion(facts: Readonly<Record<string, unknown>>): Misbehaviour {
  const alter = (reply: Reply): Reply => {
    const body = reply.body as { readonly conversion: object }
    return { ...reply, body: { ...body, conversion: { ...body.conversion, ...facts } } }
  }
  return { kind: 'altered', alter }
}

export interface MusicgptStage extends Stage {
  readonly server: MusicgptServer
}

export async function stageFor(setting: Setting = {}): Promise<MusicgptStage> {
  let server: MusicgptServer | undefined
  const stage = await onStage(async (folder) => {
    const made = await musicgpt(folder, setting)
    server = made.server
    return made
  })
  if (server === undefined) throw new Error('no server')
  return { ...stage, server }
}

/** What a provider beside the one on stage is made from. */
export function alone({ clock, server }: MusicgptStage): RemoteOptions {
  const random = { next: () => 0.5, key: () => 'a-fresh-key' }
  const quiet = (): void => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  return { baseUrl: server.base, key: async () => musicgptKey, clock, random, log, bytesPerSecond: null, memory: memoryOf() }
}

/** The play is over: the provider is stopped, and nothing is open or has leaked. */
export async function end(stage: MusicgptStage): Promise<void> {
  await stage.provider.stop()
  await stage.server.quiet()
  expect([stage.server.leaks, stage.clock.waiting()]).toEqual([[], 0])
}
