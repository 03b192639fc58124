import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { temporaryFolder } from '../support/folder.ts'
import { archiveSeen, packedBy } from '../support/archives.ts'
import { orderIn } from '../support/order.ts'
import { dmgOf } from '../support/dmg.ts'
import { rar4Of, rar5Of } from '../support/rar-writer.ts'
import { zipOf } from '../support/zip-writer.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local, convert } = startMachine()

const day = new Date('2020-02-03T04:05:07Z')
const long = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(''))

/** Files, an empty folder, permissions, a link and a name of three scripts. */
async function tree(): Promise<string> {
  const folder = join(await temporaryFolder(), 'tree')
  await mkdir(join(folder, 'deep', 'empty'), { recursive: true })
  await writeFile(join(folder, 'deep', 'run.sh'), 'echo hello\n')
  await chmod(join(folder, 'deep', 'run.sh'), 0o750)
  await writeFile(join(folder, 'Ünï “q” 名.txt'), long)
  await writeFile(join(folder, 'zero'), '')
  await symlink('deep/run.sh', join(folder, 'link'))
  for (const path of ['deep/empty', 'deep/run.sh', 'Ünï “q” 名.txt', 'zero', 'deep']) await utimes(join(folder, path), day, day)
  return folder
}

const seen = [
  { path: 'deep', kind: 'folder', mode: 0o755 },
  { path: 'deep/empty', kind: 'folder', mode: 0o755 },
  { path: 'deep/run.sh', kind: 'file', mode: 0o750, bytes: 11 },
  { path: 'link', kind: 'link', link: 'deep/run.sh' },
  { path: 'zero', kind: 'file', bytes: 0, mode: 0o644 },
  { path: 'Ünï “q” 名.txt', kind: 'file', bytes: long.length, mode: 0o644, seconds: day.getTime() / 1000 },
]

