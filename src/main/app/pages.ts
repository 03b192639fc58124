/** The built window under a scheme of its own: no file:// page, no server, and nothing of the disk but what the build wrote. */
import { readFile } from 'node:fs/promises'
import { windowOrigin } from '../../shared/desktop.ts'
import { findPage, strictHeaders } from '../api/web/page.ts'
import type { Shell } from './shell.ts'

const scheme = new URL(windowOrigin).protocol.replace(':', '')

/** Must happen before Electron is ready. */
export function registerScheme({ protocol }: Pick<Shell, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

export function servePages({ session }: Pick<Shell, 'session'>, folder: string): void {
  session.defaultSession.protocol.handle(scheme, async (request) => await answer(request, folder))
}

async function answer(request: Request, folder: string): Promise<Response> {
  const { host, pathname } = new URL(request.url)
  const isAsked = host === new URL(windowOrigin).host && (request.method === 'GET' || request.method === 'HEAD')
  const page = isAsked ? await findPage(folder, pathname) : null
  if (page === null)
    return new Response('nothing here', { status: 404, headers: { ...strictHeaders, 'content-type': 'text/plain' } })
  const { headers, body } = page
  return new Response(typeof body === 'string' ? body : new Uint8Array(await readFile(body.file)), { headers })
}
