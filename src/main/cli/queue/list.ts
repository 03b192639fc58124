/** `beside queue`: what waits, what runs, what is held and why. */
import { describe } from '../../../shared/describe.ts'
import { livePhases, type Job, type Phase } from '../../../shared/job.ts'
import type { QueueState, Totals } from '../../../shared/model.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { jobLine, line, summaryLine } from '../report/json.ts'
import { nameOf } from '../report/live.ts'
import type { Paint } from '../screen.ts'
import { table } from '../table.ts'
import { numberText, shown } from '../text.ts'
import { heldText, providerTitles, stepWords } from '../words.ts'

export interface ListWords {
  readonly batch?: number
  readonly limit?: number
  readonly json?: true
}

const pageSize = 200
const listedAtMost = 100

export async function list(words: ListWords, around: Around): Promise<ExitStatus> {
  return await withSession(around, 'look', async ({ client, ask }) => {
    const now = await ask(() => client.queue.totals())
    const { totals } = now
    const most = words.limit ?? (words.json === true ? Infinity : listedAtMost)
    const rows: string[][] = []
    let listed = 0
    let after: string | null = null
    do {
      const wanted = { phases: [...livePhases], batchId: words.batch ?? null, after, limit: Math.min(pageSize, most - listed) }
      const page: { jobs: Job[]; next: string | null } = await ask(() => client.jobs.list(wanted))
      for (const job of page.jobs) {
        if (words.json === true) await around.screen.write(`${jobLine(job, null)}\n`)
        else rows.push(row(job, around.cwd))
      }
      listed += page.jobs.length
      after = page.next
    } while (after !== null && listed < most)
    const { screen } = around
    if (words.json === true) {
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
      return stepWords[state.work.step]
    case 'waiting':
    case 'uncertain': {
      const { message, action } = describe(state.why)
      return shown(`${state.phase === 'waiting' ? 'waits for you' : 'uncertain'}: ${message} ${action}`.trim())
    }
    case 'queued':
      if (state.dueAtMs > Date.now()) return `again at ${new Date(state.dueAtMs).toLocaleTimeString()}`
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
  if (parts.length === 0) return paused ? 'The queue is empty, and paused.' : 'The queue is empty.'
  const more = shownOf === 'more' ? ' Not all are shown: --limit shows more.' : ''
  const why = paused ? 'paused: `beside queue resume` goes on' : held === null ? null : `held, ${heldText(held)}`
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
