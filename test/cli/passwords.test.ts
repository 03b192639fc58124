import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pdfOf } from '../providers/local/images/studio.ts'
import { cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const canary = 'canary-Zp7!-4711'

it('a password comes from standard input, and neither lines nor files of Beside have it', async () => {
  const { folder, home, feed } = await cli()
  await writeFile(join(folder, 'a.pdf'), pdfOf(['0 g 0 0 144 192 re f']))
  const ended = await feed(`${canary}\n`, 'convert', 'a.pdf', '--to', 'png', '--password-stdin', '--json')
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  const texts = await Promise.all(files.map(async ({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
  expect({
    status: ended.status,
    told: `${ended.out}${ended.err}`.includes(canary),
    kept: texts.some((text) => text.includes(canary)),
  }).toEqual({
    status: 0,
    told: false,
    kept: false,
  })
})

it('a password on the command line is refused, with the way that nobody can look at', async () => {
  const { run } = await cli()
  const { status, err } = await run('convert', 'a.pdf', '--to', 'png', '--set', `password=${canary}`)
  expect([status, err]).toEqual([2, expect.stringContaining('--password-stdin')])
  expect(err).not.toContain(canary)
})
