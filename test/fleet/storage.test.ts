import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { joinLine, parseAddress, parseJoinLine } from '../../src/main/fleet/join-line.ts'
import { localPathOf, openStorage, sharedPathOf } from '../../src/main/fleet/storage.ts'
import { requirementText, queueOf, queueParts } from '../../src/main/fleet/wire.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

const because = async (work: Promise<unknown>) =>
  await work.then(
    (path) => path,
    (error: unknown) => {
      const { code, facts } = toFailure(error)
      return 'because' in facts ? facts.because : code
    },
  )

describe('shared storage', () => {
  it('is known by its mark, which a head makes and keeps, and a machine only reads', async () => {
    const folder = await temporaryFolder()
    expect(await because(openStorage(folder, 'expect'))).toBe('storage-unmarked')
    const made = await openStorage(folder, 'make')
    expect(await openStorage(folder, 'make')).toEqual(made)
    expect(await openStorage(folder, 'expect')).toEqual(made)
    expect(await readFile(join(folder, '.beside-folder'), 'utf8')).toContain(made.id)
    expect(await because(openStorage(join(folder, 'missing'), 'make'))).toBe('folder-missing')
  })

  it('names files below it with slashes, and says of others that they are not there', () => {
    const [media, inner] = [
      { id: 'a', path: '/volume1/media' },
      { id: 'b', path: '/volume1/media/inner' },
    ]
    const shared = (path: string) => sharedPathOf(path, [media, inner])
    expect(shared('/volume1/media/A001/song.wav')).toEqual({ root: 'a', path: 'A001/song.wav' })
    expect(shared('/volume1/media/inner/song.wav')).toEqual({ root: 'b', path: 'song.wav' })
    expect(shared('/volume1/media/..song.wav')).toEqual({ root: 'a', path: '..song.wav' })
    expect(['/volume1/media', '/volume1/media2/song.wav', '/volume1/song.wav', '/'].map(shared)).toEqual([null, null, null, null])
  })

  it('leads nowhere out of it, be it by dots, by an absolute path, or by a link', async () => {
    const [folder, outside] = [await temporaryFolder(), await temporaryFolder()]
    await mkdir(join(folder, 'in'))
    for (const path of [join(folder, 'in', 'song.wav'), join(outside, 'secret.wav')]) await writeFile(path, 'RIFF')
    await symlink(outside, join(folder, 'out'))
    await symlink(join(outside, 'secret.wav'), join(folder, 'secret.wav'))
    await symlink(join(folder, 'in'), join(folder, 'another in'))
    await symlink(join(outside, 'new.part'), join(folder, 'dangling.part'))
    const storages = [{ id: 'a', path: folder }]
    const file = async (path: string) => await because(localPathOf({ root: 'a', path }, storages, 'file'))
    const name = async (path: string) => await because(localPathOf({ root: 'a', path }, storages, 'name'))
    expect(await file('in/song.wav')).toBe(join(folder, 'in', 'song.wav'))
    expect(await file('another in/song.wav')).toBe(join(folder, 'another in', 'song.wav'))
    expect(await file('in/none.wav')).toBe('source-missing')
    for (const path of [
      '../x',
      'in/../../x',
      '/etc/passwd',
      '',
      '.',
      'in//song.wav',
      'in/./song.wav',
      'out/secret.wav',
      'secret.wav',
      'a\0b',
    ])
      expect([path, await file(path)]).toEqual([path, 'outside-storage'])
    expect(await name('in/new.part')).toBe(join(folder, 'in', 'new.part'))
    for (const path of ['../new.part', 'out/new.part', 'dangling.part', '/tmp/new.part'])
      expect([path, await name(path)]).toEqual([path, 'outside-storage'])
    expect(await because(localPathOf({ root: 'b', path: 'in/song.wav' }, storages, 'file'))).toBe('storage-unseen')
  })

  it('finds a name that another system writes with other letters of the same look', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'Cafe\u0301.wav'), 'RIFF')
    const path = await localPathOf({ root: 'a', path: 'Caf\u00e9.wav' }, [{ id: 'a', path: folder }], 'file')
    expect(await readFile(path, 'utf8')).toBe('RIFF')
  })
})

describe('the line for joining', () => {
  it('holds where the queue is and a key, whatever is in it, and nobody’s name', () => {
    const line = joinLine('postgres://beside@nas:5432/beside?sslmode=require', '1a2b3c', 'k#7/ ü')
    expect(line).toBe('beside://1a2b3c@nas:5432/beside?sslmode=require#k%237%2F%20%C3%BC')
    expect(parseJoinLine(` ${line}\n`)).toEqual({
      address: 'postgres://beside_machine_1a2b3c@nas:5432/beside?sslmode=require',
      key: 'k#7/ ü',
    })
  })

  it('leaves out the files that the address of the head names, and a machine may name its own', () => {
    const line = joinLine('postgres://beside@nas/beside?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslkey=k', '1a2b3c', 'k')
    expect(line).toBe('beside://1a2b3c@nas/beside?sslmode=verify-full#k')
    expect(parseJoinLine(line.replace('#', '&sslrootcert=/mnt/ca.pem#')).address).toBe(
      'postgres://beside_machine_1a2b3c@nas/beside?sslmode=verify-full&sslrootcert=/mnt/ca.pem',
    )
  })

  it('is refused where it is something else', () => {
    for (const text of [
      '',
      'beside://1a2b3c@nas/beside',
      'beside://nas/beside#k',
      'postgres://1a2b3c@nas/beside#k',
      'beside://1a2b3c@#k',
      'beside://1a2b3c@nas#k',
      'beside://1a2b3c@a b/c#k',
    ])
      expect(() => parseJoinLine(text)).toThrow('join-line')
    for (const text of ['', 'nas', 'https://nas/beside', 'postgres:///beside', 'postgres://nas'])
      expect(() => parseAddress(text)).toThrow('queue-address')
    expect(parseAddress('postgres://beside:p%40ss@nas/beside')).toEqual({
      address: 'postgres://beside@nas/beside',
      password: 'p@ss',
    })
  })
})

describe('queues', () => {
  it('are called by storage and by what an order needs', () => {
    const queue = queueOf('3a65fc-1', requirementText({ kind: 'document', program: 'soffice' }))
    expect(queueParts(queue)).toEqual({ root: '3a65fc-1', need: 'document.soffice' })
    expect(['beside.v0.a.short', 'other', 'beside.v1.a'].map(queueParts)).toEqual([null, null, null])
  })
})
