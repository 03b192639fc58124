/**
 * Stands in for Electron's own calls: what the app does with them is written down, and what the system would say is said by the test.
 * Each part is checked against Electron's own declarations; events alone are Node's. It proves our side, never that Electron starts.
 */
import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import type * as Electron from 'electron'
import type { Shell } from '../../src/main/app/shell.ts'
import { FakeWindow } from './stand-in-window.ts'

export interface StandIn {
  readonly shell: Shell
  readonly app: EventEmitter
  readonly power: EventEmitter
  readonly screen: EventEmitter
  readonly windows: readonly FakeWindow[]
  readonly trays: readonly FakeTray[]
  readonly notes: readonly FakeNote[]
  /** Calls in the order in which they were made, as `name argument`. */
  readonly calls: string[]
  readonly menus: Electron.MenuItemConstructorOptions[][]
  readonly schemes: Electron.CustomScheme[]
  readonly session: FakeSession
  displays: Electron.Display[]
  /** What the next question is answered with. */
  answer: number
  isOnBattery: boolean
  /** Since somebody touched the computer. */
  idleSeconds: number
  keyStore: 'none' | 'basic_text' | 'gnome_libsecret'
  isFirst: boolean
  chosen: string[]
  handOver: unknown
  /** A request of a page, as Electron would deliver it. */
  invoke(channel: string, event: unknown, ...request: readonly unknown[]): Promise<unknown>
  send(channel: string, event: unknown, ...request: readonly unknown[]): void
  request(url: string, method?: string): Promise<Response>
}

export class FakeTray extends EventEmitter {
  tip = ''
  menu: Electron.MenuItemConstructorOptions[] = []
  isGone = false
  setToolTip: Electron.Tray['setToolTip'] = (tip) => void (this.tip = tip)
  setContextMenu = (menu: { readonly template: Electron.MenuItemConstructorOptions[] }) => void (this.menu = menu.template)
  destroy: Electron.Tray['destroy'] = () => void (this.isGone = true)
}

export class FakeNote extends EventEmitter {
  static readonly isSupported: (typeof Electron.Notification)['isSupported'] = () => true
  readonly options: Electron.NotificationConstructorOptions
  isShown = false
  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super()
    this.options = options
  }
  show: Electron.Notification['show'] = () => void (this.isShown = true)
}

export class FakeSession extends EventEmitter {
  ask: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null
  check: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null
  device: Parameters<Electron.Session['setDevicePermissionHandler']>[0] = null
  before: ((details: { url: string }, answer: (response: Electron.CallbackResponse) => void) => void) | null = null
  handle: ((request: Request) => Response | Promise<Response>) | null = null
  setPermissionRequestHandler: Electron.Session['setPermissionRequestHandler'] = (handler) => void (this.ask = handler)
  setPermissionCheckHandler: Electron.Session['setPermissionCheckHandler'] = (handler) => void (this.check = handler)
  setDevicePermissionHandler: Electron.Session['setDevicePermissionHandler'] = (handler) => void (this.device = handler)
  setDisplayMediaRequestHandler: Electron.Session['setDisplayMediaRequestHandler'] = () => {}
  readonly webRequest = { onBeforeRequest: (handler: FakeSession['before']) => void (this.before = handler) }
  readonly protocol: Partial<Electron.Protocol> = {
    handle: (_, handler) => void (this.handle = async (request) => await handler(request)),
  }
}

export const display = (x: number, y: number, width: number, height: number) =>
  ({ workArea: { x, y, width, height } }) as unknown as Electron.Display

