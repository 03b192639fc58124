/** The four online providers as a user meets them: a server on loopback, a key that it takes, and a source that it can have. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OnlineProviderId } from '../../src/shared/model.ts'
import { conversoKey, conversoServer } from './servers/converso.ts'
import { tone } from './servers/convert.ts'
import { converterAppKey, converterAppServer } from './servers/converter-app.ts'
import { musicgptKey, musicgptServer } from './servers/musicgpt.ts'
import type { ScriptedServer } from './servers/server.ts'
import { xconvertKey, xconvertServer } from './servers/xconvert.ts'

export interface OnlineSubject {
  readonly id: OnlineProviderId
  readonly server: ScriptedServer & { readonly jobs: readonly unknown[]; made(): Buffer }
  readonly key: string
  /** The variable that hands the key to the command line. */
  readonly variable: string
  /** Writes a second of sound into a folder, or lends it out on the web where the provider takes nothing else. */
  source(folder: string): Promise<string>
  /** What the result of that source is called. */
  readonly output: string
}

/** Large enough that Converter App takes it as a job and not in one request. */
async function song(folder: string): Promise<string> {
  const path = join(folder, 'song.wav')
  await writeFile(path, await tone('wav'))
  return path
}

export const onlineSubjects = {
  xconvert: async () => ({
    id: 'xconvert',
    server: await xconvertServer(),
    key: xconvertKey,
    variable: 'BESIDE_KEY_XCONVERT',
    source: song,
    output: 'song.mp3',
  }),
  'converter-app': async () => ({
    id: 'converter-app',
    server: await converterAppServer(),
    key: converterAppKey,
    variable: 'BESIDE_KEY_CONVERTER_APP',
    source: song,
    output: 'song.mp3',
  }),
  musicgpt: async () => ({
    id: 'musicgpt',
    server: await musicgptServer(),
    key: musicgptKey,
    variable: 'BESIDE_KEY_MUSICGPT',
    source: song,
    output: 'song.mp3',
  }),
  converso: async () => {
    const server = await conversoServer()
    const source = async () => server.lend(await tone('wav'))
    return { id: 'converso', server, key: conversoKey, variable: 'BESIDE_KEY_CONVERSO', source, output: '0.mp3' }
  },
} as const satisfies Record<OnlineProviderId, () => Promise<OnlineSubject>>
