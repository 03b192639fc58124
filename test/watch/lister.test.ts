import { execFileSync } from 'node:child_process'
import { link, mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { entriesOf, listerFor, type Lister } from '../../src/main/watch/lister.ts'
import { listFolder } from '../../src/main/watch/listing.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const { signal } = new AbortController()

async function lister(root: string): Promise<Lister> {
  const made = await listerFor(root, process.platform)
  if (made === null) throw new Error('this disk is not one of this machine')
  onTestFinished(async () => await made.stop())
  return made
}

async function digestOf(from: Lister, path: string): Promise<string | null> {
  const [listed] = await from.list([{ path, digest: null }], signal)
  return listed?.files?.digest ?? null
}

describe.runIf(process.platform === 'linux')('a folder that the thread lists', () => {
  it('reads as it does file by file, whatever is in it', async () => {
    const folder = await temporaryFolder()
    for (const name of ['plain.wav', 'other.wav', '-n "q".mp3', '.hidden', '.beside-folder', '.beside-abcdef-1.0.part'])
      await writeFile(join(folder, name), name)
    await mkdir(join(folder, 'below'))
    await mkdir(join(folder, '.git'))
    await mkdir(join(folder, '.beside-abcdef-2.0.part'))
    await link(join(folder, 'other.wav'), join(folder, 'second name.wav'))
    await symlink('plain.wav', join(folder, 'link.wav'))
    await symlink('nowhere', join(folder, 'dangling.wav'))
    await symlink('loop.wav', join(folder, 'loop.wav'))
    await symlink('below', join(folder, 'link to a folder'))
    execFileSync('mkfifo', [join(folder, 'pipe.wav')])
    await writeFile(Buffer.concat([Buffer.from(`${folder}/no text `), Buffer.from([0xff]), Buffer.from('.wav')]), 'x')
    await utimes(join(folder, 'plain.wav'), 1_700_000_000.123456, 1_700_000_000.123456)
    const oneByOne = await listFolder(folder, 8, signal)
    const [listed] = await (await lister(folder)).list([{ path: folder, digest: null }], signal)
    const files = listed?.files === null || listed === null || listed === undefined ? [] : await entriesOf(folder, listed.files)
    const byName = <T extends { readonly name: string }>(entries: readonly T[]) =>
      entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))
    expect({ files: byName(files), folders: listed?.folders, temps: listed?.temps.toSorted() }).toEqual({
      files: byName(oneByOne.files),
      folders: oneByOne.folders,
      temps: oneByOne.temps.toSorted(),
    })
  })

  it('is as before for as long as its files are, and each change of them is told', async () => {
    const folder = await temporaryFolder()
    for (const name of ['a.wav', 'b.wav', 'c.wav']) await writeFile(join(folder, name), 'sound')
    await utimes(join(folder, 'a.wav'), 1_700_000_000, 1_700_000_000)
    const from = await lister(folder)
    const digest = await digestOf(from, folder)
    const [same] = await from.list([{ path: folder, digest }], signal)
    const digests = new Set([digest])
    const changes: readonly (() => Promise<void>)[] = [
      async () => await utimes(join(folder, 'a.wav'), 1_700_000_000, 1_700_000_000.001),
      async () => await writeFile(join(folder, 'b.wav'), 'longer sound'),
      async () => void execFileSync('mv', [join(folder, 'c.wav'), join(folder, 'd.wav')]),
      async () => void execFileSync('cp', ['-p', '--remove-destination', join(folder, 'd.wav'), join(folder, 'copy')]),
      async () => void execFileSync('mv', [join(folder, 'copy'), join(folder, 'd.wav')]),
      async () => await writeFile(join(folder, 'e.wav'), ''),
    ]
    for (const change of changes) {
      await change()
      digests.add(await digestOf(from, folder))
    }
    expect({ same: same?.files, digests: digests.size }).toEqual({ same: null, digests: changes.length + 1 })
  })

  it('may be gone, or hold nothing, and others are listed all the same', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'empty'))
    const paths = ['gone', 'empty'].map((name) => ({ path: join(folder, name), digest: null }))
    const [gone, empty] = await (await lister(folder)).list(paths, signal)
    expect({ gone, names: empty?.files?.names, folders: empty?.folders }).toEqual({ gone: null, names: '', folders: [] })
  })
})

describe.runIf(process.platform === 'linux')('the thread', () => {
  it('is asked no more once it is stopped, and whoever waits is told', async () => {
    const folder = await temporaryFolder()
    const from = await lister(folder)
    const waiting = from.list([{ path: folder, digest: null }], signal).catch((error: unknown) => String(error))
    const stopped = from.stop()
    const later = from.list([{ path: folder, digest: null }], signal).catch((error: unknown) => String(error))
    await stopped
    expect({ waiting: await waiting, later: await later, takes: from.takes(folder) }).toEqual({
      waiting: 'Error: the listing was stopped',
      later: 'Error: the listing was stopped',
      takes: false,
    })
  })

  it('is not let near what is no disk of this machine', async () => {
    const from = await lister('/')
    expect({
      root: from.takes('/'),
      proc: from.takes('/proc/1'),
      alike: from.takes('/procession'),
      mac: await listerFor('/', 'darwin'),
    }).toEqual({
      root: true,
      proc: false,
      alike: true,
      mac: null,
    })
  })
})
