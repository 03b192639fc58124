/** The tool `inspect`: what one file holds. */
import type { McpServer } from '@modelcontextprotocol/server'
import { stat } from 'node:fs/promises'
import * as z from 'zod'
import { englishTexts } from '../../../../shared/describe.ts'
import { JobError } from '../../../../shared/failure.ts'
import { mediaLines } from '../../../../shared/media-lines.ts'
import type { Session } from '../../../api/session.ts'
import { inodeOf } from '../../../files/identity.ts'
import { bytesText, clockText, shown } from '../../terminal/text.ts'
import { outside } from '../allowed.ts'
import { answeredBy, type ToolAnswer } from '../answer.ts'
import { refusalSchema } from '../refusal.ts'
import { folderText } from './convert.ts'
import type { ToolPorts } from './ports.ts'

const inputSchema = z.strictObject({
  path: z.string().min(1).max(4096).describe('A file: absolute, or relative to an allowed folder.'),
})
type Args = z.infer<typeof inputSchema>

const outputSchema = z.object({
  file: z
    .object({
      path: z.string(),
      format: z.string(),
      bytes: z.number(),
      facts: z.array(z.object({ label: z.string(), values: z.array(z.string()) })),
      moreFacts: z.number().int().describe('facts that are not listed'),
    })
    .optional(),
  failure: refusalSchema.optional(),
})
type Data = z.infer<typeof outputSchema>

const maxFacts = 150
const maxValues = 30
const maxText = 300

export function registerInspect(server: McpServer, ports: ToolPorts): void {
  server.registerTool(
    'inspect',
    {
      title: 'Inspect a file',
      description: `Shows what a file holds, without changing it: format, length, streams with their languages, tags, pages, pixels. ${folderText(ports)}`,
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    answeredBy(
      'inspect',
      ports,
      (failure): Data => ({ failure }),
      async (args, context) =>
        await ports.queue.use('look', async (session) => await inspect(args, session, ports, context.mcpReq.signal)),
    ),
  )
}

async function inspect(
  { path: name }: Args,
  { ask }: Session,
  { allowed }: ToolPorts,
  signal: AbortSignal,
): Promise<ToolAnswer<Data>> {
  const named = await allowed.named(name)
  if (named === null) throw outside(name, allowed)
  const { path } = named
  if (!named.isThere) throw new JobError('source-missing', { path })
  const stats = await stat(path)
  if (!stats.isFile()) throw new JobError('source-not-file', { path, ...(stats.isDirectory() && { because: 'a-folder' }) })
  const before = await inodeOf(path)
  const facts = await ask((client) => client.media.inspect({ path }, { signal }))
  // A link that came into the way meanwhile may have led anywhere.
  if ((await allowed.place(path)) !== path || (await inodeOf(path)) !== before) throw new JobError('source-changed', { path })
  const figures = { bytes: bytesText, length: clockText, number: String }
  const lines = mediaLines(facts, { texts: englishTexts, figures, maxValues, maxText })
  const known = lines.filter(({ values }) => values.length > 0)
  const shownLines = known
    .slice(0, maxFacts)
    .map(({ label, values }) => ({ label: shown(label), values: values.slice(0, maxValues).map(plain) }))
  const text = [shown(path), ...shownLines.map(({ label, values }) => `${label}: ${values.join('; ')}`)]
  return {
    data: {
      file: { path, format: facts.format, bytes: stats.size, facts: shownLines, moreFacts: known.length - shownLines.length },
    },
    text: text.join('\n'),
  }
}

/** Blanks that do not break are for people's eyes. */
function plain(text: string): string {
  return shown(text).replaceAll(/[\u00a0\u202f]/g, ' ')
}
