import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noActions } from '../../src/main/menus/thunar.ts'
import { addMenus, removeMenus, type UserMenus } from '../../src/main/menus/user.ts'
import { temporaryFolder } from '../support/folder.ts'

async function user(managers: readonly string[], more: Partial<UserMenus> = {}): Promise<UserMenus> {
  const [home, bin] = [await temporaryFolder(), await temporaryFolder()]
  for (const name of managers) {
    await writeFile(join(bin, name), '')
    await chmod(join(bin, name), 0o755)
  }
  return { platform: 'linux', env: { PATH: bin }, home, app: '/opt/B.AppImage', language: 'en', system: '/nowhere', ...more }
}

const all = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory())

describe('the menus of a user', () => {
  it('are written for the file managers that are there, and taken away without a trace', async () => {
    const me = await user(['nautilus', 'nemo', 'dolphin', 'thunar'])
    const others = [
      ['.local/share/nautilus/scripts/Convert with Beside/mine', '#!/bin/sh\n'],
      ['.local/share/nemo/actions/other.nemo_action', '[Nemo Action]\n'],
      ['.config/Thunar/uca.xml', noActions],
    ] as const
    for (const [path, content] of others) {
      await mkdir(join(me.home, path, '..'), { recursive: true })
      await writeFile(join(me.home, path), content)
    }
    expect(await addMenus(me)).toEqual({ done: ['Nautilus', 'Nemo', 'Dolphin', 'Thunar'], failed: [] })
    const script = join(me.home, '.local/share/nautilus/scripts/Convert with Beside/MP3')
    expect([(await lstat(script)).mode & 0o111, await readFile(script, 'utf8')]).toEqual([
      0o111,
      expect.stringContaining('exec /opt/B.AppImage --to mp3 -- "$@"'),
    ])
    expect(await readFile(join(me.home, '.config/Thunar/uca.xml'), 'utf8')).toContain('beside-video-mp4')
    expect((await all(me.home)).length).toBeGreaterThan(30)
    // In another language by now, and after the file managers have gone.
    expect(await removeMenus({ ...me, language: 'de', env: {} })).toMatchObject({ failed: [] })
    expect((await all(me.home)).map((entry) => entry.name).toSorted()).toEqual(['mine', 'other.nemo_action', 'uca.xml'])
    for (const [path, content] of others) expect(await readFile(join(me.home, path), 'utf8')).toBe(content)
  })

  it('are left to a package that has them for everybody, and to nobody where no file manager is', async () => {
    const system = await temporaryFolder()
    await mkdir(join(system, 'nemo/actions'), { recursive: true })
    await writeFile(join(system, 'nemo/actions/beside-audio-choose.nemo_action'), '')
    expect(await addMenus(await user(['nemo'], { system }))).toEqual({ done: [], failed: [] })
    expect(await addMenus(await user([]))).toEqual({ done: [], failed: [] })
    expect(await addMenus(await user(['nautilus'], { platform: 'win32' }))).toEqual({ done: [], failed: [] })
  })

  it('of Thunar are written behind a link, and not into what is no file of its', async () => {
    const me = await user(['thunar'])
    await mkdir(join(me.home, '.config/Thunar'), { recursive: true })
    await mkdir(join(me.home, 'dotfiles'))
    const real = join(me.home, 'dotfiles/uca.xml')
    await writeFile(real, noActions, { mode: 0o600 })
    await symlink('../../dotfiles/uca.xml', join(me.home, '.config/Thunar/uca.xml'))
    expect(await addMenus(me)).toEqual({ done: ['Thunar'], failed: [] })
    expect([await readlink(join(me.home, '.config/Thunar/uca.xml')), (await lstat(real)).mode & 0o777]).toEqual([
      '../../dotfiles/uca.xml',
      0o600,
    ])
    expect(await readFile(real, 'utf8')).toContain('beside-audio-mp3')
    await writeFile(real, 'cut off')
    expect(await addMenus(me)).toEqual({ done: [], failed: ['Thunar'] })
    expect(await readFile(real, 'utf8')).toBe('cut off')
  })

  it('of the Finder are Quick Actions of the user', async () => {
    const me = await user([], { platform: 'darwin', app: '/Applications/Beside.app' })
    expect(await addMenus(me)).toEqual({ done: ['Finder'], failed: [] })
    const services = join(me.home, 'Library/Services')
    await mkdir(join(services, 'Other.workflow'))
    expect(await readdir(services)).toContain('Beside video mp4.workflow')
    await removeMenus(me)
    expect(await readdir(services)).toEqual(['Other.workflow'])
  })
})
