import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, launch } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const isPacked = launch.length === 1

const noApp = { status: 2, out: '', err: expect.stringContaining('There is no app for the menus to start.') as string }

describe('beside menus', () => {
  it('adds them for the file managers that are there, and removes them; none where there is no app for them to start', async () => {
    const { run, folder } = await withThunar()
    const actions = async () => await readFile(join(folder, 'config/Thunar/uca.xml'), 'utf8').catch(() => '')
    expect(await run('menus', 'add')).toEqual(
      isPacked ? { status: 0, out: '“Convert with Beside” is now in the menus of Thunar.\n', err: '' } : noApp,
    )
    expect((await actions()).includes("/beside-desktop' --to mp3 -- %F")).toBe(isPacked)
    expect((await run('menus', 'remove')).status).toBe(isPacked ? 0 : 2)
    expect(await actions()).not.toContain('beside-')
  })

  it('says which subcommands there are', async () => {
    const { run } = await cli()
    expect((await run('menus', 'ad')).err).toMatch(/unknown command 'ad' for beside menus\n.*add/)
  })
})

/** With a Thunar on PATH, and the settings of the user in its folder. */
async function withThunar() {
  const { folder } = await cli()
  await writeFile(join(folder, 'thunar'), '')
  await chmod(join(folder, 'thunar'), 0o755)
  const env = { PATH: `${folder}:/usr/bin:/bin`, XDG_CONFIG_HOME: join(folder, 'config'), XDG_DATA_HOME: join(folder, 'data') }
  return { ...(await cli(env)), folder }
}
