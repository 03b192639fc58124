/**
 * Updates: checked for now and then, fetched beside the work, and put in place only as the program ends with nothing left to convert. An
 * end with work left is followed by the same version, so that what waits goes on as it was begun.
 * Alone because it is the only module that knows the updater.
 */
import type { AppUpdater } from 'electron-updater'
import type { Log } from '../engine/ports.ts'

export type Updater = Pick<AppUpdater, 'autoDownload' | 'autoInstallOnAppQuit' | 'checkForUpdates' | 'on' | 'quitAndInstall'>

export interface Updates {
  /** Checks, if the user wants it; a second time within a day does nothing. */
  check(): void
  /** True where the program now ends by installing; its caller then has nothing more to do. */
  install(): boolean
}

export interface UpdateOptions {
  readonly isWanted: () => boolean
  /** Queued and running. */
  readonly left: () => number
  readonly nowMs: () => number
  readonly log: Log
}

const checkIntervalMs = 24 * 60 * 60 * 1000

export function createUpdates(updater: Updater, { isWanted, left, nowMs, log }: UpdateOptions): Updates {
  let isReady = false
  let checkedAtMs = Number.NEGATIVE_INFINITY
  updater.autoDownload = true
  // On its own it would install at every end.
  updater.autoInstallOnAppQuit = false
  updater.on('update-downloaded', ({ version }) => {
    isReady = true
    log.info('an update is ready', { version })
  })
  updater.on('error', (error) => log.warn('no update', { error: error.message }))
  return {
    check: () => {
      if (!isWanted() || nowMs() - checkedAtMs < checkIntervalMs) return
      checkedAtMs = nowMs()
      // What goes wrong is reported by its event as well, be it at the check or in the download that follows.
      void updater
        .checkForUpdates()
        .then(async (result) => await result?.downloadPromise)
        .catch(() => {})
    },
    install: () => {
      if (!isReady || !isWanted() || left() > 0) return false
      updater.quitAndInstall(true, false)
      return true
    },
  }
}
