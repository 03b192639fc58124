/**
 * Updates from a feed on this machine, by electron-updater itself: what it fetches, what it refuses, and when it is put in place. Without
 * Electron it is given an app and a way to the network of plain Node; its class for macOS, which hands everything to Electron's own, is not
 * shown here, nor is a signature.
 */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import electronUpdater, { type AppUpdater } from 'electron-updater'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue } from '../support/sessions.ts'
import { temporaryFolder } from '../support/folder.ts'
import { writeTone } from '../support/tone.ts'
import { started, until } from './started.ts'

leavesNothingOpen()

const require = createRequire(import.meta.url)
const { ElectronHttpExecutor } = require('electron-updater/out/electronHttpExecutor.js') as {
  ElectronHttpExecutor: new () => object
}

// Before it ends the program it asks for Electron by its name, to announce that.
Object.assign(require.cache, { [require.resolve('electron')]: { loaded: true, exports: { autoUpdater: new EventEmitter() } } })

/** The updater's own way to fetch, over plain Node instead of Electron's network. */
const executor = Object.assign(new ElectronHttpExecutor(), { createRequest: request })

const systems = {
  AppImage: {
    feed: 'latest-linux.yml',
    file: 'beside-linux.AppImage',
    updater: electronUpdater.AppImageUpdater,
    platform: 'linux',
  },
  deb: { feed: 'latest-linux.yml', file: 'beside-linux.deb', updater: electronUpdater.DebUpdater, platform: 'linux' },
  NSIS: { feed: 'latest.yml', file: 'beside-win.exe', updater: electronUpdater.NsisUpdater, platform: 'win32' },
} as const
type System = keyof typeof systems

const content = `#!/bin/sh\necho installed >> "$BESIDE_INSTALLED"\n`

interface Feed {
  readonly version?: string
  readonly sha512?: string
  /** The connection goes in the middle of the file. */
  readonly isCut?: boolean
  readonly isThere?: boolean
}

/** Serves a feed, and answers the addresses that were asked for. */
async function serve(system: System, { version = '9.0.0', sha512, isCut = false, isThere = true }: Feed) {
  const { feed, file } = systems[system]
  const asked: string[] = []
  const hash = createHash('sha512').update(content).digest('base64')
  const text = [
    `version: ${version}`,
    'files:',
    `  - url: ${file}`,
    `    sha512: ${sha512 ?? hash}`,
    `    size: ${content.length}`,
    `path: ${file}`,
    `sha512: ${sha512 ?? hash}`,
    `releaseDate: '2026-01-01T00:00:00.000Z'`,
  ].join('\n')
  const server = createServer((asking, response) => {
    const path = new URL(asking.url ?? '', 'http://x').pathname
    asked.push(path)
    if (isThere && path === `/updates/${feed}`) return response.end(text)
    if (path !== `/updates/${file}`) return response.writeHead(404).end()
    response.writeHead(200, { 'content-length': content.length })
    if (!isCut) return response.end(content)
    response.write(content.slice(0, 10), () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/updates` }
}

/** The updater of one system, as the packager's `app-update.yml` sets it. */
async function updaterOf(system: System, url: string): Promise<{ readonly updater: AppUpdater; readonly events: string[] }> {
  const folder = await temporaryFolder()
  const config = join(folder, 'app-update.yml')
  await writeFile(config, `provider: generic\nurl: ${url}\nupdaterCacheDirName: beside-updater\n`)
  const app = {
    version: '1.2.3',
    name: 'Beside',
    isPackaged: true,
    appUpdateConfigPath: config,
    userDataPath: folder,
    baseCachePath: folder,
    whenReady: async () => {},
    relaunch: () => {},
    quit: () => {},
    onQuit: () => {},
  }
  const { updater: Updater, platform } = systems[system]
  // Without it, its updater takes itself for no AppImage, and is off.
  if (system === 'AppImage') vi.stubEnv('APPIMAGE', join(folder, 'Beside.AppImage'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const updater: AppUpdater = new Updater(null, app)
  updater.logger = null
  Object.assign(updater, { httpExecutor: executor, _testOnlyOptions: { platform } })
  const events: string[] = []
  for (const name of ['update-available', 'update-not-available', 'update-downloaded', 'error'] as const)
    updater.on(name, () => events.push(name))
  return { updater, events }
}

describe.each(Object.keys(systems) as System[])('the updates of %s', (system) => {
  it('are found, fetched whole and known to be ready', async () => {
    const { url } = await serve(system, {})
    const { updater, events } = await updaterOf(system, url)
    let file = ''
    updater.on('update-downloaded', ({ downloadedFile }) => (file = downloadedFile))
    await (
      await updater.checkForUpdates()
    )?.downloadPromise
    expect([events, await readFile(file, 'utf8')]).toEqual([['update-available', 'update-downloaded'], content])
  })

  it.each([
    ['an older version', { version: '1.2.2' }, ['update-not-available']],
    ['the same version', { version: '1.2.3' }, ['update-not-available']],
    ['no feed', { isThere: false }, ['error']],
    [
      'another file than the feed says',
      { sha512: createHash('sha512').update('x').digest('base64') },
      ['update-available', 'error'],
    ],
    ['a transfer that breaks off', { isCut: true }, ['update-available', 'error']],
  ] as const)('are not taken from %s, and nothing else breaks', async (_, feed, wanted) => {
    const { url } = await serve(system, feed)
    const { updater, events } = await updaterOf(system, url)
    const unhandled = vi.fn<() => void>()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    const app = await started({ updater })
    await until(() => events.length >= wanted.length)
    app.window().close()
    await until(() => app.desk.calls.includes('ended'))
    expect([events, unhandled.mock.calls]).toEqual([wanted, []])
  })
})

describe('an update of an AppImage', () => {
  it('is put in place as the app ends with nothing left to convert, and only then', async () => {
    const { url, asked } = await serve('AppImage', {})
    const folder = await temporaryFolder()
    const [image, installed] = [join(folder, 'Beside.AppImage'), join(folder, 'installed')]
    await writeFile(image, 'old')
    await chmod(image, 0o755)
    vi.stubEnv('BESIDE_INSTALLED', installed)

    const busy = await updaterOf('AppImage', url)
    vi.stubEnv('APPIMAGE', image)
    const app = await started({ updater: busy.updater })
    await until(() => busy.events.includes('update-downloaded'))
    await app.running.session.client.queue.pause()
    await writeTone(join(app.home, 'tone.wav'), 0.1)
    await queue(app.running.session.client, [join(app.home, 'tone.wav')])
    await until(() => app.desk.trays[0]?.tip.includes('1 left') === true)
    app.desk.answer = 0
    app.desk.shell.app.quit()
    await until(() => app.desk.calls.includes('ended'))
    expect(await readFile(image, 'utf8')).toBe('old')

    const idle = await updaterOf('AppImage', url)
    vi.stubEnv('APPIMAGE', image)
    const other = await started({ updater: idle.updater })
    await until(() => idle.events.includes('update-downloaded'))
    other.window().close()
    await vi.waitFor(async () => expect(await readFile(installed, 'utf8')).toBe('installed\n'), { timeout: 20_000 })
    expect([await readFile(image, 'utf8'), asked.includes('/updates/latest-linux.yml')]).toEqual([content, true])
  })
})
