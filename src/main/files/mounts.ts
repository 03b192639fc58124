/** File systems as they are mounted: which one a path is on, what is known of it, and by what it is known again. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'

/** What file system a folder is on: whether it has events, and what tells it from another one that is mounted there later. */
export interface Mount {
  /** New with every mount. */
  readonly id: string
  readonly type: string
  /** A device, `server:/share`, or a name without meaning. */
  readonly source: string
}

/** Others write there without any event here: servers, virtual machines, programs that make up a file system. */
const withoutEvents =
  /^(nfs\d?|cifs|smb\w*|afs|9p|ceph|fuse.*|glusterfs|lustre|ncpfs|coda|davfs\d?|sshfs|vboxsf|vmhgfs|prl_fs|virtiofs|drvfs|acfs|gpfs|webdav|afpfs)$/

export function hasNoEvents(mount: Mount): boolean {
  return withoutEvents.test(mount.type)
}

/** The mount that a path is on; null where the system does not say. */
export async function mountOf(path: string, platform: NodeJS.Platform): Promise<Mount | null> {
  if (platform === 'win32')
    return path.startsWith('\\\\') ? { id: '', type: 'smb', source: path.split('\\').slice(0, 4).join('\\') } : null
  if (platform !== 'linux') return null
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  return mountIn(table, path)
}

/** @param table as in /proc/self/mountinfo. */
export function mountIn(table: string, path: string): Mount | null {
  let best: { readonly point: string; readonly mount: Mount } | null = null
  for (const line of table.split('\n')) {
    const [head = '', tail = ''] = line.split(' - ')
    const [id = '', , , , rawPoint] = head.split(' ')
    const [type = '', source = ''] = tail.split(' ')
    if (rawPoint === undefined) continue
    const point = unescaped(rawPoint)
    const covers = point === '/' || path === point || path.startsWith(`${point}/`)
    // What was mounted later at the same point hides what was there before.
    if (covers && point.length >= (best?.point.length ?? 0)) best = { point, mount: { id, type, source: unescaped(source) } }
  }
  return best?.mount ?? null
}

/** Where other file systems are mounted below a folder, on Linux. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const points = table.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''))
  return points.filter((point) => point !== folder && point.startsWith(folder === '/' ? '/' : `${folder}/`))
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
}

/** The same after the disk was plugged in elsewhere: its own number, where the system knows it. */
export async function volumeName({ type, source }: Mount): Promise<string> {
  if (!source.startsWith(`${sep}dev${sep}`)) return `${type} ${source}`
  const folder = '/dev/disk/by-uuid'
  for (const uuid of await readdir(folder).catch(() => [])) {
    const device = await readlink(join(folder, uuid)).catch(() => '')
    if (basename(device) === basename(source)) return `${type} ${uuid}`
  }
  return `${type} ${source}`
}
