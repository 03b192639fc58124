import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { clientOver } from '../../src/shared/wire/client.ts'
import { lineOver } from '../../src/renderer/wire/port-line.ts'
import { desktopChannels as channels, portMessage } from '../../src/shared/desktop.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { FakeFrame } from './stand-in-window.ts'
import { started, until, type Started } from './started.ts'

leavesNothingOpen()

/** All who are not the main frame of our own window with our own page in it. */
function strangers({ window }: Started) {
  const { webContents } = window()
  const evil = new FakeFrame()
  evil.url = 'https://evil.example/'
  const alike = new FakeFrame()
  alike.url = 'app://beside/'
  return [
    { sender: webContents, senderFrame: evil },
    { sender: webContents, senderFrame: alike },
    { sender: webContents, senderFrame: null },
    { sender: { mainFrame: alike }, senderFrame: alike },
  ]
}

describe('the port', () => {
  it('is handed to the main frame of our own window, and the contract works over it', async () => {
    const app = await started()
    app.desk.send(channels.port, app.own())
    const [posted] = app.window().webContents.mainFrame.posted
    expect(posted?.message).toBe(portMessage)
    const port = posted?.ports[0] as MessagePort
    const { link } = lineOver(port)
    const client = clientOver(() => ({ link, isLost: () => false }))
    expect(await client.about()).toMatchObject({ version: '1.2.3', home: app.home })
    port.close()
  })

  it('is refused to any other frame, window or page, which gets nothing', async () => {
    const app = await started()
    for (const stranger of strangers(app)) {
      app.desk.send(channels.port, stranger)
      expect(stranger.senderFrame?.posted ?? []).toEqual([])
    }
    expect(app.window().webContents.mainFrame.posted).toEqual([])
  })

  it('is refused to our own frame when it shows another page', async () => {
    const app = await started()
    for (const url of [
      'https://evil.example/',
      'app://beside.evil/',
      'app://beside@evil/',
      'file:///etc/passwd',
      'about:blank',
    ]) {
      app.window().webContents.mainFrame.url = url
      app.desk.send(channels.port, app.own())
    }
    expect(app.window().webContents.mainFrame.posted).toEqual([])
  })
})

describe('requests of the window', () => {
  it('of strangers are refused one and all', async () => {
    const app = await started()
    for (const stranger of strangers(app)) {
      for (const channel of [channels.reveal, channels.open, channels.chooseFolder, channels.takeFiles]) {
        expect(await app.desk.invoke(channel, stranger, app.home)).toMatchObject({ failure: { code: 'not-possible' } })
      }
    }
    expect(app.desk.calls.filter((call) => /^(openPath|showItem)/.test(call))).toEqual([])
  })

  it('media is opened; programs, folders, what is not there and what is no path are not', async () => {
    const app = await started()
    const song = join(app.home, 'song.mp3')
    const program = join(app.home, 'run.sh')
    await writeFile(song, 'x')
    await writeFile(program, 'x')
    expect(await app.desk.invoke(channels.open, app.own(), song)).toEqual({ value: null })
    const refused = [
      program,
      app.home,
      join(app.home, 'gone.mp3'),
      'song.mp3',
      '',
      5,
      null,
      'https://evil.example/x.mp3',
      'x'.repeat(40_000),
    ]
    for (const path of refused) expect(await app.desk.invoke(channels.open, app.own(), path)).toHaveProperty('failure')
    expect(app.desk.calls.filter((call) => call.startsWith('openPath'))).toEqual([`openPath ${JSON.stringify(song)}`])
  })

  it('what is there is shown in its folder, and a chosen folder is answered', async () => {
    const app = await started()
    expect(await app.desk.invoke(channels.reveal, app.own(), app.home)).toEqual({ value: null })
    expect(await app.desk.invoke(channels.reveal, app.own(), join(app.home, 'gone'))).toMatchObject({
      failure: { code: 'source-missing' },
    })
    app.desk.chosen = ['/music']
    expect(await app.desk.invoke(channels.chooseFolder, app.own())).toEqual({ value: '/music' })
    app.desk.chosen = []
    expect(await app.desk.invoke(channels.chooseFolder, app.own())).toEqual({ value: null })
  })

  it('results are dragged out; nothing else is', async () => {
    const app = await started()
    app.desk.send(channels.drag, app.own(), ['/a/one.mp3', '/a/two.flac'])
    app.desk.send(channels.drag, app.own(), ['/a/one.mp3', '/etc/passwd'])
    app.desk.send(channels.drag, app.own(), [])
    app.desk.send(channels.drag, app.own(), 'x.mp3')
    for (const stranger of strangers(app)) app.desk.send(channels.drag, stranger, ['/a/one.mp3'])
    expect(app.window().webContents.dragged).toMatchObject([{ file: '/a/one.mp3', files: ['/a/one.mp3', '/a/two.flac'] }])
  })
})

describe('files from the system', () => {
  it('that come while the app is still starting wait for its window; what is no start is nothing', async () => {
    const { desk, own } = await started({}, (scene) => {
      const whenReady = async () => {
        scene.app.emit('second-instance', {}, [], '', { files: ['/x/early.wav'], isHidden: false })
        scene.app.emit('second-instance', {}, [], '', { files: 'x' })
        scene.app.emit('second-instance', {}, [], '', undefined)
      }
      Object.assign(scene.app, { whenReady })
    })
    expect(await desk.invoke(channels.takeFiles, own())).toEqual({ value: ['/x/early.wav'] })
  })

  it('of the first start, of a second one and of open-with come to the window once each', async () => {
    const app = await started({ args: ['song.wav', '--some-flag', '--', '-odd.wav'] })
    const { desk, home, own, window } = app
    expect(await desk.invoke(channels.takeFiles, own())).toEqual({ value: [join(home, 'song.wav'), join(home, '-odd.wav')] })
    expect(await desk.invoke(channels.takeFiles, own())).toEqual({ value: [] })
    desk.app.emit('second-instance', {}, [], '', { files: ['/x/two.wav'], isHidden: false })
    desk.app.emit('open-file', { preventDefault: () => {} }, '/x/three.wav')
    await until(() => window().webContents.sent.length === 2)
    expect(window().webContents.sent).toEqual([channels.files, channels.files])
    expect(await desk.invoke(channels.takeFiles, own())).toEqual({ value: ['/x/two.wav', '/x/three.wav'] })
    expect(window().isShown).toBe(true)
  })
})
