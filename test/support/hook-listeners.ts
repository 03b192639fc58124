/** Who hears of hooks in tests: a program that writes down what it was told, and a server that keeps what came in. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HookDraft } from '../../src/shared/hooks.ts'

/** What a program was told, as JSON that any test reads. */
export interface Told {
  readonly args: readonly string[]
  readonly folder: string
  readonly variables: Readonly<Record<string, string>>
  readonly body: HookMessage
}

/** The JSON of a delivery, as far as tests look at it. */
export interface HookMessage {
  readonly id: string
  readonly event: string
  readonly outcome: string
  readonly at: string
  readonly hook: string
  readonly attempt: number
  readonly sample: boolean
  readonly job: Readonly<Record<string, unknown>> & { readonly id: number; readonly failure: { readonly code: string } | null }
  readonly batch: Readonly<Record<string, unknown>>
  readonly folder: Readonly<Record<string, unknown>>
}

const script = `
import { appendFileSync, readFileSync } from 'node:fs'
const [, , out, ...args] = process.argv
const body = JSON.parse(readFileSync(0, 'utf8'))
const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('BESIDE_')))
appendFileSync(out, JSON.stringify({ args, folder: process.cwd(), variables, body }) + '\\n')
console.log('told of ' + body.event)
`

export interface HookProgram {
  /** As it is started, with more arguments. */
  readonly action: (...args: readonly string[]) => Extract<HookDraft['action'], { kind: 'program' }>
  /** One for each time that it ran, oldest first. */
  told(): Promise<readonly Told[]>
}

/** A real program that takes down all that it was told. */
export async function hookProgram(folder: string): Promise<HookProgram> {
  const file = join(folder, 'hook program.mjs')
  const out = join(folder, 'told.jsonl')
  await writeFile(file, script)
  return {
    action: (...args) => ({ kind: 'program', program: process.execPath, args: [file, out, ...args] }),
    told: async () => {
      const text = await readFile(out, 'utf8').catch(() => '')
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Told]))
    },
  }
}

export interface HookCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly message: HookMessage
}

export interface HookServer {
  readonly url: string
  readonly calls: readonly HookCall[]
  /** What it says from now on; `silent`: nothing at all. */
  answer(status: number | 'silent', more?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string }): void
}

/** A real server on loopback that answers 204 unless told otherwise. */
export async function hookServer(): Promise<HookServer> {
  const calls: HookCall[] = []
  let [status, headers, says]: [number | 'silent', Readonly<Record<string, string>>, string] = [204, {}, '']
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const { method = '', url: path = '' } = request
      calls.push({ method, path, headers: request.headers, body, message: JSON.parse(body) as HookMessage })
      if (status !== 'silent') response.writeHead(status, headers).end(says)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/heard`,
    calls,
    answer: (next, more = {}) => ([status, headers, says] = [next, more.headers ?? {}, more.body ?? '']),
  }
}

/** A hook for everything, with what a test says otherwise. */
export function hookDraft(action: HookDraft['action'], change: Partial<HookDraft> = {}): HookDraft {
  return {
    name: 'tell',
    after: 'job',
    outcomes: ['done', 'skipped', 'failed', 'cancelled'],
    folderId: null,
    preset: null,
    action,
    timeoutMs: 60_000,
    ...change,
  }
}
