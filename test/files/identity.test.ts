import { link, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inodeOf, isSameFile, isTaken, statIfThere } from '../../src/main/files/identity.ts'
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
