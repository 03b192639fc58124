import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { moveInto, takeFreeName } from '../../src/main/files/move.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('moving to a free name', () => {
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
})
