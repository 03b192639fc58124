/**
 * `beside queue run`: works until the queue is empty. In the background it is the worker for what was queued with --detach. There is one a
 * data folder: it answers at a socket of its own, so that three hundred detached commands start one worker and not three hundred.
 */
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { addressesOf, handshake, makePrivate } from '../../api/carriers/address.ts'
import type { Session } from '../../api/session.ts'
import { homePath, openHome } from '../../home.ts'
import { ownCommand, runAsNode } from '../../packed.ts'
import { withSession, type CliContext, type JsonArgs } from '../context.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { waitFor } from '../report/follow.ts'
import { jsonReport } from '../report/json.ts'
import { peopleReport } from '../report/report.ts'
import { createTally } from '../report/tally.ts'

export interface RunArgs extends JsonArgs {
  readonly background?: true
}

export async function run(args: RunArgs, context: CliContext): Promise<ExitStatus> {
  const work = args.background === true ? workOn : runThrough
  return await withSession(context, 'work', async (session) => await work(session, args, context))
}

/** As the one worker in the background, until nothing is left. */
async function workOn(session: Session, args: RunArgs, context: CliContext): Promise<ExitStatus> {
  for (;;) {
    const retire = await becomeWorker(openHome(homePath(context.env, context.cwd)))
    if (retire === null) return exit.done
    let status: ExitStatus
    try {
      status = await runThrough(session, args, context)
    } finally {
      await retire()
    }
    // Who queued something just before found a worker still there, and relied on it.
    const { totals, paused } = await session.ask((client) => client.queue.totals())
    if (paused || status === exit.interrupted || totals.queued + totals.running === 0) return status
  }
}

async function runThrough(session: Session, args: RunArgs, context: CliContext): Promise<ExitStatus> {
  const startedAtMs = performance.now()
  const { screen, cwd, interruption } = context
  const tally = createTally(null)
  const report = args.json === true ? jsonReport(screen) : peopleReport({ screen, tally, cwd })
  const whenHeld = screen.isLive ? 'wait' : args.background === true ? 'end where it is paused' : 'end'
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
  if (tally.known() === 0 && args.json !== true) {
    report.stop()
    screen.print('The queue is empty.')
    return interrupted ? exit.interrupted : exit.done
  }
  report.end({
    tally,
    tookMs: performance.now() - startedAtMs,
    batchId: null,
    interrupted,
    goesOn: session.role() === 'guest' ? 'elsewhere' : 'later',
  })
  if (interrupted) return exit.interrupted
  const sum = tally.sum()
  if (sum.failed > 0) return exit.failed
  return sum.waiting > 0 ? exit.waiting : exit.done
}

/** Starts a worker unless there is one. It runs on after this process and its terminal are gone. */
export async function workInBackground(context: CliContext): Promise<void> {
  const home = openHome(homePath(context.env, context.cwd))
  const there = await handshake(addressesOf(home, 'worker'))
  if (there !== null) {
    there.destroy()
    return
  }
  const [, script = fileURLToPath(import.meta.url)] = process.argv
  const [program, ...own] = ownCommand(script, context.env)
  const child = spawn(program, [...own, 'queue', 'run', '--background'], {
    cwd: home,
    env: { ...context.env, BESIDE_HOME: home, [runAsNode]: '1' },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  })
  child.unref()
}

/** The right to be the one worker. Null where there is one already. */
async function becomeWorker(home: string): Promise<(() => Promise<void>) | null> {
  const addresses = addressesOf(home, 'worker')
  const there = await handshake(addresses)
  if (there !== null) {
    there.destroy()
    return null
  }
  for (const address of addresses) {
    if (!(await makePrivate(address).catch(() => false))) continue
    if (process.platform !== 'win32') await rm(address.path, { force: true })
    const server = createServer((line) => line.destroy())
    if (await listens(server, address.path)) return () => new Promise((resolve) => server.close(() => resolve()))
  }
  // Nowhere to answer: better two workers than none.
  return async () => {}
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(path, () => resolve(true))
  })
}
