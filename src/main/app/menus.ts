/** The menu bar: what every program has, adding files, and what the user wants of the desktop. */
import type { MenuItemConstructorOptions } from 'electron'
import type { Preferences } from '../../shared/preferences.ts'
import type { KeptPreferences } from './preferences.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'
import type { DesktopTexts } from './desktop-texts.ts'

export interface MenuOptions {
  readonly platform: NodeJS.Platform
  readonly hasDevTools: boolean
  readonly hasUpdates: boolean
  readonly texts: () => DesktopTexts
  readonly preferences: KeptPreferences
  readonly window: () => AppWindow | null
  readonly add: (files: readonly string[]) => void
}

export function setMenus({ dialog, Menu }: Pick<Shell, 'dialog' | 'Menu'>, options: MenuOptions): void {
  const { platform, hasDevTools, hasUpdates, preferences, window, add } = options
  const texts = options.texts()
  const choose = async (what: 'openFile' | 'openDirectory') => {
    const own = window()
    if (own === null) return
    own.show()
    const { canceled, filePaths } = await dialog.showOpenDialog(own.window, { properties: [what, 'multiSelections'] })
    if (!canceled) add(filePaths)
  }
  const now = preferences.get()
  const wish = (label: string, key: 'keepAwake' | 'atLogin' | 'update' | 'stayInTray'): MenuItemConstructorOptions =>
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
        wish(texts.keepAwake, 'keepAwake'),
        choice(texts.notify, now.notify !== 'never', (checked) => ({ notify: checked ? 'always' : 'never' })),
        wish(texts.atLogin, 'atLogin'),
        ...(hasUpdates ? [wish(texts.update, 'update')] : []),
        ...(isMac ? [] : [wish(texts.stayInTray, 'stayInTray')]),
        ...(hasDevTools
          ? [{ type: 'separator' as const }, { role: 'toggleDevTools' as const }, { role: 'reload' as const }]
          : []),
      ],
    },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate([...template]))
}
