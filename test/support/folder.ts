/** Temporary folders that go away with the test that asked for them. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'beside-test-')))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}
