import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../src/shared/model.ts'
import { ended, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** The most that ran at once of three sounds, too long to share a run. */
async function mostAtOnce(...changes: readonly Settings['lanes'][]): Promise<readonly number[]> {
  const folder = await temporaryFolder()
  const { engine, convert } = await testBeside(folder)
  const sources = ['one', 'two', 'three'].map((name) => join(folder, `${name}.wav`))
  await writeTone(sources[0] ?? '', 140)
  for (const path of sources.slice(1)) await copyFile(sources[0] ?? '', path)
  const found: number[] = []
  for (const lanes of changes) {
    engine.change({ lanes })
    let most = 0
    const following = new AbortController()
    const watched = (async () => {
      for await (const _ of engine.changes(following.signal)) most = Math.max(most, engine.totals().totals.running)
    })()
    const { jobs } = await convert(sources, 'flac')
    following.abort()
    await watched
    expect(jobs.map(ended)).toEqual(['done', 'done', 'done'])
    found.push(most)
  }
  return found
}

describe('how many of a kind are converted at once', () => {
  it('is what the user says, from the next one on', async () => {
    expect(await mostAtOnce({ audio: 1 }, { audio: 3, video: 1 })).toEqual([1, 3])
  })
})
