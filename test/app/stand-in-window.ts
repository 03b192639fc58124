/** Stands in for a window of Electron's, its page's contents and its main frame, as `stand-in.ts` does for the rest. */
import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'

export class FakeFrame {
  url = 'app://beside/'
  readonly posted: { readonly message: string; readonly ports: readonly unknown[] }[] = []
  postMessage(message: string, _: unknown, ports: readonly unknown[] = []): void {
    this.posted.push({ message, ports })
  }
}

export class FakeContents extends EventEmitter {
  readonly mainFrame = new FakeFrame()
  readonly sent: string[] = []
  readonly dragged: Electron.Item[] = []
  reloads = 0
  opener: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' })
  getURL: Electron.WebContents['getURL'] = () => this.mainFrame.url
  reload: Electron.WebContents['reload'] = () => void (this.reloads += 1)
  send: Electron.WebContents['send'] = (channel) => void this.sent.push(channel)
  startDrag: Electron.WebContents['startDrag'] = (item) => void this.dragged.push(item)
  setWindowOpenHandler: Electron.WebContents['setWindowOpenHandler'] = (handler) => void (this.opener = handler)
}

export class FakeWindow extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions
  readonly webContents = new FakeContents()
  bounds: Electron.Rectangle
  isShown = false
  isClosed = false
  progress: number | null = null
  loaded = ''
  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    this.options = options
    const { x = 0, y = 0, width = 0, height = 0 } = options
    this.bounds = { x, y, width, height }
  }
  show: Electron.BrowserWindow['show'] = () => {
    this.isShown = true
    this.emit('show')
  }
  hide: Electron.BrowserWindow['hide'] = () => void (this.isShown = false)
  focus: Electron.BrowserWindow['focus'] = () => {}
  restore: Electron.BrowserWindow['restore'] = () => {}
  maximize: Electron.BrowserWindow['maximize'] = () => {}
  isMinimized: Electron.BrowserWindow['isMinimized'] = () => false
  isMaximized: Electron.BrowserWindow['isMaximized'] = () => false
  isFullScreen: Electron.BrowserWindow['isFullScreen'] = () => false
  isFocused: Electron.BrowserWindow['isFocused'] = () => false
  getNormalBounds: Electron.BrowserWindow['getNormalBounds'] = () => this.bounds
  setBounds: Electron.BrowserWindow['setBounds'] = (bounds) => void (this.bounds = { ...this.bounds, ...bounds })
  setProgressBar: Electron.BrowserWindow['setProgressBar'] = (progress) => void (this.progress = progress)
  loadURL: Electron.BrowserWindow['loadURL'] = async (url) => void (this.loaded = url)
  /** As when the user closes it, or Electron at the end. */
  close(): void {
    const kept = { is: false }
    this.emit('close', { preventDefault: () => (kept.is = true) })
    if (!kept.is) this.destroy()
  }
  destroy: Electron.BrowserWindow['destroy'] = () => {
    if (this.isClosed) return
    this.isClosed = true
    this.emit('closed')
  }
}
