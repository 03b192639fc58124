/** What Beside shows outside the window: tray, menu bar, badge and progress on the icon, a notification at the end or when the user is asked, sleep held off. */
import type { NativeImage, MenuItemConstructorOptions } from 'electron'
import type { Preferences } from '../../shared/preferences.ts'
import { idleBurst, type Burst } from './queue-status.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'
import type { DesktopTexts } from './desktop-texts.ts'
import type { PreferenceStore } from './preferences.ts'

export interface TrayOptions {
  readonly window: () => AppWindow | null
  readonly preferences: () => Preferences
  readonly texts: () => DesktopTexts
  readonly trayIcon: NativeImage
  readonly show: () => void
  readonly quit: () => void
  readonly setPaused: (paused: boolean) => void
}

export interface AppTray {
  /** `outputs`: of the burst so far, the newest last. */
  update(burst: Burst, outputs: readonly string[]): void
  /** Whether this computer, lent, converts for others. */
  lent(isBusy: boolean): void
  /** So many files that were given to Beside from elsewhere went nowhere. */
  notifyRefused(count: number): void
  stop(): void
}

type Electron = Pick<Shell, 'app' | 'Menu' | 'Notification' | 'powerSaveBlocker' | 'shell' | 'Tray'>

export function createTray(electron: Electron, options: TrayOptions): AppTray {
  const { app, Menu, Notification, powerSaveBlocker, shell, Tray } = electron
  const { window, preferences, texts, trayIcon, show, quit, setPaused } = options
  const tray = new Tray(trayIcon)
  tray.on('click', show)
  let blocker: number | null = null
  let shown = ''
  let isRunning = false
  let isLentBusy = false
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
  const stayAwake = () => {
    const isWanted = preferences().keepAwake && (isRunning || isLentBusy)
    if (isWanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    if (isWanted || blocker === null) return
    powerSaveBlocker.stop(blocker)
    blocker = null
  }
  const titleOf = ({ held, waiting }: Burst) => {
    if (waiting > 0) return texts().needsYou(waiting)
    return held > 0 ? texts().someHeld(held) : texts().allDone
  }
  const notifyUser = (burst: Burst, outputs: readonly string[]) => {
    const { ended, asks, waiting } = burst
    const { notify } = preferences()
    if ((ended === null && !asks) || notify === 'never') return
    const isTrouble = waiting > 0 || (ended?.failed ?? 0) > 0
    if (notify === 'failures' && !isTrouble) return
    if (window()?.window.isFocused() === true || !Notification.isSupported()) return
    const body = ended === null ? texts().needsAnswer : texts().ended(ended.done, ended.failed)
    const result = outputs.at(-1)
    say(titleOf(burst), body, () => {
      if (result === undefined || isTrouble) return show()
      shell.showItemInFolder(result)
    })
  }
  const say = (title: string, body: string, onClick: () => void) => {
    const note = new Notification({ title, body })
    note.on('click', onClick)
    // One that nobody holds on to may be gone before it is clicked.
    notes.add(note)
    note.on('close', () => notes.delete(note))
    note.show()
  }

  updateTray(idleBurst)
  return {
    update: (burst, outputs) => {
      const { left, running, paused, progress } = burst
      updateTray(burst)
      app.setBadgeCount(left)
      window()?.window.setProgressBar(progress ?? -1, { mode: paused ? 'paused' : 'normal' })
      isRunning = running > 0
      stayAwake()
      notifyUser(burst, outputs)
    },
    lent: (isBusy) => {
      isLentBusy = isBusy
      stayAwake()
    },
    // Whatever is said of what was done: this was not, and there is no other place to see it.
    notifyRefused: (count) => {
      if (Notification.isSupported()) say('Beside', texts().notConverted(count), show)
    },
    stop: () => {
      isRunning = isLentBusy = false
      stayAwake()
      tray.destroy()
    },
  }
}

/** The menu bar: what every program has, adding files, and what the user wants of the desktop. */
export interface MenuOptions {
  readonly platform: NodeJS.Platform
  readonly hasDevTools: boolean
  readonly hasUpdates: boolean
  readonly texts: () => DesktopTexts
  readonly preferences: PreferenceStore
  readonly window: () => AppWindow | null
  readonly add: (files: readonly string[]) => void
  readonly integration: () => readonly MenuItemConstructorOptions[]
}

export async function chooseSources(
  { dialog }: Pick<Shell, 'dialog'>,
  what: 'openFile' | 'openDirectory',
  window: AppWindow | null,
  add: MenuOptions['add'],
): Promise<void> {
  if (window === null) return
  window.show()
  const { canceled, filePaths } = await dialog.showOpenDialog(window.window, { properties: [what, 'multiSelections'] })
  if (!canceled) add(filePaths)
}

export function setMenus({ dialog, Menu }: Pick<Shell, 'dialog' | 'Menu'>, options: MenuOptions): void {
  const { platform, hasDevTools, hasUpdates, preferences, window, add } = options
  const texts = options.texts()
  const choose = async (what: 'openFile' | 'openDirectory') => await chooseSources({ dialog }, what, window(), add)
  const now = preferences.get()
  const toggle = (label: string, key: 'keepAwake' | 'atLogin' | 'update' | 'stayInTray'): MenuItemConstructorOptions =>
    choice(label, now[key], (checked) => ({ [key]: checked }))
  const choice = (
    label: string,
    checked: boolean,
    change: (checked: boolean) => Partial<Preferences>,
  ): MenuItemConstructorOptions => ({
    label,
    type: 'checkbox',
    checked,
    click: (item) => preferences.set(change(item.checked)),
  })
  const isMac = platform === 'darwin'
  const template: readonly MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: texts.file,
      submenu: [
        { label: texts.addFiles, accelerator: 'CmdOrCtrl+O', click: () => void choose('openFile') },
        { label: texts.addFolder, accelerator: 'CmdOrCtrl+Shift+O', click: () => void choose('openDirectory') },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit', label: texts.quit },
      ],
    },
    { role: 'editMenu' },
    {
      label: texts.desktop,
      submenu: [
        toggle(texts.keepAwake, 'keepAwake'),
        choice(texts.notify, now.notify !== 'never', (checked) => ({ notify: checked ? 'always' : 'never' })),
        toggle(texts.atLogin, 'atLogin'),
        ...(hasUpdates ? [toggle(texts.update, 'update')] : []),
        ...(isMac ? [] : [toggle(texts.stayInTray, 'stayInTray')]),
        ...options.integration(),
        ...(hasDevTools
          ? [{ type: 'separator' as const }, { role: 'toggleDevTools' as const }, { role: 'reload' as const }]
          : []),
      ],
    },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate([...template]))
}
