import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { integrationItems, type IntegrationOptions } from '../../src/main/app/integration.ts'
import { desktopTexts } from '../../src/main/app/desktop-texts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { standIn } from './stand-in.ts'
import { until } from './started.ts'

async function scene(more: Partial<IntegrationOptions> = {}) {
  const userHome = await temporaryFolder()
  const desk = standIn()
  const app = '/opt/Beside.AppImage'
  const items: readonly MenuItemConstructorOptions[] = integrationItems(desk.shell, {
    platform: 'linux',
    env: { APPIMAGE: app, PATH: userHome },
    userHome,
    installedApp: app,
    language: () => 'en',
    texts: () => desktopTexts('en'),
    run: async () => {},
    ...more,
  })
  const click = async (label: string) => {
    const before = desk.calls.length
    ;(items.find((item) => item.label === label)?.click as (() => void) | undefined)?.()
    await until(() => desk.calls.length > before)
    return desk.calls.at(-1)
  }
  return { userHome, click, labels: items.flatMap(({ label }) => label ?? []) }
}

describe('what the menu of the app puts into the system', () => {
  it('is the command of an AppImage and the menus of file managers, and says what came of it', async () => {
    const { userHome, click } = await scene()
    expect(await click('Install the “beside” command')).toContain('its folder is not on PATH')
    expect(await readFile(join(userHome, '.local/bin/beside'), 'utf8')).toContain('/opt/Beside.AppImage')
    expect(await click('Remove the “beside” command')).toContain('has been removed')
    expect(await click('Remove the “beside” command')).toContain('There is no')
    expect(await click('Add to the file manager’s menus')).toContain('None of the file managers')
    await writeFile(join(userHome, 'thunar'), '')
    await chmod(join(userHome, 'thunar'), 0o755)
    expect(await click('Add to the file manager’s menus')).toContain('is now in the right-click menus of:')
    expect(await readFile(join(userHome, '.config/Thunar/uca.xml'), 'utf8')).toContain('/opt/Beside.AppImage --to mp3 -- %F')
    expect(await click('Remove from the file manager’s menus')).toContain('has been removed from')
    await writeFile(join(userHome, '.config/Thunar/uca.xml'), 'cut off')
    expect(await click('Add to the file manager’s menus')).toContain('could not be changed')
  })

  it('is nothing in a checkout and on Windows, and on Linux no command where a package has brought it', async () => {
    const menus = ['Add to the file manager’s menus', 'Remove from the file manager’s menus']
    const command = ['Install the “beside” command', 'Remove the “beside” command']
    expect([
      (await scene({ installedApp: null })).labels,
      (await scene({ platform: 'win32' })).labels,
      (await scene({ installedApp: '/opt/Beside/beside-desktop' })).labels,
      (await scene({ platform: 'darwin', installedApp: '/Applications/Beside.app' })).labels,
    ]).toEqual([[], [], menus, [...command, ...menus]])
  })
})
