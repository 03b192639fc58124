/**
 * What the window may ask of the desktop. Each request is answered only for the main frame of our own window showing our own page, and
 * what comes with it is checked: a page that has gone wrong can show folders, open media and change preferences, and start nothing else.
 */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import * as z from 'zod'
import type { IpcMainEvent, IpcMainInvokeEvent, NativeImage } from 'electron'
import { formatOfName } from '../../shared/formats.ts'
import { desktopChannels as channels, portMessage, type Granted } from '../../shared/desktop.ts'
import { failure, JobError, toFailure } from '../../shared/failure.ts'
import { preferencesSchema, type DesktopState, type Preferences } from '../../shared/preferences.ts'
import type { Port } from '../api/carriers/port.ts'
import type { Log } from '../engine/ports.ts'
import { isOurs } from './security.ts'
import type { Shell } from './shell.ts'
import type { AppWindow } from './window.ts'

const pathSchema = z.string().min(1).max(32_768)
const pathsSchema = z.array(pathSchema).min(1).max(1000)

export interface WindowIpcOptions {
  readonly window: () => AppWindow | null
  readonly dragIcon: NativeImage
  readonly takePort: (port: Port) => void
  readonly takeFiles: () => readonly string[]
  readonly state: () => DesktopState
  /** Resolves when the change has taken effect. */
  readonly prefer: (change: Partial<Preferences>) => Promise<void>
  readonly log: Log
}

type Electron = Pick<Shell, 'dialog' | 'ipcMain' | 'MessageChannelMain' | 'shell'>

export function handleWindowIpc(
  electron: Electron,
  { window, dragIcon, takePort, takeFiles, state, prefer, log }: WindowIpcOptions,
): void {
  const { dialog, ipcMain, MessageChannelMain, shell } = electron
  const isFromWindow = (event: IpcMainEvent | IpcMainInvokeEvent) => {
    const { senderFrame, sender } = event
    const own = window()?.contents
    const isGood =
      own !== undefined && sender === own && senderFrame !== null && senderFrame === own.mainFrame && isOurs(senderFrame.url)
    if (!isGood) log.warn('a request came from elsewhere', { url: (senderFrame?.url ?? '').slice(0, 200) })
    return isGood
  }
  const answer = (channel: string, work: (request: unknown) => unknown) =>
    ipcMain.handle(channel, async (event, request: unknown): Promise<Granted<unknown>> => {
      if (!isFromWindow(event)) return { failure: failure('not-possible', { because: 'foreign-page' }) }
      try {
        return { value: (await work(request)) ?? null }
      } catch (error) {
        return { failure: toFailure(error) }
      }
    })

  ipcMain.on(channels.port, (event) => {
    if (!isFromWindow(event)) return
    const { port1, port2 } = new MessageChannelMain()
    takePort({
      postMessage: (frame) => port1.postMessage(frame),
      onMessage: (listener) => void port1.on('message', ({ data }) => listener(data)),
      onClose: (listener) => void port1.on('close', listener),
      start: () => port1.start(),
      close: () => port1.close(),
    })
    event.senderFrame?.postMessage(portMessage, null, [port2])
  })
  ipcMain.on(channels.drag, (event, request: unknown) => {
    const paths = pathsSchema.safeParse(request)
    if (!isFromWindow(event) || !paths.success || !paths.data.every(isMedia)) return
    const [file = ''] = paths.data
    event.sender.startDrag({ file, files: paths.data, icon: dragIcon })
  })
  answer(channels.takeFiles, takeFiles)
  answer(channels.state, state)
  answer(channels.prefer, async (request) => {
    await prefer(given(preferencesSchema.partial().strict().parse(request)))
    return state()
  })
  answer(channels.reveal, async (request) => {
    const path = pathSchema.parse(request)
    await there(path)
    shell.showItemInFolder(path)
  })
  answer(channels.open, async (request) => {
    const path = pathSchema.parse(request)
    if (!isMedia(path) || !(await there(path)).isFile()) throw new JobError('not-possible', { because: 'not-media' })
    const trouble = await shell.openPath(path)
    if (trouble !== '') throw new JobError('not-possible', { reason: trouble })
  })
  answer(channels.chooseFolder, async () => {
    const own = window()
    if (own === null) return null
    const { canceled, filePaths } = await dialog.showOpenDialog(own.window, { properties: ['openDirectory', 'createDirectory'] })
    return canceled ? null : (filePaths[0] ?? null)
  })
}

/** Absent and undefined are one thing on the wire and two in TypeScript. */
function given(change: { [Key in keyof Preferences]?: Preferences[Key] | undefined }): Partial<Preferences> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

/** A format that Beside knows, by its name, and not what the system would run. */
function isMedia(path: string): boolean {
  return isAbsolute(path) && formatOfName(path) !== null
}

async function there(path: string) {
  const stats = isAbsolute(path) ? await stat(path).catch(() => null) : null
  if (stats === null) throw new JobError('source-missing', { path })
  return stats
}
