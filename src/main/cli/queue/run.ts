/** `beside queue run`: works until the queue is empty. In the background it is the one worker for what was queued with --detach. */
import { exit, type ExitStatus } from '../exit.ts'
import type { Around } from '../around.ts'
import { withSession } from '../open.ts'
import { homePath, openHome } from '../../home.ts'
import { jsonReport } from '../report/json.ts'
import { peopleReport } from '../report/people.ts'
import type { Session } from '../../api/session.ts'
import { createTally } from '../tally.ts'
import { waitFor } from '../waiting.ts'
import { becomeWorker } from './background.ts'

export interface RunWords {
  readonly json?: true
  readonly background?: true
}

export async function run(words: RunWords, around: Around): Promise<ExitStatus> {
  const work = words.background === true ? workOn : runThrough
  return await withSession(around, 'work', async (session) => await work(session, words, around))
}

/** As the one worker in the background, until nothing is left. */
async function workOn(session: Session, words: RunWords, around: Around): Promise<ExitStatus> {
  for (;;) {
    const retire = await becomeWorker(openHome(homePath(around.env, around.cwd)))
    if (retire === null) return exit.done
    let status: ExitStatus
    try {
      status = await runThrough(session, words, around)
    } finally {
      await retire()
    }
    // Who queued something just before found a worker still there, and relied on it.
    const { totals, paused } = await session.ask((client) => client.queue.totals())
    if (paused || status === exit.interrupted || totals.queued + totals.running === 0) return status
  }
}

async function runThrough(session: Session, words: RunWords, around: Around): Promise<ExitStatus> {
  const startedAtMs = performance.now()
  const { screen, cwd, interruption } = around
  const tally = createTally(null)
  const report = words.json === true ? jsonReport(screen) : peopleReport({ screen, tally, cwd })
  const whenHeld = screen.isLive ? 'wait' : words.background === true ? 'end where it is paused' : 'end'
  const waiting = waitFor({ session, tally, report, batchId: null, whenHeld, signal: interruption })
  try {
    await waiting.begun
    await waiting.close(0)
    await waiting.over
  } catch (error) {
    report.stop()
    throw error
  }
  const interrupted = interruption.aborted
  if (tally.known() === 0 && words.json !== true) {
    report.stop()
    screen.print('The queue is empty.')
    return interrupted ? exit.interrupted : exit.done
  }
  report.end({
    tally,
    tookMs: performance.now() - startedAtMs,
    batchId: null,
    interrupted,
    goesOn: session.role() === 'client' ? 'elsewhere' : 'later',
  })
  if (interrupted) return exit.interrupted
  const sum = tally.sum()
  if (sum.failed > 0) return exit.failed
  return sum.waiting > 0 ? exit.waiting : exit.done
}
