/** What a command runs in: where it was started, its streams, what may cut it short, and its session on the data folder. */
import { dirname } from 'node:path'
import { isatty } from 'node:tty'
import description from '../../../package.json' with { type: 'json' }
import type { SessionMode } from '../api/carriers/address.ts'
import type { Session } from '../api/session.ts'
import { packedResources } from '../packed.ts'
import type { ExitStatus } from './exit.ts'
import { createScreen, type Screen } from './terminal/screen.ts'

export const version: string = description.version

const resources = packedResources()
/** As people read it: a command that came with the app says so. */
export const versionAndPlace = resources === null ? version : `${version} (part of the app in ${dirname(resources)})`

export interface CliContext {
  /** Relative names mean this folder. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly screen: Screen
  readonly input: NodeJS.ReadStream
  /** Aborted with an Interrupted by Ctrl-C and its like, or when nobody reads standard output any more. */
  readonly interruption: AbortSignal
}

/** Runs a command in its context and keeps how it ended. */
export type Start = (command: (context: CliContext) => Promise<ExitStatus> | ExitStatus) => Promise<void>

export interface JsonArgs {
  readonly json?: true
}

export class Interrupted extends Error {
  readonly by: 'signal' | 'reader'

  constructor(by: 'signal' | 'reader') {
    super(by === 'signal' ? 'interrupted' : 'nobody reads the output')
    this.by = by
  }
}

/** A terminal's Ctrl-C is repeated by npm and other launchers within a moment: that is the same one. A person takes longer. */
const sameSignalMs = 250

/** A second signal ends the process at once. */
export function createContext(): CliContext {
  const interruption = new AbortController()
  let interruptedAtMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const nowMs = performance.now()
      if (!interruption.signal.aborted) interruptedAtMs = nowMs
      else if (nowMs - interruptedAtMs > sameSignalMs) process.exit(130)
      interruption.abort(new Interrupted('signal'))
    })
  }
  // `beside … | head` closes the pipe; a closed terminal gives an error as well.
  process.stdout.on('error', () => interruption.abort(new Interrupted('reader')))
  process.stderr.on('error', () => {})
  return {
    cwd: process.cwd(),
    env: process.env,
    screen: createScreen({
      out: process.stdout,
      err: process.stderr,
      live: isatty(1) && process.env['TERM'] !== 'dumb' ? 'on' : 'off',
    }),
    input: process.stdin,
    interruption: interruption.signal,
  }
}

/** A holder needs a moment to stop what it runs, and the next one to begin. */
const patienceMs = 15_000

/** What it stands on is loaded here and not with the commands, so that help and completion are quick; the engine, only to hold the queue. */
export async function openContextSession({ env, cwd }: CliContext, mode: SessionMode): Promise<Session> {
  const [{ openSession }, { homePath, openHome }, { fileLog }] = await Promise.all([
    import('../api/session.ts'),
    import('../home.ts'),
    import('../log.ts'),
  ])
  const home = openHome(homePath(env, cwd))
  const log = fileLog(home, env['BESIDE_LOG'] === 'debug' ? 'debug' : 'info')
  return await openSession({
    home,
    version,
    mode,
    log,
    patienceMs,
    hold: async () => {
      const { compose } = await import('../compose.ts')
      const { fileSecrets } = await import('../secrets.ts')
      return await compose({ home, log, secrets: fileSecrets(home, env, log) })
    },
  })
}

/** Opens a session, uses it, closes it. */
export async function withSession<T>(context: CliContext, mode: SessionMode, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openContextSession(context, mode)
  try {
    const answer = await use(session)
    if (mode === 'work') await deliverHooks(session, context)
    return answer
  } finally {
    await session.close()
  }
}

/** Whoever holds the queue takes what is due of hooks along at its end: so a command that has converted something ends with its hooks. */
export async function deliverHooks({ client, role }: Session, { interruption, screen }: CliContext): Promise<void> {
  if (role() !== 'holder' || interruption.aborted) return
  const due = (await client.hooks.list()).some(({ hook, counts }) => hook.on && counts.due + counts.running > 0)
  if (!due) return
  if (screen.isLive) screen.warn('Running hooks …')
  await client.hooks.settled(undefined, { signal: interruption }).catch((error: unknown) => {
    if (!interruption.aborted) throw error
  })
}
