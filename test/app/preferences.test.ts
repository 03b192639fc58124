import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { desktopChannels as channels } from '../../src/shared/desktop.ts'
import { usualPreferences, type DesktopState, type Preferences } from '../../src/shared/preferences.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { started, until, type Started } from './started.ts'

leavesNothingOpen()

const ask = async ({ desk, own }: Started) => (await desk.invoke(channels.state, own())) as { readonly value: DesktopState }
const prefer = async ({ desk, own }: Started, change: Partial<Preferences>) =>
  (await desk.invoke(channels.prefer, own(), change)) as { readonly value: DesktopState }
const checks = ({ desk }: Started) =>
  (desk.menus.at(-1) ?? [])
    .flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
    .flatMap(({ label, type, checked }) => (type === 'checkbox' ? [`${label}: ${checked}`] : []))

async function converts({ home, running }: Started, name: string): Promise<void> {
  await writeTone(join(home, name), 0.1)
  await queue(running.session.client, [join(home, name)])
}

/** Its result is there already, and the user wants to be asked. */
async function clashes(app: Started, name: string): Promise<void> {
  await app.running.session.client.settings.set({ ifExists: 'ask' })
  await writeFile(join(app.home, `${name}.flac`), 'an older one')
  await converts(app, `${name}.wav`)
}

/** Of two that were queued one is done, the other one paused by itself. */
async function onePaused(app: Started): Promise<void> {
  const { client } = app.running.session
  await client.queue.pause()
  await converts(app, 'later.wav')
  const [job] = (await client.jobs.list({ phases: ['queued'], batchId: null, after: null, limit: 1 })).jobs
  await client.jobs.pause({ kind: 'ids', ids: [job?.id ?? 0] })
  await converts(app, 'now.wav')
  await client.queue.resume()
}

describe('preferences', () => {
  it('reach the window with what this system can do, kept, and shown by the menu as well', async () => {
    const app = await started()
    expect((await ask(app)).value).toEqual({
      preferences: usualPreferences,
      can: { tray: true, sleep: true, update: false },
      webAddress: null,
    })
    const { value } = await prefer(app, { stayInTray: true, notify: 'never' })
    expect(value.preferences).toEqual({ ...usualPreferences, stayInTray: true, notify: 'never' })
    expect(JSON.parse(await readFile(join(app.home, 'desktop.json'), 'utf8'))).toEqual(value.preferences)
    expect(checks(app)).toEqual([
      'Keep awake while converting: true',
      'Notify when everything is done: false',
      'Start at login: false',
      'Keep running in the tray when closed: true',
    ])
    expect(app.window().webContents.sent).toContain(channels.stateChanged)
  })

  it('have the language of tray, menus and questions: the window’s, at once and at the next start', async () => {
    const app = await started()
    const said = () => [app.desk.trays[0]?.menu.at(-1)?.label, app.desk.menus.at(-1)?.[0]?.label, app.desk.trays[0]?.tip]
    expect(said()).toEqual(['Quit Beside', 'File', 'Beside: nothing to do'])
    await prefer(app, { language: 'de' })
    expect(said()).toEqual(['Beside beenden', 'Datei', 'Beside: nichts zu tun'])
    await app.running.session.client.queue.pause()
    await converts(app, 'later.wav')
    await until(() => app.desk.trays[0]?.tip === 'Beside: angehalten, noch 1')
    app.desk.shell.app.quit()
    await until(() => app.desk.calls.includes('showMessageBox "Noch umzuwandeln: 1"'))
    const next = await started({}, async (desk, home) => {
      await writeFile(join(home, 'desktop.json'), '{"language":"ja"}')
      Object.assign(desk.shell.app, { getLocale: () => 'fr' })
    })
    expect(next.desk.trays[0]?.tip).toBe('Beside: 作業はありません')
    await prefer(next, { language: 'system' })
    expect(next.desk.trays[0]?.tip).toBe('Beside: rien à faire')
  })

  it('that nobody knows, or from elsewhere, change nothing', async () => {
    const app = await started()
    for (const change of [{ stayInTray: 'yes' }, { language: 'tlh' }, { atLogin: true, more: 1 }, null, 'web'])
      expect(await prefer(app, change as never)).toMatchObject({ failure: {} })
    const stranger = { sender: {}, senderFrame: app.window().webContents.mainFrame }
    expect(await app.desk.invoke(channels.prefer, stranger, { web: true })).toMatchObject({ failure: { code: 'not-possible' } })
    expect((await ask(app)).value.preferences).toEqual(usualPreferences)
  })

  it('that are damaged fall back one by one', async () => {
    const app = await started({}, async (_, home) => {
      await writeFile(join(home, 'desktop.json'), '{"whenDone":"explode","stayInTray":true}')
    })
    expect((await ask(app)).value.preferences).toEqual({ ...usualPreferences, stayInTray: true })
  })
})

