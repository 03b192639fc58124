/** The window in a browser of this machine, opened and shut while the app runs. Its address, with the token, is told to our own window alone. */
import { toFailure } from '../../shared/failure.ts'
import type { Session } from '../api/session.ts'
import { serveWeb, type Web } from '../api/web/web.ts'
import type { Log } from '../engine/ports.ts'

export interface BrowserDoor {
  /** Resolves when it is as wished; null and shut where it could not be opened. */
  want(isOpen: boolean): Promise<void>
  address(): string | null
}

export function createBrowserDoor(options: {
  readonly session: Session
  readonly home: string
  readonly pages: string
  readonly log: Log
}): BrowserDoor {
  const { log } = options
  let web: Web | null = null
  let moving: Promise<void> = Promise.resolve()
  const move = async (isOpen: boolean) => {
    if (isOpen === (web !== null)) return
    const before = web
    web = null
    await before?.stop()
    if (isOpen) web = await serveWeb({ ...options, host: '127.0.0.1', port: 0 })
  }
  return {
    address: () => web?.address ?? null,
    want: async (isOpen) => {
      // One after the other, whatever order the clicks come in.
      moving = moving
        .then(async () => await move(isOpen))
        .catch((error: unknown) => {
          log.error('the browser’s window could not be opened', { code: toFailure(error).code, error: String(error) })
        })
      await moving
    },
  }
}
