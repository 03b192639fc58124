import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { startApp } from '../../src/main/app/app.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue, sessionIn } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { standIn } from './stand-in.ts'
import { appDeps, started, until, type Started } from './started.ts'

leavesNothingOpen()

/** Left in the queue for as long as it is paused. */
async function withWorkLeft(app: Started): Promise<void> {
  const { client } = app.running.session
  await client.queue.pause()
  await writeTone(join(app.home, 'tone.wav'), 0.1)
  await queue(client, [join(app.home, 'tone.wav')])
  await until(() => app.desk.trays[0]?.tip.includes('1 left') === true)
}

function item(items: readonly MenuItemConstructorOptions[], label: string): MenuItemConstructorOptions {
  const found = items
    .flatMap((one) => [one, ...(Array.isArray(one.submenu) ? one.submenu : [])])
    .find((one) => one.label === label)
  if (found === undefined) throw new Error(`no ${label}`)
  return found
}

const click = ({ click: act }: MenuItemConstructorOptions, checked: boolean) => act?.({ checked } as never, undefined, {})

describe('one instance', () => {
  it('a second start passes its files on and ends without a window, and without opening the queue', async () => {
    const home = await temporaryFolder()
    const desk = standIn()
    desk.isFirst = false
    expect(await startApp(desk.shell, await appDeps(home, { args: ['a.wav', '--hidden'] }))).toBe(null)
    expect(desk.handOver).toEqual({
      files: [join(home, 'a.wav')],
      wanted: { kind: 'choice' },
      asksForFiles: false,
      isHidden: true,
    })
    expect(desk.calls.at(-1)).toBe('ended')
    expect([desk.windows.length, existsSync(join(home, 'beside.sqlite'))]).toEqual([0, false])
  })

  it('where another Beside has the queue, the app works with that one', async () => {
    let holder: Awaited<ReturnType<typeof sessionIn>> | undefined
    const app = await started({}, async (_, home) => {
      holder = await sessionIn(home, 'work')
    })
    expect(app.running.session.role()).toBe('guest')
    await app.running.session.client.settings.set({ ifExists: 'skip' })
    expect(await holder?.client.settings.get()).toMatchObject({ ifExists: 'skip' })
  })

  it('data of a newer Beside is left alone: a sentence, and the end', async () => {
    const home = await temporaryFolder()
    const desk = standIn()
    const { default: Database } = await import('better-sqlite3')
    await sessionIn(home, 'look').then(async (session) => await session.close())
    const database = new Database(join(home, 'beside.sqlite'))
    database.pragma('user_version = 9999')
    database.close()
    expect(await startApp(desk.shell, await appDeps(home))).toBe(null)
    expect(desk.calls.filter((call) => /^(showErrorBox|exit)/.test(call))).toEqual([
      expect.stringMatching(/^showErrorBox "Beside" ".*newer/i),
      'exit 1',
    ])
  })

  it('a data folder that cannot be made: a sentence, once it can be seen, and the end', async () => {
    const file = join(await temporaryFolder(), 'taken')
    await writeFile(file, 'no folder')
    const desk = standIn()
    Object.assign(desk.shell.app, { whenReady: async () => void desk.calls.push('ready') })
    expect(await startApp(desk.shell, await appDeps(join(file, 'home')))).toBe(null)
    expect(desk.calls).toEqual([
      'ready',
      expect.stringMatching(/^showErrorBox "Beside" ".*cannot be made.*BESIDE_HOME/),
      'exit 1',
    ])
    expect(desk.windows).toEqual([])
  })
})

describe('work', () => {
  it('shows in the tray, on the icon and at its end in a notification that leads to the result', async () => {
    const { desk, home, running, window } = await started()
    await writeTone(join(home, 'tone.wav'), 0.1)
    await queue(running.session.client, [join(home, 'tone.wav')])
    await until(() => desk.notes.length === 1)
    expect(desk.notes[0]?.options).toEqual({ title: 'All done', body: 'Converted: 1' })
    expect(desk.calls).toContain('setBadgeCount 1')
    expect(desk.calls.findLast((call) => call.startsWith('setBadgeCount'))).toBe('setBadgeCount 0')
    expect(desk.trays[0]?.tip).toBe('Beside: nothing to do')
    expect(window().progress).toBe(-1)
    desk.notes[0]?.emit('click')
    expect(desk.calls.at(-1)).toBe(`showItemInFolder ${JSON.stringify(join(home, 'tone.flac'))}`)
  })

  it('holds sleep off while it runs and not longer; not at all where the user does not want it', async () => {
    const { desk, home, running } = await started()
    const awake = () => desk.calls.filter((call) => /^(awake|asleep)/.test(call))
    await writeTone(join(home, 'tone.wav'), 0.1)
    await queue(running.session.client, [join(home, 'tone.wav')])
    await until(() => desk.notes.length === 1)
    expect(awake()).toEqual(['awake "prevent-app-suspension"', 'asleep 1'])
    click(item(desk.menus[0] ?? [], 'Keep awake while converting'), false)
    await writeTone(join(home, 'next.wav'), 0.1)
    await queue(running.session.client, [join(home, 'next.wav')])
    await until(() => desk.notes.length === 2)
    expect(awake()).toHaveLength(2)
  })

  it('can be paused and resumed from the tray', async () => {
    const app = await started()
    const { client } = app.running.session
    click(item(app.desk.trays[0]?.menu ?? [], 'Pause all'), false)
    await until(() => app.desk.trays[0]?.menu.some(({ label }) => label === 'Resume all') === true)
    expect((await client.queue.totals()).paused).toBe(true)
    click(item(app.desk.trays[0]?.menu ?? [], 'Resume all'), false)
    await until(() => app.desk.trays[0]?.menu.some(({ label }) => label === 'Pause all') === true)
    expect((await client.queue.totals()).paused).toBe(false)
  })

  it('goes on when the window’s process crashes: the page is loaded anew, three times a minute at most', async () => {
    const { desk, window, running } = await started()
    const crash = () => window().webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    for (let n = 1; n <= 4; n += 1) crash()
    expect([window().webContents.reloads, window().isClosed]).toEqual([3, true])
    expect(desk.calls.filter((call) => call.startsWith('showErrorBox'))).toHaveLength(1)
    // As the box says.
    desk.app.emit('second-instance', {}, [], '', { files: [], isHidden: false })
    expect([desk.windows.length, window().isShown, window().loaded]).toEqual([2, true, 'app://beside/'])
    expect(await running.session.client.about()).toMatchObject({ pid: process.pid })
  })

  it('comes from watched folders, too, for as long as the app runs', async () => {
    const { desk, home, running } = await started()
    const drop = join(home, 'drop')
    await mkdir(drop)
    await writeTone(join(drop, 'tone.wav'), 0.1)
    const rule = plainRule(drop, [{ target: 'flac', preset: null, options: {} }])
    await running.session.client.folders.add({ rule, on: true, existing: 'convert' })
    await until(() => desk.notes.length === 1)
    expect(existsSync(join(drop, 'tone.flac'))).toBe(true)
  })

  it('that the user paused stays paused after sleep', async () => {
    const app = await started()
    await withWorkLeft(app)
    app.desk.power.emit('resume')
    const { client } = app.running.session
    await client.about()
    expect(await client.queue.totals()).toMatchObject({ paused: true, totals: { queued: 1 } })
  })

  it('stays paused when the computer wakes before the app has heard of the pause', async () => {
    const app = await started()
    const { client } = app.running.session
    const paused = client.queue.pause()
    app.desk.power.emit('resume')
    await paused
    await client.about()
    expect(await client.queue.totals()).toMatchObject({ paused: true })
  })
})

describe('the end', () => {
  it('with nothing left is at once, and lets go of the queue first', async () => {
    const { desk, window, home } = await started()
    window().close()
    await until(() => desk.calls.includes('ended'))
    expect(desk.calls.filter((call) => call.startsWith('showMessageBox'))).toEqual([])
    expect([window().isClosed, desk.trays[0]?.isGone]).toEqual([true, true])
    expect((await sessionIn(home, 'look')).role()).toBe('holder')
  })

  it('with work left says what happens, and can be called off or done out of sight', async () => {
    const app = await started()
    const { desk, window } = app
    await withWorkLeft(app)
    window().show()
    desk.answer = 2
    desk.shell.app.quit()
    await until(() => desk.calls.some((call) => call.startsWith('showMessageBox')))
    expect(desk.calls).toContain('showMessageBox "Conversions left: 1"')
    await new Promise((resolve) => setImmediate(resolve))
    expect([window().isClosed, window().isShown]).toEqual([false, true])
    desk.answer = 1
    window().close()
    await until(() => !window().isShown)
    expect([window().isClosed, desk.calls.includes('ended')]).toEqual([false, false])
    desk.answer = 0
    desk.shell.app.quit()
    await until(() => desk.calls.includes('ended'))
    expect(await (await sessionIn(app.home, 'look')).client.queue.totals()).toMatchObject({ totals: { queued: 1 } })
  })

  it('is not the closing of the window where the user wants the tray, nor on a Mac', async () => {
    const app = await started()
    click(item(app.desk.menus[0] ?? [], 'Keep running in the tray when closed'), true)
    const mac = await started({ platform: 'darwin' })
    for (const { desk, window } of [app, mac]) {
      window().show()
      window().close()
      expect([window().isShown, window().isClosed, desk.calls.includes('quit')]).toEqual([false, false, false])
    }
    app.desk.trays[0]?.emit('click')
    mac.desk.app.emit('activate')
    expect([app.window().isShown, mac.window().isShown]).toEqual([true, true])
  })

  it('comes without a question when the system goes down', async () => {
    const app = await started()
    await withWorkLeft(app)
    app.desk.power.emit('shutdown')
    await until(() => app.desk.calls.includes('ended'))
    expect(app.desk.calls.some((call) => call.startsWith('showMessageBox'))).toBe(false)
  })
})

describe('the desktop', () => {
  it('keeps what the user wants for the next start; at login is hidden', async () => {
    const { desk, home } = await started()
    const entry = join(home, 'config', 'autostart', 'beside.desktop')
    click(item(desk.menus[0] ?? [], 'Start at login'), true)
    expect(await readFile(entry, 'utf8')).toContain('Exec="/opt/Beside/beside" --hidden\n')
    expect(JSON.parse(await readFile(join(home, 'desktop.json'), 'utf8'))).toMatchObject({ atLogin: true, notify: 'always' })
    click(item(desk.menus[0] ?? [], 'Start at login'), false)
    expect(existsSync(entry)).toBe(false)
    const other = await started({ platform: 'win32' }, async (_, folder) => {
      await writeFile(join(folder, 'desktop.json'), '{"notify":"never","whenDone":5}')
    })
    expect(item(other.desk.menus[0] ?? [], 'Notify when everything is done').checked).toBe(false)
    click(item(other.desk.menus[0] ?? [], 'Start at login'), true)
    const packager = await readFile(join(import.meta.dirname, '../../electron-builder.yml'), 'utf8')
    expect(other.desk.calls).toContain(`setAppUserModelId "${/^appId: (.+)$/m.exec(packager)?.[1]}"`)
    expect(other.desk.calls).toContain('setLoginItemSettings {"openAtLogin":true,"args":["--hidden"]}')
  })

  it('a start at login stays out of sight until it is asked for', async () => {
    const { desk, window } = await started({ args: ['--hidden'] })
    window().emit('ready-to-show')
    expect(window().isShown).toBe(false)
    desk.app.emit('second-instance', {}, [], '', { files: [], isHidden: false })
    expect(window().isShown).toBe(true)
  })

  it('puts the window back where it was, and into reach when its display has gone', async () => {
    const place = { x: 2000, y: 100, width: 900, height: 700, isMaximized: false }
    const { desk, window, home } = await started({}, async (scene, folder) => {
      scene.displays.push({ workArea: { x: 1920, y: 0, width: 1920, height: 1080 } } as never)
      await writeFile(join(folder, 'window.json'), JSON.stringify(place))
    })
    expect(window().bounds).toMatchObject({ x: 2000, y: 100, width: 900, height: 700 })
    desk.displays.pop()
    desk.screen.emit('display-removed')
    expect(window().bounds).toEqual({ x: 510, y: 190, width: 900, height: 700 })
    window().bounds = { x: 5, y: 6, width: 800, height: 600 }
    window().close()
    await until(() => desk.calls.includes('ended'))
    expect(JSON.parse(await readFile(join(home, 'window.json'), 'utf8'))).toEqual({
      x: 5,
      y: 6,
      width: 800,
      height: 600,
      isMaximized: false,
    })
  })

  it('adds files by the menu', async () => {
    const { desk, own } = await started()
    desk.chosen = ['/x/one.wav', '/x/two.wav']
    click(item(desk.menus[0] ?? [], 'Add files…'), false)
    await until(() => desk.windows[0]?.webContents.sent.length === 1)
    expect(await desk.invoke('take-files', own())).toEqual({ value: ['/x/one.wav', '/x/two.wav'] })
  })
})
