/** The browser shell, for as long as nobody interrupts it. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serveWeb } from '../../api/web.ts'
import { homePath, openHome } from '../../home.ts'
import { fileLog } from '../../log.ts'
import { JobError } from '../../../shared/failure.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { openHere } from '../open.ts'

interface ServeWords {
  readonly port: number
  readonly host: string
  readonly json?: true
}

export async function serve({ port, host, json }: ServeWords, around: Around): Promise<ExitStatus> {
  const pages = builtWindow()
  const home = openHome(homePath(around.env, around.cwd))
  const session = await openHere(around, 'watch')
  try {
    const web = await serveWeb({ session, home, pages, host, port, log: fileLog(home, 'info') }).catch((error: unknown) => {
      throw portTrouble(error, host, port)
    })
    around.screen.print(json ? JSON.stringify({ type: 'address', address: web.address }) : `Beside is at ${web.address}`)
    if (!isLoopback(host))
      around.screen.warn('Whoever can reach this machine and has this address can use it. The connection is not encrypted.')
    if (!json && around.screen.isLive) around.screen.warn('Ctrl-C ends it. What is left then waits in the queue.')
    try {
      await interrupted(around.interruption)
    } finally {
      await web.stop()
    }
    return exit.done
  } finally {
    await session.close()
  }
}

/** Where the build puts the window, seen from the bundled program and from its source. */
function builtWindow(): string {
  const places = ['../out/renderer/', '../../../../out/renderer/'].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = places.find((place) => existsSync(`${place}/index.html`))
  if (found !== undefined) return found
  throw new JobError('usage', {
    reason: 'The window has not been built.',
    hint: 'Run `npm run build`, or `npm start`, which does it by itself.',
  })
}

function portTrouble(error: unknown, host: string, port: number): unknown {
  const { code } = error as { code?: unknown }
  if (code === 'EADDRINUSE')
    return new JobError('usage', { reason: `Port ${port} is taken.`, hint: 'Choose another with --port, or leave it out.' })
  if (code === 'EACCES')
    return new JobError('usage', { reason: `Port ${port} may not be used by you.`, hint: 'Choose one above 1023.' })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new JobError('usage', {
      reason: `${host} is no address of this machine.`,
      hint: 'Leave --host out, or give 0.0.0.0 for all of them.',
    })
  }
  return error
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
