import { link, readdir, readFile, rename, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { place, type NameClaims } from '../../../src/main/engine/job/place.ts'
import type { NameCalls } from '../../../src/main/files/move.ts'
import { JobError } from '../../../src/shared/failure.ts'
import { temporaryFolder } from '../../support/folder.ts'

const alone: NameClaims = { other: () => null, intend: () => {}, reserve: () => {} }

async function placing(as: 'number' | 'skip' | 'overwrite', existing: readonly string[], calls: Partial<NameCalls> = {}) {
  const folder = await temporaryFolder()
  for (const name of existing) await writeFile(join(folder, name), 'theirs')
  const temp = join(folder, '.beside-abcdef-1.0.part')
  await writeFile(temp, 'ours')
  const intended: string[] = []
  const to = { temp, folder, base: 'song', extension: 'mp3', as }
  const placed = place(to, { ...alone, intend: (path) => intended.push(path.slice(folder.length + 1)) }, calls)
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
    const path = await place({ temp, folder, base: 'song', extension: 'mp3', as: 'number' }, alone)
    expect(path).toBe(join(folder, 'song (2).mp3'))
  })
})

/** A call that does what it is asked, and whose answer is lost: asked again, the system answers with this. */
function lost<Args extends readonly string[]>(call: (...args: Args) => Promise<void>, code: string) {
  return async (...args: Args): Promise<void> => {
    await call(...args)
    throw Object.assign(new Error(code), { code })
  }
}
const refused = (code: string) => async () => await Promise.reject(Object.assign(new Error(code), { code }))

describe('placing on a share that loses answers', () => {
  it.each<[what: string, as: 'number' | 'overwrite', existing: readonly string[], calls: Partial<NameCalls>]>([
    ['of a link', 'number', [], { link: lost(link, 'EEXIST') }],
    ['of a link, and of the removal behind it', 'number', [], { link: lost(link, 'EEXIST'), unlink: lost(unlink, 'ENOENT') }],
    ['of a link, with an error of its own', 'number', [], { link: lost(link, 'EIO') }],
    ['of a rename', 'overwrite', ['song.mp3'], { rename: lost(rename, 'ENOENT') }],
    ['of a rename, where there are no links', 'number', [], { link: refused('ENOTSUP'), rename: lost(rename, 'ENOENT') }],
  ])('takes the name once, whichever answer is lost: %s', async (_, as, existing, calls) => {
    const { folder, placed } = await placing(as, existing, calls)
    expect([await placed, await readdir(folder), await readFile(join(folder, 'song.mp3'), 'utf8')]).toEqual([
      join(folder, 'song.mp3'),
      ['song.mp3'],
      'ours',
    ])
  })

  it('leaves a stranger’s file alone that came first, and keeps the result where nothing was done', async () => {
    const stranger = async (_: string, to: string) => {
      if (to.endsWith('song.mp3')) await writeFile(to, 'theirs')
      throw Object.assign(new Error(), { code: to.endsWith('song.mp3') ? 'EEXIST' : 'EIO' })
    }
    const { folder, placed } = await placing('number', [], { link: stranger })
    await expect(placed).rejects.toMatchObject({ code: 'EIO' })
    expect([await readFile(join(folder, 'song.mp3'), 'utf8'), (await readdir(folder)).toSorted()]).toEqual([
      'theirs',
      ['.beside-abcdef-1.0.part', 'song.mp3'],
    ])
  })

  it('leaves no empty file where a name was reserved for nothing', async () => {
    const { folder, placed } = await placing('number', [], { link: refused('ENOTSUP'), rename: refused('EIO') })
    await expect(placed).rejects.toMatchObject({ code: 'EIO' })
    expect(await readdir(folder)).toEqual(['.beside-abcdef-1.0.part'])
  })
})

describe('results of one batch', () => {
  /** Places so many results under one name at once, as jobs of a batch do, and says where they went. */
  async function together(as: 'number' | 'skip' | 'overwrite', count: number, existing: readonly string[] = []) {
    const folder = await temporaryFolder()
    for (const name of existing) await writeFile(join(folder, name), 'before')
    const owners = new Map<string, { readonly job: number; isDone: boolean }>()
    const jobs = Array.from({ length: count }, (_, job) => job)
    const paths = await Promise.all(
      jobs.map(async (job) => {
        const temp = join(folder, `.part${job}`)
        await writeFile(temp, String(job))
        const claim = (path: string) => void owners.set(path, { job, isDone: false })
        const path = await place(
          { temp, folder, base: 'song', extension: 'mp3', as },
          {
            other: (candidate) => {
              const owner = owners.get(candidate)
              return owner === undefined || owner.job === job ? null : owner.isDone ? 'done' : 'working'
            },
            intend: claim,
            reserve: claim,
          },
        )
        owners.set(path, { job, isDone: true })
        return path
      }),
    )
    return { paths, contents: await Promise.all(paths.map(async (path) => await readFile(path, 'utf8'))), jobs }
  }

  it.each(['number', 'skip', 'overwrite'] as const)('never replace each other by the policy %s', async (as) => {
    const { paths, contents, jobs } = await together(as, 24)
    expect({ names: new Set(paths).size, contents }).toEqual({ names: 24, contents: jobs.map(String) })
  })

  it('replace what was there before, once', async () => {
    const { paths, contents, jobs } = await together('overwrite', 5, ['song.mp3'])
    expect({ contents, replaced: paths.filter((path) => path.endsWith('song.mp3')).length }).toEqual({
      contents: jobs.map(String),
      replaced: 1,
    })
  })
})

it('a name that is full gives way to its number and to its page', async () => {
  const folder = await temporaryFolder()
  const base = '字'.repeat(83)
  const placed: string[] = []
  for (const [n, part] of ['', '', '.1', '.12'].entries()) {
    const temp = join(folder, `.temp${n}`)
    await writeFile(temp, String(n))
    placed.push(await place({ temp, folder, base, part, extension: 'mp3', as: 'number' }, alone))
  }
  expect(placed.map((path) => path.slice(folder.length + 1).replaceAll('字', ''))).toEqual([
    '.mp3',
    ' (2).mp3',
    '.1.mp3',
    '.12.mp3',
  ])
  expect(await Promise.all(placed.map(async (path) => (await stat(path)).isFile()))).toEqual([true, true, true, true])
})
