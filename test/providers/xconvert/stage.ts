/** xconvert on stage. */
import { stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createXconvert, type Xconvert } from '../../../src/main/providers/xconvert/index.ts'
import { orderIn } from '../../support/order.ts'
import { tone } from '../../support/servers/convert.ts'
import { xconvertError, xconvertKey, type XconvertServer, xconvertServer } from '../../support/servers/xconvert.ts'
import { onStage, type Stage, type Subject } from '../../support/stage.ts'

export interface XconvertSubject extends Subject {
  readonly server: XconvertServer
}

export async function subject(folder: string): Promise<XconvertSubject> {
  const server = await xconvertServer()
  const path = join(folder, 'Grüße “Björk”.wav')
  await writeFile(path, await tone('wav'))
  const { size: bytes, mtimeMs } = await stat(path)
  return {
    server,
    create: (options) => createXconvert(options, { 'X-Request-Id': 'r-1', Authorization: 'mine' }),
    key: xconvertKey,
    wish: { source: { kind: 'file', path, bytes, mtimeMs }, from: 'wav', target: 'mp3', options: {}, facts: null },
    made: () => server.made(),
    saying: (word) => ({ kind: 'altered', alter: (reply) => ({ ...reply, body: { ...(reply.body as object), status: word } }) }),
    failedWord: 'failed',
    errorBody: xconvertError,
    wrongKey: 'key-rejected',
    codes: [
      ['submit', 400, 'conversion-failed'],
      ['submit', 401, 'key-rejected'],
      ['submit', 402, 'out-of-credit'],
      ['submit', 403, 'not-allowed'],
      ['submit', 404, 'provider-error'],
      ['submit', 409, 'provider-error'],
      ['submit', 413, 'too-large'],
      ['submit', 415, 'conversion-failed'],
      ['submit', 422, 'conversion-failed'],
      ['submit', 429, 'rate-limited'],
      ['submit', 500, 'provider-down'],
      ['submit', 502, 'answer-lost'],
      ['submit', 503, 'provider-down'],
      ['poll', 401, 'key-rejected'],
      ['poll', 404, 'gone'],
      ['poll', 410, 'gone'],
      ['poll', 429, 'rate-limited'],
      ['poll', 500, 'provider-down'],
      ['result', 401, 'gone'],
      ['result', 402, 'gone'],
      ['result', 403, 'gone'],
      ['result', 404, 'gone'],
      ['result', 410, 'gone'],
      ['result', 500, 'provider-down'],
    ],
  }
}

export type XconvertStage = Stage & { readonly server: XconvertServer; readonly provider: Xconvert }

export async function scene(): Promise<XconvertStage> {
  return (await onStage(subject)) as XconvertStage
}

/** The same with a source of more than two chunks, and what it notes on its way. */
export async function longScene() {
  const stage = await scene()
  const { source } = stage.wish
  if (source.kind !== 'file') throw new Error('a file is needed')
  await truncate(source.path, 2.5 * 8 * 1024 * 1024)
  const folder = join(stage.order.temp(0), '..')
  const begin = (notes: Record<string, string> = {}) => orderIn(folder, stage.wish, notes)
  const send = async ({ order }: ReturnType<typeof begin>) => await stage.provider.submit(order, () => undefined, stage.signal)
  const ranges = () => stage.server.asked('chunk').map(({ headers }) => headers['content-range'])
  return { stage, path: source.path, begin, send, ranges }
}
