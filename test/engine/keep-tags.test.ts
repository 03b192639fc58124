import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const run = promisify(execFile)

async function tagsOf(path: string): Promise<object> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format_tags=title,artist', '-of', 'json', path])
  return (JSON.parse(stdout) as { readonly format?: { readonly tags?: object } }).format?.tags ?? {}
}

describe('tags', () => {
  it('are kept unless the settings say otherwise, and an order has the last word', async () => {
    const folder = await temporaryFolder()
    const { engine, convert } = await testBeside(folder)
    const song = join(folder, 'song.flac')
    await copyFile(join(import.meta.dirname, '../../samples/song.flac'), song)
    const converted = async (options = {}) => {
      const { jobs } = await convert([song], 'mp3', { options, ifExists: 'number' })
      return await tagsOf(jobs.flatMap(outputsOf)[0] ?? '')
    }
    const usual = await converted()
    engine.change({ keepTags: false })
    const without = await converted()
    const ordered = await converted({ preserveMetadata: true })
    expect(await tagsOf(song)).not.toEqual({})
    expect([Object.keys(usual).length > 0, without, ordered]).toEqual([true, {}, usual])
  })
})
