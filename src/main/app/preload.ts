/** Runs in the window's sandbox, before its page: passes a few calls on and hands the port over. Nothing of Electron gets through. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { desktopChannels as channels, desktopName, portMessage, type Desktop } from '../../shared/desktop.ts'

/** Of the page's world, as much as is used of it. */
declare const window: { postMessage(message: string, origin: string, ports: readonly unknown[]): void; readonly origin: string }

const desktop: Desktop = {
  pathOf: (file) => webUtils.getPathForFile(file),
  reveal: async (path) => await ipcRenderer.invoke(channels.reveal, path),
  open: async (path) => await ipcRenderer.invoke(channels.open, path),
  chooseFolder: async () => await ipcRenderer.invoke(channels.chooseFolder),
  drag: (paths) => ipcRenderer.send(channels.drag, paths),
  takeFiles: async () => await ipcRenderer.invoke(channels.takeFiles),
  onFiles: (listener) => void ipcRenderer.on(channels.files, () => listener()),
  askForPort: () => ipcRenderer.send(channels.port),
  state: async () => await ipcRenderer.invoke(channels.state),
  prefer: async (change) => await ipcRenderer.invoke(channels.prefer, change),
  onState: (listener) => void ipcRenderer.on(channels.stateChanged, () => listener()),
}

// A port cannot go through the bridge; it goes as a message, to a page of our own origin only.
ipcRenderer.on(portMessage, (event) => window.postMessage(portMessage, window.origin, event.ports))
contextBridge.exposeInMainWorld(desktopName, desktop)
