/** The one window: sandboxed, at the place where it was, and loaded anew when its process has gone. The engine lives elsewhere. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { BrowserWindow, NativeImage, WebContents, Display, Rectangle } from 'electron'
import { windowOrigin } from '../../shared/desktop.ts'
import type { Log } from '../engine/ports.ts'
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
const maxCrashes = 3
const crashWindowMs = 60_000

export function openWindow(electron: Pick<Shell, 'BrowserWindow' | 'screen'>, options: WindowOptions): AppWindow {
  const { home, preload, icon, isHidden, hasDevTools, nowMs, log, isKept, onGivenUp } = options
  const { BrowserWindow, screen } = electron
  const place = readPlace(home)
  const window = new BrowserWindow({
    ...fitPlace(place, screen.getAllDisplays()),
    minWidth: minSize.width,
    minHeight: minSize.height,
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
  const keep = () => savePlace(home, { ...window.getNormalBounds(), isMaximized: window.isMaximized() })
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
    if (crashes.filter((atMs) => nowMs() - atMs < crashWindowMs).length <= maxCrashes) return contents.reload()
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
  const refit = () => {
    const own = current()
    if (own === null || own.window.isMaximized() || own.window.isFullScreen()) return
    const bounds = own.window.getNormalBounds()
    const better = fitPlace({ ...bounds, isMaximized: false }, screen.getAllDisplays())
    if (JSON.stringify(better) !== JSON.stringify(bounds)) own.window.setBounds(better)
  }
  screen.on('display-removed', refit)
  screen.on('display-metrics-changed', refit)
}

const placeSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  isMaximized: z.boolean(),
})
type WindowPlace = z.infer<typeof placeSchema>

/** Where the window was is kept in a file of the data folder, and put back onto a display that is still there. */
export const minSize = { width: 760, height: 520 } as const
const initialSize = { width: 1120, height: 760 } as const
/** So much of the title must be within reach of a pointer. */
const gripPixels = 80

function readPlace(home: string): WindowPlace | null {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(join(home, 'window.json'), 'utf8')))
  } catch {
    return null
  }
}

/** A place that cannot be kept is no reason to trouble anybody. */
function savePlace(home: string, place: WindowPlace): void {
  try {
    writeFileSync(join(home, 'window.json'), JSON.stringify(place), { mode: 0o600 })
  } catch {
    // See above.
  }
}

/** As it was where that can still be reached, else in the middle of the first display; never larger than what is there. */
export function fitPlace(place: WindowPlace | null, displays: readonly Pick<Display, 'workArea'>[]): Rectangle {
  const areas = displays.map(({ workArea }) => workArea)
  const home = (place === null ? undefined : areas.find((area) => isReachable(place, area))) ?? areas[0]
  const wanted = place ?? initialSize
  if (home === undefined) return { x: 0, y: 0, ...initialSize }
  const width = Math.min(home.width, Math.max(minSize.width, wanted.width))
  const height = Math.min(home.height, Math.max(minSize.height, wanted.height))
  if (place !== null && isReachable(place, home)) {
    return {
      x: within(place.x, home.x, home.x + home.width - width),
      y: within(place.y, home.y, home.y + home.height - height),
      width,
      height,
    }
  }
  return { x: home.x + Math.floor((home.width - width) / 2), y: home.y + Math.floor((home.height - height) / 2), width, height }
}

function isReachable(place: Rectangle, area: Rectangle): boolean {
  const across = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x)
  return across >= gripPixels && place.y >= area.y - gripPixels / 2 && place.y <= area.y + area.height - gripPixels
}

function within(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max))
}
