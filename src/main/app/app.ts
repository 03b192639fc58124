/** The desktop app: one instance, one window, the engine in this very process or in the Beside that already has the queue. */
import { join } from 'node:path'
import { desktopChannels } from '../../shared/desktop.ts'
import { describe } from '../../shared/describe.ts'
import { toFailure } from '../../shared/failure.ts'
import { createPorts } from '../api/carriers/port.ts'
import { openSession, type Session } from '../api/session.ts'
import { compose } from '../compose.ts'
import { homePath, openHome } from '../home.ts'
import { fileLog, type FileLog } from '../log.ts'
import { createBrowserAccess, setAtLogin, openPreferences } from './preferences.ts'
import { advance, idleBurst, isAllDone, followQueue } from './queue-status.ts'
import { restrictContents, restrictSession, registerScheme, servePages } from './security.ts'
import { systemSecrets } from './keys.ts'
import { chooseSources, setMenus, type MenuOptions, createTray } from './tray.ts'
import { guardQuit, createWhenDone, sleepProgram } from './quitting.ts'
import type { Shell } from './shell.ts'
import { createFileMenu } from './file-menu.ts'
import { startOf, startSchema, type AppStart } from './start.ts'
import { createUpdates, type Updater } from './updates.ts'
import { openWindow, stayVisible, type AppWindow } from './window.ts'
import { handleWindowIpc } from './window-ipc.ts'
import { languageOf } from '../../shared/language.ts'
import { desktopTexts } from './desktop-texts.ts'
import { integrationItems } from './integration.ts'

export interface AppDeps {
  /** Without the program and what a development Electron is started with. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly program: string
  readonly userHome: string
  /** As people have it: an AppImage, a program, or the folder of an app of macOS; null in a checkout. */
  readonly installedApp: string | null
  readonly version: string
  /** Folder of the built window. */
  readonly pages: string
  readonly preload: string
  readonly icons: string
  readonly nowMs: () => number
  /** Null in a build that was not published anywhere. */
  readonly updater: Updater | null
  /** Starts a program of the system, and resolves when it has ended well. */
  readonly run: (program: string, args: readonly string[]) => Promise<void>
}

export interface Running {
  readonly session: Session
  /** As when the system goes down: no question, everything put away. */
  leave(): Promise<void>
}

/** A holder needs a moment to stop what it runs, and the next one to begin. */
const patienceMs = 15_000
const resultsKept = 100

/** Null where another Beside of the same data folder was there and has been given the files, or where it cannot start: then a box says why. */
export async function startApp(electron: Shell, deps: AppDeps): Promise<Running | null> {
  const { app, dialog } = electron
  try {
    const home = openHome(homePath(deps.env, deps.cwd))
    const log = fileLog(home, deps.env['BESIDE_LOG'] === 'debug' ? 'debug' : 'info')
    return await startIn(home, log, electron, deps).catch((error: unknown) => {
      log.error('the app does not start', { error: String(error) })
      throw error
    })
  } catch (error) {
    // Before that Linux shows no boxes.
    await app.whenReady()
    const { message, action } = describe(toFailure(error))
    dialog.showErrorBox('Beside', `${message}\n\n${action}`)
    app.exit(1)
    return null
  }
}

