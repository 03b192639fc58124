/** What the app can put into the system at the user's word, as items of its menu: the command line, and the menus of file managers. */
import type { MenuItemConstructorOptions } from 'electron'
import type { Language } from '../../shared/language.ts'
import { addMenus, removeMenus, type MenuReport } from '../menus/user.ts'
import { installCommand, removeCommand, type CommandOutcome } from './command.ts'
import type { DesktopTexts } from './desktop-texts.ts'
import type { Shell } from './shell.ts'

export interface IntegrationOptions {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly userHome: string
  /** As people have it: an AppImage, a program, or the folder of an app of macOS. Null in a checkout, of which nothing is to be installed. */
  readonly installedApp: string | null
  readonly language: () => Language
  readonly texts: () => DesktopTexts
  readonly run: (program: string, args: readonly string[]) => Promise<void>
}

export function integrationItems(
  { dialog }: Pick<Shell, 'dialog'>,
  options: IntegrationOptions,
): readonly MenuItemConstructorOptions[] {
  const { platform, env, userHome, installedApp: app, language, run } = options
  // The installer of Windows does both.
  if (app === null || platform === 'win32') return []
  const texts = options.texts()
  const command = { platform, env, home: userHome, app, run }
  const menus = { platform, env, home: userHome, app, language: language(), system: '/usr/share' }
  const item = (label: string, work: () => Promise<Told>): MenuItemConstructorOptions => ({
    label,
    click: () =>
      void work().then(async ({ isGood, message, detail }) => {
        await dialog.showMessageBox({ type: isGood ? 'info' : 'warning', title: 'Beside', message, detail, noLink: true })
      }),
  })
  // A package for the system has brought it.
  const hasCommand = platform === 'darwin' || env['APPIMAGE'] === app
  return [
    { type: 'separator' },
    ...(hasCommand
      ? [
          item(texts.installCommand, async () => ofCommand(await installCommand(command), texts)),
          item(texts.removeCommand, async () => ofCommand(await removeCommand(command), texts)),
        ]
      : []),
    item(texts.addMenus, async () => ofMenus(await addMenus(menus), texts.menusAdded, texts)),
    item(texts.removeMenus, async () => ofRemoval(await removeMenus(menus), texts)),
  ]
}

interface Told {
  readonly isGood: boolean
  readonly message: string
  readonly detail: string
}

function ofCommand(outcome: CommandOutcome, texts: DesktopTexts): Told {
  switch (outcome.what) {
    case 'installed': {
      const { path, isOnPath } = outcome
      return { isGood: true, message: isOnPath ? texts.commandInstalled : texts.commandNotOnPath, detail: path }
    }
    case 'removed':
      return { isGood: true, message: texts.commandRemoved, detail: outcome.path }
    case 'absent':
      return { isGood: true, message: texts.commandAbsent, detail: '' }
    case 'taken':
      return { isGood: false, message: texts.commandTaken, detail: outcome.path }
    case 'move-first':
      return { isGood: false, message: texts.commandMoveFirst, detail: '' }
    case 'failed':
      return { isGood: false, message: texts.commandFailed, detail: `${outcome.path}\n${outcome.reason}` }
  }
}

function ofMenus({ done, failed }: MenuReport, message: string, texts: DesktopTexts): Told {
  if (done.length + failed.length === 0) return { isGood: false, message: texts.menusNone, detail: '' }
  const trouble = failed.length === 0 ? '' : `${texts.menusFailed} ${failed.join(', ')}`
  if (done.length === 0) return { isGood: false, message: texts.menusFailed, detail: failed.join(', ') }
  return { isGood: failed.length === 0, message, detail: [done.join(', '), trouble].filter((line) => line !== '').join('\n') }
}

/** Which ones had none before is of no interest. */
function ofRemoval({ failed }: MenuReport, texts: DesktopTexts): Told {
  const isGood = failed.length === 0
  return { isGood, message: isGood ? texts.menusRemoved : texts.menusFailed, detail: failed.join(', ') }
}
