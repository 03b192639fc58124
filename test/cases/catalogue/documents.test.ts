/** Documents, tables, books, texts and pictures of this machine, through the whole engine, read back by programs that had no part in it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { groups } from './plan.ts'
import { run } from './run.ts'
import { sourcesIn } from './sources.ts'

describe('the engines', () => {
  it.each(groups.map((ids) => [ids.join(', '), ids] as const))(
    '%s make all of the plan',
    { timeout: 1_800_000 },
    async (_, ids) => {
      const folder = await temporaryFolder()
      const made = join(folder, 'sources')
      await mkdir(made)
      const sourceOf = sourcesIn(made)
      const { convert } = await testBeside(folder)
      for (const id of ids) {
        const { found, expected } = await run(id, convert, sourceOf, join(folder, 'out'))
        expect.soft(found, id).toEqual(expected)
      }
    },
  )
})
