/** What the user wants to happen when everything is done. Nothing happens before a minute in which it can be called off. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Preferences } from '../../shared/preferences.ts'
import type { Log } from '../engine/ports.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'
import type { DesktopTexts } from './desktop-texts.ts'

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
    // Meanwhile more may have come, or the wish may have gone.
    if (isOff || !isAllDone() || preferences().whenDone !== what) return
    if (what === 'quit') return quit()
    const [program, ...args] = sleepProgram(platform) ?? []
    if (program === undefined) return
    await run(program, args).catch((error: unknown) => log.warn('the system does not go to sleep', { error: String(error) }))
  }
}
