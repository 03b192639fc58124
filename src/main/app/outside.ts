/** The few addresses that the window may send to the user's browser: the makers' pages, over https, and nothing else. */
import type { Log } from '../engine/ports.ts'
import type { Shell } from './shell.ts'

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
  'poppler.freedesktop.org',
])

export function isAllowedOutside(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, port, username, password } = new URL(address)
  return protocol === 'https:' && port === '' && username === '' && password === '' && hosts.has(hostname)
}

export async function browse({ shell }: Pick<Shell, 'shell'>, address: string, log: Log): Promise<void> {
  if (isAllowedOutside(address)) return await shell.openExternal(address)
  log.warn('an address was not opened', { address: address.slice(0, 200) })
}
