/** FFmpeg and FFprobe as Beside runs them: where they are, what every run has in common, progress, and failures in Beside's terms. */
import { dirname, extname, join } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import type { Ended, Programs } from './programs.ts'
import type { Progress } from './progress.ts'
import { tellingLines, troubleOf } from './trouble.ts'

export interface Run {
  /** Input options, inputs, output options and the output: all that is particular to this run. */
  readonly args: readonly string[]
  readonly stdin: string | Uint8Array | null
  /** Files that the messages may name; they are taken out of the reasons. */
  readonly paths: readonly string[]
  readonly progress: (progress: Progress) => void
}

/** Every call throws the signal's reason, or a JobError that says why the program failed. */
export interface Ffmpeg {
  /** Runs to the end and answers with what it complained about. */
  convert(run: Run, signal: AbortSignal): Promise<readonly string[]>
  /** Runs to the end and answers with the messages that it printed. */
  measure(run: Run, signal: AbortSignal): Promise<string>
  /** Runs to the end and answers with what it wrote to standard output. */
  draw(run: Run, signal: AbortSignal): Promise<Uint8Array>
  /** The same, without hurry. */
  glance(run: Omit<Run, 'stdin' | 'progress'>, signal: AbortSignal): Promise<Uint8Array>
  /** FFprobe's answer as JSON, and what it complained about. */
  probe(
    args: readonly string[],
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly answer: unknown; readonly complaints: readonly string[] }>
  /** Names of the encoders that this build has; asked once. */
  encoders(signal: AbortSignal): Promise<ReadonlySet<string>>
  /** The first line of what each program says of itself. */
  version(program: 'ffmpeg' | 'ffprobe', signal: AbortSignal): Promise<string>
}

/** Of one allocation; more is a damaged or malicious file. */
const mostBytesAtOnce = 2 ** 30
/** Of one picture: 8K has 33 million pixels. */
const mostPixels = 2 ** 28

/** Input options for sources with pictures. */
export const carefully: readonly string[] = ['-max_pixels', String(mostPixels)]

/** @param path of the FFmpeg program, or null for the one on the system's search path; FFprobe is its neighbour. */
export function createFfmpeg(path: string | null, programs: Programs): Ffmpeg {
  const program = path ?? 'ffmpeg'
  const prober = path === null ? 'ffprobe' : join(dirname(path), `ffprobe${extname(path)}`)
  let known: Promise<ReadonlySet<string>> | null = null

  async function finish(level: 'error' | 'info', { args, stdin, paths, progress }: Run, signal: AbortSignal): Promise<Ended> {
    const ended = await programs.run({ program, args: [...common(level), ...args], stdin, progress }, signal)
    if (ended.code !== 0) throw troubleOf(program, ended, paths)
    return ended
  }

  async function ask(asked: string, args: readonly string[], paths: readonly string[], signal: AbortSignal): Promise<Ended> {
    const ended = await programs.run({ program: asked, args, stdin: null }, signal)
    if (ended.code !== 0) throw troubleOf(asked, ended, paths)
    return ended
  }

  async function askEncoders(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const text = textOf(await ask(program, ['-hide_banner', '-encoders'], [], signal))
    return new Set([...text.matchAll(/^ [VAS][.A-Z]{5} (\w\S*)/gm)].map(([, name = '']) => name))
  }

  return {
    convert: async (own, signal) => tellingLines((await finish('error', own, signal)).errors, own.paths),
    measure: async (own, signal) => (await finish('info', own, signal)).errors,
    draw: async (own, signal) => (await finish('error', own, signal)).output,
    glance: async ({ args, paths }, signal) => {
      const ended = await programs.run({ program, args: [...common('error'), ...args], stdin: null, priority: 'lowest' }, signal)
      if (ended.code !== 0) throw troubleOf(program, ended, paths)
      return ended.output
    },
    probe: async (args, source, signal) => {
      const own = ['-hide_banner', '-v', 'warning', '-max_alloc', String(mostBytesAtOnce), '-of', 'json']
      const ended = await ask(prober, [...own, ...args], [source], signal)
      return { answer: parsed(textOf(ended)), complaints: tellingLines(ended.errors, [source]) }
    },
    encoders: async (signal) => {
      known ??= askEncoders(signal)
      return await known.catch((error: unknown) => {
        known = null
        throw error
      })
    },
    version: async (which, signal) => {
      const text = textOf(await ask(which === 'ffmpeg' ? program : prober, ['-version'], [], signal))
      return text.split('\n', 1)[0]?.replace(/ Copyright.*/, '') ?? ''
    },
  }
}

/** `-n`: nothing is at the temporary name yet; if something is, somebody else writes there. */
function common(level: 'error' | 'info'): readonly string[] {
  const reports = ['-nostats', '-progress', 'pipe:3', '-stats_period', '0.2']
  return ['-nostdin', '-hide_banner', '-v', level, '-n', ...reports, '-max_alloc', String(mostBytesAtOnce)]
}

function textOf({ output }: Ended): string {
  return Buffer.from(output).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new JobError('tool-failed', { tool: 'FFprobe', reason: 'its answer is not JSON' }, { cause })
  }
}
