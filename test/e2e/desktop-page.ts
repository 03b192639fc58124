/**
 * The window as the desktop shows it, in a real Chromium: the app's own main process with the real engine answers it, over the stand-in
 * for Electron. Pages, port and requests are carried between the two; what Electron itself would do to them is not tested here.
 */
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { Browser, Page } from 'playwright-core'
import { desktopChannels as channels, portMessage } from '../../src/shared/desktop.ts'
import { started, type Started } from '../app/started.ts'
import type { WindowOptions } from './shell.ts'

const origin = 'http://beside.test'

export async function openDesktop(
  browser: Browser,
  { width = 1280, height = 800, scheme = 'light', locale = 'en-US' }: WindowOptions = {},
): Promise<{ readonly page: Page; readonly app: Started }> {
  const app = await started({ pages: join(import.meta.dirname, '../../out/renderer') })
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url())
    const answer = await app.desk.request(`app://beside${pathname}`)
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    })
  })
  let port: MessagePort | null = null
  await page.exposeFunction(
    'besideInvoke',
    async (channel: string, request: unknown) => await app.desk.invoke(channel, app.own(), request),
  )
  await page.exposeFunction('besideSend', (frame: string) => port?.postMessage(frame))
  await page.exposeFunction('besideOpen', () => {
    app.desk.send(channels.port, app.own())
    port = app.window().webContents.mainFrame.posted.at(-1)?.ports[0] as MessagePort
    port.on(
      'message',
      (frame: string) => void page.evaluate((text) => (globalThis as unknown as Bridge).besideFrame(text), frame).catch(() => {}),
    )
  })
  app.window().webContents.send = (channel) => {
    if (channel === channels.stateChanged)
      void page.evaluate(() => (globalThis as unknown as Bridge).besideState()).catch(() => {})
  }
  await page.addInitScript(preload, { channels, portMessage })
  await page.goto(`${origin}/`)
  await page.getByRole('navigation').waitFor()
  await page.getByText('Connecting to Beside…').waitFor({ state: 'detached' })
  return { page, app }
}

interface Bridge {
  besideInvoke(channel: string, request?: unknown): Promise<unknown>
  besideSend(frame: unknown): void
  besideOpen(): Promise<void>
  besideFrame(frame: string): void
  besideState(): void
  besideDesktop: unknown
  postMessage(message: string, origin: string, ports: readonly unknown[]): void
  readonly location: { readonly origin: string }
}

/** As the preload script does it; runs in the page. */
function preload(names: { readonly channels: typeof channels; readonly portMessage: string }): void {
  const bridge = globalThis as unknown as Bridge
  const invoke = async (channel: string, request?: unknown) => await bridge.besideInvoke(channel, request)
  bridge.besideDesktop = {
    pathOf: () => '',
    reveal: async (path: string) => await invoke(names.channels.reveal, path),
    open: async (path: string) => await invoke(names.channels.open, path),
    chooseFolder: async () => await invoke(names.channels.chooseFolder),
    drag: () => {},
    takeFiles: async () => await invoke(names.channels.takeFiles),
    onFiles: () => {},
    askForPort: () => {
      const { port1, port2 } = new MessageChannel()
      bridge.besideFrame = (frame) => port1.postMessage(frame)
      port1.addEventListener('message', ({ data }: { readonly data: unknown }) => bridge.besideSend(data))
      port1.start()
      void bridge.besideOpen().then(() => bridge.postMessage(names.portMessage, bridge.location.origin, [port2]))
    },
    state: async () => await invoke(names.channels.state),
    prefer: async (change: unknown) => await invoke(names.channels.prefer, change),
    onState: (listener: () => void) => (bridge.besideState = listener),
  }
}
