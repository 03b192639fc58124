/**
 * What the programs of hooks print and servers answer: a file for each hook in the data folder, the one before kept when it has grown. Apart from the
 * log of Beside, and no part of what goes to support: nobody knows what a user's program prints. What cannot be written is let go.
 */
import { appendFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from '../../shared/describe.ts'
import type { HookTest } from '../../shared/hooks.ts'

const largestBytes = 1024 * 1024

export interface OutputLog {
  /** @param key of the delivery, or what else it was. */
  append(
    hookId: number,
    entry: { readonly atMs: number; readonly key: string; readonly attempt: number } & HookTest,
  ): Promise<void>
  /** The last bytes, from the beginning of a line on; empty where there is nothing. */
  end(hookId: number, bytes: number): Promise<{ readonly path: string; readonly text: string }>
  remove(hookId: number): Promise<void>
}

/** @param home the data folder. */
export function createOutputLog(home: string): OutputLog {
  const folder = join(home, 'logs', 'hooks')
  const pathOf = (hookId: number) => join(folder, `${hookId}.log`)
  return {
    append: async (hookId, { atMs, key, attempt, answer, why, output }) => {
      const came = why === null ? `ended with ${answer?.status ?? 0}` : describe(why).message
      const head = `--- ${new Date(atMs).toISOString()} ${key} try ${attempt}: ${came}\n`
      const text = output === '' || output.endsWith('\n') ? output : `${output}\n`
      const path = pathOf(hookId)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const size = await stat(path).then((stats) => stats.size, () => 0) // prettier-ignore
        if (size > largestBytes) await rename(path, `${path}.1`)
        await appendFile(path, head + text, { mode: 0o600 })
      } catch {
        // See above.
      }
    },
    end: async (hookId, bytes) => ({ path: pathOf(hookId), text: await endOf(pathOf(hookId), bytes) }),
    remove: async (hookId) => {
      for (const path of [pathOf(hookId), `${pathOf(hookId)}.1`]) await rm(path, { force: true })
    },
  }
}

async function endOf(path: string, bytes: number): Promise<string> {
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
