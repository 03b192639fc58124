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
import { startOf, startSchema, type Start } from './arguments.ts'
import { createBrowserDoor } from './browser-door.ts'
import { advance, calm, isAllDone } from './burst.ts'
import { fenceContents, fenceSession } from './fences.ts'
import { follow } from './follow.ts'
import { systemSecrets } from './keys.ts'
import { setAtLogin } from './login.ts'
import { setMenus, type MenuOptions } from './menus.ts'
import { registerScheme, servePages } from './pages.ts'
import { openPreferences } from './preferences.ts'
import { createPresence } from './presence.ts'
import { guardQuit } from './quitting.ts'
import type { Shell } from './shell.ts'
import { createUpdates, type Updater } from './updates.ts'
import { createWhenDone, sleepProgram } from './when-done.ts'
import { openWindow, stayVisible, type AppWindow } from './window.ts'
import { grantWishes } from './wishes.ts'
import { desktopTexts } from './desktop-texts.ts'

export interface Surroundings {
  /** Without the program and what a development Electron is started with. */
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly program: string
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

/** Null where another Beside of the same data folder was there and has been given the files, or where it cannot be: then with words. */
export async function startApp(wires: Shell, around: Surroundings): Promise<Running | null> {
  const { app, dialog } = wires
  try {
    const home = openHome(homePath(around.env, around.cwd))
    const log = fileLog(home, around.env['BESIDE_LOG'] === 'debug' ? 'debug' : 'info')
    return await startIn(home, log, wires, around).catch((error: unknown) => {
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

async function startIn(home: string, log: FileLog, wires: Shell, around: Surroundings): Promise<Running | null> {
  const { app, dialog } = wires
  const { env, platform } = around
  const start = startOf(around.words, around.cwd)
  // What Chromium keeps lies with the rest; the instance lock is taken there, so two data folders are two programs.
  app.setPath('userData', join(home, 'desktop'))
  app.enableSandbox()
  // As in electron-builder.yml: without it Windows shows no notifications.
  if (platform === 'win32') app.setAppUserModelId('app.beside.converter')
  registerScheme(wires)
  const inbox = createInbox(start.files)
  if (!app.requestSingleInstanceLock(start)) {
    app.quit()
    return null
  }
  let bring = ({ files }: Start) => inbox.add(files)
  app.on('second-instance', (_, __, ___, given) => {
    const second = startSchema.safeParse(given)
    if (second.success) bring(second.data)
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    inbox.add([path])
  })
  app.on('web-contents-created', (_, contents) => fenceContents(wires, contents, log))
  // Ours is the one who decides when the last window's closing is the end.
  app.on('window-all-closed', () => {})
  await app.whenReady()

  const secrets = systemSecrets(wires, { home, env, platform, log })
  const trash = { put: async (path: string) => await wires.shell.trashItem(path) }
  // Where Electron knows more about power than files tell.
  const power = () => (wires.powerMonitor.isOnBatteryPower() ? 'battery' : 'mains')
  const hold = async () => await compose({ home, log, secrets, trash, ...(platform === 'linux' ? {} : { power }) })
  const session = await openSession({ home, version: around.version, mode: 'watch', log, patienceMs, hold })
  fenceSession(wires.session.defaultSession, log)
  servePages(wires, around.pages)
  const ports = createPorts(session.answer, log)
  const stopped = new AbortController()
  const icon = wires.nativeImage.createFromPath(join(around.icons, '256x256.png'))
  const hasDevTools = !app.isPackaged
  let window: AppWindow | null = null
  let burst = calm
  let outputs: readonly string[] = []

  const door = createBrowserDoor({ session, home, pages: around.pages, log })
  const preferences = openPreferences(home, (now, before) => {
    if (now.atLogin !== before.atLogin) setAtLogin(wires, { platform, env, program: around.program }, now.atLogin)
    // What there was to tell has been told already.
    presence.update({ ...burst, asks: false, ended: null }, outputs)
    setMenus(wires, menus)
    window?.contents.send(desktopChannels.stateChanged)
    void door.want(now.web).then(() => window?.contents.send(desktopChannels.stateChanged))
  })
  const texts = () => {
    const { language } = preferences.get()
    return desktopTexts(language === 'system' ? app.getLocale() : language)
  }
  const updates =
    around.updater === null
      ? null
      : createUpdates(around.updater, {
          isWished: () => preferences.get().update,
          left: () => burst.left,
          nowMs: around.nowMs,
          log,
        })
  const quitting = guardQuit(wires, {
    left: () => burst.left,
    window: () => window,
    texts,
    log,
    install: () => updates?.install() === true,
    close: async () => {
      stopped.abort()
      await following
      presence.stop()
      await door.want(false)
      await ports.stop()
      await session.close()
    },
  })
  const open = (isHidden: boolean) => {
    window ??= openWindow(wires, {
      home,
      preload: around.preload,
      icon,
      isHidden,
      hasDevTools,
      nowMs: around.nowMs,
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
  const presence = createPresence(wires, {
    window: () => window,
    preferences: preferences.get,
    texts,
    trayIcon: wires.nativeImage.createFromPath(join(around.icons, platform === 'darwin' ? 'trayTemplate.png' : 'tray.png')),
    show,
    quit: () => app.quit(),
    setPaused: (paused) => void (paused ? session.client.queue.pause() : session.client.queue.resume()).catch(explain),
  })
  const explain = (error: unknown) => log.warn('the tray could not', { error: String(error) })

  const whenDone = createWhenDone(wires, {
    preferences: preferences.get,
    window: () => window,
    texts,
    platform,
    isAllDone: () => isAllDone(burst),
    run: around.run,
    quit: () => app.quit(),
    log,
  })

  const can = { tray: platform !== 'darwin', sleep: sleepProgram(platform) !== null, update: updates !== null }
  grantWishes(wires, {
    window: () => window,
    dragIcon: icon,
    takePort: ports.take,
    takeFiles: inbox.take,
    state: () => ({ preferences: preferences.get(), can, webAddress: door.address() }),
    prefer: async (change) => {
      preferences.set(change)
      await door.want(preferences.get().web)
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
  }
  setMenus(wires, menus)
  stayVisible(wires, () => window)
  inbox.onCome(() => open(start.isHidden).contents.send(desktopChannels.files))
  bring = (given) => {
    if (!given.isHidden) show()
    if (given.files.length > 0) inbox.add(given.files)
  }
  app.on('activate', show)
  wires.powerMonitor.on('shutdown', () => void quitting.leave())
  wires.powerMonitor.on('resume', () => {
    // Timers stand still while the system sleeps.
    void session.ask(async (client) => await client.queue.nudge()).catch(explain)
  })

  const onTotals: Parameters<typeof follow>[1]['onTotals'] = (now) => {
    if (burst.left === 0) outputs = []
    burst = advance(burst, now)
    presence.update(burst, outputs)
    if (burst.left === 0) updates?.look()
    if (burst.ended !== null) void whenDone(stopped.signal)
  }
  const onDone = (results: readonly string[]) => (outputs = [...outputs, ...results].slice(-resultsKept))
  const following = follow(session, { onTotals, onDone }, stopped.signal, log)
  open(start.isHidden)
  void door.want(preferences.get().web)
  return { session, leave: quitting.leave }
}

/** Files that came from the system and that no window has taken yet. */
function createInbox(first: readonly string[]) {
  let files = [...first]
  let tell = () => {}
  return {
    add: (more: readonly string[]) => {
      files = [...files, ...more]
      tell()
    },
    take: () => {
      const taken = files
      files = []
      return taken
    },
    onCome: (listener: () => void) => (tell = listener),
  }
}
