/** A network share with faults, made by FUSE where that is allowed: `test/fixtures/share/share.py` says which faults there are. */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './folder.ts'

const program = fileURLToPath(new URL('../fixtures/share/share.py', import.meta.url))
/** Debian's, which has the binding of FUSE as a package. */
const python = '/usr/bin/python3'

export const sharesCanBeMade = canBeMade()

function canBeMade(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
  } catch {
    return false
  }
  return process.getuid?.() === 0 && spawnSync(python, ['-c', 'import fuse']).status === 0
}

export interface Share {
  /** Where it is mounted. */
  readonly folder: string
  /** What lies behind it, without faults. */
  readonly back: string
  /** From now on. */
  faults(...names: readonly string[]): Promise<void>
  /** Takes it away and mounts it anew. */
  again(): Promise<void>
}

export async function mountedShare(...faults: readonly string[]): Promise<Share> {
  const top = await temporaryFolder()
  const [folder, back, control] = [join(top, 'share'), join(top, 'back'), join(top, 'faults')]
  await mkdir(folder)
  await mkdir(back)
  await writeFile(control, faults.join('\n'))
  let ended: Promise<unknown> = Promise.resolve()
  const mount = async () => {
    // Nothing is remembered: what is asked for is asked of the share.
    const options = 'use_ino,attr_timeout=0,entry_timeout=0,negative_timeout=0,ac_attr_timeout=0'
    const server = spawn(python, [program, folder, '-f', '-o', options], {
      env: { SHARE_BACK: back, SHARE_FAULTS: control },
      stdio: 'ignore',
    })
    const state = { hasEnded: false }
    ended = new Promise<void>((resolve) => server.on('close', () => resolve())).then(() => (state.hasEnded = true))
    while (!isMounted(folder)) {
      if (state.hasEnded) throw new Error('the share could not be mounted')
      await setImmediate()
    }
  }
  const unmount = async () => {
    spawnSync('umount', ['-l', folder])
    await ended
  }
  await mount()
  onTestFinished(unmount)
  return {
    folder,
    back,
    faults: async (...names) => await writeFile(control, names.join('\n')),
    again: async () => {
      await unmount()
      await mount()
    },
  }
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${folder} `)
}
