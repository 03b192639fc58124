/**
 * What `beside` is after an installation, for the whole run: packed, its archive unpacked because plain Node, which stands in for Electron's
 * program here, reads none, and a link to its launcher, from a folder with an odd name.
 */
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractAll } from '@electron/asar'
import type { TestProject } from 'vitest/node'
import { packWithStandIn } from '../../tools/package-check.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Absent where the tests are run on the checkout. */
    packedCommand?: string
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest asks for it
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "beside 100% “d'app” & -ä "))
  const app = packWithStandIn(folder)
  await unpackFor(process.execPath, app)
  await mkdir(join(folder, 'bin'))
  const command = join(folder, 'bin', 'beside')
  await symlink(join('..', 'linux-unpacked', 'resources', 'bin', 'beside'), command)
  project.provide('packedCommand', command)
  return async () => await rm(folder, { recursive: true, force: true })
}

/** Has `node` in the place of Electron's program in a packed `app`, and its archive as a folder. */
export async function unpackFor(node: string, app: string): Promise<void> {
  const archive = join(app, 'resources', 'app.asar')
  extractAll(archive, `${archive}.folder`)
  await rm(archive)
  await rename(`${archive}.folder`, archive)
  await rm(join(app, 'beside-desktop'))
  await symlink(node, join(app, 'beside-desktop'))
  // Nothing that is packed converts here: the FFmpeg in it is a stand-in.
  await rm(join(app, 'resources', 'ffmpeg'), { recursive: true })
}
