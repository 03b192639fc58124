/** The end of the log. What is cut through or was not written by us is passed over. */
import { open } from 'node:fs/promises'
import * as z from 'zod'
import { logLevels, type LogLine } from '../../shared/wire/contract.ts'

const writtenSchema = z.looseObject({ at: z.string(), level: z.enum(logLevels), text: z.string() })

export async function logEnd(path: string, lines: number): Promise<readonly LogLine[]> {
  // A line of ours is rarely longer than this.
  const text = await endOf(path, lines * 1000)
  return text
    .split('\n')
    .flatMap((line) => parsed(line) ?? [])
    .slice(-lines)
}

/** The last bytes of a file, from the beginning of a line on; nothing where there is no file. */
export async function endOf(path: string, bytes: number): Promise<string> {
  const file = await open(path).catch(() => null)
  if (file === null) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - bytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    const text = buffer.toString('utf8', 0, bytesRead)
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

function parsed(line: string): LogLine | null {
  try {
    const { at, level, text, pid: _, ...facts } = writtenSchema.parse(JSON.parse(line))
    return { at, level, text, facts: Object.keys(facts).length === 0 ? '' : JSON.stringify(facts) }
  } catch {
    return null
  }
}
