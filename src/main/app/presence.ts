/** What the queue looks like outside the window: tray, badge and progress on the icon, a notification at the end or when the user is asked, sleep held off. */
import type { NativeImage } from 'electron'
import type { Preferences } from '../../shared/preferences.ts'
import { calm, type Burst } from './burst.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'
import type { DesktopTexts } from './desktop-texts.ts'

export interface PresenceOptions {
  readonly window: () => AppWindow | null
  readonly preferences: () => Preferences
  readonly texts: () => DesktopTexts
  readonly trayIcon: NativeImage
  readonly show: () => void
  readonly quit: () => void
  readonly setPaused: (paused: boolean) => void
}

export interface Presence {
  /** `outputs`: of the burst so far, the newest last. */
  update(burst: Burst, outputs: readonly string[]): void
  stop(): void
}

type Wires = Pick<Shell, 'app' | 'Menu' | 'Notification' | 'powerSaveBlocker' | 'shell' | 'Tray'>

export function createPresence(wires: Wires, options: PresenceOptions): Presence {
  const { app, Menu, Notification, powerSaveBlocker, shell, Tray } = wires
  const { window, preferences, texts, trayIcon, show, quit, setPaused } = options
  const tray = new Tray(trayIcon)
  tray.on('click', show)
  let blocker: number | null = null
  let shown = ''
  const notes = new Set<object>()

  const stateOf = ({ left, paused, held, waiting, progress }: Burst) => {
    if (left === 0 && waiting > 0) return texts().waitingLeft(waiting)
    if (left === 0) return held > 0 ? texts().pausedLeft(held) : texts().idle
    return paused ? texts().pausedLeft(left) : texts().busy(left, Math.floor((progress ?? 0) * 100))
  }
  const updateTray = (burst: Burst) => {
    const state = stateOf(burst)
    const labels = texts()
    const pause = burst.paused ? labels.resume : labels.pause
    const key = [state, labels.show, pause].join('\n')
    // A menu that is open closes when another one takes its place.
    if (key === shown) return
    shown = key
    tray.setToolTip(`Beside: ${state}`)
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: state, enabled: false },
        { type: 'separator' },
        { label: labels.show, click: show },
        { label: pause, click: () => setPaused(!burst.paused) },
        { type: 'separator' },
        { label: labels.quit, click: quit },
      ]),
    )
  }
  const stayAwake = (isWanted: boolean) => {
    if (isWanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    if (isWanted || blocker === null) return
    powerSaveBlocker.stop(blocker)
    blocker = null
  }
  const titleOf = ({ held, waiting }: Burst) => {
    if (waiting > 0) return texts().needsYou(waiting)
    return held > 0 ? texts().someHeld(held) : texts().allDone
  }
  const tell = (burst: Burst, outputs: readonly string[]) => {
    const { ended, asks, waiting } = burst
    const { notify } = preferences()
    if ((ended === null && !asks) || notify === 'never') return
    const isTrouble = waiting > 0 || (ended?.failed ?? 0) > 0
    if (notify === 'failures' && !isTrouble) return
    if (window()?.window.isFocused() === true || !Notification.isSupported()) return
    const body = ended === null ? texts().needsAnswer : texts().ended(ended.done, ended.failed)
    const note = new Notification({ title: titleOf(burst), body })
    const result = outputs.at(-1)
    note.on('click', () => {
      if (result === undefined || isTrouble) return show()
      shell.showItemInFolder(result)
    })
    // One that nobody holds on to may be gone before it is clicked.
    notes.add(note)
    note.on('close', () => notes.delete(note))
    note.show()
  }

  updateTray(calm)
  return {
    update: (burst, outputs) => {
      const { left, running, paused, progress } = burst
      updateTray(burst)
      app.setBadgeCount(left)
      window()?.window.setProgressBar(progress ?? -1, { mode: paused ? 'paused' : 'normal' })
      stayAwake(preferences().keepAwake && running > 0)
      tell(burst, outputs)
    },
    stop: () => {
      stayAwake(false)
      tray.destroy()
    },
  }
}
