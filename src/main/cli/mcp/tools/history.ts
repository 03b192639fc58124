/** The tool `history`: finished conversions, newest first. */
import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { finishedPhases, type Job } from '../../../../shared/job.ts'
import type { HistoryQuery } from '../../../../shared/model.ts'
import type { Session } from '../../../api/session.ts'
import { answeredBy, type ToolAnswer } from '../answer.ts'
import { jobReport, jobReportSchema, jobReportText } from '../job-report.ts'
import { refusal, refusalSchema, RefusedCall } from '../refusal.ts'
import { targetNamed } from './convert.ts'
import type { ToolPorts } from './ports.ts'

const inputSchema = z.strictObject({
  query: z.string().max(500).optional().describe('Beginnings of words in names, folders, formats and errors; all must occur.'),
  outcome: z.enum(finishedPhases).optional(),
  target: z.string().max(40).optional().describe('Only conversions to this format, like "mp3".'),
  since: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional()
    .describe('Finished on this day (UTC) or later, like "2026-11-21".'),
  limit: z.number().int().min(1).max(100).optional().describe('Default 20.'),
  after: z.string().max(500).optional().describe('`next` of the answer before, for older ones.'),
})
type Args = z.infer<typeof inputSchema>

const outputSchema = z.object({
  files: z.array(jobReportSchema),
  next: z.string().nullable().describe('for `after`; null: there are no more'),
  failure: refusalSchema.optional(),
})
type Data = z.infer<typeof outputSchema>

export function registerHistory(server: McpServer, ports: ToolPorts): void {
  server.registerTool(
    'history',
    {
      title: 'Finished conversions',
      description: 'Lists finished conversions of files in the allowed folders, newest first, with results and failures.',
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    answeredBy(
      'history',
      ports,
      (failure): Data => ({ files: [], next: null, failure }),
      async (args) => await ports.queue.use('look', async (session) => await history(args, session, ports)),
    ),
  )
}

async function history(args: Args, { ask }: Session, { listing }: ToolPorts): Promise<ToolAnswer<Data>> {
  const query: HistoryQuery = {
    ...(args.since !== undefined && { fromMs: momentOf(args.since) }),
  }
  const { jobs, next } = await listing.page(
    async (place) => await ask((client) => client.history.page({ query, ...place })),
    { after: args.after ?? null, limit: args.limit ?? 20 },
    wantedBy(args),
  )
  const files = jobs.map(jobReport)
  const more = next === null ? [] : [`There may be more: call it again with after ${JSON.stringify(next)}.`]
  const text = [files.length === 0 ? 'Nothing was found in the allowed folders.' : '', ...files.map(jobReportText), ...more]
  return { data: { files, next }, text: text.filter((line) => line !== '').join('\n') }
}

/** Words as the history is searched for them elsewhere; only among jobs that may be shown. */
function wantedBy({ query = '', outcome, target }: Args): (job: Job) => boolean {
  const begun = wordsOf(query)
  const format = target === undefined ? null : targetNamed(target)
  return (job) => {
    if (outcome !== undefined && job.state.phase !== outcome) return false
    if (format !== null && job.order.target !== format) return false
    if (begun.length === 0) return true
    const { source, outputs, failure } = jobReport(job)
    const paths = outputs.map(({ path }) => path)
    const words = wordsOf([source, ...paths, job.order.from ?? '', job.order.target, failure?.message ?? ''].join(' '))
    return begun.every((beginning) => words.some((word) => word.startsWith(beginning)))
  }
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  )
}

function momentOf(day: string): number {
  const ms = Date.parse(day)
  if (Number.isNaN(ms)) throw new RefusedCall(refusal(`There is no day ${day}.`, 'Use a date like 2026-11-21.'))
  return ms
}
