/**
 * The process that converts what was queued with --detach. There is one a data folder: it answers at a socket of its own, so that three hundred
 * detached commands start one worker and not three hundred.
 */
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { addressesOf, knock, makePrivate } from '../../api/address.ts'
import { homePath, openHome } from '../../home.ts'
import type { Around } from '../around.ts'

/** Starts one unless there is one. It runs on after this process and its terminal are gone. */
export async function workInBackground(around: Around): Promise<void> {
  const home = openHome(homePath(around.env, around.cwd))
  const there = await knock(addressesOf(home, 'worker'))
  if (there !== null) {
    there.destroy()
    return
  }
  const [, script = fileURLToPath(import.meta.url)] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, script, 'queue', 'run', '--background'], {
    cwd: home,
    env: { ...around.env, BESIDE_HOME: home },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  })
  child.unref()
}

/** The right to be the one worker. Null where there is one already. */
export async function becomeWorker(home: string): Promise<(() => Promise<void>) | null> {
  const addresses = addressesOf(home, 'worker')
  const there = await knock(addresses)
  if (there !== null) {
    there.destroy()
    return null
  }
  for (const address of addresses) {
    if (!(await makePrivate(address).catch(() => false))) continue
    if (process.platform !== 'win32') await rm(address.path, { force: true })
    const server = createServer((line) => line.destroy())
    if (await listens(server, address.path)) return () => new Promise((resolve) => server.close(() => resolve()))
  }
  // Nowhere to answer: better two workers than none.
  return async () => {}
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(path, () => resolve(true))
  })
}
