/** A session on the user's data folder. The engine is loaded only where nobody else has it running. */
import { openSession, type Session } from '../api/session.ts'
import type { Wish } from '../api/address.ts'
import { homePath, openHome } from '../home.ts'
import { fileLog } from '../log.ts'
import type { Around } from './around.ts'
import { version } from './version.ts'

/** A holder needs a moment to stop what it runs, and the next one to begin. */
const patienceMs = 15_000

export async function openHere(around: Around, wish: Wish): Promise<Session> {
  const home = openHome(homePath(around.env, around.cwd))
  const log = fileLog(home, around.env['BESIDE_LOG'] === 'debug' ? 'debug' : 'info')
  return await openSession({
    home,
    version,
    wish,
    log,
    patienceMs,
    hold: async () => {
      const { compose } = await import('../compose.ts')
      const { fileSecrets } = await import('../secrets.ts')
      return await compose({ home, log, secrets: fileSecrets(home, around.env, log) })
    },
  })
}

/** Opens, asks, closes; what was asked may be asked twice. */
export async function withSession<T>(around: Around, wish: Wish, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openHere(around, wish)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
