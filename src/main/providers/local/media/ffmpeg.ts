/** FFmpeg and FFprobe as Beside runs them: where they are, what every run has in common, progress, and failures in Beside's terms. */
import { dirname, extname, join } from 'node:path'
import { JobError, type FailureCode } from '../../../../shared/failure.ts'
import type { FfmpegPlace } from '../../../../shared/ffmpeg.ts'
import { type Ended, type Programs, toolName } from '../process/programs.ts'

export interface Run {
  /** Input options, inputs, output options and the output: all that is particular to this run. */
  readonly args: readonly string[]
  readonly stdin: string | Uint8Array | null
  /** Files that the messages may name; they are taken out of the reasons. */
  readonly paths: readonly string[]
  readonly progress: (progress: FfmpegProgress) => void
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
  runQuietly(run: Omit<Run, 'stdin' | 'progress'>, signal: AbortSignal): Promise<Uint8Array>
  /** Runs to the end and answers with both. */
  listen(run: Run, signal: AbortSignal): Promise<{ readonly output: Uint8Array; readonly printed: string }>
  /** FFprobe's answer as JSON, and what it complained about. */
  probe(
    args: readonly string[],
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly answer: unknown; readonly complaints: readonly string[] }>
  /** Names of the encoders that this build has; asked once. */
  encoders(signal: AbortSignal): Promise<ReadonlySet<string>>
  /** Names of its filters, likewise. */
  filters(signal: AbortSignal): Promise<ReadonlySet<string>>
  /** The first line of what each program says of itself, and when it was made: a day (`2026-09-30`), a year, or null where it does not say. */
  version(
    program: 'ffmpeg' | 'ffprobe',
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly released: string | null }>
}

/** Of one allocation; more is a damaged or malicious file. */
const maxAllocationBytes = 2 ** 30
/** Of one picture: 8K has 33 million pixels. */
const maxPixels = 2 ** 28

/** Input options for sources with pictures. */
export const decodingLimits: readonly string[] = ['-max_pixels', String(maxPixels)]

/** @param place asked for anew with each run: another FFmpeg is used as soon as it is there. */
export function createFfmpeg(place: () => FfmpegPlace, programs: Programs): Ffmpeg {
  const programOf = () => place().path ?? 'ffmpeg'
  const proberOf = () => {
    const { path } = place()
    return path === null ? 'ffprobe' : join(dirname(path), `ffprobe${extname(path)}`)
  }
  const lists = { encoders: /^ [VAS][.A-Z]{5} (\w\S*)/gm, filters: /^ [.A-Z|]{2,3} (\w\S*) +\S+->\S+/gm }
  const known = new Map<keyof typeof lists, { readonly of: string; readonly names: Promise<ReadonlySet<string>> }>()

  async function finish(level: 'error' | 'info', { args, stdin, paths, progress }: Run, signal: AbortSignal): Promise<Ended> {
    const program = programOf()
    const ended = await programs.run({ program, args: [...common(level), ...args], stdin, progress }, signal)
    if (ended.code !== 0) throw failureOf(program, ended, paths)
    return ended
  }

  async function ask(asked: string, args: readonly string[], paths: readonly string[], signal: AbortSignal): Promise<Ended> {
    const ended = await programs.run({ program: asked, args, stdin: null }, signal)
    if (ended.code !== 0) throw failureOf(asked, ended, paths)
    return ended
  }

  async function askList(program: string, list: keyof typeof lists, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const text = textOf(await ask(program, ['-hide_banner', `-${list}`], [], signal))
    return new Set([...text.matchAll(lists[list])].map(([, name = '']) => name))
  }

  /** Asked once of each program. */
  async function listed(list: keyof typeof lists, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const program = programOf()
    const kept = known.get(list)
    const names = kept?.of === program ? kept.names : askList(program, list, signal)
    known.set(list, { of: program, names })
    return await names.catch((error: unknown) => {
      known.delete(list)
      throw error
    })
  }

  return {
    convert: async (own, signal) => errorLines((await finish('error', own, signal)).errors, own.paths),
    measure: async (own, signal) => (await finish('info', own, signal)).errors,
    draw: async (own, signal) => (await finish('error', own, signal)).output,
    runQuietly: async ({ args, paths }, signal) => {
      const program = programOf()
      const ended = await programs.run({ program, args: [...common('error'), ...args], stdin: null, priority: 'lowest' }, signal)
      if (ended.code !== 0) throw failureOf(program, ended, paths)
      return ended.output
    },
    listen: async ({ args, paths }, signal) => {
      const program = programOf()
      const command = {
        program,
        args: [...common('info'), ...args],
        stdin: null,
        progress: () => {},
        priority: 'lowest',
      } as const
      const ended = await programs.run(command, signal)
      if (ended.code !== 0) throw failureOf(program, ended, paths)
      return { output: ended.output, printed: ended.errors }
    },
    probe: async (args, source, signal) => {
      const own = ['-hide_banner', '-v', 'warning', '-max_alloc', String(maxAllocationBytes), '-of', 'json']
      const ended = await ask(proberOf(), [...own, ...args], [source], signal)
      return { answer: parsed(textOf(ended)), complaints: errorLines(ended.errors, [source]) }
    },
    encoders: async (signal) => await listed('encoders', signal),
    filters: async (signal) => await listed('filters', signal),
    version: async (which, signal) => {
      const text = textOf(await ask(which === 'ffmpeg' ? programOf() : proberOf(), ['-version'], [], signal))
      const line = text.split('\n', 1)[0] ?? ''
      return { version: line.replace(/ Copyright.*/, '').trim(), released: releasedIn(line) }
    },
  }
}

