/** Where LibreOffice is installed, and what it is told before it opens a stranger's file. Apart from the engine, which needs no more of it than this. */
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { isOnPath } from '../../../files/on-path.ts'
import type { Programs } from '../process/programs.ts'

export interface Soffice {
  readonly program: string
  /** `LibreOffice 7.4.7` */
  readonly version: string
}

/** The program itself where it can be had: what is on PATH is a script that starts it. */
function places(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['/Applications/LibreOffice.app/Contents/MacOS/soffice', 'soffice']
  if (platform === 'win32')
    return [
      'C:\\Program Files\\LibreOffice\\program\\soffice.com',
      'C:\\Program Files (x86)\\LibreOffice\\program\\soffice.com',
      'soffice.com',
    ]
  const own = namesIn('/opt').filter((name) => name.startsWith('libreoffice'))
  const folders = ['/usr/lib/libreoffice', '/usr/lib64/libreoffice', ...own.map((name) => join('/opt', name))]
  return [...folders.map((folder) => join(folder, 'program/soffice.bin')), 'soffice', 'libreoffice', '/snap/bin/libreoffice']
}

/** By a look at the disk: whether it answers is another question. */
export function isSofficeInstalled(): boolean {
  return places(process.platform).some((program) => (/[/\\]/.test(program) ? existsSync(program) : isOnPath(program)))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @param scratch a folder for what it writes when it is asked for its version. @returns null where there is none that answers. */
export async function findSoffice(programs: Programs, scratch: string, signal: AbortSignal): Promise<Soffice | null> {
  for (const program of places(process.platform)) {
    if (/[/\\]/.test(program) && !existsSync(program)) continue
    const args = [`-env:UserInstallation=${fileUrl(scratch)}`, '--headless', '--version']
    const ended = await programs.run({ program, args, stdin: null, startsOthers: true }, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof JobError) return null
      throw error
    })
    const version =
      ended === null ? null : /^LibreOffice\S*\s+(\d+\.\d+(?:\.\d+)?)/m.exec(Buffer.from(ended.output).toString('utf8'))
    if (version?.[1] !== undefined) return { program, version: `LibreOffice ${version[1]}` }
  }
  return null
}

export function fileUrl(path: string): string {
  return `file://${path.startsWith('/') ? '' : '/'}${path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/').replace('%3A', ':')}`
}

/** Nobody answers there: whatever looks for a way out by a proxy finds none. */
const deadHost = '127.0.0.1'
const deadPort = 9
export const deadProxy: Readonly<Record<string, string>> = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].map((name) => [
    name,
    `http://${deadHost}:${deadPort}`,
  ]),
)

const security = '/org.openoffice.Office.Common/Security/Scripting'
const internet = '/org.openoffice.Inet/Settings'
/** No macro runs, nothing that a document names is fetched, from the network or from the disk. */
const rules: readonly (readonly [path: string, name: string, value: string])[] = [
  [security, 'BlockUntrustedRefererLinks', 'true'],
  [security, 'MacroSecurityLevel', '3'],
  [security, 'DisableMacrosExecution', 'true'],
  [security, 'DisableActiveContent', 'true'],
  [internet, 'ooInetProxyType', '2'],
  [internet, 'ooInetHTTPProxyName', deadHost],
  [internet, 'ooInetHTTPProxyPort', String(deadPort)],
  [internet, 'ooInetHTTPSProxyName', deadHost],
  [internet, 'ooInetHTTPSProxyPort', String(deadPort)],
  [internet, 'ooInetNoProxy', ''],
]

/** A profile of its own: two processes with the same one get into each other's way. @param folder is made. */
export async function writeProfile(folder: string): Promise<void> {
  const items = rules.map(
    ([path, name, value]) =>
      `<item oor:path="${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`,
  )
  const spaces = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
  await mkdir(join(folder, 'user'), { recursive: true })
  await writeFile(
    join(folder, 'user/registrymodifications.xcu'),
    `<?xml version="1.0" encoding="UTF-8"?>\n<oor:items ${spaces}>${items.join('')}</oor:items>\n`,
  )
}
