/**
 * 7-Zip as WebAssembly. It sees no disk: what it reads and writes are single files of ours that it knows by made-up names in its own memory, so
 * neither the names nor the links of a stranger's archive reach a file system. Contents come out of it as one stream, which its list cuts up.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { JobError } from '../../../../shared/failure.ts'
import { maxUnpacked, plainPath, type Member } from './members.ts'
import { openFiles, writeAll, type LoadSevenZip, type SevenZip, type SevenZipFileSystem } from './seven-zip-files.ts'

export interface Sealed {
  readonly path: string
  /** By which it chooses, where a file has several tables of what is in it, as that of a DVD. */
  readonly ending: string
  readonly password: string | null
}

/** What came of a run of it. */
interface Ran {
  readonly code: number
  readonly lines: readonly string[]
  readonly errors: string
}

/** What it lists of an archive. @throws JobError where it is damaged, or opens with another password alone. */
export async function listed({ path, ending, password }: Sealed): Promise<readonly Member[]> {
  const files = openFiles()
  try {
    const { zip, run } = await start()
    files.show(zip, `/archive.${ending}`, path)
    const list = () => run(['l', '-slt', '-sccUTF-8', passwordArgument(password), `/archive.${ending}`])
    const ran = listing(list, { path, password })
    if (ran.code > 1) throw troubleOf(path, ran, password)
    return membersOf(ran.lines)
  } finally {
    files.close()
  }
}

/** Where even the list of a 7z is locked it says nothing, but throws a number. */
function listing(list: () => Ran, { path, password }: Pick<Sealed, 'path' | 'password'>): Ran {
  try {
    return list()
  } catch (error) {
    if (typeof error !== 'number' || !isListLocked(path)) throw error
    throw new JobError('source-unreadable', { path, because: password === null ? 'password' : 'password-wrong' })
  }
}

/** The number of 7-Zip for AES, which stands in clear in front of a list that is encrypted by it. */
const aes = Buffer.from([0x06, 0xf1, 0x07, 0x01])
const startBytes = 32

function isListLocked(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const signature = Buffer.alloc(startBytes)
    if (readSync(file, signature, 0, startBytes, 0) < startBytes || signature.readUInt32BE(0) !== 0x37_7a_bc_af) return false
    const head = Buffer.alloc(512)
    const length = readSync(file, head, 0, head.length, startBytes + Number(signature.readBigUInt64LE(12)))
    return head.subarray(0, length).includes(aes)
  } finally {
    closeSync(file)
  }
}

/**
 * The contents of all files one after the other, in the order of the list.
 * Stops where there is more than anybody wants.
 */
export async function unpackInto(
  spool: string,
  { path, ending, password }: Sealed,
  progress: (bytes: number) => void,
): Promise<void> {
  const files = openFiles()
  try {
    const { zip, run } = await start()
    const { size } = files.show(zip, `/archive.${ending}`, path)
    const max = maxUnpacked(size)
    const output = files.open(spool, 'wx')
    let bytes = 0
    const stdout = zip.FS.streams[1]
    if (stdout === undefined) throw new Error('no standard output')
    stdout.stream_ops = {
      ...stdout.stream_ops,
      write: (_stream, buffer, offset, length) => {
        writeAll(output, buffer, offset, length, null)
        bytes += length
        if (bytes > max) throw new JobError('source-unsupported', { path, because: 'unpacks-too-large', bytes })
        progress(bytes)
        return length
      },
    }
    const ran = run(['x', '-so', '-y', '-sccUTF-8', passwordArgument(password), `/archive.${ending}`])
    if (ran.code !== 0) throw troubleOf(path, ran, password)
  } finally {
    files.close()
  }
}

export interface Packing {
  readonly output: string
  /** `xz` and `bzip2` hold one file. */
  readonly type: '7z' | 'zip' | 'xz' | 'bzip2'
  /** 0 to 9. */
  readonly level: number
  readonly password: string | null
  readonly members: readonly Packable[]
  /** Of the bytes that have been read. */
  readonly progress: (bytes: number) => void
}

/** A member, and where its contents are. */
export interface Packable {
  readonly member: Member
  readonly from: { readonly path: string; readonly start: number }
}

export async function packFrom({ output, type, level, password, members, progress }: Packing): Promise<void> {
  const files = openFiles()
  try {
    const { zip, run } = await start()
    const { FS } = zip
    FS.mkdir('/from')
    for (const { member, from } of members) {
      const path = `/from/${member.path}`
      makeFolders(FS, path)
      if (member.kind === 'folder') {
        if (!FS.analyzePath(path).exists) FS.mkdir(path)
      } else if (member.link !== null) FS.symlink(member.link, path)
      else files.show(zip, path, from.path, { start: from.start, bytes: member.bytes, mode: member.mode, progress })
    }
    // Folders last: what comes into them changes their times.
    for (const { member } of members.toReversed()) {
      const path = `/from/${member.path}`
      if (member.kind === 'link') continue
      if (member.kind === 'folder' && member.mode !== null) FS.chmod(path, member.mode | 0o500)
      if (member.mtimeMs !== null) FS.utime(path, member.mtimeMs, member.mtimeMs)
    }
    files.take(zip, '/to', output)
    FS.chdir('/from')
    const secret = password === null ? [] : [passwordArgument(password), ...(type === '7z' ? ['-mhe=on'] : ['-mem=AES256'])]
    const names = type === 'zip' ? ['-mcu=on'] : []
    const ran = run(['a', `-t${type}`, `-mx=${level}`, '-snl', '-y', '-sccUTF-8', ...names, ...secret, '/to/archive', '.'])
    if (ran.code !== 0) throw new JobError('tool-failed', { tool: '7-Zip', status: ran.code, reason: ran.errors.slice(0, 200) })
  } finally {
    files.close()
  }
}

