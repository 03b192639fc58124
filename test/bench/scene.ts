/** Folders, programs and sources for the benchmarks. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Log } from '../../src/main/engine/ports.ts'

const execute = promisify(execFile)
export const besideProgram = fileURLToPath(new URL('../../bin/beside.mjs', import.meta.url))

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'beside-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Wall seconds of a program that must end well. */
export async function timed(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<number> {
  const begun = performance.now()
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${program} ${args.slice(0, 4).join(' ')} … ended with ${String(code)}`)
  return (performance.now() - begun) / 1000
}

export async function has(program: string, arg: string): Promise<boolean> {
  return await execute(program, [arg]).then(
    () => true,
    () => false,
  )
}
