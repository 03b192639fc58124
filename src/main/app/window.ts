/** The one window: sandboxed, at the place where it was, and loaded anew when its process has gone. The engine lives elsewhere. */
import type { BrowserWindow, NativeImage, WebContents } from 'electron'
import { windowOrigin } from '../../shared/desktop.ts'
import type { Log } from '../engine/ports.ts'
import { fitted, keepPlace, readPlace, smallest } from './window-place.ts'
import type { Shell } from './shell.ts'

export interface AppWindow {
  readonly window: BrowserWindow
  readonly contents: WebContents
  show(): void
}

export interface WindowOptions {
  readonly home: string
  /** Path of the built preload script. */
  readonly preload: string
  readonly icon: NativeImage
  readonly isHidden: boolean
  readonly hasDevTools: boolean
  readonly nowMs: () => number
  readonly log: Log
  /** The user closes it. True keeps it, hidden. */
  readonly isKept: () => boolean
  /** Its process goes down again and again, and the window has gone with it. */
  readonly onGivenUp: () => void
}

/** A page that crashes this often this quickly will crash once more. */
const mostCrashes = 3
const crashesWithinMs = 60_000

export function openWindow(wires: Pick<Shell, 'BrowserWindow' | 'screen'>, options: WindowOptions): AppWindow {
  const { home, preload, icon, isHidden, hasDevTools, nowMs, log, isKept, onGivenUp } = options
  const { BrowserWindow, screen } = wires
  const place = readPlace(home)
  const window = new BrowserWindow({
    ...fitted(place, screen.getAllDisplays()),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Beside',
    icon,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: hasDevTools,
      // Hidden in the tray it still has to show the right figures when it comes back.
      backgroundThrottling: false,
    },
  })
  const contents = window.webContents
  const show = () => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  const keep = () => keepPlace(home, { ...window.getNormalBounds(), isMaximized: window.isMaximized() })
  const crashes: number[] = []

  if (place?.isMaximized === true) window.once('show', () => window.maximize())
  window.once('ready-to-show', () => {
    if (!isHidden) window.show()
  })
  window.on('close', (event) => {
    keep()
    if (!isKept()) return
    event.preventDefault()
    window.hide()
  })
  contents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit') return
    log.error('the window’s process has gone', { reason })
    crashes.push(nowMs())
    if (crashes.filter((atMs) => nowMs() - atMs < crashesWithinMs).length <= mostCrashes) return contents.reload()
    // Whoever asks for the window next gets another one.
    keep()
    window.destroy()
    onGivenUp()
  })
  void window
    .loadURL(`${windowOrigin}/`)
    .catch((error: unknown) => log.error('the window did not load', { error: String(error) }))
  return { window, contents, show }
}

/** Displays come and go: a window that is out of reach then is put back. */
export function stayVisible({ screen }: Pick<Shell, 'screen'>, current: () => AppWindow | null): void {
  const look = () => {
    const own = current()
    if (own === null || own.window.isMaximized() || own.window.isFullScreen()) return
    const bounds = own.window.getNormalBounds()
    const better = fitted({ ...bounds, isMaximized: false }, screen.getAllDisplays())
    if (JSON.stringify(better) !== JSON.stringify(bounds)) own.window.setBounds(better)
  }
  screen.on('display-removed', look)
  screen.on('display-metrics-changed', look)
}
