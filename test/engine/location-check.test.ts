import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkContents } from '../../src/main/engine/job/contents-check.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { emptyFacts, type MediaFacts } from '../../src/shared/media.ts'
import { statIfThere } from '../../src/main/files/identity.ts'
import { temporaryFolder } from '../support/folder.ts'

const facts: Readonly<Record<string, MediaFacts>> = {
  'a tag': { ...emptyFacts('mp3', 1), tags: [{ name: 'LOCATION', values: ['Delft'] }] },
  'a track': { ...emptyFacts('mkv', 1), places: ['LATITUDE'] },
  'a photo': { ...emptyFacts('jpeg', 1), places: ['GPS'] },
}

it.each(Object.keys(facts))('a result that still tells a place is none where that was not to be kept: %s', async (kind) => {
  const temp = join(await temporaryFolder(), 'part')
  await writeFile(temp, 'x')
  const result = facts[kind] ?? emptyFacts('mp3', 1)
  const checked = async (options: { preserveLocation?: boolean }, source: MediaFacts | null) =>
    await checkContents({
      source,
      results: [emptyFacts(result.format, 1), result],
      order: { target: result.format, options },
      provider: {},
      parts: [{ temp, name: null, format: result.format, bytes: 1 }],
    }).catch((error: unknown) => toFailure(error).facts)

  const kept = await checked({}, emptyFacts(result.format, 1))
  const without = await checked({ preserveLocation: false }, null)

  expect([kept, without, await statIfThere(temp)]).toEqual([
    [],
    { because: 'location-left', name: result.places?.[0] ?? 'LOCATION' },
    null,
  ])
})