/** Ends what the app would end by itself: the test learns of it. */
export function standIn(): StandIn {
  const calls: string[] = []
  const windows: FakeWindow[] = []
  const trays: FakeTray[] = []
  const notes: FakeNote[] = []
  const menus: Electron.MenuItemConstructorOptions[][] = []
  const schemes: Electron.CustomScheme[] = []
  const ipc = new EventEmitter()
  const handlers = new Map<string, (event: never, ...request: readonly unknown[]) => unknown>()
  const session = new FakeSession()
  const call = (name: string, ...given: readonly unknown[]) =>
    void calls.push([name, ...given.map((one) => JSON.stringify(one))].join(' '))
  let blockers = 0

  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    setPath: (name, path) => call('setPath', name, path),
    enableSandbox: () => call('enableSandbox'),
    setAppUserModelId: (id) => call('setAppUserModelId', id),
    requestSingleInstanceLock: (given) => {
      scene.handOver = given
      return scene.isFirst
    },
    whenReady: async () => {},
    getLocale: () => 'en-GB',
    setBadgeCount: (count) => {
      call('setBadgeCount', count)
      return true
    },
    setLoginItemSettings: (settings) => call('setLoginItemSettings', settings),
    exit: (code) => call('exit', code),
    quit: () => {
      call('quit')
      const held = { is: false }
      app.emit('before-quit', { preventDefault: () => (held.is = true) })
      if (held.is) return
      for (const window of windows) window.close()
      call('ended')
    },
  } satisfies Partial<Electron.App>)
  const power = new EventEmitter()
  const screen = Object.assign(new EventEmitter(), { getAllDisplays: () => scene.displays } satisfies Partial<Electron.Screen>)
  const image = { isEmpty: () => false } as unknown as Electron.NativeImage
  class Window extends FakeWindow {
    constructor(options: Electron.BrowserWindowConstructorOptions) {
      super(options)
      windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
  }
  class Tray extends FakeTray {
    constructor() {
      super()
      trays.push(this)
    }
  }
  class Note extends FakeNote {
    constructor(options?: Electron.NotificationConstructorOptions) {
      super(options)
      notes.push(this)
    }
  }
  class Channel {
    readonly port1: unknown
    readonly port2: unknown
    constructor() {
      const { port1, port2 } = new MessageChannel()
      // In the main process what has come is in an event.
      this.port1 = Object.assign(new EventEmitter(), {
        postMessage: (frame: unknown) => port1.postMessage(frame),
        start: () => {
          port1.on('message', (data) => (this.port1 as EventEmitter).emit('message', { data }))
          port1.on('close', () => (this.port1 as EventEmitter).emit('close'))
        },
        close: () => port1.close(),
      })
      this.port2 = port2
    }
  }

  const parts = {
    app,
    BrowserWindow: Window,
    dialog: {
      showErrorBox: (title, text) => call('showErrorBox', title, text),
      showMessageBox: async (...given: readonly unknown[]) => {
        call('showMessageBox', (given.at(-1) as Electron.MessageBoxOptions).message)
        return { response: scene.answer, checkboxChecked: false }
      },
      showOpenDialog: async () => ({ canceled: scene.chosen.length === 0, filePaths: scene.chosen }),
    } satisfies Partial<Electron.Dialog>,
    ipcMain: Object.assign(ipc, {
      handle: (channel, listener) => void handlers.set(channel, listener as never),
    } satisfies Partial<Electron.IpcMain>),
    Menu: {
      buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => ({ template }),
      setApplicationMenu: (menu: { readonly template: Electron.MenuItemConstructorOptions[] }) => void menus.push(menu.template),
    },
    MessageChannelMain: Channel,
    nativeImage: { createFromPath: () => image },
    Notification: Note,
    powerMonitor: Object.assign(power, {
      isOnBatteryPower: () => scene.isOnBattery,
      getSystemIdleTime: () => scene.idleSeconds,
    } satisfies Partial<Electron.PowerMonitor>),
    powerSaveBlocker: {
      start: (type) => {
        blockers += 1
        call('awake', type)
        return blockers
      },
      stop: (id) => {
        call('asleep', id)
        return true
      },
      isStarted: () => false,
    } satisfies Partial<Electron.PowerSaveBlocker>,
    protocol: { registerSchemesAsPrivileged: (given) => void schemes.push(...given) } satisfies Partial<Electron.Protocol>,
    safeStorage: {
      isEncryptionAvailable: () => scene.keyStore !== 'none',
      getSelectedStorageBackend: () => (scene.keyStore === 'none' ? 'unknown' : scene.keyStore),
      encryptString: (text) => Buffer.from(text).map((byte) => byte ^ 0x5a) as Buffer,
      decryptString: (sealed) => Buffer.from(sealed.map((byte) => byte ^ 0x5a)).toString(),
    } satisfies Partial<Electron.SafeStorage>,
    screen,
    session: { defaultSession: session },
    shell: {
      openExternal: async (url) => call('openExternal', url),
      openPath: async (path) => {
        call('openPath', path)
        return ''
      },
      showItemInFolder: (path) => call('showItemInFolder', path),
    } satisfies Partial<Electron.Shell>,
    Tray,
  }
  const scene: StandIn = {
    shell: parts as unknown as Shell,
    app,
    power,
    screen,
    windows,
    trays,
    notes,
    calls,
    menus,
    schemes,
    session,
    displays: [display(0, 0, 1920, 1080)],
    answer: 2,
    isOnBattery: false,
    idleSeconds: 0,
    keyStore: 'gnome_libsecret',
    isFirst: true,
    chosen: [],
    handOver: null,
    invoke: async (channel, event, ...request) => await handlers.get(channel)?.(event as never, ...request),
    send: (channel, event, ...request) => void ipc.emit(channel, event, ...request),
    request: async (url, method = 'GET') => {
      if (session.handle === null) throw new Error('no scheme is served')
      return await session.handle(new Request(url, { method }))
    },
  }
  return scene
}
