/** `beside queue`: what waits, what runs, what is on hold and why. */
import { describe } from '../../../shared/describe.ts'
import { livePhases, type Job, type Phase } from '../../../shared/job.ts'
import type { QueueState, Totals } from '../../../shared/model.ts'
import { withSession, type CliContext, type JsonArgs } from '../context.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { jobLine, line, summaryLine } from '../report/json.ts'
import { nameOf } from '../report/live.ts'
import type { Paint } from '../terminal/screen.ts'
import { table } from '../terminal/table.ts'
import { numberText, shown } from '../terminal/text.ts'
import { heldText, providerTitles, stepLabels } from '../labels.ts'

export interface ListArgs extends JsonArgs {
  readonly batch?: number
  readonly limit?: number
}

const pageSize = 200
const maxListed = 100

export async function list(args: ListArgs, context: CliContext): Promise<ExitStatus> {
  return await withSession(context, 'look', async ({ client, ask }) => {
    const now = await ask(() => client.queue.totals())
    const { totals } = now
    const limit = args.limit ?? (args.json === true ? Infinity : maxListed)
    const rows: string[][] = []
    let listed = 0
    let after: string | null = null
    do {
      const wanted = { phases: [...livePhases], batchId: args.batch ?? null, after, limit: Math.min(pageSize, limit - listed) }
      const page: { jobs: Job[]; next: string | null } = await ask(() => client.jobs.list(wanted))
      for (const job of page.jobs) {
        if (args.json === true) await context.screen.write(`${jobLine(job, null)}\n`)
        else rows.push(row(job, context.cwd))
      }
      listed += page.jobs.length
      after = page.next
    } while (after !== null && listed < limit)
    const { screen } = context
    if (args.json === true) {
      screen.print(line('totals', { ...totals, queuePaused: now.paused, queueHeld: now.held?.by ?? null }))
      screen.print(summaryLine(sumOf(totals)))
      return exit.done
    }
    if (rows.length > 0) screen.print(table(columns, rows, screen))
    screen.print(footOf(now, after === null ? 'all' : 'more', screen.paint))
    return exit.done
  })
}

const columns = [
  { title: 'ID', align: 'right' },
  { title: 'FILE', yields: 'in the middle' },
  { title: 'TO' },
  { title: 'WITH' },
  { title: 'STATE', yields: 'at the end' },
] as const

function row(job: Job, cwd: string): string[] {
  return [String(job.id), nameOf(job, cwd), job.order.target, providerTitles[job.provider], stateOf(job)]
}

function stateOf({ state, priority }: Job): string {
  switch (state.phase) {
    case 'running':
      return stepLabels[state.work.step]
    case 'waiting':
    case 'uncertain': {
      const { message, action } = describe(state.why)
      return shown(`${state.phase === 'waiting' ? 'needs attention' : 'uncertain'}: ${message} ${action}`.trim())
    }
    case 'queued':
      if (state.dueAtMs > Date.now()) return `retries at ${new Date(state.dueAtMs).toLocaleTimeString()}`
      return priority === 0 ? 'queued' : `queued, ${priority > 0 ? 'high' : 'low'} priority`
    default:
      return state.phase
  }
}

function footOf({ totals, paused, held }: QueueState, shownOf: 'all' | 'more', paint: Paint): string {
  const phases: readonly [Phase, string][] = [
    ['running', 'running'],
    ['queued', 'queued'],
    ['paused', 'paused'],
    ['waiting', 'waiting for you'],
    ['uncertain', 'uncertain'],
  ]
  const parts = phases.filter(([phase]) => totals[phase] > 0).map(([phase, word]) => `${numberText(totals[phase])} ${word}`)
  if (parts.length === 0) return paused ? 'The queue is empty and paused.' : 'The queue is empty.'
  const more = shownOf === 'more' ? ' Not all jobs are shown; use --limit to show more.' : ''
  const why = paused ? 'paused: `beside queue resume` continues' : held === null ? null : `on hold, ${heldText(held)}`
  return `${parts.join(', ')}.${more}${why === null ? '' : paint('yellow', ` The queue is ${why}.`)}`
}

function sumOf(totals: Totals) {
  return {
    done: totals.done,
    skipped: totals.skipped,
    failed: totals.failed + totals.cancelled,
    waiting: totals.waiting + totals.uncertain + totals.paused,
  }
}
