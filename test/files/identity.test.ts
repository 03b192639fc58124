import { appendFile, copyFile, link, mkdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identityOf, inodeOf, isIdentity, isSameFile, isTaken, statIfThere } from '../../src/main/files/identity.ts'
import { fingerprintOf } from '../../src/main/files/fingerprint.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('which file it is', () => {
  it('sees through hard links', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'one'), '')
    await link(join(folder, 'one'), join(folder, 'other'))
    expect([await isSameFile(join(folder, 'one'), join(folder, 'other')), (await stat(join(folder, 'one'))).nlink]).toEqual([
      true,
      2,
    ])
  })
})

describe('what stands under a path', () => {
  it('is nothing where the system says so: no such file, or a file where its folder should be', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const paths = [join(folder, 'absent'), join(folder, 'file', 'below')]
    const found = await Promise.all(
      paths.map(async (path) => ({ stats: await statIfThere(path), inode: await inodeOf(path), isTaken: await isTaken(path) })),
    )
    expect(found).toEqual(paths.map(() => ({ stats: null, inode: null, isTaken: false })))
  })

  it('is not nothing where the system cannot tell', async () => {
    const folder = await temporaryFolder()
    const loop = join(folder, 'loop')
    await symlink('loop', loop)
    await expect(statIfThere(loop)).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(inodeOf(loop)).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(isTaken(join(loop, 'below'))).rejects.toMatchObject({ code: 'ELOOP' })
  })

  it('is a taken name where a link leads nowhere', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'there'))
    await symlink('nowhere', join(folder, 'dangling'))
    expect({ dangling: await isTaken(join(folder, 'dangling')), file: await statIfThere(join(folder, 'dangling')) }).toEqual({
      dangling: true,
      file: null,
    })
  })
})

describe('the identity of a file', () => {
  async function identified() {
    const folder = await temporaryFolder()
    const path = join(folder, 'a')
    await writeFile(path, 'contents')
    const { ino, mtimeMs } = await stat(path)
    return { folder, path, ino, mtimeMs, identity: (await identityOf(path)) ?? '' }
  }

  it('goes with it under another name, whatever its disk is numbered, and not with a copy', async () => {
    const { folder, path, identity, ino } = await identified()
    await copyFile(path, join(folder, 'copy'))
    await rename(path, join(folder, 'b'))
    const told = ['b', 'copy', 'a'].map(async (name) => await isIdentity(join(folder, name), identity))
    expect([await Promise.all(told), identity.split(' ')[0]]).toEqual([[true, false, false], String(ino)])
  })

  it('bears a date that is kept less exactly, and no other date, length or contents', async () => {
    const { path, identity, mtimeMs } = await identified()
    const at = async (ms: number) => {
      await utimes(path, ms / 1000, ms / 1000)
      return await isIdentity(path, identity)
    }
    const dates = [await at(Math.floor(mtimeMs)), await at(mtimeMs + 1), await at(mtimeMs + 100), await at(mtimeMs)]
    await appendFile(path, '!')
    expect([dates, await at(mtimeMs)]).toEqual([[true, true, false, true], false])
  })

  it('is that of older versions where a row has one: its number, on whatever disk', async () => {
    const { path, ino } = await identified()
    expect([await isIdentity(path, `99:${ino}`), await isIdentity(path, `99:${ino + 1}`)]).toEqual([true, false])
  })

  it('is told by a fingerprint where numbers change', async () => {
    const { path, mtimeMs, ino } = await identified()
    const print = await fingerprintOf(path)
    const elsewhere = `${ino + 1_000_000} 8 ${mtimeMs}`
    expect([await isIdentity(path, `${elsewhere} ${print}`), await isIdentity(path, elsewhere)]).toEqual([true, false])
  })
})
