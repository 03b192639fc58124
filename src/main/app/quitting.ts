/**
 * The end, asked for by the user or wanted when everything is done. It is never sudden: with work left the user reads what happens to it, what runs goes back into the queue, and
 * only then does the program end. Nothing is lost without all this either; it is only nicer.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../engine/ports.ts'
import type { Preferences } from '../../shared/preferences.ts'
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

/** Nothing happens when everything is done before a minute in which it can be called off. */
const graceMs = 60_000

/** The program that puts this system to sleep, and its arguments; null where none is known. */
export function sleepProgram(platform: NodeJS.Platform): readonly [program: string, ...args: readonly string[]] | null {
  if (platform === 'linux') return ['systemctl', 'suspend']
  if (platform === 'darwin') return ['pmset', 'sleepnow']
  if (platform === 'win32') return ['rundll32.exe', 'powrprof.dll,SetSuspendState', '0,1,0']
  return null
}

export interface WhenDoneOptions {
  readonly preferences: () => Preferences
  readonly window: () => AppWindow | null
  readonly texts: () => DesktopTexts
  readonly platform: NodeJS.Platform
  /** Not while anything waits for the user or is paused either. */
  readonly isAllDone: () => boolean
  readonly run: (program: string, args: readonly string[]) => Promise<void>
  readonly quit: () => void
  readonly log: Log
}

/** To be called at the end of each burst of work; resolves when what was to happen has, or has been called off. */
export function createWhenDone(
  { dialog }: Pick<Shell, 'dialog'>,
  options: WhenDoneOptions,
): (signal: AbortSignal) => Promise<void> {
  const { preferences, window, texts, platform, isAllDone, run, quit, log } = options
  let isAsking = false
  const isCalledOff = async (what: 'sleep' | 'quit', signal: AbortSignal) => {
    const shut = new AbortController()
    const both = AbortSignal.any([shut.signal, signal])
    const question = {
      type: 'info' as const,
      title: 'Beside',
      message: what === 'sleep' ? texts().sleepsSoon : texts().quitsSoon,
      buttons: [what === 'sleep' ? texts().sleepNow : texts().quitNow, texts().cancel],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
      signal: both,
    }
    // On a Mac a question can be taken back only where it hangs on a window.
    const own = window()
    own?.show()
    const asked = own === null ? dialog.showMessageBox(question) : dialog.showMessageBox(own.window, question)
    const passed = sleep(graceMs, { response: 0 }, { signal: both })
    try {
      return (await Promise.race([asked, passed])).response !== 0
    } catch {
      return true
    } finally {
      shut.abort()
      await passed.catch(() => {})
    }
  }
  return async (signal) => {
    const what = preferences().whenDone
    if (what === 'nothing' || isAsking || !isAllDone()) return
    isAsking = true
    const isOff = await isCalledOff(what, signal)
    isAsking = false
    // Meanwhile more may have come, or the user may have changed the preference.
    if (isOff || !isAllDone() || preferences().whenDone !== what) return
    if (what === 'quit') return quit()
    const [program, ...args] = sleepProgram(platform) ?? []
    if (program === undefined) return
    await run(program, args).catch((error: unknown) => log.warn('the system does not go to sleep', { error: String(error) }))
  }
}
