/**
 * The end, which is never sudden by itself: with work left the user is told what happens to it, what runs goes back into the queue, and
 * only then does the program end. Nothing is lost without all this either; it is only nicer.
 */
import type { Log } from '../engine/ports.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'
import type { DesktopTexts } from './desktop-texts.ts'

export interface QuitOptions {
  readonly left: () => number
  readonly window: () => AppWindow | null
  readonly texts: () => DesktopTexts
  /** Puts what runs back and lets go of the queue. */
  readonly close: () => Promise<void>
  /** True where the program ends by itself from here, into its next version. */
  readonly install: () => boolean
  readonly log: Log
}

export interface Quitting {
  /** Everything has been let go: windows may close. */
  isOver(): boolean
  /** Without a question, because the system is going down or says so. */
  leave(): Promise<void>
}

export function guardQuit(
  { app, dialog }: Pick<Shell, 'app' | 'dialog'>,
  { left, window, texts, close, install, log }: QuitOptions,
): Quitting {
  let state: 'open' | 'asking' | 'closing' | 'over' = 'open'
  const end = async (isForced: boolean) => {
    if (state === 'closing' || state === 'over') return
    state = 'closing'
    await close().catch((error: unknown) => log.error('could not close well', { error: String(error) }))
    state = 'over'
    if (!isForced && install()) return
    app.quit()
  }
  const ask = async () => {
    if (left() > 0) {
      state = 'asking'
      const { response } = await dialog.showMessageBox({
        type: 'question',
        title: 'Beside',
        message: texts().quitTitle(left()),
        detail: texts().quitDetail,
        buttons: [texts().quitNow, texts().inBackground, texts().cancel],
        defaultId: 1,
        cancelId: 2,
        noLink: true,
      })
      state = 'open'
      if (response === 1) window()?.window.hide()
      if (response !== 0) return
    }
    await end(false)
  }
  app.on('before-quit', (event) => {
    if (state === 'over') return
    event.preventDefault()
    if (state === 'open') void ask()
  })
  return { isOver: () => state === 'over', leave: async () => await end(true) }
}
