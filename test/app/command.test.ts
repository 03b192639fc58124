import { spawnSync } from 'node:child_process'
import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { installCommand, removeCommand, type CommandPlace } from '../../src/main/app/command.ts'
import { temporaryFolder } from '../support/folder.ts'

interface Scene extends CommandPlace {
  readonly system: string
  readonly asked: string[]
}

/** @param answer what becomes of the question for an administrator: as if he had typed the password, or declined. */
async function mac(answer: 'yes' | 'no' = 'yes', app = "/Applications/Tom's “Apps”/Beside.app"): Promise<Scene> {
  const home = await temporaryFolder()
  const asked: string[] = []
  return {
    platform: 'darwin',
    env: { PATH: '/usr/bin' },
    home,
    app,
    // Nothing can be made below a file: as good as a folder that only an administrator may write to.
    system: join(home, 'usr-local', 'beside'),
    asked,
    run: async (program, args) => {
      asked.push(`${program} ${args.join(' ')}`)
      if (answer === 'no') throw new Error('User canceled. (-128)')
    },
  }
}

describe('the command on macOS', () => {
  it('is a link where every terminal looks, and is removed again', async () => {
    const scene = await mac()
    expect(await installCommand(scene, scene.system)).toEqual({ what: 'installed', path: scene.system, isOnPath: true })
    expect(await readlink(scene.system)).toBe(join(scene.app, 'Contents/Resources/bin/beside'))
    expect(await installCommand(scene, scene.system)).toMatchObject({ what: 'installed' })
    expect(await removeCommand(scene, scene.system)).toEqual({ what: 'removed', path: scene.system })
    expect([await removeCommand(scene, scene.system), scene.asked]).toEqual([{ what: 'absent' }, []])
  })

  it('asks for an administrator where the folder is not the user’s; whatever the app is called gets there as it is', async () => {
    const scene = await mac()
    await writeFile(join(scene.home, 'usr-local'), '')
    expect(await installCommand(scene, scene.system)).toEqual({ what: 'installed', path: scene.system, isOnPath: true })
    const [command = ''] = scene.asked
    expect(command).toMatch(/^osascript -e do shell script ".*" with administrator privileges$/)
    const text = /script "(.*)" with/.exec(command)?.[1]?.replaceAll('\\"', '"').replaceAll('\\\\', '\\') ?? ''
    const words = spawnSync('sh', ['-c', text.replace(/.*&& ln -sfn/, 'printf "%s\\n"')], { encoding: 'utf8' }).stdout.split('\n')
    expect(words).toEqual([join(scene.app, 'Contents/Resources/bin/beside'), scene.system, ''])
  })

  it('is put into the user’s own folder where that is declined, and says that it is not on PATH', async () => {
    const scene = await mac('no')
    await writeFile(join(scene.home, 'usr-local'), '')
    const own = join(scene.home, '.local/bin/beside')
    expect(await installCommand(scene, scene.system)).toEqual({ what: 'installed', path: own, isOnPath: false })
    expect(await installCommand({ ...scene, env: { PATH: join(scene.home, '.local/bin') } }, scene.system)).toMatchObject({
      isOnPath: true,
    })
    expect(await removeCommand(scene, scene.system)).toEqual({ what: 'removed', path: own })
  })

  it('leaves another program of that name alone', async () => {
    const scene = await mac()
    await mkdir(join(scene.home, 'usr-local'))
    await symlink('/opt/homebrew/bin/beside', scene.system)
    expect(await installCommand(scene, scene.system)).toEqual({ what: 'taken', path: scene.system })
    expect([await removeCommand(scene, scene.system), await readlink(scene.system)]).toEqual([
      { what: 'absent' },
      '/opt/homebrew/bin/beside',
    ])
  })

  it.each(['/Volumes/Beside 1.0/Beside.app', '/private/var/folders/x/AppTranslocation/1/d/Beside.app'])(
    'is not linked to %s, which will be gone',
    async (app) => {
      const scene = await mac('yes', app)
      expect(await installCommand(scene, scene.system)).toEqual({ what: 'move-first' })
    },
  )
})

describe('the command of an AppImage', () => {
  it('is a script that has the AppImage run its own command line, whatever it is called', async () => {
    const home = await temporaryFolder()
    const app = join(home, `It's "Beside" $1.0.AppImage`)
    // In the place of the AppImage and its first script: mounted elsewhere, and no `--no-sandbox` where that is there already.
    const mounted = join(home, 'mounted')
    await mkdir(join(mounted, 'resources/app.asar/dist'), { recursive: true })
    await writeFile(join(mounted, 'resources/app.asar/dist/beside.js'), 'console.log(JSON.stringify(process.argv.slice(2)))')
    await writeFile(join(mounted, 'resources/app.asar/package.json'), '{"type":"module"}')
    await writeFile(app, `#!/bin/sh\nAPPDIR='${mounted}' exec '${process.execPath}' "$@"\n`, { mode: 0o755 })
    const place = { platform: 'linux', env: { PATH: join(home, '.local/bin') }, home, app, run: async () => {} } as const
    const path = join(home, '.local/bin/beside')
    expect(await installCommand(place)).toEqual({ what: 'installed', path, isOnPath: true })
    const words = ['convert', 'a b.wav', '-x', '--version', `"it's"`, '']
    const { stdout, stderr } = spawnSync(path, words, { encoding: 'utf8' })
    expect([stderr, JSON.parse(stdout)]).toEqual(['', words])
    expect(await removeCommand(place)).toEqual({ what: 'removed', path })
    await writeFile(path, '#!/bin/sh\n')
    expect([await installCommand(place), await readFile(path, 'utf8')]).toEqual([{ what: 'taken', path }, '#!/bin/sh\n'])
  })
})
