/** What both runs of the real Electron need. */
import { stat } from 'node:fs/promises'

/** Machines that build have no sandbox helper set up; a user's has. */
export const flags: readonly string[] = process.env['CI'] !== undefined && process.platform === 'linux' ? ['--no-sandbox'] : []

/** A conversion takes as long as it takes; a minute is not one. */
export async function there(path: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${path} did not appear`)
}
