import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeOf, placeWithin } from '../../src/main/files/confinement.ts'
import { temporaryFolder } from '../support/folder.ts'
import { mountedShare, sharesCanBeMade } from '../support/share.ts'

async function scene() {
  const top = await temporaryFolder()
  const [allowed, elsewhere] = [join(top, 'allowed'), join(top, 'elsewhere')]
  await mkdir(join(allowed, 'sub'), { recursive: true })
  await mkdir(join(allowed, 'kept'))
  await mkdir(elsewhere)
  for (const folder of [allowed, join(allowed, 'sub'), join(allowed, 'kept'), elsewhere])
    await writeFile(join(folder, 'file'), '')
  const confinement = { folders: [allowed], except: [join(allowed, 'kept')] }
  return { top, allowed, elsewhere, confinement, within: async (path: string) => (await placeWithin(path, confinement)) !== null }
}

describe('what lies in an allowed folder', () => {
  it('is the folder, what is in it, and what would be in it', async () => {
    const { allowed, within } = await scene()
    const paths = ['', 'file', 'sub/file', 'absent', 'absent/deep/er', 'sub/../file']
    const found = await Promise.all(paths.map(async (path) => await within(join(allowed, path))))
    expect(found).toEqual(paths.map(() => true))
  })

  it('is nothing beside it, whatever its name begins with or looks like', async () => {
    const { top, allowed, elsewhere, within } = await scene()
    await mkdir(`${allowed}-not`)
    await mkdir(join(top, 'ALLOWED'), { recursive: true })
    const composed = join(top, 'f\u00fcr')
    const decomposed = join(top, 'fu\u0308r')
    await mkdir(composed)
    await mkdir(decomposed)
    const paths = [elsewhere, join(allowed, '../elsewhere/file'), `${allowed}-not`, join(top, 'ALLOWED', 'file'), top, '/']
    expect(await Promise.all(paths.map(within))).toEqual(paths.map(() => false))
    const german = { folders: [composed], except: [] }
    expect([await placeWithin(join(composed, 'a'), german), await placeWithin(join(decomposed, 'a'), german)]).toEqual([
      join(composed, 'a'),
      null,
    ])
  })

  it('is nothing in a folder that is excepted', async () => {
    const { allowed, within } = await scene()
    expect([
      await within(join(allowed, 'kept')),
      await within(join(allowed, 'kept/file')),
      await within(join(allowed, 'kept2')),
    ]).toEqual([false, false, true])
  })

  it('is nothing that a link leads out to, be it the last name, one on the way, or one that leads nowhere', async () => {
    const { allowed, elsewhere, within } = await scene()
    await symlink(join(elsewhere, 'file'), join(allowed, 'file-link'))
    await symlink(elsewhere, join(allowed, 'folder-link'))
    await symlink(join(elsewhere, 'absent'), join(allowed, 'dangling'))
    await symlink('loop', join(allowed, 'loop'))
    const names = [
      'file-link',
      'folder-link',
      'folder-link/file',
      'folder-link/absent',
      'dangling',
      'dangling/below',
      'loop',
      'loop/x',
    ]
    expect(await Promise.all(names.map(async (name) => await within(join(allowed, name))))).toEqual(names.map(() => false))
  })

  it('is what a link leads back into it, by its real path', async () => {
    const { allowed, elsewhere, confinement } = await scene()
    await symlink(join(allowed, 'sub'), join(elsewhere, 'back'))
    expect(await placeWithin(join(elsewhere, 'back', 'file'), confinement)).toBe(join(allowed, 'sub', 'file'))
  })

  it('is nothing any more once the folder itself has become a link', async () => {
    const { allowed, elsewhere, within } = await scene()
    await rename(allowed, `${allowed}-moved`)
    await symlink(elsewhere, allowed)
    expect([await within(allowed), await within(join(allowed, 'file'))]).toEqual([false, false])
  })
})

it('of a path whose end is not there, the names are taken as they are', async () => {
  const { allowed, elsewhere } = await scene()
  await symlink(allowed, join(elsewhere, 'to'))
  expect(await placeOf(join(elsewhere, 'to', 'a', 'b'))).toBe(join(allowed, 'a', 'b'))
})

describe.skipIf(!sharesCanBeMade)('where letter case does not count', () => {
  it('a folder is the same one however it is spelled, be it allowed or excepted', async () => {
    const { folder: share } = await mountedShare('caseless')
    for (const name of ['Allowed', 'Allowed/Kept', 'Elsewhere']) await mkdir(join(share, name))
    for (const name of ['Allowed/file', 'Allowed/Kept/file', 'Elsewhere/file']) await writeFile(join(share, name), '')
    const confinement = { folders: [join(share, 'Allowed')], except: [join(share, 'Allowed', 'Kept')] }
    const names = ['ALLOWED/file', 'allowed/absent', 'ALLOWED/KEPT/file', 'Elsewhere/file', 'allowed/../elsewhere/file']
    const found = await Promise.all(names.map(async (name) => (await placeWithin(join(share, name), confinement)) !== null))
    expect(found).toEqual([true, true, false, false, false])
  })
})
