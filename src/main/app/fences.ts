/**
 * What no page in this program may do, whatever it is: go elsewhere, open windows, embed pages, ask for cameras and the like, reach
 * the network. The window needs none of it; its way to the engine is a port.
 */
import type { Session, WebContents } from 'electron'
import { windowOrigin } from '../../shared/desktop.ts'
import type { Log } from '../engine/ports.ts'
import { browse } from './outside.ts'
import type { Shell } from './shell.ts'

/** To copy details of a failure. */
const permitted: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export function fenceSession(session: Session, log: Log): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    const isGranted = permitted.has(permission) && isOurs(contents.getURL())
    if (!isGranted) log.warn('a permission was refused', { permission })
    answer(isGranted)
  })
  session.setPermissionCheckHandler((_, permission, origin) => permitted.has(permission) && isOurs(origin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_, answer) => answer({}))
  session.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !isOurs(details.url) && !/^(data|blob|devtools):/.test(details.url)
    if (cancel) log.warn('a request of the window was stopped', { url: details.url.slice(0, 200) })
    answer({ cancel })
  })
  // What the window itself has made, such as an export of the history.
  session.on('will-download', (event, item) => {
    if (item.getURL().startsWith(`blob:${windowOrigin}/`)) return
    log.warn('a download was stopped', { url: item.getURL().slice(0, 200) })
    event.preventDefault()
  })
}

export function fenceContents(shell: Pick<Shell, 'shell'>, contents: WebContents, log: Log): void {
  contents.setWindowOpenHandler(({ url }) => {
    void browse(shell, url, log)
    return { action: 'deny' }
  })
  const stay = (event: { readonly url: string; preventDefault(): void }) => {
    if (isOurs(event.url)) return
    log.warn('the window was kept from going elsewhere', { url: event.url.slice(0, 200) })
    event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** By parsing: `app://beside.example/` and `app://beside@example/` begin alike. */
export function isOurs(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return `${protocol}//${host}` === windowOrigin && username === '' && password === ''
}
