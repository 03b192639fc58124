/**
 * Who may call the browser shell. Any page in the user's browser can send requests to 127.0.0.1, so three things must hold: the
 * Host is an address and not a name that somebody's DNS points here, the Origin is our own, and the caller has the token of this
 * start, exchanged once for a cookie that scripts cannot read.
 * Apart, so that who may come in is read at one place.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

export interface Guard {
  /** Printed for the user; never logged. */
  readonly token: string
  /** What is wrong with where a request comes from or goes to, or null. */
  trouble(request: IncomingMessage, port: number): string | null
  hasToken(request: IncomingMessage): boolean
  isEntered(request: IncomingMessage, port: number): boolean
  cookie(port: number): string
}

export function createGuard(): Guard {
  const token = randomBytes(32).toString('base64url')
  const pass = randomBytes(32).toString('base64url')
  // Cookies know no ports: two Besides on one machine must not throw each other's users out.
  const nameOf = (port: number) => `beside-${port}`
  return {
    token,
    trouble: (request, port) => {
      const host = request.headers.host ?? ''
      if (!isOwnHost(host, port)) return `foreign host ${host.slice(0, 100)}`
      const { origin } = request.headers
      // Absent: not a page's script, or a plain GET of the same origin. Whoever sends none also has to have the cookie.
      if (origin !== undefined && origin !== `http://${host}`) return `foreign origin ${origin.slice(0, 100)}`
      const site = request.headers['sec-fetch-site']
      const isNavigation = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET'
      if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation) return `request from ${site}`
      return null
    },
    hasToken: (request) => {
      const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ')
      return scheme === 'Bearer' && isSame(value, token)
    },
    isEntered: (request, port) =>
      (request.headers.cookie ?? '').split(';').some((pair) => {
        const [name = '', value = ''] = pair.trim().split('=')
        return name === nameOf(port) && isSame(value, pass)
      }),
    cookie: (port) => `${nameOf(port)}=${pass}; Path=/; HttpOnly; SameSite=Strict`,
  }
}

/** An address of numbers cannot be rebound; of names only `localhost` is known to stay here. */
function isOwnHost(host: string, port: number): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d+))?$/i.exec(host)
  if (match === null) return false
  const [, name = '', given = '80'] = match
  return Number(given) === port && (name.toLowerCase() === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0)
}

/** Takes the same time whatever is wrong. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
