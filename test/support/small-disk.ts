/** A disk of two megabytes, and how to fill it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './folder.ts'

/** Null where no mount is allowed. */
export async function mounted(name = 'disk'): Promise<{ readonly folder: string; readonly disk: string } | null> {
  const folder = await temporaryFolder()
  const disk = join(folder, name)
  await mkdir(disk)
  return mountOn(disk) ? { folder, disk } : null
}

/** A disk of its own at a folder that is there and empty; false where no mount is allowed. */
export function mountOn(disk: string, options = 'size=2m'): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status !== 0) return false
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return true
}

/** To the last byte, at once. */
export function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      try {
        for (;;) if (writeSync(file, Buffer.alloc(bytes)) < bytes) break
      } catch {
        // Smaller pieces may still find room.
      }
    }
  } finally {
    closeSync(file)
  }
}
