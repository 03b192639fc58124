/** The data folder: BESIDE_HOME, or the platform's place for application data. Only its owner may look into it. */
import { mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import envPaths from 'env-paths'
import { JobError } from '../shared/failure.ts'

export function homePath(env: Readonly<Record<string, string | undefined>>, cwd: string): string {
  const wanted = env['BESIDE_HOME'] ?? ''
  return wanted === '' ? envPaths('beside', { suffix: '' }).data : resolve(cwd, wanted)
}

/** Makes it where it is missing. One folder has one name from here on, whatever links lead to it. */
export function openHome(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return realpathSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new JobError('usage', { because: 'home-not-made', path, reason }, { cause: error })
  }
}
