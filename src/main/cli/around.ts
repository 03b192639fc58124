/** What surrounds a command: where it stands, its streams, and what may cut it short. */
import { isatty } from 'node:tty'
import { createScreen, type Screen } from './screen.ts'

export interface Around {
  /** Where the user stands; relative names mean this. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly screen: Screen
  readonly input: NodeJS.ReadStream
  /** Aborted with an Interrupted by Ctrl-C and its like, or when nobody reads standard output any more. */
  readonly interruption: AbortSignal
}

export class Interrupted extends Error {
  readonly by: 'signal' | 'reader'

  constructor(by: 'signal' | 'reader') {
    super(by === 'signal' ? 'interrupted' : 'nobody reads the output')
    this.by = by
  }
}

/** A terminal's Ctrl-C comes again by npm and other launchers within a moment: that is the same one. A hand takes longer. */
const sameSignalMs = 250

/** A second signal ends the process at once. */
export function surroundings(): Around {
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
