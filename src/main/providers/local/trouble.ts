/** Pure: why a run of FFmpeg failed, from how it ended and what it printed. */
import { JobError, type FailureCode } from '../../../shared/failure.ts'
import { toolName, type Ended } from './programs.ts'

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

export function troubleOf(program: string, ended: Pick<Ended, 'code' | 'signal' | 'errors'>, paths: readonly string[]): JobError {
  const tool = toolName(program)
  const lines = tellingLines(ended.errors, paths)
  if (ended.code === null) {
    return new JobError('tool-crashed', { tool, reason: [ended.signal ?? 'unknown signal', ...lines.slice(-1)].join(': ') })
  }
  if (ended.code >= firstWindowsException) {
    return new JobError('tool-crashed', { tool, reason: `exception ${ended.code.toString(16)}` })
  }
  for (const [sign, code] of signs) {
    const line = lines.find((text) => sign.test(text))
    if (line === undefined) continue
    return new JobError(
      code,
      code === 'tool-missing'
        ? { tool: `What this needs of ${tool} (${line})`, hint: 'Install a complete FFmpeg.' }
        : { tool, reason: line },
    )
  }
  return new JobError('tool-failed', { tool, reason: lines[0] ?? `it ended with ${ended.code}` })
}

const longestLine = 200
/** Said by every failing run, whatever the cause. */
const empty = /^(Conversion failed!|Error (opening|while opening) .*|Error initializing output stream.*|Exiting normally.*|\s*)$/

/** Lines that FFmpeg printed as errors, without addresses in memory and without the paths that the reader knows already. */
export function tellingLines(printed: string, paths: readonly string[]): readonly string[] {
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
        .slice(0, longestLine),
    )
    .filter((line) => !empty.test(line))
}
