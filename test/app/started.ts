/** The app, started over the stand-in with the real engine, a real data folder and pages. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startApp, type Running, type AppDeps } from '../../src/main/app/app.ts'
import { temporaryFolder } from '../support/folder.ts'
import type { FakeWindow } from './stand-in-window.ts'
import { standIn, type StandIn } from './stand-in.ts'

export interface Started {
  readonly desk: StandIn
  readonly home: string
  readonly running: Running
  window(): FakeWindow
  /** What Electron says of a request of the window's own page. */
  own(): { readonly sender: unknown; readonly senderFrame: unknown }
}

export async function appDeps(home: string, more: Partial<AppDeps> = {}): Promise<AppDeps> {
  const pages = await temporaryFolder()
  await mkdir(join(pages, 'assets'))
  await writeFile(join(pages, 'index.html'), '<!doctype html><meta name="style-nonce" content="style-nonce-of-this-answer">')
  await writeFile(join(pages, 'assets', 'index-abc.js'), 'export {}')
  await writeFile(join(pages, 'secret.txt'), 'not for pages')
  return {
    args: [],
    cwd: home,
    env: { BESIDE_HOME: home, XDG_CONFIG_HOME: join(home, 'config') },
    platform: 'linux',
    program: '/opt/Beside/beside',
    userHome: home,
    installedApp: null,
    version: '1.2.3',
    pages,
    preload: '/opt/Beside/preload.cjs',
    icons: '/opt/Beside/icons',
    nowMs: () => 1_000_000,
    updater: null,
    run: async () => {},
    ...more,
  }
}

export async function started(
  more: Partial<AppDeps> = {},
  prepare: (desk: StandIn, home: string) => void | Promise<void> = () => {},
): Promise<Started> {
  const home = await temporaryFolder()
  const desk = standIn()
  await prepare(desk, home)
  const running = await startApp(desk.shell, await appDeps(home, more))
  if (running === null) throw new Error('the app did not start')
  onTestFinished(async () => await running.leave())
  const window = () => {
    const own = desk.windows.at(-1)
    if (own === undefined) throw new Error('there is no window')
    return own
  }
  return {
    desk,
    home,
    running,
    window,
    own: () => ({ sender: window().webContents, senderFrame: window().webContents.mainFrame }),
  }
}

/** Until something that is on its way has come. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
