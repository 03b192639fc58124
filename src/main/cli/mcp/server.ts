/** The server of one connection: who it is, and its tools. Apart from the command, as the protocol asks for a new one where a client begins anew. */
import { McpServer } from '@modelcontextprotocol/server'
import { version } from '../context.ts'
import { folderText, registerConvert } from './tools/convert.ts'
import { registerFormats } from './tools/formats.ts'
import { registerHistory } from './tools/history.ts'
import { registerInspect } from './tools/inspect.ts'
import type { ToolPorts } from './tools/ports.ts'
import { registerStatus } from './tools/status.ts'

/** Lists of sources are the largest thing that a call holds. */
const maxInputElements = 2000

export function createServer(ports: ToolPorts): McpServer {
  const instructions = `Beside converts files on the user's computer. ${folderText(ports)} Call \`convert\` with sources and a target; \`formats\` tells what is possible, \`status\` how a batch stands.`
  const server = new McpServer(
    { name: 'beside', title: 'Beside', version },
    { instructions, capabilities: { tools: { listChanged: false } }, maxToolInputElements: maxInputElements },
  )
  registerConvert(server, ports)
  registerStatus(server, ports)
  registerInspect(server, ports)
  registerFormats(server, ports)
  registerHistory(server, ports)
  return server
}
