import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConvertRequest } from '../../../src/shared/wire/contract.ts'
import { endedInWords, outputsOf, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'

const asOne: Partial<ConvertRequest> = { together: true, nameTemplate: 'album' }

async function scene() {
  const folder = await temporaryFolder()
  const names = ['c.txt', 'a.txt', 'b.csv']
  for (const name of names) await writeFile(join(folder, name), `${name}, written\n`)
  const sources = names.map((name) => join(folder, name))
  return { folder, names, sources, beside: await testBeside(folder) }
}

function membersOf(path: string): readonly string[] {
  return execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n')
}

describe('several sources as one result', () => {
  it('are in it in their order, under the name that was given, and stay whatever was to become of sources', async () => {
    const { folder, names, sources, beside } = await scene()
    const { jobs, refused } = await beside.convert(sources, 'zip', { ...asOne, afterwards: 'archive' })
    expect([jobs.map(endedInWords), refused]).toEqual([['done'], []])
    const [path = ''] = jobs.flatMap(outputsOf)
    expect([basename(path), membersOf(path)]).toEqual(['album.zip', names])
    expect(jobs[0]?.order.afterwards).toBe('keep')
    expect(sources.map((source) => readFileSync(source, 'utf8'))).toEqual(names.map((name) => `${name}, written\n`))
    expect(existsSync(join(folder, 'album (2).zip'))).toBe(false)
  })

  it('are read back with their order after a restart', async () => {
    const { folder, sources, beside } = await scene()
    const { jobs } = await beside.convert(sources, 'zip', asOne)
    await beside.stop()
    const after = await testBeside(folder)
    const { source, others = [] } = after.engine.job(jobs[0]?.id ?? 0)?.order ?? {}
    expect([source, ...others]).toMatchObject(sources.map((path) => ({ kind: 'file', path })))
  })

  it('are taken as they are when the work begins; where one of them is gone it is named, and nothing is made until it is back', async () => {
    const { folder, names, sources, beside } = await scene()
    const [, second = '', third = ''] = sources
    beside.engine.pauseAll()
    const batchId = beside.engine.openBatch('test')
    await add(beside.engine, batchId, sources)
    await appendFile(third, 'more')
    await rename(second, `${second}.away`)
    beside.engine.resumeAll()
    const failed = (await beside.settled(batchId)).map(({ state }) => state)
    const between = await readdir(folder)
    await rename(`${second}.away`, second)
    await beside.engine.retry({ kind: 'batch', batchId })
    const jobs = await beside.settled(batchId)
    const album = join(folder, 'album.zip')
    expect(failed).toMatchObject([{ phase: 'failed', why: { code: 'source-missing', facts: { path: second } } }])
    expect(between.filter((name) => name.endsWith('.zip') || name.startsWith('.beside-'))).toEqual([])
    expect([jobs.map(endedInWords), membersOf(album)]).toEqual([['done'], names])
    expect(execFileSync('unzip', ['-p', album, 'b.csv'], { encoding: 'utf8' })).toBe('b.csv, written\nmore')
  })

  it('done once more are the same in the same order, under the next number; with one of them gone nothing is made', async () => {
    const { names, sources, beside } = await scene()
    const first = await beside.convert(sources, 'zip', asOne)
    const repeats = first.jobs[0]?.id ?? 0
    const again = await beside.convert(sources, 'zip', { ...asOne, repeats })
    const [path = ''] = again.jobs.flatMap(outputsOf)
    await rm(sources[1] ?? '')
    const { jobs, refused } = await beside.convert(sources, 'zip', { ...asOne, repeats })
    expect([basename(path), membersOf(path), again.jobs[0]?.repeats]).toEqual(['album (2).zip', names, repeats])
    expect([jobs, refused.map(({ source, why }) => [basename(source), 'code' in why ? why.code : why])]).toEqual([
      [],
      [
        ['a.txt', 'source-missing'],
        ['c.txt', 'not-possible'],
      ],
    ])
  })

  it('of a folder are joined without what came of them before', async () => {
    const { folder, names, beside } = await scene()
    const sources = join(folder, 'sources')
    await mkdir(sources)
    for (const name of names) await rename(join(folder, name), join(sources, name))
    const request = { ...asOne, out: sources }
    await beside.convert([sources], 'zip', request)
    const { jobs, refused } = await beside.convert([sources], 'zip', request)
    expect([jobs.flatMap(outputsOf).map(membersOf), refused.map(({ type, source }) => [type, basename(source)])]).toEqual([
      [names.toSorted()],
      [['passed', 'album.zip']],
    ])
  })

  it('of kinds that cannot be one are refused by the file that cannot be part of it', async () => {
    const { folder, sources, beside } = await scene()
    const image = join(folder, 'dot.png')
    await writeFile(image, 'nobody looks into it for that')
    const { jobs, refused } = await beside.convert([image, sources[0] ?? ''], 'pdf', asOne)
    expect([jobs, refused.map(({ source, why }) => [basename(source), 'code' in why ? why.code : why])]).toEqual([
      [],
      [
        ['c.txt', 'pair-unsupported'],
        ['dot.png', 'not-possible'],
      ],
    ])
  })

  it('are refused as a whole where one of them cannot be used', async () => {
    const { folder, sources, beside } = await scene()
    await writeFile(join(folder, 'empty.txt'), '')
    const { jobs, refused } = await beside.convert([...sources, join(folder, 'empty.txt')], 'zip', asOne)
    expect([jobs, refused.map(({ why }) => ('code' in why ? why.code : why))]).toEqual([[], ['source-empty', 'not-possible']])
  })

  it('never have one of themselves replaced by the result', async () => {
    const { folder, sources, beside } = await scene()
    await writeFile(join(folder, 'album.zip'), execFileSync('zip', ['-q', '-', sources[0] ?? '']))
    const before = readFileSync(join(folder, 'album.zip'))
    const all = [...sources, join(folder, 'album.zip')]
    const { jobs } = await beside.convert(all, 'zip', { ...asOne, ifExists: 'overwrite' })
    expect(readFileSync(join(folder, 'album.zip'))).toEqual(before)
    expect(jobs.flatMap(outputsOf)).not.toContain(join(folder, 'album.zip'))
  })

  it('are left by undo, which takes the result', async () => {
    const { sources, beside } = await scene()
    const { batchId, jobs } = await beside.convert(sources, 'zip', asOne)
    await beside.engine.undo(batchId)
    expect([...sources, ...jobs.flatMap(outputsOf)].map((path) => existsSync(path))).toEqual([true, true, true, false])
  })

  it('are not left without the one whole copy: undo keeps the result where one of them is gone', async () => {
    const { sources, beside } = await scene()
    const { batchId, jobs } = await beside.convert(sources, 'zip', asOne)
    const [path = ''] = jobs.flatMap(outputsOf)
    await rm(sources[2] ?? '')
    const { removed, kept } = await beside.engine.undo(batchId)
    expect([removed, kept, existsSync(path)]).toMatchObject([
      [],
      [{ path, why: { code: 'source-missing', facts: { path: sources[2] } } }],
      true,
    ])
  })

  it('asked for once more join the job that waits; in another order they are another', async () => {
    const { sources, beside } = await scene()
    beside.engine.pauseAll()
    const batchId = beside.engine.openBatch('test')
    const first = await add(beside.engine, batchId, sources)
    const again = await add(beside.engine, batchId, sources)
    const turned = await add(beside.engine, batchId, sources.toSpliced(1, 2, ...sources.slice(1).toReversed()))
    expect([first, again, turned]).toMatchObject([
      { added: 1, joined: 0 },
      { added: 0, joined: 1 },
      { added: 1, joined: 0 },
    ])
  })
})

async function add(
  engine: Awaited<ReturnType<typeof testBeside>>['engine'],
  batchId: number,
  sources: readonly string[],
): Promise<object> {
  const nothing = { options: {}, preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0 }
  const request: ConvertRequest = { batchId, sources: [...sources], target: 'zip', ...nothing, ...asOne }
  for await (const event of engine.convert(request, new AbortController().signal)) if (event.type === 'end') return event
  return {}
}
