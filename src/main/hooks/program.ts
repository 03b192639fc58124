/**
 * Runs a hook's program: with its own arguments and never through a shell, the facts in its environment and as JSON on standard input. It is killed,
 * with whatever it started, at its time limit, at a stop, and when Beside is killed. Apart from hooks that call an
 * address.
 */
import { JobError, toFailure, type Failure, failure } from '../../shared/failure.ts'
import type { HookAction, HookTest } from '../../shared/hooks.ts'
import type { Clock } from '../engine/ports.ts'
import { toolName, type Programs } from '../providers/local/process/programs.ts'

export interface ProgramPorts {
  readonly programs: Programs
  readonly clock: Clock
  /** Where programs run. */
  readonly folder: string
}

/** Kept of what it prints, at the beginning and as many at the end. */
const keptChars = 32 * 1024

/** What came of it. @throws the signal's reason alone. */
export async function runHookProgram(
  { program, args }: Extract<HookAction, { kind: 'program' }>,
  told: { readonly body: string; readonly variables: Readonly<Record<string, string>>; readonly timeoutMs: number },
  { programs, clock, folder }: ProgramPorts,
  signal: AbortSignal,
): Promise<HookTest> {
  const tool = toolName(program)
  const startedAtMs = clock.nowMs()
  const limit = new AbortController()
  const seconds = told.timeoutMs / 1000
  const cancelTimer = clock.after(told.timeoutMs, () =>
    limit.abort(new JobError('hook-failed', { because: 'hook-time-over', seconds })),
  )
  let output = ''
  const printed = (text: string) => (output = text)
  const command = { program, args, stdin: told.body, surroundings: told.variables, startsOthers: true } as const
  try {
    const ended = await programs.run(
      { ...command, ofUser: { folder, keptChars, printed } },
      AbortSignal.any([signal, limit.signal]),
    )
    const { code, signal: by } = ended
    if (code === 0) return { answer: { status: 0, tookMs: clock.nowMs() - startedAtMs }, why: null, output }
    const why =
      code === null
        ? failure('hook-failed', { because: 'hook-ended', tool, reason: by ?? '' })
        : failure('hook-failed', { because: 'exit-status', tool, status: code })
    return { answer: null, why, output }
  } catch (error) {
    signal.throwIfAborted()
    return { answer: null, why: notRun(toFailure(error), tool), output }
  } finally {
    cancelTimer()
  }
}

/** What is said of programs that convert, as it is said of this one. */
function notRun(why: Failure, tool: string): Failure {
  if (why.code !== 'tool-missing' && why.code !== 'tool-failed') return why
  const { reason } = why.facts
  return reason === undefined
    ? failure('hook-failed', { because: 'hook-program-missing', tool })
    : failure('hook-failed', { because: 'not-started', tool, reason })
}