describe('a notification', () => {
  it('comes only for failures where the user wants it so', async () => {
    const app = await started()
    await prefer(app, { notify: 'failures' })
    await converts(app, 'good.wav')
    await until(() => app.desk.trays[0]?.tip === 'Beside: nothing to do' && app.desk.calls.includes('setBadgeCount 1'))
    await writeFile(join(app.home, 'bad.wav'), Buffer.alloc(5000, 'no song '))
    await queue(app.running.session.client, [join(app.home, 'bad.wav')])
    await until(() => app.desk.notes.length === 1)
    expect(app.desk.notes[0]?.options.body).toBe('Converted: 0, failed: 1')
  })

  it('says that the user is needed, under every preference but never, and leads to the window', async () => {
    const app = await started()
    await prefer(app, { notify: 'failures' })
    await clashes(app, 'song')
    await until(() => app.desk.notes.length === 1)
    const [note] = app.desk.notes
    expect(note?.options).toEqual({ title: 'Needs attention: 1', body: 'Some conversions are waiting for your decision.' })
    expect(app.desk.trays[0]?.tip).toBe('Beside: needs attention, 1 left')
    note?.emit('click')
    expect(app.window().isShown).toBe(true)
  })

  it('does not call work done that was paused', async () => {
    const app = await started()
    await onePaused(app)
    await until(() => app.desk.notes.length === 1)
    expect(app.desk.notes[0]?.options).toEqual({ title: 'Paused: 1', body: 'Converted: 1' })
    expect(app.desk.trays[0]?.tip).toBe('Beside: paused, 1 left')
  })

  it('does not come again when a preference is changed afterwards', async () => {
    const app = await started()
    await converts(app, 'good.wav')
    await until(() => app.desk.notes.length === 1)
    await prefer(app, { keepAwake: false })
    expect(app.desk.notes).toHaveLength(1)
  })
})

describe('when everything is done', () => {
  it('the system is put to sleep where the user wants it and does not call it off', async () => {
    const ran: string[][] = []
    const app = await started({ run: async (program, args) => void ran.push([program, ...args]) })
    await prefer(app, { whenDone: 'sleep' })
    app.desk.answer = 1
    await converts(app, 'one.wav')
    await until(() => app.desk.calls.some((call) => call.startsWith('showMessageBox "Everything is done. The computer')))
    await until(() => app.desk.notes.length === 1)
    expect(ran).toEqual([])
    app.desk.answer = 0
    await converts(app, 'two.wav')
    await until(() => ran.length === 1)
    expect(ran).toEqual([['systemctl', 'suspend']])
  })

  it('nothing happens while work is paused or waits for the user', async () => {
    const app = await started()
    await prefer(app, { whenDone: 'quit' })
    app.desk.answer = 0
    await onePaused(app)
    await until(() => app.desk.notes.length === 1)
    await clashes(app, 'song')
    await until(() => app.desk.notes.length === 2)
    expect(app.desk.calls.filter((call) => /^(showMessageBox|quit)/.test(call))).toEqual([])
    const { client } = app.running.session
    await client.jobs.settleClash({ selection: { kind: 'all' }, as: 'number' })
    await client.jobs.resume({ kind: 'all' })
    await until(() => app.desk.calls.includes('ended'))
  })

  it('Beside quits where the user wants it, and nothing happens where not', async () => {
    const app = await started()
    await converts(app, 'one.wav')
    await until(() => app.desk.notes.length === 1)
    expect(app.desk.calls.some((call) => call.startsWith('showMessageBox'))).toBe(false)
    await prefer(app, { whenDone: 'quit' })
    app.desk.answer = 0
    await converts(app, 'two.wav')
    await until(() => app.desk.calls.includes('ended'))
    expect(app.desk.calls.filter((call) => call.startsWith('showMessageBox'))).toEqual([
      'showMessageBox "Everything is done. Beside will quit in one minute."',
    ])
  })
})

describe('the window in a browser', () => {
  it('is there while the user wants it, at an address that only our own window gets, and gone afterwards', async () => {
    const app = await started()
    const { value } = await prefer(app, { web: true })
    const address = value.webAddress ?? ''
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{40,}$/)
    expect(await (await fetch(address)).text()).toContain('<!doctype html>')
    expect((await fetch(new URL('/enter', address), { method: 'POST', headers: { authorization: 'Bearer wrong' } })).status).toBe(
      401,
    )
    expect((await prefer(app, { web: false })).value.webAddress).toBe(null)
    await expect(fetch(address)).rejects.toThrow('fetch failed')
  })

  it('is there again after a start', async () => {
    const app = await started({}, async (_, home) => {
      await writeFile(join(home, 'desktop.json'), '{"web":true}')
    })
    // Behind what the start has begun.
    expect((await prefer(app, { keepAwake: true })).value.webAddress).toMatch(/^http/)
  })
})

describe('the power', () => {
  it('is asked of Electron where files do not say', async () => {
    const app = await started({ platform: 'win32' })
    const { client } = app.running.session
    expect((await client.machine()).power).toBe('mains')
    app.desk.isOnBattery = true
    expect((await client.machine()).power).toBe('battery')
  })
})
