/** Archives as programs that had no part in Beside make them and see them. */
import { execFileSync, type StdioOptions } from 'node:child_process'
import { join } from 'node:path'
import type { PackedFormat } from '../../src/main/providers/local/archives/pairings.ts'

const options: { stdio: StdioOptions; maxBuffer: number } = { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 }

/** All that a folder holds, by 7-Zip, Info-ZIP's format included, or by tar. */
export function packedBy(format: PackedFormat, folder: string, into: string, password?: string): string {
  const path = join(into, `made.${format}`)
  const secret = password === undefined ? [] : [`-p${password}`, format === 'zip' ? '-mem=AES256' : '-mhe=on']
  if (format === 'zip' || format === '7z')
    execFileSync(
      '7zz',
      ['a', '-snl', '-mcu=on', ...secret, path, '.'].filter((one) => format === 'zip' || one !== '-mcu=on'),
      { ...options, cwd: folder },
    )
  else execFileSync('tar', ['-caf', path, '.'], { ...options, cwd: folder })
  return path
}

export interface Seen {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  readonly bytes: number
  readonly mode: number
  readonly seconds: number
  readonly link: string | null
}

/** Every member, by Python's modules; of 7z by 7-Zip; tested whole before. In the order of their paths. */
export function archiveSeen(path: string, format: PackedFormat, password?: string): readonly Seen[] {
  if (format === '7z' || password !== undefined) {
    execFileSync('7zz', ['t', `-p${password ?? ''}`, path], options)
    return ordered(sevenZipSeen(path, password))
  }
  if (format === 'zip') execFileSync('unzip', ['-tq', path], options)
  const source = format === 'tar.zst' ? execFileSync('zstd', ['-dcq', path], options) : undefined
  const script = format === 'zip' ? zipScript : tarScript
  const output = execFileSync('python3', ['-c', script, source === undefined ? path : '-'], {
    maxBuffer: 1 << 28,
    ...(source !== undefined && { input: source }),
    env: { ...process.env, PYTHONIOENCODING: 'utf8' },
  })
  return ordered(JSON.parse(output.toString('utf8')) as Seen[])
}

function ordered(seen: readonly Seen[]): readonly Seen[] {
  return seen.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

const tarScript = `
import tarfile, sys, json
t = tarfile.open(fileobj=sys.stdin.buffer, mode='r|') if sys.argv[1] == '-' else tarfile.open(sys.argv[1])
print(json.dumps([dict(path=m.name.rstrip('/'), kind='folder' if m.isdir() else 'link' if m.issym() else 'file', bytes=m.size, mode=m.mode,
  seconds=int(m.mtime), link=m.linkname or None) for m in t]))`

const zipScript = `
import zipfile, sys, json, struct
def time(i):
  e = i.extra
  while len(e) >= 4:
    k, n = struct.unpack('<HH', e[:4])
    if k == 0x5455: return struct.unpack('<i', e[5:9])[0]
    e = e[4 + n:]
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
def seen(i):
  m = i.external_attr >> 16
  kind = 'folder' if i.is_dir() else 'link' if m & 0o170000 == 0o120000 else 'file'
  return dict(path=i.filename.rstrip('/'), kind=kind, bytes=i.file_size, mode=m & 0o7777, seconds=time(i), link=z.read(i).decode() if kind == 'link' else None)
print(json.dumps([seen(i) for i in z.infolist()]))`

function sevenZipSeen(path: string, password = ''): readonly Seen[] {
  const list = execFileSync('7zz', ['l', '-slt', `-p${password}`, path], {
    ...options,
    env: { ...process.env, TZ: 'UTC' },
  }).toString()
  const [, ...blocks] = list.slice(list.indexOf('\n----------')).split(/^Path = /m)
  return blocks.map((block) => {
    const fact = (name: string) => new RegExp(String.raw`^${name} = (.*)$`, 'm').exec(block)?.[1] ?? ''
    const [letters = ''] = /[-dl]([-r][-w][-x]){3}/.exec(fact('Attributes')) ?? []
    const name = block.slice(0, block.indexOf('\n'))
    const kind =
      letters.startsWith('d') || fact('Attributes').startsWith('D') ? 'folder' : letters.startsWith('l') ? 'link' : 'file'
    const content = kind === 'link' ? execFileSync('7zz', ['x', '-so', `-p${password}`, path, name], options).toString() : null
    return {
      path: name,
      kind,
      bytes: Number(fact('Size')),
      mode: Number.parseInt(
        letters
          .slice(1)
          .split('')
          .map((letter) => (letter === '-' ? '0' : '1'))
          .join(''),
        2,
      ),
      seconds: Math.floor(Date.parse(`${fact('Modified').slice(0, 19).replace(' ', 'T')}Z`) / 1000),
      link: content,
    }
  })
}
