/**
 * Where the Beside that holds a data folder listens; apart from what speaks there, since most commands load nothing of that. A socket file in the data folder where that works; the system allows only
 * some hundred bytes for its path and some file systems know no sockets, so there is a second place with a short name.
 */
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'

/** macOS allows 103 bytes, Linux 107. */
const maxPathBytes = 100

/** Largest frame either way. A thousand sources of four thousand bytes each fit well. */
export const maxFrameBytes = 32 * 1024 * 1024

/**
 * `work`: what is queued is to be converted. `watch`: and folders are to be watched, as long as somebody is there who lives long.
 * `look`: whoever holds the queue need not begin anything for our sake.
 */
export type SessionMode = 'work' | 'watch' | 'look'

export interface Address {
  readonly path: string
  /** The folder is one that anybody can make, so it is checked before it is trusted. */
  readonly shared: boolean
}

/** In order of preference. `name` tells sockets of one data folder apart. */
export function addressesOf(home: string, name: string): readonly Address[] {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return [{ path: `\\\\.\\pipe\\beside-${hash}-${name}`, shared: false }]
  const addresses = [
    { path: join(home, 'run', `${name}.sock`), shared: false },
    { path: join(tmpdir(), `beside-${userInfo().uid}-${hash}`, `${name}.sock`), shared: true },
  ]
  return addresses.filter(({ path }) => Buffer.byteLength(path) <= maxPathBytes)
}

/** Makes the folder for nobody but us. False where somebody else has one of that name. */
export async function makePrivate(address: Address): Promise<boolean> {
  if (process.platform === 'win32') return true
  const folder = dirname(address.path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (address.shared && !(await isOurs(folder))) return false
  await chmod(folder, 0o700)
  return true
}

/** A connection to whoever listens there, or null. Nothing but the system's own modules is loaded for it. */
export async function handshake(addresses: readonly Address[]): Promise<Socket | null> {
  for (const address of addresses) {
    if (address.shared && !(await isOurs(dirname(address.path)))) continue
    const socket = await connected(address.path)
    if (socket !== null) return socket
  }
  return null
}

function connected(path: string): Promise<Socket | null> {
  const socket = createConnection({ path })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(null))
  })
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    const stats = await lstat(folder)
    return stats.isDirectory() && stats.uid === userInfo().uid && (stats.mode & 0o022) === 0
  } catch {
    return false
  }
}