/** Builds of the day end in it; of others the last year of the copyright is known. */
function releasedIn(line: string): string | null {
  const day = /-(20\d\d)([01]\d)([0-3]\d)\b/.exec(line)
  return day === null ? (/Copyright \(c\) (?:\d{4}-)?(\d{4})/.exec(line)?.[1] ?? null) : day.slice(1).join('-')
}

/** `-n`: nothing is at the temporary name yet; if something is, somebody else writes there. */
function common(level: 'error' | 'info'): readonly string[] {
  const reports = ['-nostats', '-progress', 'pipe:3', '-stats_period', '0.2']
  return ['-nostdin', '-hide_banner', '-v', level, '-n', ...reports, '-max_alloc', String(maxAllocationBytes)]
}

function textOf({ output }: Ended): string {
  return Buffer.from(output).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new JobError('tool-failed', { tool: 'FFprobe', because: 'not-json' }, { cause })
  }
}

export interface FfmpegProgress {
  /** Time of the output reached so far. */
  readonly outMs: number | null
  readonly frames: number
  readonly bytes: number
}

/** Takes bytes as they come, in any pieces; calls `each` at the end of each report. */
export function readProgress(each: (progress: FfmpegProgress) => void): (chunk: Buffer) => void {
  let rest = ''
  let fields: Record<string, string> = {}
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [key = '', value = ''] = line.split('=', 2).map((part) => part.trim())
      if (key !== 'progress') {
        fields[key] = value
        continue
      }
      each({
        outMs: number(fields.out_time_us, 1000),
        frames: number(fields.frame, 1) ?? 0,
        bytes: number(fields.total_size, 1) ?? 0,
      })
      fields = {}
    }
  }
}

/** Null for `N/A`, which FFmpeg says before the first packet; a first packet may also lie a little before the start. */
function number(text: string | undefined, unit: number): number | null {
  const value = Number(text)
  return text === undefined || Number.isNaN(value) ? null : Math.max(0, value / unit)
}

/** In the order of what says most. Tried on each line that FFmpeg prints as an error. */
const signs: readonly (readonly [RegExp, FailureCode])[] = [
  // A program that a crash left behind is still ending and holds the temporary name: a moment later it is free.
  [/already exists/i, 'interrupted'],
  [/No space left on device|Disk quota exceeded/i, 'disk-full'],
  [/Cannot allocate memory/i, 'tool-memory'],
  [/Unknown encoder|Unrecognized option|No such filter|Requested output format .* is not/i, 'tool-missing'],
  [/Read-only file system/i, 'folder-read-only'],
  [
    /Invalid data found|moov atom not found|could not find codec parameters|partial file|End of file|Error while decoding|does not contain any stream|Failed to read frame size|Header missing|Cannot determine format of input stream|^Input\/output error$|invalid as first byte/i,
    'source-damaged',
  ],
]

/** Windows ends a crashed program with an exception's number as its exit code. */
const firstWindowsException = 0xc0000000

export function failureOf(program: string, ended: Pick<Ended, 'code' | 'signal' | 'errors'>, paths: readonly string[]): JobError {
  const tool = toolName(program)
  const lines = errorLines(ended.errors, paths)
  if (ended.code === null) {
    return new JobError('tool-crashed', { tool, reason: [ended.signal ?? 'signal', ...lines.slice(-1)].join(': ') })
  }
  if (ended.code >= firstWindowsException) {
    return new JobError('tool-crashed', { tool, reason: `0x${ended.code.toString(16)}` })
  }
  for (const [sign, code] of signs) {
    const line = lines.find((text) => sign.test(text))
    if (line === undefined) continue
    if (code === 'tool-missing') return new JobError(code, { because: 'feature-missing', program: tool, reason: line })
    return new JobError(code, { tool, reason: line })
  }
  const [reason] = lines
  return new JobError(
    'tool-failed',
    reason === undefined ? { tool, because: 'exit-status', status: ended.code } : { tool, reason },
  )
}

const maxLineLength = 200
/** Said by every failing run, whatever the cause. */
const empty = /^(Conversion failed!|Error (opening|while opening) .*|Error initializing output stream.*|Exiting normally.*|\s*)$/

/** Lines that FFmpeg printed as errors, without addresses in memory and without the paths that the reader knows already. */
export function errorLines(printed: string, paths: readonly string[]): readonly string[] {
  let text = printed
  for (const path of paths.toSorted((one, other) => other.length - one.length)) {
    text = text.replaceAll(`file:${path}: `, '').replaceAll(`'file:${path}'`, 'the file').replaceAll(path, 'the file')
  }
  return text
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/^(\[[^\]]*?( @ 0x[0-9a-f]+)?\] )+/i, '')
        .trim()
        .slice(0, maxLineLength),
    )
    .filter((line) => !empty.test(line))
}
