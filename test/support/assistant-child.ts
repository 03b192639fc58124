/** A client that asks for a long conversion and waits, for tests that kill it; says the server's process first. */
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const { words, home } = JSON.parse(process.argv[2] ?? '') as {
  readonly words: readonly [string, ...string[]]
  readonly home: string
}
const [command, ...args] = words
const transport = new StdioClientTransport({ command, args, env: { BESIDE_HOME: home }, stderr: 'ignore' })
const client = new Client({ name: 'test', version: '1' })
await client.connect(transport)
process.stdout.write(String(transport.pid))
await client.callTool({ name: 'convert', arguments: { sources: ['a.wav'], target: 'opus' } })
