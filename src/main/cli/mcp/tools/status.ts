/** The tool `status`: how conversions stand that are under way, or a batch of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { JobError } from '../../../../shared/failure.ts'
import { livePhases, phases } from '../../../../shared/job.ts'
import type { QueueState } from '../../../../shared/model.ts'
import type { Session } from '../../../api/session.ts'
import { jobsIn } from '../../convert/sending.ts'
import { heldText } from '../../labels.ts'
import { waitFor } from '../../report/follow.ts'
import { createTally } from '../../report/tally.ts'
import { answeredBy, type ToolAnswer } from '../answer.ts'
import { followerOf } from '../conversions.ts'
import { countsOf, countsSchema, countsText, jobReport, jobReportSchema, jobReportText } from '../job-report.ts'
import type { PageOf } from '../listing.ts'
import { progressTo } from '../progress.ts'
import { refusalSchema } from '../refusal.ts'
import type { ToolPorts } from './ports.ts'

const inputSchema = (waitSeconds: number) =>
  z.strictObject({
    batch: z.number().int().positive().optional().describe('As `convert` answered it. Without it: everything that is under way.'),
    wait: z
      .boolean()
      .optional()
      .describe(`true: waits up to ${waitSeconds} s for the batch to finish. Needs batch. Default false.`),
    limit: z.number().int().min(1).max(100).optional().describe('Jobs to list. Default 20.'),
    after: z.string().max(500).optional().describe('`next` of the answer before, for the jobs behind those.'),
  })
type Args = z.infer<ReturnType<typeof inputSchema>>

const outputSchema = z.object({
  queue: z.enum(['working', 'paused', 'on-hold']).describe('paused and on-hold: nothing begins by itself').nullable(),
  why: z.string().describe('why nothing begins, and when it does; may be empty'),
  counts: countsSchema.describe('jobs of the batch by state'),
  files: z.array(jobReportSchema),
  next: z.string().nullable().describe('for `after`; null: there are no more'),
  failure: refusalSchema.optional(),
})
type Data = z.infer<typeof outputSchema>

export function registerStatus(server: McpServer, ports: ToolPorts): void {
  server.registerTool(
    'status',
    {
      title: 'Status of conversions',
      description:
        'Tells how conversions stand: a batch that `convert` has queued, with its results, or everything that is under way in the allowed folders.',
      inputSchema: inputSchema(ports.waitSeconds),
      outputSchema,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    answeredBy(
      'status',
      ports,
      (failure): Data => ({ queue: null, why: '', counts: {}, files: [], next: null, failure }),
      async (args, context) => await ports.queue.use('look', async (session) => await status(args, context, session, ports)),
    ),
  )
}

async function status(args: Args, context: ServerContext, session: Session, ports: ToolPorts): Promise<ToolAnswer<Data>> {
  const { listing } = ports
  const { batch: batchId = null, limit = 20, after = null } = args
  if (args.wait === true && batchId === null)
    throw new JobError('option-invalid', { option: 'wait', value: 'true', allowed: 'only together with batch' })
  const listed = batchId === null ? livePhases : phases
  const pageOf: PageOf = async (place) =>
    await session.ask((client) => client.jobs.list({ phases: [...listed], batchId, ...place }))
  const before = batchId === null ? {} : await listing.counts(pageOf)
  if (batchId !== null && before === null) throw new JobError('not-found', { because: 'batch', id: String(batchId) })
  if (batchId !== null && args.wait === true) await waitForBatch(batchId, context, session, ports)
  const counts = batchId === null ? {} : ((await listing.counts(pageOf)) ?? {})
  const { jobs, next } = await listing.page(pageOf, { after, limit })
  const state = await session.ask((client) => client.queue.totals())
  const data: Data = {
    ...queueOf(state, isIdle(state, session, ports)),
    counts: countsOf(counts),
    files: jobs.map(jobReport),
    next,
  }
  return { data, text: textOf(data, batchId) }
}

async function waitForBatch(batchId: number, context: ServerContext, session: Session, ports: ToolPorts): Promise<void> {
  const progress = progressTo(context)
  const enough = new AbortController()
  const signal = AbortSignal.any([context.mcpReq.signal, ports.ending, enough.signal])
  const tally = createTally(batchId)
  const report = followerOf(() => progress.tell(tally))
  const waiting = waitFor({ session, tally, report, batchId, whenHeld: 'end', signal })
  try {
    await waiting.begun
    await waiting.close(await jobsIn(session, batchId))
    await Promise.race([waiting.over, sleep(ports.waitSeconds * 1000, undefined, { signal }).catch(() => undefined)])
  } finally {
    enough.abort()
    progress.stop()
  }
}

/** This server holds the queue only to look, and nothing here or elsewhere works at it. */
function isIdle({ totals }: QueueState, { role }: Session, { queue }: ToolPorts): boolean {
  return role() === 'holder' && !queue.works() && totals.running === 0 && totals.queued > 0
}

const idleText = 'idle: it goes on when Beside is opened, or with the next `convert`'

function queueOf({ paused, held }: QueueState, idle: boolean): Pick<Data, 'queue' | 'why'> {
  if (paused) return { queue: 'paused', why: heldText('paused') }
  if (held !== null) return { queue: 'on-hold', why: heldText(held) }
  return idle ? { queue: 'on-hold', why: idleText } : { queue: 'working', why: '' }
}

function textOf({ queue, why, counts, files, next }: Data, batchId: number | null): string {
  return [
    batchId === null
      ? files.length === 0
        ? 'Nothing is under way in the allowed folders.'
        : ''
      : `Batch ${batchId}: ${countsText(counts)}.`,
    queue === 'working' ? '' : `The queue is ${why}.`,
    ...files.map(jobReportText),
    next === null ? '' : `There are more: call it again with after ${JSON.stringify(next)}.`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}
