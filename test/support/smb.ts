/** A share by real SMB, as a NAS has it: Samba serves a folder on this machine, and each who uses it mounts it for himself, by FUSE. */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './folder.ts'

/** The client takes no other port than that of Windows. */
const host = '127.0.0.1'
const port = 445

export const smbCanBeMounted = canBeMounted()

function canBeMounted(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
  } catch {
    return false
  }
  const answers = (program: string, ...words: readonly string[]) => spawnSync(program, words).status === 0
  return process.getuid?.() === 0 && answers('smbd', '--version') && answers('smbnetfs', '--version')
}

export interface SmbShare {
  /** What is served. */
  readonly back: string
  /** Mounts it once more; answers where. */
  mount(): Promise<string>
}

export async function smbShare(): Promise<SmbShare> {
  const top = await temporaryFolder()
  const [back, state] = [join(top, 'back'), join(top, 'state')]
  for (const folder of [back, state]) await mkdir(folder)
  await serve(top, back, state)
  let mounts = 0
  return {
    back,
    mount: async () => {
      mounts += 1
      return await mount(join(top, `client ${mounts}`))
    },
  }
}

async function serve(top: string, back: string, state: string): Promise<void> {
  const of = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory', 'ncalrpc dir']
  const settings = [
    '[global]',
    ...[`interfaces = ${host}`, 'bind interfaces only = yes', `smb ports = ${port}`, 'disable netbios = yes'],
    ...of.map((name) => `${name} = ${state}`),
    ...[
      `log file = ${state}/log`,
      'load printers = no',
      'printcap name = /dev/null',
      'map to guest = bad user',
      'guest account = root',
    ],
    '[media]',
    ...[`path = ${back}`, 'read only = no', 'guest ok = yes', 'force user = root'],
  ]
  const file = join(top, 'smb.conf')
  await writeFile(file, settings.join('\n'))
  const server = spawn('smbd', ['--foreground', '--configfile', file], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  onTestFinished(async () => {
    server.kill('SIGTERM')
    await ended
  })
  while (!(await takesConnections())) {
    if (server.exitCode !== null) throw new Error('Samba does not start')
    await setTimeout(20)
  }
}

async function takesConnections(): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(port, host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function mount(top: string): Promise<string> {
  const at = join(top, 'net')
  const settings = join(top, '.smb')
  for (const folder of [at, settings]) await mkdir(folder, { recursive: true })
  const lines = [
    'smb_query_browsers "false"',
    'neg_cache_timeout 1',
    'free_space_size 2500000',
    'include "smbnetfs.auth"',
    'include "smbnetfs.host"',
  ]
  const files = {
    'smb.conf': '[global]',
    'smbnetfs.conf': lines.join('\n'),
    'smbnetfs.auth': 'auth "guest" ""',
    'smbnetfs.host': `host ${host} visible=true`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(settings, name), `${text}\n`, { mode: 0o600 })
  const client = spawn('smbnetfs', [at, '-f', '-o', 'direct_io'], { env: { ...process.env, HOME: top }, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => client.on('close', () => resolve()))
  onTestFinished(async () => {
    spawnSync('umount', ['-l', at])
    client.kill('SIGTERM')
    await ended
  })
  while (!readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${at.replaceAll(' ', String.raw`\040`)} `)) {
    if (client.exitCode !== null) throw new Error('the share could not be mounted')
    await setTimeout(20)
  }
  return join(at, host, 'media')
}
