/** An assistant: the SDK's own client over the real program, as a process of its own. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, type ProgressCallback } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { onTestFinished } from 'vitest'
import { launch } from './cli.ts'
import { temporaryFolder } from './folder.ts'

export interface Called {
  /** The structured answer. */
  readonly data: Readonly<Record<string, unknown>>
  readonly text: string
  readonly isError: boolean
}

export interface CallOptions {
  readonly onprogress?: ProgressCallback
  readonly signal?: AbortSignal
}

export interface Assistant {
  readonly client: Client
  readonly pid: number
  call(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Called>
  /** As clients do: standard input ends first. */
  close(): Promise<void>
}

export interface Desk {
  /** The folder that is allowed. */
  readonly folder: string
  /** One that is not. */
  readonly elsewhere: string
  readonly home: string
  /** Starts the server, with the folder allowed unless other words are given. */
  assistant(options?: AssistantOptions): Promise<Assistant>
}

export interface AssistantOptions {
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `auto` speaks the newest protocol, `legacy` the one before. */
  readonly mode?: 'auto' | 'legacy'
}

export async function desk(): Promise<Desk> {
  const [top, home] = [await temporaryFolder(), await temporaryFolder()]
  const [folder, elsewhere] = [join(top, 'allowed'), join(top, 'elsewhere')]
  await Promise.all([folder, elsewhere].map(async (each) => await mkdir(each)))
  return {
    folder,
    elsewhere,
    home,
    assistant: async ({ words = ['--allow', folder], env = {}, mode = 'legacy' } = {}) => {
      const [command, ...before] = launch
      const transport = new StdioClientTransport({
        command,
        args: [...before, 'mcp', ...words],
        env: { BESIDE_HOME: home, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '', ...env },
        stderr: 'ignore',
        cwd: top,
      })
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      onTestFinished(async () => await client.close())
      await client.connect(transport)
      return {
        client,
        pid: transport.pid ?? 0,
        close: async () => await client.close(),
        call: async (name, args = {}, options = {}) => {
          const answer = await client.callTool({ name, arguments: args }, options)
          const [first] = answer.content
          return {
            data: (answer.structuredContent ?? {}) as Called['data'],
            text: first?.type === 'text' ? first.text : '',
            isError: answer.isError === true,
          }
        },
      }
    },
  }
}
