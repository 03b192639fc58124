/** What the conformance suite needs to know of Converter App, whoever answers by its protocol. */
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverterApp } from '../../src/main/providers/converter-app/index.ts'
import type { ScriptedServer } from './servers/server.ts'
import { tone } from './servers/convert.ts'
import type { Subject } from './stage.ts'

export async function converterAppSubject<Server extends ScriptedServer & { made(): Buffer }>(
  folder: string,
  server: Server,
  key: string,
): Promise<Subject & { readonly server: Server }> {
  const path = join(folder, 'Lied – “Ö”.WAV.wav')
  await writeFile(path, await tone('wav'))
  const { size: bytes, mtimeMs } = await stat(path)
  return {
    server,
    create: (options) => createConverterApp(options),
    key,
    wish: { source: { kind: 'file', path, bytes, mtimeMs }, from: 'wav', target: 'mp3', options: {}, facts: null },
    made: () => server.made(),
    saying: (word) => ({ kind: 'altered', alter: (reply) => ({ ...reply, body: { ...(reply.body as object), status: word } }) }),
    failedWord: 'failed',
    errorBody: (message) => ({ detail: message }),
    wrongKey: 'key-rejected',
    codes: [
      ['submit', 400, 'conversion-failed'],
      ['submit', 401, 'key-rejected'],
      ['submit', 403, 'not-allowed'],
      ['submit', 404, 'provider-error'],
      ['submit', 422, 'conversion-failed'],
      ['submit', 429, 'out-of-credit'],
      ['submit', 500, 'provider-error'],
      ['submit', 502, 'answer-lost'],
      ['submit', 504, 'answer-lost'],
      ['poll', 401, 'key-rejected'],
      ['poll', 404, 'gone'],
      ['poll', 500, 'provider-down'],
      ['result', 404, 'gone'],
      ['result', 409, 'provider-down'],
      ['result', 500, 'provider-down'],
    ],
  }
}
