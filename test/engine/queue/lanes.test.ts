import { copyFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LaneKind } from '../../../src/shared/model.ts'
import { ended, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

/** The most that ran at once of three alike, for each width. */
async function mostAtOnce(kind: LaneKind, first: string, target: string, widths: readonly number[]): Promise<readonly number[]> {
  const folder = await temporaryFolder()
  const { engine, convert } = await testBeside(folder)
  const sources = ['one', 'two', 'three'].map((name) => join(folder, `${name}${extname(first)}`))
  for (const path of sources) await copyFile(first, path)
  const found: number[] = []
  for (const width of widths) {
    engine.change({ lanes: { [kind]: width } })
    let most = 0
    const following = new AbortController()
    const watched = (async () => {
      for await (const _ of engine.changes(following.signal)) most = Math.max(most, engine.totals().totals.running)
    })()
    const { jobs } = await convert(sources, target)
    following.abort()
    await watched
    expect(jobs.map(ended)).toEqual(['done', 'done', 'done'])
    found.push(most)
  }
  return found
}

describe('how many of a kind are converted at once is what the user says, from the next one on', () => {
  it('for sound', async () => {
    const tone = join(await temporaryFolder(), 'tone.wav')
    // Too long to share a run.
    await writeTone(tone, 140)
    expect(await mostAtOnce('audio', tone, 'flac', [1, 3])).toEqual([1, 3])
  })

  it('for pictures', async () => {
    const photo = join(import.meta.dirname, '../../../samples/photo.jpg')
    expect(await mostAtOnce('image', photo, 'webp', [1, 3])).toEqual([1, 3])
  })
})