async function start(): Promise<{ zip: SevenZip; run: (args: readonly string[]) => Ran }> {
  const require = createRequire(import.meta.url)
  const load = require('7z-wasm') as LoadSevenZip
  const lines: string[] = []
  const errors: string[] = []
  const zip = await load({
    wasmBinary: readFileSync(require.resolve('7z-wasm/7zz.wasm')),
    print: (line) => void lines.push(line),
    printErr: (line) => void (errors.length < 50 && errors.push(line)),
    // It asks for a password there, and gets none.
    stdin: () => null,
  })
  return {
    zip,
    run: (args) => ({ code: zip.callMain([...args]), lines, errors: errors.filter((line) => line.trim() !== '').join('\n') }),
  }
}

/** Without one, none is asked for. */
function passwordArgument(password: string | null): string {
  return `-p${password ?? ''}`
}

/** What it says in its list. Names come without what is no character: a line break in one is a `_`. */
function membersOf(lines: readonly string[]): readonly Member[] {
  const blocks: Map<string, string>[] = []
  let block: Map<string, string> | null = null
  for (const line of lines.slice(lines.findIndex((one) => one.startsWith('----------')) + 1)) {
    const [, name, value] = /^([A-Z][\w .-]*?) = (.*)$/s.exec(line) ?? []
    if (name === undefined || value === undefined) {
      if (line.trim() === '') block = null
      continue
    }
    if (name === 'Path') blocks.push((block = new Map()))
    block?.set(name, value)
  }
  return blocks.map((facts) => memberOf(facts))
}

function memberOf(facts: ReadonlyMap<string, string>): Member {
  const [flags = '', unix = ''] = (facts.get('Attributes') ?? '').split(' ')
  const letters = unix === '' && /^[-bcdlps]([-r][-w][-xsStT]){3}$/.test(flags) ? flags : unix
  const link = facts.get('Symbolic Link') ?? ''
  const hardLink = facts.get('Hard Link') || facts.get('Copy Link') || ''
  const isFolder = facts.get('Folder') === '+' || flags.startsWith('D') || letters.startsWith('d')
  const isLink = link !== '' || letters.startsWith('l')
  const kind = isFolder ? 'folder' : isLink ? 'link' : hardLink !== '' ? 'hard-link' : /^[bcps]/.test(letters) ? 'device' : 'file'
  const bytes = Number(facts.get('Size') || 0)
  const crc = facts.get('CRC') ?? ''
  return {
    path: plainPath(facts.get('Path') ?? ''),
    kind,
    bytes: isFolder ? 0 : bytes,
    mtimeMs: timeOf(facts.get('Modified') ?? ''),
    mode: letters === '' ? null : modeOf(letters),
    crc: isFolder || crc === '' ? null : Number.parseInt(crc, 16),
    link: link || hardLink || null,
    ...(facts.get('Encrypted') === '+' && { isEncrypted: true as const }),
  }
}

/** In the time zone of this machine, as it prints them: those that are stored without one are meant so. */
function timeOf(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?/.exec(text)
  if (match === null) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  return new Date(year, month - 1, day, hour, minute, second, Math.round(Number(match[7] ?? 0) * 1000)).getTime()
}

/** `-rwxr-xr-x`. */
function modeOf(letters: string): number {
  return letters
    .slice(1)
    .split('')
    .reduce((mode, letter, n) => {
      const bit = /[rwxst]/.test(letter) ? 1 << (8 - n) : 0
      const special = /[sStT]/.test(letter) ? 1 << (11 - (n - 2) / 3) : 0
      return mode | bit | special
    }, 0)
}

function troubleOf(path: string, { errors, code }: Ran, password: string | null): JobError {
  if (/wrong password|encrypted (archive|file)|Enter password/i.test(errors))
    return new JobError('source-unreadable', { path, because: password === null ? 'password' : 'password-wrong' })
  if (/unsupported method/i.test(errors)) return new JobError('source-unsupported', { path, because: 'entry-method', name: '' })
  return new JobError('source-damaged', {
    path,
    because: 'not-decodable',
    tool: '7-Zip',
    status: code,
    reason: errors.slice(0, 200),
  })
}

function makeFolders(FS: SevenZipFileSystem, path: string): void {
  for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end)
    if (!FS.analyzePath(folder).exists) FS.mkdir(folder)
  }
}
