import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConvertRequest } from '../../src/shared/wire/contract.ts'
import { ended, jobsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

async function scene() {
  const top = await temporaryFolder()
  const [allowed, elsewhere] = [join(top, 'allowed'), join(top, 'elsewhere')]
  for (const folder of [join(allowed, 'in'), join(allowed, 'out'), join(elsewhere, 'in')])
    await mkdir(folder, { recursive: true })
  await writeTone(join(allowed, 'in', 'a.wav'), 0.1)
  await writeTone(join(elsewhere, 'in', 'a.wav'), 0.1)
  const beside = await testBeside(top)
  return { top, allowed, elsewhere, beside, confinement: { folders: [allowed], except: [] } }
}

describe('a job that may use certain folders alone', () => {
  it('converts what lies in them', async () => {
    const { allowed, beside, confinement } = await scene()
    const { jobs } = await beside.convert([join(allowed, 'in', 'a.wav')], 'flac', {
      confinement,
      out: join(allowed, 'new', 'folder'),
    })
    expect([jobs.map(ended), await readdir(join(allowed, 'new', 'folder'))]).toEqual([['done'], ['a.flac']])
  })

  it('is refused for what does not, whether it is there or not, and for addresses', async () => {
    const { elsewhere, beside, confinement } = await scene()
    const sources = [join(elsewhere, 'in', 'a.wav'), join(elsewhere, 'absent.wav'), elsewhere, 'https://example.com/a.wav']
    const { jobs, refused } = await beside.convert(sources, 'flac', { confinement })
    expect([jobs, new Set(refused.map(({ why }) => why.code)), refused.length]).toEqual([[], new Set(['outside-allowed']), 4])
  })

  it('leaves alone what links of a folder lead to elsewhere', async () => {
    const { allowed, elsewhere, beside, confinement } = await scene()
    await symlink(join(elsewhere, 'in', 'a.wav'), join(allowed, 'in', 'link.wav'))
    await symlink(join(elsewhere, 'in'), join(allowed, 'in', 'folder'))
    const { jobs, refused } = await beside.convert([join(allowed, 'in')], 'flac', { confinement })
    expect([jobs.map(ended), refused.map(({ type, why }) => [type, why.code])]).toEqual([
      ['done'],
      [
        ['passed', 'outside-allowed'],
        ['passed', 'outside-allowed'],
      ],
    ])
    expect(await readdir(join(elsewhere, 'in'))).toEqual(['a.wav'])
  })

  it('fails where its folder has become a link meanwhile, to a file that nobody can tell from it', async () => {
    const { allowed, elsewhere, beside, confinement } = await scene()
    const source = join(allowed, 'in', 'a.wav')
    const { atime, mtime } = await stat(source)
    await utimes(join(elsewhere, 'in', 'a.wav'), atime, mtime)
    beside.engine.pauseAll()
    const { batchId } = await beside.convert([], 'flac')
    const queue = beside.engine.convert(
      {
        batchId,
        sources: [source],
        target: 'flac',
        options: {},
        preset: null,
        out: join(allowed, 'out'),
        recursive: false,
        include: [],
        exclude: [],
        priority: 0,
        confinement,
      },
      new AbortController().signal,
    )
    for await (const _ of queue);
    await rename(join(allowed, 'in'), join(allowed, 'moved'))
    await symlink(join(elsewhere, 'in'), join(allowed, 'in'))
    beside.engine.resumeAll()
    await beside.settled(batchId)
    expect([
      jobsOf(beside.engine, batchId).map(ended),
      await readdir(join(allowed, 'out')),
      await readdir(join(elsewhere, 'in')),
    ]).toEqual([['failed: outside-allowed'], [], ['a.wav']])
  })

  it('writes nothing where the folder for its results has become a link meanwhile', async () => {
    const { allowed, elsewhere, beside, confinement } = await scene()
    beside.engine.pauseAll()
    const { batchId } = await beside.convert([], 'flac')
    const queue = beside.engine.convert(
      {
        batchId,
        sources: [join(allowed, 'in', 'a.wav')],
        target: 'flac',
        options: {},
        preset: null,
        out: join(allowed, 'out'),
        recursive: false,
        include: [],
        exclude: [],
        priority: 0,
        confinement,
      },
      new AbortController().signal,
    )
    for await (const _ of queue);
    await rename(join(allowed, 'out'), join(allowed, 'moved'))
    await symlink(elsewhere, join(allowed, 'out'))
    beside.engine.resumeAll()
    await beside.settled(batchId)
    expect([jobsOf(beside.engine, batchId).map(ended), await readdir(elsewhere)]).toEqual([['failed: outside-allowed'], ['in']])
  })

  it('puts several results into no folder that is a link out of them', async () => {
    const { allowed, elsewhere, beside, confinement } = await scene()
    await writeFile(join(allowed, 'in', 'one.txt'), 'one')
    const made = await beside.convert([join(allowed, 'in', 'one.txt'), join(allowed, 'in', 'a.wav')], 'zip', {
      together: true,
      nameTemplate: 'all',
      out: join(allowed, 'out'),
    })
    await symlink(elsewhere, join(allowed, 'out', 'all'))
    const { jobs } = await beside.convert([join(allowed, 'out', 'all.zip')], 'tar', { confinement, out: join(allowed, 'out') })
    expect([made.jobs.map(ended), jobs.map(ended), existsSync(join(elsewhere, 'one.txt')), await readdir(elsewhere)]).toEqual([
      ['done'],
      ['done'],
      false,
      ['in'],
    ])
  })

  it('is another job than the same conversion without bounds, and the same one as before where they are the same', async () => {
    const { allowed, beside, confinement } = await scene()
    const source = join(allowed, 'in', 'a.wav')
    beside.engine.pauseAll()
    const first = await beside.convert([], 'flac')
    const count = async (more: object) => {
      let joined = 0
      const request: ConvertRequest = {
        batchId: first.batchId,
        sources: [source],
        target: 'flac',
        options: {},
        preset: null,
        out: null,
        recursive: false,
        include: [],
        exclude: [],
        priority: 0,
        ...more,
      }
      for await (const event of beside.engine.convert(request, new AbortController().signal))
        if (event.type === 'joined') joined += 1
      return joined
    }
    expect([
      await count({}),
      await count({ confinement }),
      await count({ confinement: { ...confinement } }),
      await count({}),
    ]).toEqual([0, 0, 1, 1])
  })
})