async function file(name: string, bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

describe('an archive', () => {
  it.each([
    ['zip', '7z'],
    ['zip', 'tar.gz'],
    ['7z', 'zip'],
    ['7z', 'tar.xz'],
    ['tar', 'tar.zst'],
    ['tar', 'zip'],
    ['tar.gz', 'tar.bz2'],
    ['tar.xz', 'zip'],
    ['tar.zst', 'tar'],
    ['tar.bz2', '7z'],
  ] as const)('of %s becomes %s with its names, sizes, times, permissions, links and empty folders', async (from, to) => {
    const result = await convert(packedBy(from, await tree(), await temporaryFolder()), to)
    expect(archiveSeen(result, to)).toEqual(seen.map((member) => expect.objectContaining(member) as unknown))
    expect((await readdir(dirname(result))).length).toBe(1)
  })

  it.each([
    ['iso', ['-quiet', '-J', '-R', '-o']],
    ['iso', ['-quiet', '-udf', '-o']],
  ] as const)('of %s, as a disc of %j, has names, sizes, times and empty folders', async (_format, options) => {
    const path = join(await temporaryFolder(), 'disc.iso')
    execFileSync('genisoimage', [...options, path, await tree()], { stdio: 'pipe' })

    const found = archiveSeen(await convert(path, '7z'), '7z')

    // 7-Zip sees an empty file where a disc has a link.
    expect(found.filter(({ path: name }) => name !== 'link').map(({ path: name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ['deep', 'folder', expect.anything()],
      ['deep/empty', 'folder', expect.anything()],
      ['deep/run.sh', 'file', 11],
      ['zero', 'file', 0],
      ['Ünï “q” 名.txt', 'file', long.length],
    ])
    expect(found.find(({ path: name }) => name === 'deep/run.sh')).toMatchObject({ seconds: Math.floor(day.getTime() / 1000) })
    expect(execFileSync('7zz', ['x', '-so', await convert(path, 'zip'), 'deep/run.sh'], { encoding: 'utf8' })).toBe(
      'echo hello\n',
    )
  })

  it('of CAB has its names, sizes and times', async () => {
    const [folder, path] = [await tree(), join(await temporaryFolder(), 'a.cab')]
    execFileSync('gcab', ['-c', '-z', path, 'deep/run.sh', 'Ünï “q” 名.txt', 'zero'], { cwd: folder, stdio: 'pipe' })

    const found = archiveSeen(await convert(path, 'zip'), 'zip')

    // Its times are those of a clock on the wall, in steps of two seconds.
    const wall = Math.floor(day.getTime() / 1000) - 1
    expect(found).toMatchObject([
      { path: 'deep/run.sh', bytes: 11, seconds: wall },
      { path: 'zero', bytes: 0, seconds: wall },
      { path: 'Ünï “q” 名.txt', bytes: long.length, seconds: wall },
    ])
  })

  it('of macOS, as a packed disk image, has the files of the disk in it', async () => {
    const iso = join(await temporaryFolder(), 'disc.iso')
    execFileSync('genisoimage', ['-quiet', '-J', '-R', '-o', iso, await tree()], { stdio: 'pipe' })
    const path = await file('a.dmg', dmgOf(await readFile(iso)))

    expect((await local.inspect(path, never)).format).toBe('dmg')
    const found = archiveSeen(await convert(path, 'zip'), 'zip')
    expect(found.find((one) => one.path.startsWith('Ünï'))).toMatchObject({
      bytes: long.length,
      seconds: Math.floor(day.getTime() / 1000),
    })
  })

  it.each([
    ['4', rar4Of],
    ['5', rar5Of],
  ])('of RAR %s is read', async (_version, rarOf) => {
    const path = await file('a.rar', rarOf('folder/ok.txt', Buffer.from('content\n')))
    expect(await local.inspect(path, never)).toMatchObject({ format: 'rar', document: { entries: 1, unpackedBytes: 8 } })
    expect(archiveSeen(await convert(path, 'zip'), 'zip')).toMatchObject([{ path: 'folder/ok.txt', bytes: 8 }])
  })

  it('says how many files it has and how large they are', async () => {
    const folder = await temporaryFolder()
    const facts = await local.inspect(packedBy('7z', await tree(), folder), never)
    expect(facts.document).toEqual({ entries: 4, unpackedBytes: long.length + 11 + 11 })
  })

  it('is made of any file', async () => {
    const path = await file('sheet.csv', Buffer.from('a,b\n1,2\n'))
    const result = await convert(path, 'zip', { archiveLevel: 0 })
    expect(archiveSeen(result, 'zip')).toMatchObject([{ path: 'sheet.csv', bytes: 8 }])
  })

  it('is made of several files, archives among them', async () => {
    const [csv, zip] = [await file('a.csv', Buffer.from('a,b\n')), await file('a.zip', zipOf([{ name: 'x', content: long }]))]
    const sources = [csv, zip, csv].map((path) => ({ kind: 'file', path, bytes: 1, mtimeMs: 0 }) as const)
    const [source] = sources
    if (source === undefined) throw new Error('no source')
    const { order } = orderIn(await temporaryFolder(), { source, from: 'csv', target: '7z', options: {}, facts: null })
    await local.submit({ ...order, sources }, () => {}, never)
    expect(archiveSeen(order.temp(0), '7z').map((one) => one.path)).toEqual(['a (2).csv', 'a.csv', 'a.zip'])
  })

  it('has names of DOS and of Japan as they were meant', async () => {
    const dos = zipOf([{ name: Buffer.from([0x81, 0x62, 0x65, 0x72]), content: Buffer.from('1') }])
    const shiftJis = Buffer.from('93fa967b8cea83658358836792968a6d9446837483408343838b2e747874', 'hex')
    expect(archiveSeen(await convert(await file('a.zip', dos), 'tar'), 'tar')).toMatchObject([{ path: 'über' }])
    const japanese = await file('b.zip', zipOf([{ name: shiftJis, content: Buffer.from('1') }]))
    expect(archiveSeen(await convert(japanese, 'tar'), 'tar')).toMatchObject([{ path: '日本語テスト猪確認ファイル.txt' }])
  })

  it.each([
    ['7z', '7z'],
    ['zip', '7z'],
    ['7z', 'zip'],
  ] as const)('of %s opens with its password, and the new one of %s with its own', async (from, to) => {
    const path = packedBy(from, await tree(), await temporaryFolder(), 'sesame')
    expect((await local.inspect(path, never)).document).toMatchObject({ isEncrypted: true })
    const result = await convert(path, to, { password: 'sesame', protect: 'other' })
    expect(archiveSeen(result, to, 'other').find((one) => one.path.startsWith('Ünï'))).toMatchObject({ bytes: long.length })
    expect(() => execFileSync('7zz', ['t', '-pwrong', result], { stdio: 'pipe' })).toThrow('Wrong password')
    await expect(convert(path, to)).rejects.toMatchObject({
      failure: { code: 'source-unreadable', facts: { because: 'password' } },
    })
    await expect(convert(path, to, { password: 'wrong' })).rejects.toMatchObject({
      failure: { code: 'source-unreadable', facts: { because: 'password-wrong' } },
    })
  })
})

describe('a hostile archive', () => {
  const small = Buffer.from('x')
  /** More than there is: only the end of the directory says how many. */
  const many = (count: number) => {
    const zip = zipOf([{ name: 'a', content: small }])
    zip.writeUInt16LE(count, zip.length - 12)
    return zip
  }
  const refusals: readonly (readonly [string, () => Buffer, string])[] = [
    ['a name that leaves its folder', () => zipOf([{ name: '../../x', content: small }]), 'entry-outside'],
    ['such a name with backslashes', () => zipOf([{ name: String.raw`..\x`, content: small }]), 'entry-outside'],
    ['an absolute name', () => zipOf([{ name: '/etc/x', content: small }]), 'entry-outside'],
    ['a NUL in a name', () => zipOf([{ name: 'a\0b', content: small }]), 'entry-outside'],
    ['a link that leaves', () => zipOf([{ name: 'l', content: Buffer.from('/etc/passwd'), mode: 0o120777 }]), 'entry-outside'],
    [
      'a file below a link',
      () =>
        zipOf([
          { name: 'l', content: Buffer.from('.'), mode: 0o120777 },
          { name: 'l/x', content: small },
        ]),
      'entry-outside',
    ],
    ['a device', () => zipOf([{ name: 'd', content: small, mode: 0o060644 }]), 'entry-special'],
    [
      'two files of one name',
      () =>
        zipOf([
          { name: 'a', content: small },
          { name: 'a', content: Buffer.from('other') },
        ]),
      'entry-twice',
    ],
    ['a bomb', () => zipOf([{ name: 'bomb', content: small, claims: { bytes: 2 ** 31 } }]), 'unpacks-too-large'],
    ['too many files', () => many(60_000), 'too-many-entries'],
  ]
  it.each(refusals)('with %s is refused', async (_what, make, because) => {
    const path = await file('a.zip', make())
    await expect(convert(path, 'tar')).rejects.toMatchObject({ failure: { code: 'source-unsupported', facts: { because } } })
  })

  it('of tar is refused before it unpacks to more than anybody wants', async () => {
    const zeros = dirname(await file('zeros', Buffer.alloc(100 * 2 ** 20)))
    const path = packedBy('tar.gz', zeros, await temporaryFolder())
    await expect(convert(path, 'zip')).rejects.toMatchObject({ failure: { facts: { because: 'unpacks-too-large' } } })
  })

  it.each(['zip', '7z', 'tar.gz', 'tar.xz'] as const)('of %s that is cut off fails plainly', async (from) => {
    const whole = await readFile(packedBy(from, await tree(), await temporaryFolder()))
    const path = await file(`a.${from}`, whole.subarray(0, whole.length / 2))
    await expect(convert(path, from === 'zip' ? '7z' : 'zip')).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
  })

  it('with nothing in it is refused as that', async () => {
    const trouble = await convert(await file('nothing.zip', zipOf([])), 'tar').catch((error: unknown) => error)
    expect(trouble).toMatchObject({ failure: { code: 'source-unsupported', facts: { because: 'no-entries' } } })
  })

  it('of 7z with a link to elsewhere is refused', async () => {
    const folder = await temporaryFolder()
    await symlink('/etc/passwd', join(folder, 'out'))
    const path = packedBy('7z', folder, await temporaryFolder())
    await expect(convert(path, 'zip')).rejects.toMatchObject({ failure: { facts: { because: 'entry-outside', name: 'out' } } })
  })

  it('under a wrong ending is what it holds', async () => {
    const whole = await readFile(packedBy('7z', await tree(), await temporaryFolder()))
    const path = await file('a.zip', whole)
    expect((await local.inspect(path, never)).format satisfies FormatId).toBe('7z')
  })

  it('keeps names that differ in case, or have a line break', async () => {
    const names = ['A', 'a', 'new\nline']
    const path = await file('a.zip', zipOf(names.map((name) => ({ name, content: small }))))
    expect(archiveSeen(await convert(path, 'tar'), 'tar').map((one) => one.path)).toEqual(names)
  })
})
