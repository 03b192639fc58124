import { execFile } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { localPairings } from '../../src/main/providers/local/pairings.ts'
import { cli, linesOf, program } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

describe('beside formats', () => {
  it('lists what this machine reads and writes', async () => {
    const { run } = await cli()
    const { status, out } = await run('formats')
    expect(status).toBe(0)
    expect(out).toMatch(/^Audio\n +mp3 +MP3 +reads and writes +\.mp3\n/)
  })

  it('says what one of them can become, as JSON as well', async () => {
    const { run } = await cli()
    const { out } = await run('formats', '--from', 'jpg')
    const lines = linesOf(await run('formats', '--from', 'jpg', '--json'))
    const wanted = [...new Set(localPairings.filter(({ from }) => from.includes('jpeg')).flatMap(({ to }) => to))]
    expect([out.startsWith('JPEG can be converted'), lines.map(({ to }) => to).toSorted()]).toEqual([true, wanted.toSorted()])
  })

  it('takes the format as a word of its own, and says of programs that are not there what installs them', async () => {
    const bare = await temporaryFolder()
    // Which the launcher of the packed command needs.
    await symlink('/usr/bin/readlink', join(bare, 'readlink'))
    const { run } = await cli({ PATH: bare })
    const { out } = await run('formats', 'djvu')
    const [line] = linesOf(await run('formats', 'djvu', '--json'))
    expect(out).toMatch(/^DjVu can be converted[^]*\nPrograms that are not on your PATH:\n {2}DjVuLibre {9}\S/)
    expect(line).toMatchObject({ by: [{ needs: 'ddjvu', onPath: false, install: expect.stringContaining('djvulibre') }] })
  })

  it('loads nothing that converts, stores or checks', async () => {
    const { folder } = await cli()
    const spy = join(folder, 'spy.mjs')
    await writeFile(
      spy,
      `import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) })
      process.on('exit', () => process.stderr.write(seen.join('\\n')))`,
    )
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', spy, program, 'formats'])
    const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'))
    const heavy =
      /node_modules\/(?!commander\/|fastest-levenshtein\/)|\/engine\/|\/store\/|\/api\/|compose\.ts|contract\.ts|job\.ts|model\.ts/
    expect([loaded.length > 10, loaded.filter((url) => heavy.test(url))]).toEqual([true, []])
  })
})
