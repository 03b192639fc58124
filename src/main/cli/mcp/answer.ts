/**
 * What a tool answers: data that fits its schema, and the same in words for whoever reads no data. A tool that throws answers why, never with
 * an error of the protocol: the assistant is to read it and do better.
 */
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import type { Log } from '../../engine/ports.ts'
import { clipped, refusal, refusalOfError, refusalText, type ToolRefusal } from './refusal.ts'
import type { Allowed } from './allowed.ts'

export interface ToolAnswer<Data> {
  readonly data: Data
  readonly text: string
  readonly isError?: true
}

/** Ten thousand words: more is cut off, and can be asked for by the page. */
const maxTextLength = 40_000

export interface ToolContext {
  readonly allowed: Allowed
  readonly log: Log
}

/** @param refused the data where nothing was done. */
export function answeredBy<Args, Data extends Readonly<Record<string, unknown>>>(
  name: string,
  { allowed, log }: ToolContext,
  refused: (why: ToolRefusal) => Data,
  tool: (args: Args, context: ServerContext) => Promise<ToolAnswer<Data>>,
): (args: Args, context: ServerContext) => Promise<CallToolResult> {
  return async (args, context) => {
    log.info('an assistant called', { tool: name })
    const why = nothingAllowed(allowed)
    if (why !== null) return resultOf({ data: refused(why), text: refusalText(why), isError: true })
    try {
      return resultOf(await tool(args, context))
    } catch (error) {
      const reason = refusalOfError(error)
      if (reason.code === 'internal' && !context.mcpReq.signal.aborted)
        log.error('a tool failed', { tool: name, error: error instanceof Error ? error.stack : String(error) })
      return resultOf({ data: refused(reason), text: refusalText(reason), isError: true })
    }
  }
}

function resultOf<Data extends Readonly<Record<string, unknown>>>({ data, text, isError }: ToolAnswer<Data>): CallToolResult {
  return {
    structuredContent: data,
    content: [{ type: 'text', text: clipped(text, maxTextLength) }],
    ...(isError !== undefined && { isError }),
  }
}

function nothingAllowed({ confinement, missing, text }: Allowed): ToolRefusal | null {
  if (confinement.folders.length > 0) return null
  if (missing.length > 0)
    return refusal(`None of the allowed folders is there: ${text}.`, 'Make it available, then restart this server.')
  return refusal(
    'No folder is allowed yet, so nothing was touched.',
    'Ask the user to start this server with the folders that it may use: `beside mcp --allow FOLDER`, which can be repeated.',
  )
}
