/** Stand-ins for builds of FFmpeg, in archives of the kinds that the real ones come in. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { FfmpegBuild } from '../../src/main/ffmpeg/builds.ts'
import { temporaryFolder } from './folder.ts'

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** A script that says what it is. */
export const standIn = (name: string) => Buffer.from(`#!/bin/sh\necho ${name} stands in\n`)

export function buildAt(address: string, checksum: string | null, bytes: number | null = null): FfmpegBuild {
  const source = 'https://example.org/source'
  return { version: '1', licence: 'GPL-3.0-or-later', source, archives: [{ address, sha256: checksum, bytes }] }
}

/** Of files in a folder of their own, by their paths in it. */
export async function tarOf(files: Readonly<Record<string, Buffer>>, options: readonly string[] = []): Promise<Buffer> {
  const work = await temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, 'build', path)), { recursive: true })
    await writeFile(join(work, 'build', path), content, { mode: 0o755 })
  }
  await promisify(execFile)('tar', ['-cJf', join(work, 'archive'), '-C', work, ...options, 'build'])
  return await readFile(join(work, 'archive'))
}
