import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

async function scene() {
  const here = await cli()
  await mkdir(join(here.folder, 'in'))
  for (const name of ['b.txt', 'a.txt']) await writeFile(join(here.folder, 'in', name), name)
  return here
}

describe('beside convert --together', () => {
  it('makes one file beside the first source, as its ending says', async () => {
    const { folder, run } = await scene()
    const ended = await run('convert', 'in/b.txt', 'in/a.txt', '--together', 'all.zip')
    expect([ended.status, ended.err, existsSync(join(folder, 'in/all.zip'))]).toEqual([0, '', true])
    expect(ended.out).toMatch(/^done: in\/b\.txt \+ 1 → all\.zip/)
  })

  it('puts it where a path says, and names all sources in JSON and in the history', async () => {
    const { folder, run } = await scene()
    const ended = await run('convert', 'in/b.txt', 'in/a.txt', '--together', 'out/all.zip', '--json')
    const done = linesOf(ended).findLast(({ type }) => type === 'job')
    const sources = ['in/b.txt', 'in/a.txt'].map((name) => join(folder, name))
    expect(done).toMatchObject({ source: sources[0], sources, sourceBytes: 10, outputs: [join(folder, 'out/all.zip')] })
    const history = await run('history', 'a.txt', '--export', 'csv')
    for (const source of sources) expect(history.out).toContain(source)
  })

  it('says which formats cannot become one together', async () => {
    const { run } = await scene()
    const { status, err, out } = await run('convert', 'in/b.txt', 'in/a.txt', '--together', 'all.mp3')
    expect([status, out + err]).toEqual([1, expect.stringContaining('cannot become one MP3 together')])
  })

  it('names the one of them that it fails for', async () => {
    const { folder, run } = await scene()
    await writeFile(
      join(folder, 'in/dot.png'),
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    )
    await writeFile(join(folder, 'in/bad.png'), 'no picture')
    const { status, err } = await run('convert', 'in/dot.png', 'in/bad.png', '--together', 'all.pdf')
    expect([status, err]).toEqual([1, expect.stringMatching(/^failed: in\/dot\.png \+ 1: .*bad\.png/)])
    expect(existsSync(join(folder, 'in/all.pdf'))).toBe(false)
  })

  it('says what a name without an ending lacks', async () => {
    const { run } = await scene()
    const { status, err } = await run('convert', 'in/b.txt', 'in/a.txt', '--together', 'all')
    expect([status, err]).toEqual([2, expect.stringContaining('like album.pdf, or use --to FORMAT')])
  })

  it('converts one file alone as any other', async () => {
    const { folder, run } = await scene()
    const { status } = await run('convert', 'in/a.txt', '--together', 'one.zip')
    expect([status, existsSync(join(folder, 'in/one.zip'))]).toEqual([0, true])
  })
})
