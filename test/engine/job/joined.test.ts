import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConvertRequest } from '../../../src/shared/wire/contract.ts'
import { ended, endedInWords, outputsOf, testBeside } from '../../support/beside.ts'
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

  it.each<[what: string, act: (path: string) => Promise<void>, code: string]>([
    ['changed while it waited', async (path) => await appendFile(path, 'more'), 'failed: source-changed'],
    ['gone', async (path) => await rm(path), 'failed: source-missing'],
  ])('are not joined where one of them is %s', async (_, act, code) => {
    const { folder, sources, beside } = await scene()
    beside.engine.pauseAll()
    const batchId = beside.engine.openBatch('test')
    await add(beside.engine, batchId, sources)
    await act(sources[1] ?? '')
    beside.engine.resumeAll()
    const jobs = await beside.settled(batchId)
    expect([jobs.map(ended), existsSync(join(folder, 'album.zip'))]).toEqual([[code], false])
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
