import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isSameFile, moveInto, place, takeFreeName } from '../../src/main/engine/place.ts'
import { JobError } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

async function placing(clash: 'number' | 'skip' | 'overwrite', existing: readonly string[]) {
  const folder = await temporaryFolder()
  for (const name of existing) await writeFile(join(folder, name), 'theirs')
  const temp = join(folder, '.beside-abcdef-1.0.part')
  await writeFile(temp, 'ours')
  const intended: string[] = []
  const wish = { temp, folder, base: 'song', extension: 'mp3', clash }
  const placed = place(wish, (path) => intended.push(path.slice(folder.length + 1)))
  return { folder, intended, placed }
}

describe('placing an output', () => {
  it('gives it the wanted name and leaves no temporary file', async () => {
    const { folder, placed } = await placing('number', [])
    expect([await placed, await readdir(folder)]).toEqual([join(folder, 'song.mp3'), ['song.mp3']])
  })

  it('takes the first free number, and neither touches nor claims what is there', async () => {
    const { folder, intended, placed } = await placing('number', ['song.mp3', 'song (2).mp3'])
    await placed
    expect([
      intended,
      await readFile(join(folder, 'song (2).mp3'), 'utf8'),
      await readFile(join(folder, 'song (3).mp3'), 'utf8'),
    ]).toEqual([['song (3).mp3'], 'theirs', 'ours'])
  })

  it('refuses a taken name when told to skip, and keeps the temporary file for its owner to remove', async () => {
    const { folder, placed } = await placing('skip', ['song.mp3'])
    await expect(placed).rejects.toThrow(JobError)
    expect((await readdir(folder)).toSorted()).toEqual(['.beside-abcdef-1.0.part', 'song.mp3'])
  })

  it('replaces a file in one rename when told to overwrite', async () => {
    const { folder, placed } = await placing('overwrite', ['song.mp3'])
    await placed
    expect([await readdir(folder), await readFile(join(folder, 'song.mp3'), 'utf8')]).toEqual([['song.mp3'], 'ours'])
  })

  it('does not follow a dangling link that has the wanted name', async () => {
    const folder = await temporaryFolder()
    const temp = join(folder, 'temp')
    await writeFile(temp, 'ours')
    await symlink(join(folder, 'elsewhere'), join(folder, 'song.mp3'))
    const path = await place({ temp, folder, base: 'song', extension: 'mp3', clash: 'number' }, () => undefined)
    expect(path).toBe(join(folder, 'song (2).mp3'))
  })

  it('lets exactly one of many take a name', async () => {
    const folder = await temporaryFolder()
    const temps = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const temp = join(folder, `temp${index}`)
        await writeFile(temp, String(index))
        return temp
      }),
    )
    const taken = await Promise.all(temps.map(async (temp) => await takeFreeName(temp, join(folder, 'one'))))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  it('moves a source into the archive under a free name', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'converted'))
    await writeFile(join(folder, 'converted', 'song.wav'), 'older')
    await writeFile(join(folder, 'song.wav'), 'newer')
    const to = await moveInto(join(folder, 'song.wav'), join(folder, 'converted'))
    expect([to, await readFile(to, 'utf8')]).toEqual([join(folder, 'converted', 'song (2).wav'), 'newer'])
  })

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
