import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf, walk, type Filter } from '../../../src/main/engine/intake/walk.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { mediaSource, ownSource } from '../../support/media.ts'

const everything: Filter = { recursive: true, include: [], exclude: [], skipFolders: [], results: null }

async function tree(names: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), 'x')
  }
  return folder
}

async function found(folder: string, filter: Filter, names = ['.']): Promise<string[]> {
  const items: string[] = []
  for await (const item of walk(
    names.map((name) => join(folder, name)),
    filter,
    new AbortController().signal,
  )) {
    const path = relative(folder, item.path)
    items.push('left' in item ? `${path}: left ${item.left.code}` : 'why' in item ? `${path}: ${item.why.code}` : path)
  }
  return items.toSorted()
}

describe('finding files', () => {
  it('takes a folder with its subfolders, or without them', async () => {
    const folder = await tree(['a.wav', 'b/c.wav', 'b/d/e.wav'])
    expect([await found(folder, everything), await found(folder, { ...everything, recursive: false })]).toEqual([
      ['a.wav', 'b/c.wav', 'b/d/e.wav'],
      ['a.wav'],
    ])
  })

  it('gives the files of a folder in the order in which people count', async () => {
    const folder = await tree(['take 10.wav', 'Take 2.wav', 'b/x.wav', 'take 1.wav', 'a.wav'])
    const names: string[] = []
    for await (const item of walk([folder], everything, new AbortController().signal)) names.push(relative(folder, item.path))
    expect(names).toEqual(['a.wav', 'take 1.wav', 'Take 2.wav', 'take 10.wav', 'b/x.wav'])
  })

  it('filters by name, and by path where the glob has a slash', async () => {
    const folder = await tree(['a.wav', 'b/c.wav', 'b/d.mp3', 'x/c.wav'])
    const filter = { ...everything, include: ['*.WAV'], exclude: ['b/**'] }
    expect(await found(folder, filter)).toEqual(['a.wav', 'x/c.wav'])
  })

  it('leaves out what systems leave there, hidden files and folders, its own temporary files and the archive', async () => {
    const folder = await tree([
      'a.wav',
      '.hidden.wav',
      '._a.wav',
      '.DS_Store',
      '.beside-abcdef-12.0.part',
      '.git/b.wav',
      'converted/a.wav',
    ])
    expect(await found(folder, { ...everything, skipFolders: ['converted'] })).toEqual(['a.wav'])
  })

  it('refuses what is not there, dangling links, link loops and pipes, each with its reason', async () => {
    const folder = await tree(['a.wav'])
    await symlink('nowhere', join(folder, 'dangling'))
    await symlink('loop', join(folder, 'loop'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    expect(await found(folder, everything, ['a.wav', 'gone', 'dangling', 'loop', 'pipe', 'a.wav/x'])).toEqual([
      'a.wav',
      'a.wav/x: source-missing',
      'dangling: source-missing',
      'gone: source-missing',
      'loop: link-loop',
      'pipe: source-not-file',
    ])
  })

  it('says that a name is too long instead of failing', async () => {
    const folder = await temporaryFolder()
    const items = []
    for await (const item of walk([join(folder, 'x'.repeat(10_000))], everything, new AbortController().signal)) items.push(item)
    expect(items).toMatchObject([{ why: { code: 'name-too-long' } }])
  })

  it('does not follow links to folders inside a folder, so that no circle catches it', async () => {
    const folder = await tree(['a/b.wav'])
    await symlink('..', join(folder, 'a', 'up'))
    expect(await found(folder, everything)).toEqual(['a/b.wav'])
  })

  it('follows a link to a folder that was named outright', async () => {
    const folder = await tree(['a/b.wav'])
    await symlink('a', join(folder, 'link'))
    expect(await found(folder, everything, ['link'])).toEqual(['link/b.wav'])
  })

  it('stops when it is told to', async () => {
    const folder = await tree(['a.wav'])
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(walk([folder], everything, abort.signal).next()).rejects.toThrow('enough')
  })
})

describe('what a file is', () => {
  const typescript = 'export const GIG: readonly string[] = []\n'.repeat(200)

  /** By a sniffer that says AVI of all, and counts. */
  async function recognise(name: string, contents: string | Buffer, root: string | null) {
    const path = join(await temporaryFolder(), name)
    await writeFile(path, contents)
    let sniffed = 0
    const format = await formatOf({ path, root }, async () => {
      sniffed += 1
      return 'avi'
    })
    return { format, sniffed }
  }

  it.each(['talk.key', 'letter.pages', 'sums.numbers'])('is looked for in %s of a folder where that is packed', async (name) => {
    const packed = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(100)])
    const both = [await recognise(name, packed, '/'), await recognise(name, '-----BEGIN PRIVATE KEY-----\n', '/')]
    expect(both).toEqual([
      { format: 'avi', sniffed: 1 },
      { format: null, sniffed: 0 },
    ])
  })

  it.each(['component.ts', 'module.mts', 'LEGACY.TS'])(
    'is no film where %s is source code, of which only the beginning is read',
    async (name) => {
      for (const contents of [typescript, 'G', 'G'.repeat(187), typescript.slice(0, 400)]) {
        expect(await recognise(name, contents, '/project')).toEqual({ format: null, sniffed: 0 })
      }
    },
  )

  it('is a film where it is a transport stream, whole packets or a recording that was cut anywhere, plain or of a camcorder', async () => {
    const plain = await readFile(await mediaSource('ts'))
    const disc = await readFile(
      await ownSource('disc.m2ts', [
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=96x64:rate=10:duration=1',
        '-c:v',
        'libx264',
        '-mpegts_m2ts_mode',
        '1',
        '-f',
        'mpegts',
      ]),
    )
    for (const contents of [plain, plain.subarray(101), plain.subarray(0, 3 * 188), disc]) {
      expect(await recognise('clip.mts', contents, '/camera')).toEqual({ format: 'ts', sniffed: 0 })
    }
  })

  it('is looked into where somebody named it, or where its name says nothing', async () => {
    expect([await recognise('film.ts', 'RIFF', null), await recognise('film', 'RIFF', '/films')]).toEqual([
      { format: 'avi', sniffed: 1 },
      { format: 'avi', sniffed: 1 },
    ])
  })
})
