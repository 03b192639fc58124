/**
 * What no page in this program may do, whatever it is: go elsewhere, open windows, embed pages, ask for cameras and the like, reach
 * the network. And what it may: its own pages, and a few addresses in the user’s browser. The window needs none of it; its way to the engine is a port.
 */
import { readFile } from 'node:fs/promises'
import type { Session, WebContents } from 'electron'
import { windowOrigin } from '../../shared/desktop.ts'
import type { Log } from '../engine/ports.ts'
import { findPage, strictHeaders } from '../api/web/page.ts'
import type { Shell } from './shell.ts'

/** To copy details of a failure. */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export function restrictSession(session: Session, log: Log): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    const isGranted = allowedPermissions.has(permission) && isOurs(contents.getURL())
    if (!isGranted) log.warn('a permission was refused', { permission })
    answer(isGranted)
  })
  session.setPermissionCheckHandler((_, permission, origin) => allowedPermissions.has(permission) && isOurs(origin))
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

export function restrictContents(shell: Pick<Shell, 'shell'>, contents: WebContents, log: Log): void {
  contents.setWindowOpenHandler(({ url }) => {
    void openInBrowser(shell, url, log)
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

/** The makers’ pages, over https, and nothing else. */
const hosts: ReadonlySet<string> = new Set([
  'xconvert.com',
  'www.xconvert.com',
  'musicgpt.com',
  'www.musicgpt.com',
  'converter.app',
  'www.converter.app',
  'conversoempire.world',
  'ffmpeg.org',
  'www.ffmpeg.org',
])

function isAllowedAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, port, username, password } = new URL(address)
  return protocol === 'https:' && port === '' && username === '' && password === '' && hosts.has(hostname)
}

export async function openInBrowser({ shell }: Pick<Shell, 'shell'>, address: string, log: Log): Promise<void> {
  if (isAllowedAddress(address)) return await shell.openExternal(address)
  log.warn('an address was not opened', { address: address.slice(0, 200) })
}

/** The built window has a scheme of its own: no file:// page, no server, and nothing of the disk but what the build wrote. */
const scheme = new URL(windowOrigin).protocol.replace(':', '')

/** Must happen before Electron is ready. */
export function registerScheme({ protocol }: Pick<Shell, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

export function servePages({ session }: Pick<Shell, 'session'>, folder: string): void {
  session.defaultSession.protocol.handle(scheme, async (request) => await pageFor(request, folder))
}

async function pageFor(request: Request, folder: string): Promise<Response> {
  const { host, pathname } = new URL(request.url)
  const isAsked = host === new URL(windowOrigin).host && (request.method === 'GET' || request.method === 'HEAD')
  const page = isAsked ? await findPage(folder, pathname) : null
  if (page === null)
    return new Response('nothing here', { status: 404, headers: { ...strictHeaders, 'content-type': 'text/plain' } })
  const { headers, body } = page
  return new Response(typeof body === 'string' ? body : new Uint8Array(await readFile(body.file)), { headers })
}