async function startIn(home: string, log: FileLog, electron: Shell, deps: AppDeps): Promise<Running | null> {
  const { app, dialog } = electron
  const { env, platform } = deps
  const start = startOf(deps.args, deps.cwd)
  // What Chromium keeps lies with the rest; the instance lock is taken there, so two data folders are two programs.
  app.setPath('userData', join(home, 'desktop'))
  app.enableSandbox()
  // As in electron-builder.yml: without it Windows shows no notifications.
  if (platform === 'win32') app.setAppUserModelId('app.beside.converter')
  registerScheme(electron)
  const inbox = createInbox()
  const early: AppStart[] = [start]
  if (!app.requestSingleInstanceLock(start)) {
    app.quit()
    return null
  }
  let bring = (given: AppStart) => void early.push(given)
  app.on('second-instance', (_, __, ___, given) => {
    const second = startSchema.safeParse(given)
    if (second.success) bring(second.data)
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    inbox.add([path])
  })
  app.on('web-contents-created', (_, contents) => restrictContents(electron, contents, log))
  // Ours is the one who decides when the last window's closing is the end.
  app.on('window-all-closed', () => {})
  await app.whenReady()

  const secrets = systemSecrets(electron, { home, env, platform, log })
  const trash = { put: async (path: string) => await electron.shell.trashItem(path) }
  // Where Electron knows more about power than files do.
  const power = () => (electron.powerMonitor.isOnBatteryPower() ? 'battery' : 'mains')
  const idleMs = () => electron.powerMonitor.getSystemIdleTime() * 1000
  let tellTray = (_isBusy: boolean): void => undefined
  const lentBusy = (isBusy: boolean) => tellTray(isBusy)
  const hold = async () =>
    await compose({ home, log, secrets, trash, idleMs, lentBusy, ...(platform === 'linux' ? {} : { power }) })
  const session = await openSession({ home, version: deps.version, mode: 'watch', log, patienceMs, hold })
  restrictSession(electron.session.defaultSession, log)
  servePages(electron, deps.pages)
  const ports = createPorts(session.answer, log)
  const stopped = new AbortController()
  const icon = electron.nativeImage.createFromPath(join(deps.icons, '256x256.png'))
  const hasDevTools = !app.isPackaged
  let window: AppWindow | null = null
  let burst = idleBurst
  let outputs: readonly string[] = []

  const browserAccess = createBrowserAccess({ session, home, pages: deps.pages, log })
  const preferences = openPreferences(home, (now, before) => {
    if (now.atLogin !== before.atLogin) setAtLogin(electron, { platform, env, program: deps.program }, now.atLogin)
    // What there was to notify of has been notified already.
    tray.update({ ...burst, asks: false, ended: null }, outputs)
    setMenus(electron, menus)
    window?.contents.send(desktopChannels.stateChanged)
    void browserAccess.setOpen(now.web).then(() => window?.contents.send(desktopChannels.stateChanged))
  })
  const language = () => {
    const { language: chosen } = preferences.get()
    return languageOf([chosen === 'system' ? app.getLocale() : chosen])
  }
  const texts = () => desktopTexts(language())
  const updates =
    deps.updater === null
      ? null
      : createUpdates(deps.updater, {
          isWanted: () => preferences.get().update,
          left: () => burst.left,
          nowMs: deps.nowMs,
          log,
        })
  const quitting = guardQuit(electron, {
    left: () => burst.left,
    window: () => window,
    texts,
    log,
    install: () => updates?.install() === true,
    close: async () => {
      await fileMenu.settled()
      stopped.abort()
      await following
      tray.stop()
      await browserAccess.setOpen(false)
      await ports.stop()
      await session.close()
    },
  })
  const open = (isHidden: boolean) => {
    window ??= openWindow(electron, {
      home,
      preload: deps.preload,
      icon,
      isHidden,
      hasDevTools,
      nowMs: deps.nowMs,
      log,
      isKept: () => {
        if (quitting.isOver()) return false
        const stays = platform === 'darwin' || preferences.get().stayInTray
        if (!stays) app.quit()
        // With work left the user is asked first; without, the program ends and takes the window along.
        return stays || burst.left > 0
      },
      onGivenUp: () => dialog.showErrorBox('Beside', texts().crashed),
    })
    window.window.on('closed', () => (window = null))
    return window
  }
  const show = () => open(false).show()
  const tray = createTray(electron, {
    window: () => window,
    preferences: preferences.get,
    texts,
    trayIcon: electron.nativeImage.createFromPath(join(deps.icons, platform === 'darwin' ? 'trayTemplate.png' : 'tray.png')),
    show,
    quit: () => app.quit(),
    setPaused: (paused) => void (paused ? session.client.queue.pause() : session.client.queue.resume()).catch(explain),
  })
  tellTray = tray.lent
  const explain = (error: unknown) => log.warn('the tray could not', { error: String(error) })

  const whenDone = createWhenDone(electron, {
    preferences: preferences.get,
    window: () => window,
    texts,
    platform,
    isAllDone: () => isAllDone(burst),
    run: deps.run,
    quit: () => app.quit(),
    log,
  })

  const can = { tray: platform !== 'darwin', sleep: sleepProgram(platform) !== null, update: updates !== null }
  handleWindowIpc(electron, {
    window: () => window,
    dragIcon: icon,
    takePort: ports.take,
    takeFiles: inbox.take,
    state: () => ({ preferences: preferences.get(), can, webAddress: browserAccess.address() }),
    prefer: async (change) => {
      preferences.set(change)
      await browserAccess.setOpen(preferences.get().web)
    },
    log,
  })
  const menus: MenuOptions = {
    platform,
    hasDevTools,
    hasUpdates: updates !== null,
    texts,
    preferences,
    window: () => window,
    add: inbox.add,
    integration: () => integrationItems(electron, { ...deps, language, texts }),
  }
  setMenus(electron, menus)
  stayVisible(electron, () => window)
  const fileMenu = createFileMenu({
    session,
    ask: (files) => {
      show()
      inbox.add(files)
    },
    onRefused: tray.notifyRefused,
    log,
  })
  const take = ({ files, wanted }: AppStart) => {
    if (files.length === 0) return
    if (wanted.kind === 'choice') inbox.add(files)
    else fileMenu.convert(files, wanted)
  }
  for (const given of early) take(given)
  const addFiles = () => void chooseSources(electron, 'openFile', open(false), inbox.add)
  inbox.onAdded(() => open(start.isHidden).contents.send(desktopChannels.files))
  bring = (given) => {
    // A conversion that needs no choice leaves the user in the file manager.
    if (!given.isHidden && given.wanted.kind === 'choice') show()
    if (given.asksForFiles) addFiles()
    take(given)
  }
  app.on('activate', show)
  electron.powerMonitor.on('shutdown', () => void quitting.leave())
  electron.powerMonitor.on('resume', () => {
    // Timers stand still while the system sleeps.
    void session.ask(async (client) => await client.queue.nudge()).catch(explain)
  })

  const onTotals: Parameters<typeof followQueue>[1]['onTotals'] = (now) => {
    if (burst.left === 0) outputs = []
    burst = advance(burst, now)
    tray.update(burst, outputs)
    if (burst.left === 0) updates?.check()
    if (burst.ended !== null) void whenDone(stopped.signal)
  }
  const onDone = (results: readonly string[]) => (outputs = [...outputs, ...results].slice(-resultsKept))
  const following = followQueue(session, { onTotals, onDone }, stopped.signal, log)
  open(start.isHidden)
  if (early.some(({ asksForFiles }) => asksForFiles)) addFiles()
  void browserAccess.setOpen(preferences.get().web)
  return { session, leave: quitting.leave }
}

/** Files that came from the system and that no window has taken yet. */
function createInbox() {
  let files: readonly string[] = []
  let onFiles = () => {}
  return {
    add: (more: readonly string[]) => {
      files = [...files, ...more]
      onFiles()
    },
    take: () => {
      const taken = files
      files = []
      return taken
    },
    onAdded: (listener: () => void) => (onFiles = listener),
  }
}
